"""Exact's field names beside ours: how an entity is read; how one is written: see `bodies`.

Nothing is decided here that a setting could change; that is `mapping`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

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
    OpenItem,
    PaymentCondition,
    SalesEntry,
    VatCode,
)

R = TypeVar("R")


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
        "created": ("Created", odata.moment),
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
        "created": ("Created", odata.moment),
    },
)
