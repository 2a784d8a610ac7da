"""Exact's field names beside ours: how an entity is read, and how a new one is written.

Nothing is decided here that a setting could change; that is `mapping`.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from . import odata
from .records import (
    Account,
    Administration,
    Attachment,
    Claim,
    CostItem,
    Document,
    DocumentType,
    Entry,
    EntryLine,
    GLAccountRecord,
    Journal,
    Me,
    NewAccount,
    NewCostItem,
    NewDocument,
    NewEntry,
    NewEntryLine,
    NewSalesEntry,
    NewSalesEntryLine,
    OpenItem,
    PaymentCondition,
    SalesEntry,
    VatCode,
)

R = TypeVar("R")

# Exact tells no lengths; these are known from other integrations, or cautious where nothing is. A
# subject is no longer than a step can remember: see `steps.sent_as`.
NAME, YOUR_REF, DESCRIPTION, SUBJECT, CITY, ADDRESS_LINE = 50, 30, 60, 60, 30, 80


def _count(value: Any) -> int:
    return odata.number_or_none(value) or 0


def _size(value: Any) -> int | None:
    size = odata.decimal_or_none(value)
    return None if size is None else int(size)


@dataclass(frozen=True)
class Shape(Generic[R]):
    """An entity: the record it becomes, and for each of its fields Exact's name and a reader."""

    record: Callable[..., R]
    fields: Mapping[str, tuple[str, Callable[[Any], Any]]]

    @property
    def select(self) -> str:
        return ",".join(name for name, _ in self.fields.values())

    def read(self, row: Mapping[str, Any]) -> R:
        return self.record(
            **{ours: read(row.get(name)) for ours, (name, read) in self.fields.items()}
        )


ME = Shape(
    Me,
    {
        "division": ("CurrentDivision", odata.number),
        "user_name": ("UserName", odata.text),
        "full_name": ("FullName", odata.text),
        "language": ("LanguageCode", odata.text),
    },
)

ADMINISTRATION = Shape(
    Administration,
    {
        "division": ("Code", odata.number),
        "number": ("HID", odata.number_or_none),
        "name": ("Description", odata.text),
        "country": ("Country", odata.text),
        "currency": ("Currency", odata.text),
        "vat_number": ("VATNumber", odata.text),
        "is_main": ("Main", odata.flag),
        "archived": ("Status", lambda value: _count(value) == 1),
        "locked": ("BlockingStatus", lambda value: _count(value) != 0),
    },
)

ACCOUNT = Shape(
    Account,
    {
        "id": ("ID", odata.key),
        "code": ("Code", odata.text),
        "name": ("Name", odata.text),
        "status": ("Status", odata.text),
        "search_code": ("SearchCode", odata.text),
        "vat_number": ("VATNumber", odata.text),
        "chamber_of_commerce": ("ChamberOfCommerce", odata.text),
        "email": ("Email", odata.text),
        "phone": ("Phone", odata.text),
        "website": ("Website", odata.text),
        "address_line1": ("AddressLine1", odata.text),
        "address_line2": ("AddressLine2", odata.text),
        "address_line3": ("AddressLine3", odata.text),
        "postcode": ("Postcode", odata.text),
        "city": ("City", odata.text),
        "country": ("Country", odata.text),
        "language": ("Language", odata.text),
        "payment_condition": ("PaymentConditionSales", odata.text),
        "vat_code": ("SalesVATCode", odata.text),
        "blocked": ("Blocked", odata.flag),
        "active_from": ("StartDate", odata.day),
        "active_until": ("EndDate", odata.day),
    },
)

JOURNAL = Shape(
    Journal,
    {
        "id": ("ID", odata.key),
        "code": ("Code", odata.text),
        "name": ("Description", odata.text),
        "kind": ("Type", odata.number),
        "currency": ("Currency", odata.text),
        "blocked": ("IsBlocked", odata.flag),
        "allows_vat": ("AllowVAT", odata.flag),
    },
)

