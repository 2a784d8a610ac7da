"""What follows from the lines of a sales entry: its totals, its type, what the customer owes."""

from __future__ import annotations

from ..money import cents, exact
from ..values import Record
from ..work import Work
from .receivables import book_receivable, drop_receivable

ENTRIES = "salesentry/SalesEntries"
LINES = "salesentry/SalesEntryLines"
OPEN, PROCESSED = 20, 50
SALES_ENTRY, CREDIT_NOTE = 20, 21
TYPES = {SALES_ENTRY: "Sales entry", CREDIT_NOTE: "Sales credit note"}


def book_totals(work: Work, entry: Record) -> Record:
    """Store the entry with the totals of its lines. A negative total makes a credit note."""
    lines = work.table(LINES).by("EntryID", entry["EntryID"])
    vat = sum((exact(line["VATAmountFC"]) for line in lines), exact(0))
    total = sum((exact(line["VATBaseAmountFC"]) for line in lines), vat)
    exchange = exact(entry["Rate"] or 1)
    kind = CREDIT_NOTE if total < 0 else SALES_ENTRY
    entry = work.table(ENTRIES).put(
        entry
        | {
            "AmountFC": float(total),
            "AmountDC": float(cents(total * exchange)),
            "VATAmountFC": float(vat),
            "VATAmountDC": float(cents(vat * exchange)),
            "Type": kind,
            "TypeDescription": TYPES[kind],
        }
    )
    for line in lines:
        if line["Type"] != kind:
            work.table(LINES).change(line, Type=kind)
    book_receivable(work.books, entry, work.now)
    return entry


def drop_entry(work: Work, entry: Record) -> None:
    """Take an entry away with its lines and the claim on the customer."""
    for line in work.table(LINES).by("EntryID", entry["EntryID"]):
        work.remove(LINES, line)
    drop_receivable(work.books, entry)
    if work.table(ENTRIES).get(entry["EntryID"]):
        work.remove(ENTRIES, entry)
