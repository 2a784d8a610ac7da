"""The rules by which an endpoint is left alone: how many refusals Exact may count within the hour,
and after how many for want of rights the next try waits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from .call_counts import Priority
from .models import ExactCountedError

COUNTED = frozenset({400, 401, 403, 404})
#: What is noted besides: a good answer, and that a person says that rights are given.
WENT_WELL, TRY_NOW = 200, 0
#: The hour of Exact, and a minute for clocks that differ.
WINDOW = timedelta(minutes=61)
#: How many answers may be counted of an endpoint within the hour; Exact locks after ten.
MOST = {"background": 9, "person": 8}
#: So many refusals of rights one after another are not about single records.
IN_A_ROW = 3
#: Then the endpoint is only asked so often, to notice by itself that the rights are given: with
#: the first three that makes nine an hour.
PAUSE_WITHOUT_ACCESS = timedelta(minutes=10)
#: Longer than the longest call: a place taken earlier belongs to a process that is no more.
UNDER_WAY = timedelta(minutes=4)


@dataclass(frozen=True)
class Answers:
    """What an endpoint answered within the hour. Moments are in UTC, oldest first."""

    counted: list[datetime]
    #: When it refused us for want of rights, one after another.
    without_access: list[datetime]
    #: Whether there was a good answer since the first counted one.
    some_good: bool
    under_way: int

    @classmethod
    def of(cls, rows: Iterable[ExactCountedError], moment: datetime) -> Answers:
        recent = [row for row in rows if row.at > moment - WINDOW]
        recent.sort(key=lambda row: (row.at, row.id))
        without_access: list[datetime] = []
        for row in recent:
            if row.status in (WENT_WELL, TRY_NOW):
                without_access.clear()
            elif row.status == 403:
                without_access.append(row.at)
        return cls(
            [row.at for row in recent if row.status in COUNTED],
            without_access,
            any(row.status == WENT_WELL for row in recent),
            sum(row.status is None and row.at > moment - UNDER_WAY for row in recent),
        )

    def stopped_until(self, priority: Priority, moment: datetime) -> datetime | None:
        """Until when it may not be asked; None if it may. People may ask as long as there is a
        place: they see at once why not.
        """
        if free_from := self._free_from(priority):
            return free_from
        if priority == "background" and len(self.without_access) >= IN_A_ROW:
            until = self.without_access[-1] + PAUSE_WITHOUT_ACCESS
            return until if until > moment else None
        return None

    def _free_from(self, priority: Priority) -> datetime | None:
        """When the oldest that fill all places are forgotten; None while one is free."""
        most = MOST[priority]
        return self.counted[-most] + WINDOW if len(self.counted) >= most else None

    def has_place(self, priority: Priority) -> bool:
        """Whether one more call could be refused without harm."""
        return len(self.counted) + self.under_way < MOST[priority]
