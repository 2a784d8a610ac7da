"""The stretch of time that the board shows, and where on it something stands.

It runs evenly in real time: on the day that the clock goes forward it is 23 hours long, and 25 on
the day that it goes back. Days and hours are those of the wall clock at the place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from zoneinfo import ZoneInfo

from ppplanner.clock import midnight

#: Places are told in thousandths of the window.
WHOLE = 1000
#: Other years are slips of the keyboard.
YEARS = range(2000, 2101)
DAY = timedelta(days=1)


class View(StrEnum):
    """How much of the time the board shows at once, from near to far."""

    DAY = "day"
    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"
    QUARTER = "quarter"


#: Minutes by which a bar moves at a time.
STEPS = {View.DAY: 15, View.WEEK: 60, View.FORTNIGHT: 180, View.MONTH: 1440, View.QUARTER: 1440}
_MONTHS = {View.MONTH: 1, View.QUARTER: 3}
_DAYS = {View.DAY: 1, View.WEEK: 7, View.FORTNIGHT: 14}


@dataclass(frozen=True)
class Place:
    """Where a period stands in the window, in thousandths, and whether it goes on beyond it."""

    left: int
    width: int
    before: bool = False
    after: bool = False


@dataclass(frozen=True)
class ClockChange:
    """So many minutes after the window's start the wall clock jumps by so many minutes."""

    after: int
    jump: int


@dataclass(frozen=True)
class Window:
    """All of the days from `first` until before `until`, at a place in the time zone `zone`."""

    view: View
    first: date
    until: date
    zone: str

    @classmethod
    def around(cls, view: View, day: date, zone: str) -> Window:
        """The day, the week from Monday on, the month or the quarter in which `day` lies."""
        if months := _MONTHS.get(view):
            first = day.replace(day=1, month=day.month - (day.month - 1) % months)
            return cls(view, first, _months_later(first, months), zone)
        days = _DAYS[view]
        first = day if view is View.DAY else day - day.weekday() * DAY
        return cls(view, first, first + days * DAY, zone)

    @property
    def next(self) -> Window:
        return Window.around(self.view, self.until, self.zone)

    @property
    def previous(self) -> Window:
        if months := _MONTHS.get(self.view):
            return Window.around(self.view, _months_later(self.first, -months), self.zone)
        return Window.around(self.view, self.first - (self.until - self.first), self.zone)

    @cached_property
    def start(self) -> datetime:
        return midnight(self.first, self.zone)

    @cached_property
    def end(self) -> datetime:
        return midnight(self.until, self.zone)

    @cached_property
    def minutes(self) -> int:
        return int(self._seconds // 60)

    @cached_property
    def _seconds(self) -> float:
        return (self.end - self.start).total_seconds()

    @property
    def step(self) -> int:
        """Minutes by which a bar moves at a time."""
        return STEPS[self.view]

    @cached_property
    def days(self) -> list[date]:
        return [self.first + n * DAY for n in range((self.until - self.first).days)]

    @cached_property
    def hours(self) -> list[datetime]:
        """The moments at which an hour of the first day begins: 23, 24 or 25 of them."""
        zone, length = ZoneInfo(self.zone), midnight(self.first + DAY, self.zone) - self.start
        count = int(length.total_seconds() // 3600)
        return [(self.start + timedelta(hours=n)).astimezone(zone) for n in range(count)]

    @cached_property
    def clock_change(self) -> ClockChange | None:
        """There is one at most: they are five months apart or more."""
        zone = ZoneInfo(self.zone)
        start = self.start.astimezone(zone)
        for day in self.days:
            if midnight(day + DAY, self.zone) - midnight(day, self.zone) != DAY:
                return _change_on(midnight(day, self.zone), start, zone)
        return None

    def place(self, starts_at: datetime, ends_at: datetime) -> Place | None:
        """Where a period is drawn; None when no moment of it lies in the window.

        Periods that touch are drawn touching, and the shortest can still be seen.
        """
        if not (starts_at < self.end and ends_at > self.start):
            return None
        left = min(self.share(starts_at), WHOLE - 1)
        width = max(self.share(ends_at) - left, 1)
        return Place(left, width, starts_at < self.start, ends_at > self.end)

    def share(self, moment: datetime) -> int:
        """How much of the window has gone by then, in thousandths."""
        gone = (moment - self.start).total_seconds() / self._seconds
        return min(max(round(gone * WHOLE), 0), WHOLE)


def lanes(periods: Iterable[tuple[datetime, datetime]]) -> list[int]:
    """For each period, in the order of their starts, the first lane in which it overlaps none."""
    free_from: list[datetime] = []
    chosen = []
    for starts_at, ends_at in periods:
        lane = next((n for n, free in enumerate(free_from) if free <= starts_at), len(free_from))
        free_from[lane : lane + 1] = [ends_at]
        chosen.append(lane)
    return chosen


def _months_later(first: date, months: int) -> date:
    """The first day of the month that many months after the month of `first`."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def _change_on(midnight: datetime, start: datetime, zone: ZoneInfo) -> ClockChange:
    """The first hour of that day after which the wall clock no longer agrees with `start`."""
    for hour in range(25):
        moment = midnight + timedelta(hours=hour)
        jump = (moment.astimezone(zone).utcoffset() or DAY) - (start.utcoffset() or DAY)
        if jump:
            break
    after = moment - start
    return ClockChange(int(after.total_seconds() // 60), int(jump.total_seconds() // 60))
