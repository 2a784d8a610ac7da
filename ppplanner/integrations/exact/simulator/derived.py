"""Properties that Exact reads from another record at the moment of asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .metadata import Resource
from .odata.filter import Get
from .store import Books
from .values import Record, padded


@dataclass(frozen=True)
class Link:
    """Follow `through` to the record of `target` with that `match`, and read `wanted` there."""

    through: str
    target: str
    match: str
    wanted: str


def _links(through: str, target: str, match: str, **wanted: str) -> dict[str, Link]:
    return {name: Link(through, target, match, each) for name, each in wanted.items()}


ACCOUNT = "crm/Accounts"
LEDGER = "financial/GLAccounts"

ANALYTIC = _links("CostCenter", "hrm/Costcenters", "Code", CostCenterDescription="Description")
ANALYTIC |= _links("CostUnit", "hrm/Costunits", "Code", CostUnitDescription="Description")
LINE = ANALYTIC | _links(
    "GLAccount", LEDGER, "ID", GLAccountCode="Code", GLAccountDescription="Description"
)
LINE |= _links("VATCode", "vat/VATCodes", "Code", VATCodeDescription="Description")
RELATION = _links("Account", ACCOUNT, "ID", AccountName="Name", AccountCode="Code")
PAPER = _links(
    "Document", "documents/Documents", "ID", DocumentNumber="HID", DocumentSubject="Subject"
)
BY_JOURNAL_CODE = _links(
    "JournalCode", "financial/Journals", "Code", JournalDescription="Description"
)
BY_JOURNAL = _links("Journal", "financial/Journals", "Code", JournalDescription="Description")
CONDITION = _links(
    "PaymentCondition",
    "cashflow/PaymentConditions",
    "Code",
    PaymentConditionDescription="Description",
    PaymentConditionPaymentMethod="PaymentMethod",
)

GENERAL_JOURNAL = "generaljournalentry/GeneralJournalEntries"
CASH = "financialtransaction/CashEntries"

LINKS: dict[str, dict[str, Link]] = {
    "salesentry/SalesEntries": BY_JOURNAL
    | PAPER
    | CONDITION
    | _links("Customer", ACCOUNT, "ID", CustomerName="Name"),
    "salesentry/SalesEntryLines": LINE,
    GENERAL_JOURNAL: BY_JOURNAL_CODE,
    "generaljournalentry/GeneralJournalEntryLines": LINE
    | RELATION
    | PAPER
    | _links("EntryID", GENERAL_JOURNAL, "EntryID", EntryNumber="EntryNumber"),
    CASH: BY_JOURNAL_CODE,
    "financialtransaction/CashEntryLines": LINE
    | RELATION
    | PAPER
    | _links("EntryID", CASH, "EntryID", EntryNumber="EntryNumber"),
    "cashflow/Receivables": LINE | RELATION | PAPER | BY_JOURNAL | CONDITION,
    "crm/Contacts": _links(
        "Account",
        ACCOUNT,
        "ID",
        AccountName="Name",
        Code="Code",
        AccountIsSupplier="IsSupplier",
        AccountMainContact="MainContact",
    ),
    "crm/Addresses": _links(
        "Account", ACCOUNT, "ID", AccountName="Name", AccountIsSupplier="IsSupplier"
    ),
    "crm/Accounts": _links(
        "SalesVATCode", "vat/VATCodes", "Code", SalesVATCodeDescription="Description"
    )
    | _links(
        "PaymentConditionSales",
        "cashflow/PaymentConditions",
        "Code",
        PaymentConditionSalesDescription="Description",
    ),
    "documents/Documents": RELATION
    | _links("Type", "documents/DocumentTypes", "ID", TypeDescription="Description"),
    "financial/Journals": _links(
        "GLAccount",
        LEDGER,
        "ID",
        GLAccountCode="Code",
        GLAccountDescription="Description",
        GLAccountType="Type",
    ),
    "financial/GLAccounts": _links("VATCode", "vat/VATCodes", "Code", VATDescription="Description"),
}


@dataclass(frozen=True)
class Reader:
    """Reads records of one administration as they stand in an answer."""

    books: Books
    root: str
    """The address of the service, for links."""
    today: datetime
    language: str = ""
    """Of ledger descriptions, such as NL; the administration's own when it is empty."""

    def view(self, resource: Resource) -> Callable[[Record], Get]:
        """A function that gives, for a record, its properties by name, padded."""
        links = LINKS.get(resource.source, {})

        def of(record: Record) -> Get:
            def get(name: str) -> Any:
                value = self.value(resource, links, record, name)
                if isinstance(value, str):
                    return padded(resource.properties[name], value)
                return value

            return get

        return of

    def value(self, resource: Resource, links: dict[str, Link], record: Record, name: str) -> Any:
        link = links.get(name)
        if link is not None and resource.has(name):
            return self._follow(link, record)
        formula = FORMULAS.get((resource.source, name))
        return formula(self, record) if formula else record.get(name)

    def _follow(self, link: Link, record: Record) -> Any:
        through = record.get(link.through)
        if through is None:
            return None
        found = self.books.table(link.target).one(link.match, through)
        return found[link.wanted] if found else None


def rate_on(books: Books, code: Record, day: datetime) -> float | None:
    """The rate of a VAT code on a day, as a fraction; None when it has none then."""
    for rate in books.table("vat/VatPercentages").by("VATCodeID", code["ID"]):
        if rate["StartDate"] <= day and (rate["EndDate"] is None or day <= rate["EndDate"]):
            return float(rate["Percentage"])
    return None


def _full_name(reader: Reader, record: Record) -> str:
    parts = (record["FirstName"], record["MiddleName"], record["LastName"])
    return " ".join(part for part in parts if part)


def _is_main(reader: Reader, record: Record) -> bool:
    account = reader.books.table(ACCOUNT).get(record["Account"])
    return bool(account and account["MainContact"] == record["ID"])


def _attachment_url(reader: Reader, record: Record) -> str:
    where = f"ID={record['ID']}&_Division_={reader.books.code}"
    return f"{reader.root}/docs/SysAttachment.aspx?{where}"


def _document_url(reader: Reader, record: Record) -> str:
    where = f"DocumentID={record['ID']}&_Division_={reader.books.code}"
    return f"{reader.root}/docs/DocView.aspx?{where}"


def _in_language(reader: Reader, record: Record) -> Any:
    known = record.get("Descriptions") or {}
    return known.get(reader.language, record["Description"])


FORMULAS: dict[tuple[str, str], Callable[[Reader, Record], Any]] = {
    ("vat/VATCodes", "Percentage"): lambda reader, record: rate_on(
        reader.books, record, reader.today
    ),
    ("financial/GLAccounts", "Description"): _in_language,
    ("crm/Contacts", "FullName"): _full_name,
    ("crm/Contacts", "IsMainContact"): _is_main,
    ("documents/Documents", "DocumentViewUrl"): _document_url,
    ("documents/Documents", "HasEmptyBody"): lambda reader, record: not record["Body"],
    ("documents/DocumentAttachments", "Url"): _attachment_url,
}
