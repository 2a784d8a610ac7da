"""What an accountant would call wrong in an administration: things booked twice, or half."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .rules import cash, general_journal, sales_totals
from .store import Books, Table
from .values import Record

DOCUMENTS = "documents/Documents"
FILES = "documents/DocumentAttachments"
Doubles = dict[str, list[Record]]
"""A reference, and the two or more records that carry it."""


@dataclass(frozen=True)
class Findings:
    """Everything that looks wrong in one administration; all empty when nothing does."""

    entries: Doubles
    """Sales entries with the same YourRef."""
    documents: Doubles
    """Documents with the same subject."""
    files: Doubles
    """Documents with more than one file, by their guid."""
    transactions: Doubles
    """Cash and general journal entries whose lines carry the same notes."""
    without_file: list[Record]
    not_linked: list[Record]
    """Documents to which no sales entry points."""

    def counts(self) -> dict[str, int]:
        """How many references, documents or notes each finding concerns."""
        return {f"double_{name}": len(getattr(self, name)) for name in DOUBLES} | {
            "documents_without_file": len(self.without_file),
            "documents_not_linked": len(self.not_linked),
        }


DOUBLES = ("entries", "documents", "files", "transactions")


def look_through(books: Books) -> Findings:
    entries, documents = books.table(sales_totals.ENTRIES), books.table(DOCUMENTS)
    files = books.table(FILES)
    return Findings(
        entries=entries.shared("YourRef"),
        documents=documents.shared("Subject"),
        files=files.shared("Document"),
        transactions=dict(_booked_twice(books)),
        without_file=[each for each in documents if not files.has("Document", each["ID"])],
        not_linked=[each for each in documents if not entries.has("Document", each["ID"])],
    )


def _booked_twice(books: Books) -> Iterator[tuple[str, list[Record]]]:
    """An entry has several lines with the same notes; only those of different entries count."""
    for module in (cash, general_journal):
        entries, lines = books.table(module.ENTRIES), books.table(module.LINES)
        for notes, found in lines.shared("Notes").items():
            entry_ids = {line["EntryID"] for line in found}
            if len(entry_ids) > 1:
                yield notes, _of(entries, entry_ids)


def _of(entries: Table, entry_ids: set[str]) -> list[Record]:
    found = (entries.get(entry_id) for entry_id in entry_ids)
    return sorted((each for each in found if each), key=lambda entry: entry["EntryNumber"])
