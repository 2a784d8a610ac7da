"""Booking numbers: year, journal and a counter, such as 267000001."""

from __future__ import annotations

from ..store import Books
from ..values import Record
from ..work import Work


def check_chosen(work: Work, path: str, record: Record, journal: str | None) -> None:
    """Object to a number the sender chose when an entry of that journal has it."""
    number = record["EntryNumber"]
    name = "Journal" if "Journal" in record else "JournalCode"
    others = work.table(path).by("EntryNumber", number) if number else []
    if any(each[name] == journal and each["EntryID"] != record["EntryID"] for each in others):
        work.problems.add("in_use", "DocumentNumber")


def entry_number(books: Books, journal: str, year: int, chosen: int | None) -> int:
    """The next number, or the chosen one; a chosen one that goes back is silently ignored."""
    counter = f"entry:{journal}:{year}"
    first = year % 100 * 10_000_000 + _prefix(books, journal) * 100_000 + 1
    if chosen and chosen > books.counters.get(counter, first - 1):
        books.raise_to(counter, chosen)
        return chosen
    return books.next(counter, first)


def _prefix(books: Books, journal: str) -> int:
    """The journal's code where it is a number, else a number kept for it."""
    if journal.isdigit() and len(journal) <= 2:
        return int(journal)
    name = f"prefix:{journal}"
    if name not in books.counters:
        books.counters[name] = books.next("prefix")
    return books.counters[name]
