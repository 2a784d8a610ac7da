"""What an administration demands of each resource, beyond types and mandatory fields."""

from __future__ import annotations

from .accounts import Accounts, Addresses, Contacts
from .analytic import Costcenters, Costunits
from .base import Rules
from .cash import CashEntries, CashEntryLines
from .documents import DocumentAttachments, Documents
from .general_journal import GeneralJournalEntries, GeneralJournalEntryLines
from .receivables import Receivables
from .sales import SalesEntries
from .sales_lines import SalesEntryLines
from .setup import GLAccounts, Journals, PaymentConditions, VATCodes
from .webhooks import WebhookSubscriptions

_ALL: dict[str, Rules] = {
    rules.path: rules
    for rules in (
        Accounts(),
        Addresses(),
        CashEntries(),
        CashEntryLines(),
        Contacts(),
        Costcenters(),
        Costunits(),
        DocumentAttachments(),
        Documents(),
        GeneralJournalEntries(),
        GeneralJournalEntryLines(),
        GLAccounts(),
        Journals(),
        PaymentConditions(),
        Receivables(),
        SalesEntries(),
        SalesEntryLines(),
        VATCodes(),
        WebhookSubscriptions(),
    )
}


def rules_for(path: str) -> Rules:
    return _ALL[path]
