"""What is sent to Exact: our records under its field names, as short as it takes them.

Nothing is decided here that a setting could change; that is `mapping`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from . import fields, odata
from .records import (
    NewAccount,
    NewCostItem,
    NewDocument,
    NewEntry,
    NewEntryLine,
    NewSalesEntry,
    NewSalesEntryLine,
)

# Exact tells no lengths; these are known from other integrations, or cautious where nothing is. A
# subject is no longer than a step can remember: see `steps.sent_as`.
NAME, YOUR_REF, DESCRIPTION, SUBJECT, CITY, ADDRESS_LINE = 50, 30, 60, 60, 30, 80

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
        body[fields.ACCOUNT.fields[ours][0]] = None if value == "" else value
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
