"""What is due of a price line: rent by its share of the days, the rest at once.

Days are calendar days of the business unit, the first and the last one included (domain 8.1). What
is due grows with the days and comes to the whole with the last one. A partial invoice asks what is
due by then, less what was invoiced before, so that all together come to the whole, to the cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from ppplanner.models import LineKind, PriceLine, RateType
from ppplanner.money import cents

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """Calendar days, both included."""

    first: date
    last: date

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1

    def until(self, day: date | None) -> Days | None:
        """Those up to and including `day`, if any; all of them for None."""
        last = self.last if day is None else min(self.last, day)
        return Days(self.first, last) if self.first <= last else None

    def count_in(self, spans: Sequence[Days]) -> int:
        """How many of them lie in one of the spans."""
        return self.count - len(self._outside(spans))

    def left_by(self, spans: Sequence[Days]) -> Days | None:
        """From the first to the last of them that lies in none of the spans."""
        left = self._outside(spans)
        return Days(date.fromordinal(min(left)), date.fromordinal(max(left))) if left else None

    def _outside(self, spans: Sequence[Days]) -> set[int]:
        return set(self._numbers()).difference(*(each._numbers() for each in spans))

    def _numbers(self) -> range:
        return range(self.first.toordinal(), self.last.toordinal() + 1)


def follows_days(line: PriceLine) -> bool:
    """Whether the line is charged day by day. What is asked once is due at once."""
    if line.kind is LineKind.RENT:
        return line.rate is None or line.rate.rate_type is not RateType.ONCE
    return line.kind is LineKind.SURCHARGE and line.item is not None and line.item.per_unit


def share(net: Decimal, part: int, whole: int) -> Decimal:
    """What is due of `net` (EUR) for so many of its days."""
    return cents(net * part / whole)
