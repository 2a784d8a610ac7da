"""How many days a rental counts: over midnights, and over both changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppplanner.clock import BRUSSELS
from ppplanner.services.pricing.tariffs import Span

ZONE = ZoneInfo(BRUSSELS)
#: Clocks go forward on 28 March 2027 and back on 31 October 2027.
SPRING, AUTUMN = datetime(2027, 3, 28, tzinfo=ZONE), datetime(2027, 10, 31, tzinfo=ZONE)

hours = st.integers(0, 10 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
starts = st.sampled_from([SPRING, AUTUMN]).flatmap(
    lambda change: hours.map(lambda later: change.astimezone(UTC) - timedelta(days=5) + later)
)
lengths = st.integers(1, 10 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def rental_days(starts_at: datetime, ends_at: datetime, zone: str = BRUSSELS) -> int:
    return Span.of(starts_at, ends_at, zone).days


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "days"),
    [
        pytest.param(local(2020, 11, 1, 9), local(2020, 11, 25, 17), 25, id="the domain's example"),
        pytest.param(local(2020, 1, 10, 9), local(2020, 11, 25, 17), 321, id="its long example"),
        pytest.param(local(2026, 12, 1, 9), local(2026, 12, 1, 10), 1, id="an hour"),
        pytest.param(local(2026, 12, 1, 23), local(2026, 12, 2, 1), 2, id="across midnight"),
        pytest.param(local(2026, 12, 1, 9), local(2026, 12, 2), 1, id="until midnight"),
        pytest.param(local(2026, 12, 1), local(2026, 12, 3), 2, id="from midnight to midnight"),
        pytest.param(
            local(2026, 12, 1, 0, 30), local(2026, 12, 1, 1, 30), 1, id="still UTC's last day"
        ),
        pytest.param(local(2027, 3, 27, 12), local(2027, 3, 29, 12), 3, id="over the shorter day"),
        pytest.param(local(2027, 3, 28), local(2027, 3, 29), 1, id="the shorter day itself"),
        pytest.param(local(2027, 10, 31), local(2027, 11, 1), 1, id="the longer day itself"),
        pytest.param(
            local(2027, 10, 31, 2), local(2027, 10, 31, 4), 1, id="the hour that comes twice"
        ),
    ],
)
def test_days_are_counted_with_the_first_and_the_last(
    starts_at: datetime, ends_at: datetime, days: int
) -> None:
    assert rental_days(starts_at, ends_at) == days


def test_days_are_those_of_the_firm() -> None:
    starts_at, ends_at = (
        datetime(2026, 12, 1, 23, tzinfo=UTC),
        datetime(2026, 12, 2, 22, tzinfo=UTC),
    )
    assert rental_days(starts_at, ends_at, "Europe/Brussels") == 1
    assert rental_days(starts_at, ends_at, "UTC") == 2


@given(starts, lengths)
def test_every_day_that_is_touched_counts_once(starts_at: datetime, length: timedelta) -> None:
    ends_at = starts_at + length
    first = starts_at.astimezone(ZONE).date() - timedelta(days=1)
    days = (first + timedelta(days=number) for number in range(14))
    touched = [
        day
        for day in days
        if midnight(day) < ends_at and starts_at < midnight(day + timedelta(days=1))
    ]
    assert rental_days(starts_at, ends_at) == len(touched)


@given(starts, lengths, lengths)
def test_periods_that_meet_at_midnight_count_as_many_days_as_the_whole(
    starts_at: datetime, before: timedelta, after: timedelta
) -> None:
    cut = midnight((starts_at + before).astimezone(ZONE).date() + timedelta(days=1))
    ends_at = cut + after
    parts = rental_days(starts_at, cut) + rental_days(cut, ends_at)
    assert parts == rental_days(starts_at, ends_at)