VAT_CODE = Shape(
    VatCode,
    {
        "id": ("ID", odata.key),
        "code": ("Code", odata.text),
        "name": ("Description", odata.text),
        "percentage": ("Percentage", odata.percentage),
        "kind": ("Type", odata.text),
        "transactions": ("VATTransactionType", odata.text),
        "blocked": ("IsBlocked", odata.flag),
    },
)

GL_ACCOUNT = Shape(
    GLAccountRecord,
    {
        "id": ("ID", odata.key),
        "code": ("Code", odata.text),
        "name": ("Description", odata.text),
        "kind": ("Type", _count),
        "blocked": ("IsBlocked", odata.flag),
        "cost_centre": ("UseCostcenter", _count),
        "cost_unit": ("UseCostunit", _count),
        "vat_code": ("VATCode", odata.text),
    },
)

COST_ITEM = Shape(
    CostItem,
    {
        "id": ("ID", odata.key),
        "code": ("Code", odata.text),
        "name": ("Description", odata.text),
        "ended_on": ("EndDate", odata.day),
    },
)

PAYMENT_CONDITION = Shape(
    PaymentCondition,
    {
        "id": ("ID", odata.key),
        "code": ("Code", odata.text),
        "name": ("Description", odata.text),
        "days": ("PaymentDays", _count),
        "month_ends": ("PaymentEndOfMonths", _count),
        "method": ("PaymentMethod", odata.text),
    },
)

DOCUMENT_TYPE = Shape(
    DocumentType,
    {
        "id": ("ID", odata.number),
        "name": ("Description", odata.text),
        "creatable": ("DocumentIsCreatable", odata.flag),
    },
)

DOCUMENT = Shape(
    Document,
    {
        "id": ("ID", odata.key),
        "subject": ("Subject", odata.text),
        "type_id": ("Type", odata.number),
        "account_id": ("Account", odata.key_or_none),
        "document_date": ("DocumentDate", odata.day),
        "number": ("HID", odata.number_or_none),
    },
)

ATTACHMENT = Shape(
    Attachment,
    {
        "id": ("ID", odata.key),
        "document_id": ("Document", odata.key),
        "file_name": ("FileName", odata.text),
        "size": ("FileSize", _size),
    },
)

SALES_ENTRY = Shape(
    SalesEntry,
    {
        "id": ("EntryID", odata.key),
        "number": ("EntryNumber", odata.number_or_none),
        "journal": ("Journal", odata.text),
        "customer_id": ("Customer", odata.key),
        "entry_date": ("EntryDate", odata.day),
        "due_date": ("DueDate", odata.day),
        "your_ref": ("YourRef", odata.text),
        "description": ("Description", odata.text),
        "amount": ("AmountFC", odata.decimal_or_none),
        "vat_amount": ("VATAmountFC", odata.decimal_or_none),
        "document_id": ("Document", odata.key_or_none),
        "status": ("Status", odata.number_or_none),
    },
)

OPEN_ITEM = Shape(
    OpenItem,
    {
        "entry_number": ("EntryNumber", odata.number_or_none),
        "journal": ("JournalCode", odata.text),
    },
)

CLAIM = Shape(
    Claim,
    {
        "entry_id": ("TransactionEntryID", odata.key),
        "fully_paid": ("IsFullyPaid", odata.flag),
    },
)

#: Of cash entries and general journal entries alike.
ENTRY = Shape(
    Entry,
    {
        "id": ("EntryID", odata.key),
        "number": ("EntryNumber", odata.number_or_none),
        "journal": ("JournalCode", odata.text),
    },
)

ENTRY_LINE = Shape(
    EntryLine,
    {
        "entry_id": ("EntryID", odata.key),
        "entry_number": ("EntryNumber", odata.number_or_none),
        "account_id": ("Account", odata.key_or_none),
        "day": ("Date", odata.day),
        "amount": ("AmountFC", odata.decimal_or_none),
        "notes": ("Notes", odata.text),
    },
)


