"""Calendar days, and what of an amount is due for a part of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppplanner.services.pricing.due import Days, share

NOVEMBER = Days(date(2020, 11, 1), date(2020, 11, 30))


@pytest.mark.parametrize(
    ("first", "covered", "count"),
    [
        (date(2020, 11, 1), [], 25),
        (date(2020, 1, 10), [], 321),
        (date(2020, 1, 10), [Days(date(2020, 1, 10), date(2020, 10, 31))], 25),
    ],
)
def test_days_until_the_25th_of_november_are_counted_with_both_ends(
    first: date, covered: list[Days], count: int
) -> None:
    """The vendor's example (domain 8.1)."""
    until = Days(first, date(2020, 12, 31)).until(date(2020, 11, 25))
    assert until
    left = until.left_by(covered)
    assert left
    assert left.count == count


def test_before_the_first_day_nothing_is_due() -> None:
    assert NOVEMBER.until(date(2020, 10, 31)) is None
    assert NOVEMBER.until(date(2020, 11, 1)) == Days(date(2020, 11, 1), date(2020, 11, 1))


def test_after_the_last_day_everything_is_due() -> None:
    assert NOVEMBER.until(date(2021, 1, 1)) == NOVEMBER.until(None) == NOVEMBER


def test_what_was_given_back_between_other_days_is_left() -> None:
    around = [
        Days(date(2020, 10, 1), date(2020, 11, 10)),
        Days(date(2020, 11, 21), date(2020, 11, 30)),
    ]
    assert NOVEMBER.left_by(around) == Days(date(2020, 11, 11), date(2020, 11, 20))
    assert NOVEMBER.count_in(around) == 20
    assert NOVEMBER.left_by([NOVEMBER]) is None


@given(
    st.decimals(-10_000, 10_000, places=2),
    st.integers(1, 400),
    st.lists(st.integers(1, 60), min_size=1, max_size=12),
)
def test_parts_come_to_the_whole_to_the_cent(net: Decimal, count: int, steps: list[int]) -> None:
    charged, passed = Decimal(0), 0
    for step in [*steps, count]:
        passed = min(count, passed + step)
        charged += share(net, passed, count) - charged
    assert charged == net


@given(st.decimals(0, 10_000, places=2), st.integers(1, 400))
def test_what_is_due_never_falls_with_the_days(net: Decimal, count: int) -> None:
    due = [share(net, part, count) for part in range(count + 1)]
    assert due == sorted(due)
    assert [due[0], due[-1]] == [0, net]


def test_a_single_day_has_its_count() -> None:
    today = date(2026, 3, 29)
    assert Days(today, today).count == 1
    assert Days(today, today + timedelta(days=6)).count == 7
