"""Financial years and periods: which exist, and which are closed."""

from __future__ import annotations

from datetime import datetime

from ..store import Books
from ..values import Record
from ..work import Work

PERIODS = "financial/FinancialPeriods"
OPEN, CLOSED = 0, 1


def period_of(books: Books, day: datetime) -> Record | None:
    for period in books.table(PERIODS).by("FinYear", day.year):
        if period["StartDate"] <= day.replace(hour=0, minute=0, second=0) <= period["EndDate"]:
            return period
    return None


def find_period(books: Books, year: int, number: int) -> Record | None:
    in_year = books.table(PERIODS).by("FinYear", year)
    return next((each for each in in_year if each["FinPeriod"] == number), None)


def is_closed(books: Books, journal: str, period: Record) -> bool:
    """Closed for this journal: by hand, or because its year is the oldest there is."""
    return _is_closed(books, journal, period, _oldest_year(books))


def closed_periods(books: Books) -> set[tuple[str, str]]:
    """Journal code and guid of the period, for all that is closed."""
    oldest = _oldest_year(books)
    return {
        (journal["Code"], period["ID"])
        for journal in books.table("financial/Journals")
        for period in books.table(PERIODS)
        if _is_closed(books, journal["Code"], period, oldest)
    }


def _is_closed(books: Books, journal: str, period: Record, oldest: int) -> bool:
    by_hand = books.counters.get(_counter(journal, period))
    return by_hand == CLOSED if by_hand is not None else bool(period["FinYear"] == oldest)


def _oldest_year(books: Books) -> int:
    return min((int(each["FinYear"]) for each in books.table(PERIODS)), default=0)


def close(books: Books, journal: str, year: int, number: int, closed: bool = True) -> None:
    """Close a period for a journal, or open it again."""
    period = find_period(books, year, number)
    if period is None:
        raise KeyError(f"No period {year}/{number}")
    books.counters[_counter(journal, period)] = CLOSED if closed else OPEN


def check_period(work: Work, journal: str | None, year: int | None, number: int | None) -> None:
    """Object when the period does not exist or is closed for the journal."""
    period = find_period(work.books, year or 0, number or 0)
    if period is None:
        work.problems.add("financial_year")
    elif journal and is_closed(work.books, journal, period):
        work.problems.add("period_closed", year=year, period=number)


def _counter(journal: str, period: Record) -> str:
    return f"closed:{journal}:{period['FinYear']}:{period['FinPeriod']}"
