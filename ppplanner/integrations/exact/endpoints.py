"""Which parts of Exact each function of the link needs, and how one record of each is asked for,
only to see whether the login may.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from .odata import equals


@dataclass(frozen=True)
class Endpoint:
    """`where` stands with those that Exact lists only with a condition (API facts 4.3)."""

    resource: str
    key: str = "ID"
    where: str = ""

    @property
    def options(self) -> dict[str, str]:
        """As little as can be asked for."""
        asked = {"$select": self.key, "$top": "1", "$filter": self.where}
        return {name: value for name, value in asked.items() if value}


JOURNALS = Endpoint("financial/Journals")
GL_ACCOUNTS = Endpoint("financial/GLAccounts")
VAT_CODES = Endpoint("vat/VATCodes")
PAYMENT_CONDITIONS = Endpoint("cashflow/PaymentConditions")
CUSTOMERS = Endpoint("crm/Accounts", where=equals("ID", UUID(int=0)))
INVOICES = Endpoint("salesentry/SalesEntries", key="EntryID")
DOCUMENTS = Endpoint("documents/Documents")
COST_CENTRES = Endpoint("hrm/Costcenters")
COST_CARRIERS = Endpoint("hrm/Costunits")
CASH_ENTRIES = Endpoint("financialtransaction/CashEntries", key="EntryID")
JOURNAL_ENTRIES = Endpoint("generaljournalentry/GeneralJournalEntries", key="EntryID")
OPEN_ITEMS = Endpoint("read/financial/ReceivablesList", key="HID")
CLAIMS = Endpoint("cashflow/Receivables")
