"""The window of the board: how long it is, what it holds, where things stand in it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from ppplanner.clock import BRUSSELS
from ppplanner.services.planning.timeline import ClockChange, Place, View, Window, lanes

MONDAY = date(2026, 11, 23)
#: The clock goes forward at 02:00 on the first, and back at 03:00 on the second.
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def window(view: View, day: date = MONDAY) -> Window:
    return Window.around(view, day, BRUSSELS)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    zone = ZoneInfo(BRUSSELS)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("view", "first", "until"),
    [
        (View.DAY, date(2026, 11, 26), date(2026, 11, 27)),
        (View.WEEK, date(2026, 11, 23), date(2026, 11, 30)),
        (View.FORTNIGHT, date(2026, 11, 23), date(2026, 12, 7)),
        (View.MONTH, date(2026, 11, 1), date(2026, 12, 1)),
        (View.QUARTER, date(2026, 10, 1), date(2027, 1, 1)),
    ],
)
def test_a_window_holds_the_whole_day_week_month_or_quarter(
    view: View, first: date, until: date
) -> None:
    shown = window(view, date(2026, 11, 26))
    assert (shown.first, shown.until) == (first, until)


@pytest.mark.parametrize("view", View)
def test_windows_follow_each_other_without_a_gap(view: View) -> None:
    shown = window(view)
    assert shown.next.first == shown.until
    assert shown.next.previous == shown
    assert shown.previous.until == shown.first


def test_days_have_23_24_or_25_hours() -> None:
    days = (SPRING, MONDAY, AUTUMN)
    assert [len(window(View.DAY, day).hours) for day in days] == [23, 24, 25]
    assert [window(View.DAY, day).minutes // 60 for day in days] == [23, 24, 25]
    assert [hour.hour for hour in window(View.DAY, SPRING).hours][:4] == [0, 1, 3, 4]
    assert [hour.hour for hour in window(View.DAY, AUTUMN).hours][:5] == [0, 1, 2, 2, 3]


def test_a_window_tells_when_the_clock_changes() -> None:
    assert window(View.WEEK).clock_change is None
    assert window(View.DAY, SPRING).clock_change == ClockChange(2 * 60, 60)
    assert window(View.DAY, AUTUMN).clock_change == ClockChange(3 * 60, -60)
    days_before = 6 * 24 * 60
    assert window(View.WEEK, SPRING).clock_change == ClockChange(days_before + 2 * 60, 60)


def test_what_comes_after_the_clock_change_stands_where_its_hour_is() -> None:
    shown = window(View.DAY, SPRING)
    assert shown.place(local(SPRING, 12), local(SPRING, 23)) == Place(478, 957 - 478)
    assert shown.place(local(SPRING, 0), local(SPRING, 23)) == Place(0, 957)


def test_touching_periods_are_drawn_touching() -> None:
    shown = window(View.MONTH)
    start = local(MONDAY, 8)
    for minutes in range(7, 3000, 97):
        middle, end = start + timedelta(minutes=minutes), start + timedelta(days=3)
        first, second = shown.place(start, middle), shown.place(middle, end)
        assert first is not None
        assert second is not None
        assert first.left + first.width in (second.left, second.left + 1)


def test_a_period_is_cut_at_the_edges_of_the_window() -> None:
    shown = window(View.WEEK)
    around = shown.place(shown.start - timedelta(days=1), shown.end + timedelta(days=1))
    assert around == Place(0, 1000, before=True, after=True)
    assert shown.place(shown.start, shown.end) == Place(0, 1000)


def test_a_period_that_only_touches_the_window_is_not_in_it() -> None:
    shown = window(View.WEEK)
    assert shown.place(shown.start - timedelta(days=1), shown.start) is None
    assert shown.place(shown.end, shown.end + timedelta(days=1)) is None


def test_the_shortest_period_can_still_be_seen() -> None:
    shown = window(View.QUARTER)
    last = shown.end - timedelta(minutes=1)
    assert shown.place(last, shown.end) == Place(999, 1)


def test_overlapping_periods_take_lanes_and_touching_ones_share_one() -> None:
    nine = local(MONDAY, 9)
    spans = [(0, 4), (1, 2), (2, 5), (4, 6), (4, 5)]
    periods = [(nine + timedelta(hours=a), nine + timedelta(hours=b)) for a, b in spans]
    assert lanes(periods) == [0, 1, 1, 0, 2]
    assert lanes([]) == []