# --- writing ------------------------------------------------------------------------------------

Body = dict[str, Any]

_LONGEST = {
    "name": NAME,
    "city": CITY,
    "address_line1": ADDRESS_LINE,
    "address_line2": ADDRESS_LINE,
    "address_line3": ADDRESS_LINE,
}


def your_ref(reference: str) -> str:
    """A reference as it is booked and looked up: one line, its last 30 characters."""
    return odata.cut_front(reference, YOUR_REF)


def account_name(name: str) -> str:
    return odata.cut(name, NAME)


def subject(text: str) -> str:
    return odata.cut(text, SUBJECT)


def cost_name(name: str) -> str:
    return odata.cut(name, DESCRIPTION)


def account_body(values: Mapping[str, Any]) -> Body:
    """Fields of `NewAccount`, or some of them, in Exact's names; an empty text clears a field."""
    body: Body = {}
    for ours, value in values.items():
        if ours in _LONGEST:
            value = odata.cut(value, _LONGEST[ours])
        body[ACCOUNT.fields[ours][0]] = None if value == "" else value
    return body


def new_account(new: NewAccount) -> Body:
    return _given(account_body(asdict(new)))


def new_cost_item(new: NewCostItem) -> Body:
    return {"Code": new.code} | cost_item_name(new.name)


def cost_item_name(name: str) -> Body:
    return {"Description": cost_name(name)}


def new_document(new: NewDocument) -> Body:
    return _given(
        {
            "Subject": subject(new.subject),
            "Type": new.type_id,
            "Account": _key(new.account_id),
            "DocumentDate": new.document_date and odata.as_day(new.document_date),
        }
    )


def new_attachment(document_id: UUID, file_name: str, content: bytes) -> Body:
    return {
        "Document": str(document_id),
        "FileName": file_name,
        "Attachment": base64.b64encode(content).decode("ascii"),
    }


def new_sales_entry(new: NewSalesEntry) -> Body:
    return _given(
        {
            "Customer": _key(new.customer_id),
            "Journal": new.journal,
            "EntryDate": odata.as_day(new.entry_date),
            "DueDate": new.due_date and odata.as_day(new.due_date),
            "YourRef": your_ref(new.your_ref),
            "Description": odata.cut(new.description, DESCRIPTION),
            "Document": _key(new.document_id),
            "PaymentReference": new.payment_reference,
            "PaymentCondition": new.payment_condition,
            "SalesEntryLines": [_sales_entry_line(line) for line in new.lines],
        }
    )


def _sales_entry_line(line: NewSalesEntryLine) -> Body:
    return _given(
        {
            "GLAccount": _key(line.gl_account_id),
            "AmountFC": odata.amount(line.amount),
            "VATCode": line.vat_code,
            "VATAmountFC": None if line.vat_amount is None else odata.amount(line.vat_amount),
            "Description": odata.cut(line.description, DESCRIPTION),
            "CostCenter": line.cost_centre,
            "CostUnit": line.cost_unit,
        }
    )


def new_cash_entry(new: NewEntry) -> Body:
    return {"JournalCode": new.journal, "CashEntryLines": list(map(_entry_line, new.lines))}


def new_journal_entry(new: NewEntry) -> Body:
    lines = list(map(_entry_line, new.lines))
    return {"JournalCode": new.journal, "GeneralJournalEntryLines": lines}


def _entry_line(line: NewEntryLine) -> Body:
    return _given(
        {
            "GLAccount": _key(line.gl_account_id),
            "AmountFC": odata.amount(line.amount),
            "Date": odata.as_day(line.day),
            "Description": odata.cut(line.description, DESCRIPTION),
            "Notes": line.notes,
            "Account": _key(line.account_id),
            "OurRef": line.our_ref,
        }
    )


def _key(value: UUID | None) -> str | None:
    return str(value) if value else None


def _given(body: Body) -> Body:
    """Without what is not given: an empty code would be looked up, and not be found."""
    return {name: value for name, value in body.items() if value not in (None, "")}
