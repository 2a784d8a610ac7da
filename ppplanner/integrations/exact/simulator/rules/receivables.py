"""What customers owe: one row per sales entry, with the amounts negative while open."""

from __future__ import annotations

import uuid
from datetime import datetime

from ..seed.blank import blank
from ..store import Books
from ..values import Record
from .base import Rules

RECEIVABLES = "cashflow/Receivables"
OPEN, MATCHED = 20, 50


class Receivables(Rules):
    """Only a description, method and reference can be changed; the reference says which."""

    path = RECEIVABLES


def book_receivable(books: Books, entry: Record, now: datetime) -> None:
    """Note the claim of an entry. An edited entry gets a new row; its TransactionID stays."""
    table = books.table(RECEIVABLES)
    old = table.one("TransactionEntryID", entry["EntryID"])
    if old is not None:
        table.remove(old)
    base = old or blank(RECEIVABLES)
    journal = books.table("financial/Journals").one("Code", entry["Journal"]) or {}
    table.put(
        base
        | {
            "ID": str(uuid.uuid4()),
            "HID": base.get("HID") or books.next("receivable"),
            "Account": entry["Customer"],
            "AmountFC": -entry["AmountFC"],
            "AmountDC": -entry["AmountDC"],
            "TransactionAmountFC": entry["AmountFC"],
            "TransactionAmountDC": entry["AmountDC"],
            "TransactionEntryID": entry["EntryID"],
            "TransactionID": base["TransactionID"] or str(uuid.uuid4()),
            "TransactionType": entry["Type"],
            "TransactionStatus": entry["Status"],
            "TransactionReportingYear": entry["ReportingYear"],
            "TransactionReportingPeriod": entry["ReportingPeriod"],
            "TransactionDueDate": entry["DueDate"],
            "EntryNumber": entry["EntryNumber"],
            "InvoiceNumber": entry["InvoiceNumber"],
            "YourRef": entry["YourRef"],
            "Description": entry["Description"],
            "InvoiceDate": entry["EntryDate"],
            "DueDate": entry["DueDate"],
            "Currency": entry["Currency"],
            "Journal": entry["Journal"],
            "GLAccount": journal.get("GLAccount"),
            "PaymentCondition": entry["PaymentCondition"],
            "PaymentReference": entry["PaymentReference"],
            "Document": entry["Document"],
            "Status": base["Status"] or OPEN,
            "IsFullyPaid": bool(base["IsFullyPaid"]),
            "Division": books.code,
            "Created": base["Created"] or now,
            "Modified": now,
        }
    )


def drop_receivable(books: Books, entry: Record) -> None:
    old = books.table(RECEIVABLES).one("TransactionEntryID", entry["EntryID"])
    if old is not None:
        books.table(RECEIVABLES).remove(old)


def settle(books: Books, entry_id: str, now: datetime, paid: bool = True) -> None:
    """Match the claim of an entry with a payment, or open it again."""
    table = books.table(RECEIVABLES)
    claim = table.one("TransactionEntryID", entry_id)
    if claim is None:
        raise KeyError(entry_id)
    table.change(
        claim,
        IsFullyPaid=paid,
        Status=MATCHED if paid else OPEN,
        LastPaymentDate=now if paid else None,
        EndDate=now if paid else None,
        Modified=now,
    )
