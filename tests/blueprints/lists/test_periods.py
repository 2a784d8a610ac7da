"""Stretches of days that have a name, and lists that begin with one."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import true
from time_machine import travel

from ppplanner.blueprints.lists.filters import DayFilter
from ppplanner.blueprints.lists.periods import STRETCHES, THIS_MONTH, TODAY


@pytest.mark.parametrize(
    ("today", "stretches"),
    [
        (
            date(2026, 11, 23),
            [
                (date(2026, 11, 23), date(2026, 11, 23)),
                (date(2026, 11, 1), date(2026, 11, 30)),
                (date(2026, 10, 1), date(2026, 10, 31)),
                (date(2026, 10, 1), date(2026, 12, 31)),
                (date(2026, 1, 1), date(2026, 12, 31)),
                (date(2025, 1, 1), date(2025, 12, 31)),
            ],
        ),
        (
            date(2028, 1, 31),
            [
                (date(2028, 1, 31), date(2028, 1, 31)),
                (date(2028, 1, 1), date(2028, 1, 31)),
                (date(2027, 12, 1), date(2027, 12, 31)),
                (date(2028, 1, 1), date(2028, 3, 31)),
                (date(2028, 1, 1), date(2028, 12, 31)),
                (date(2027, 1, 1), date(2027, 12, 31)),
            ],
        ),
    ],
)
def test_stretches_follow_the_present_day(today: date, stretches: list[tuple[date, date]]) -> None:
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=ZoneInfo("Europe/Brussels"))
    with travel(noon, tick=False):
        assert [each.days() for each in STRETCHES] == stretches


def begins_with_this_month() -> DayFilter:
    return DayFilter(
        "period", "Period", apply=lambda *_days: true(), stretches=STRETCHES, at_first=THIS_MONTH
    )


def test_a_list_may_begin_with_a_stretch() -> None:
    period = begins_with_this_month()
    assert period.read({}, ()) == THIS_MONTH.value
    assert period.words(TODAY.value, ()) is TODAY.label


def test_everything_can_be_asked_for_all_the_same() -> None:
    period = begins_with_this_month()
    assert period.read(period.params(""), ()) == ""
    assert period.read({"period-until": "2026-01-31"}, ()) == "..2026-01-31"


def test_a_list_without_a_first_stretch_begins_with_everything() -> None:
    period = DayFilter("period", "Period", apply=lambda *_days: true())
    assert period.read({}, ()) == period.default == ""
