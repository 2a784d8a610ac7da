"""What an accountant sets up once: ledger accounts, journals, VAT codes, conditions."""

from __future__ import annotations

from typing import Any, ClassVar

from ..payload import Payload
from ..values import Record
from ..work import Work
from .base import Rules


class _Coded(Rules):
    """Records known by a unique code."""

    unique = ("Code",)
    usual: ClassVar[dict[str, Any]] = {}

    def complete(self, work: Work, record: Record, payload: Payload) -> None:
        for name, value in self.usual.items():
            if record[name] is None:
                record[name] = value


class GLAccounts(_Coded):
    path = "financial/GLAccounts"
    usual: ClassVar[dict[str, Any]] = {
        "Type": 90,
        "BalanceSide": "D",
        "BalanceType": "W",
        "IsBlocked": False,
        "UseCostcenter": 0,
        "UseCostunit": 0,
        "Matching": False,
        "VATSystem": "I",
    }

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        work.by_code("vat/VATCodes", "VATCode", record["VATCode"])

    def store_change(self, work: Work, old: Record, record: Record) -> None:
        """A new name is the same in all languages."""
        if record["Description"] != old["Description"]:
            record["Descriptions"] = None
        super().store_change(work, old, record)

    def check_delete(self, work: Work, record: Record) -> None:
        self.refuse_used(
            work,
            "GLAccount",
            record["ID"],
            "salesentry/SalesEntryLines.GLAccount",
            "generaljournalentry/GeneralJournalEntryLines.GLAccount",
            "financialtransaction/CashEntryLines.GLAccount",
            "financial/Journals.GLAccount",
        )


class Journals(_Coded):
    path = "financial/Journals"
    usual: ClassVar[dict[str, Any]] = {
        "Type": 90,
        "AllowVAT": True,
        "Currency": "EUR",
        "IsBlocked": False,
    }

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        work.by_id("financial/GLAccounts", "GLAccount", record["GLAccount"])

    def check_delete(self, work: Work, record: Record) -> None:
        self.refuse_used(
            work,
            "Journal",
            record["Code"],
            "salesentry/SalesEntries.Journal",
            "generaljournalentry/GeneralJournalEntries.JournalCode",
            "financialtransaction/CashEntries.JournalCode",
        )


class VATCodes(_Coded):
    path = "vat/VATCodes"
    usual: ClassVar[dict[str, Any]] = {
        "Type": "E",
        "VATTransactionType": "B",
        "IsBlocked": False,
        "Charged": False,
        "EUSalesListing": "N",
    }

    def check_delete(self, work: Work, record: Record) -> None:
        self.refuse_used(work, "VATCode", record["Code"], "salesentry/SalesEntryLines.VATCode")


class PaymentConditions(_Coded):
    path = "cashflow/PaymentConditions"
    usual: ClassVar[dict[str, Any]] = {
        "PaymentDays": 0,
        "PaymentEndOfMonths": 0,
        "PaymentMethod": "B",
        "Percentage": 1.0,
    }
