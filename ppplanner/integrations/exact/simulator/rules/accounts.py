"""Customers and other relations, their contacts and addresses."""

from __future__ import annotations

import re

from ..payload import Payload
from ..values import Record
from ..work import Work
from .base import Rules

MAIL = re.compile(r"[^@\s;,]+@[^@\s;,]+\.[^@\s;,]+")
COUNTRY = re.compile(r"[A-Z]{2}")
STATUSES = ("A", "S", "P", "C")
FIRST_CODE = 1


class Accounts(Rules):
    path = "crm/Accounts"
    unique = ("Code",)

    def complete(self, work: Work, record: Record, payload: Payload) -> None:
        if not record["Code"]:
            record["Code"] = str(self._highest_code(work) + 1)
        record["Status"] = record["Status"] or "A"
        record["StatusSince"] = work.today
        record["CustomerSince"] = work.today if record["Status"] == "C" else None
        usual = {"Type": "A", "IsSales": True, "IsSupplier": False, "Blocked": False}
        record.update((name, value) for name, value in usual.items() if record[name] is None)
        record["StartDate"] = record["StartDate"] or work.today

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        if not str(record["Code"]).isdigit():
            work.problems.add("invalid", "Code")
        if record["Email"] and not MAIL.fullmatch(record["Email"]):
            work.problems.add("invalid", "Email")
        if record["Country"] and not COUNTRY.fullmatch(record["Country"]):
            work.problems.add("reference", "Country")
        if record["Status"] not in STATUSES:
            work.problems.add("invalid", "Status")
        work.by_code(
            "cashflow/PaymentConditions", "PaymentCondition", record["PaymentConditionSales"]
        )
        for name in ("SalesVATCode", "PurchaseVATCode"):
            work.by_code("vat/VATCodes", "VATCode", record[name])
        for name in ("GLAR", "GLAP", "GLAccountSales", "GLAccountPurchase"):
            work.by_id("financial/GLAccounts", "GLAccount", record[name])
        for name in ("InvoiceAccount", "Parent"):
            work.by_id(self.path, "Account", record[name])

    def check_delete(self, work: Work, record: Record) -> None:
        self.refuse_used(
            work,
            "Account",
            record["ID"],
            "salesentry/SalesEntries.Customer",
            "generaljournalentry/GeneralJournalEntryLines.Account",
            "financialtransaction/CashEntryLines.Account",
        )

    def after_delete(self, work: Work, record: Record) -> None:
        for path in ("crm/Contacts", "crm/Addresses"):
            for each in work.table(path).by("Account", record["ID"]):
                work.remove(path, each)

    def _highest_code(self, work: Work) -> int:
        codes = (record["Code"] for record in work.table(self.path))
        return max((int(code) for code in codes if code.isdigit()), default=FIRST_CODE - 1)


class Contacts(Rules):
    path = "crm/Contacts"
    optional = frozenset({"FirstName", "LastName"})

    def complete(self, work: Work, record: Record, payload: Payload) -> None:
        record["StartDate"] = record["StartDate"] or work.today

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        if not record["FirstName"] and not record["LastName"]:
            work.problems.add("mandatory", "LastName")
        if record["Email"] and not MAIL.fullmatch(record["Email"]):
            work.problems.add("invalid", "Email")
        work.by_id("crm/Accounts", "Account", record["Account"])

    def store(self, work: Work, record: Record, payload: Payload) -> None:
        record["HID"] = record["HID"] or work.books.next("contact", 1_000)
        super().store(work, record, payload)


class Addresses(Rules):
    """Sending an address that is there already gives the one that is there."""

    path = "crm/Addresses"
    compared = (
        "Account",
        "Type",
        "AddressLine1",
        "AddressLine2",
        "AddressLine3",
        "Postcode",
        "City",
        "Country",
    )

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        work.by_id("crm/Accounts", "Account", record["Account"])
        if record["Type"] not in (1, 2, 3, 4):
            work.problems.add("invalid", "Type")

    def existing(self, work: Work, record: Record) -> Record | None:
        candidates = work.table(self.path).by("Account", record["Account"])
        return next((each for each in candidates if self._same(each, record)), None)

    def _same(self, one: Record, other: Record) -> bool:
        return all(one[name] == other[name] for name in self.compared)
