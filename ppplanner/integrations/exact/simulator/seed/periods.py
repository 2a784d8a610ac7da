"""Financial years and periods: two years back to one ahead, the oldest year closed."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ..values import Record
from .blank import seeded

CLOSED_SINCE_YEARS = 2


def periods(division: int, today: date) -> list[Record]:
    years = range(today.year - CLOSED_SINCE_YEARS, today.year + 2)
    return [_period(division, year, month) for year in years for month in range(1, 13)]


def _period(division: int, year: int, month: int) -> Record:
    following = datetime(year + month // 12, month % 12 + 1, 1)
    return seeded(
        "financial/FinancialPeriods",
        division,
        f"{year}-{month}",
        FinYear=year,
        FinPeriod=month,
        StartDate=datetime(year, month, 1),
        EndDate=following - timedelta(days=1),
    )
