"""How periods are counted: which rates, how many units, and never more than the plain count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ppplanner.clock import BRUSSELS
from ppplanner.models import CatalogueItem, ItemKind, PriceRange, Rate, RateType
from ppplanner.services.pricing.tariffs import Share, Span, share_out, surcharges

ZONE = ZoneInfo(BRUSSELS)
HOUR, DAY, WEEK, MONTH, ONCE = RateType
LEAST_DAYS = {HOUR: 0, DAY: 1, WEEK: 7, MONTH: 28, ONCE: 0}

prices = st.decimals(0, 5000, places=2)
tables = st.dictionaries(
    st.sampled_from(RateType), st.tuples(prices, st.booleans()), min_size=1, max_size=5
)
starts = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))
lengths = st.integers(1, 400 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def local(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC)


def price_range(rolls_up: bool = True, **rates: int | str) -> PriceRange:
    """Rates by type: `price_range(day=50, week=280)`."""
    return offering({RateType(each): (Decimal(rates[each]), rolls_up) for each in rates})


def offering(table: dict[RateType, tuple[Decimal, bool]]) -> PriceRange:
    made = [
        Rate(rate_type=each, price=price, rolls_up=rolls_up, active=True)
        for each, (price, rolls_up) in table.items()
    ]
    return PriceRange(name="Vans", rates=made)


def counted(shares: Iterable[Share]) -> dict[str, int]:
    return {share.rate.rate_type.value: share.units for share in shares}


def cost(shares: Iterable[Share]) -> Decimal:
    return sum((share.cost for share in shares), Decimal(0))


def count(
    rates: PriceRange, starts_at: datetime, ends_at: datetime, rate_type: RateType | None = None
) -> dict[str, int]:
    return counted(share_out(rates, starts_at, ends_at, BRUSSELS, rate_type))


def days(rates: PriceRange, number: int, rate_type: RateType | None = None) -> dict[str, int]:
    """How that many days from 1 June, eight in the morning, are counted."""
    first = local(2026, 6, 1, 8)
    return count(rates, first, first + timedelta(days=number - 1, hours=9), rate_type)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (5, {"day": 5}),
        (6, {"week": 1}),
        (7, {"week": 1}),
        (8, {"week": 1, "day": 1}),
        (13, {"week": 2}),
        (24, {"month": 1}),
        (30, {"month": 1}),
        (31, {"month": 1, "day": 1}),
        (40, {"month": 1, "week": 1, "day": 3}),
        (61, {"month": 2}),
    ],
)
def test_days_become_weeks_and_months_where_that_is_cheaper(
    number: int, expected: dict[str, int]
) -> None:
    assert days(price_range(day=50, week=280, month=900), number) == expected


def test_days_stay_days_when_the_rate_says_so() -> None:
    assert days(price_range(rolls_up=False, day=50, week=280), 30) == {"day": 30}


def test_days_stay_days_while_weeks_are_no_cheaper() -> None:
    assert days(price_range(day=50, week=350), 7) == {"week": 1}
    assert days(price_range(day=50, week=351), 7) == {"day": 7}


def test_weeks_become_months_without_a_rate_per_day() -> None:
    rates = price_range(week=280, month=900)
    assert days(rates, 8) == {"week": 2}
    assert days(rates, 28) == {"month": 1}
    assert days(rates, 37) == {"month": 1, "week": 1}


def test_hours_count_within_a_day() -> None:
    rates = price_range(rolls_up=False, hour=12, day=70)
    assert count(rates, local(2026, 6, 1, 8), local(2026, 6, 1, 11)) == {"hour": 3}
    assert count(rates, local(2026, 6, 1, 8), local(2026, 6, 1, 11, 1)) == {"hour": 4}
    assert count(rates, local(2026, 6, 1, 8), local(2026, 6, 2, 8)) == {"day": 2}


def test_hours_become_days_where_that_is_cheaper() -> None:
    rates = price_range(hour=12, day=70)
    assert count(rates, local(2026, 6, 1, 8), local(2026, 6, 1, 13)) == {"hour": 5}
    assert count(rates, local(2026, 6, 1, 8), local(2026, 6, 1, 14)) == {"day": 1}


def test_hours_over_several_days_count_when_the_contract_says_so() -> None:
    rates = price_range(rolls_up=False, hour=12, day=70)
    assert count(rates, local(2026, 6, 1, 20), local(2026, 6, 2, 8), HOUR) == {"hour": 12}


@pytest.mark.parametrize("rate_type", RateType)
def test_the_contract_chooses_what_is_counted(rate_type: RateType) -> None:
    rates = price_range(rolls_up=False, hour=12, day=50, week=280, month=900, once=2000)
    expected = {HOUR: 9 * 24 + 9, DAY: 10, WEEK: 2, MONTH: 1, ONCE: 1}
    assert days(rates, 10, rate_type) == {rate_type: expected[rate_type]}


def test_a_price_range_without_the_chosen_rate_falls_back_on_what_it_has() -> None:
    assert days(price_range(day=50), 3, WEEK) == {"day": 3}
    assert days(price_range(once=99), 3, WEEK) == {"once": 1}
    assert days(price_range(month=900), 3) == {"month": 1}
    assert days(price_range(hour=10), 1) == {"hour": 9}


def test_once_costs_the_same_however_long() -> None:
    assert days(price_range(once=99), 1) == days(price_range(once=99), 300) == {"once": 1}


def test_a_rate_out_of_use_does_not_count() -> None:
    rates = price_range(day=50, week=280)
    rates.rates[1].active = False
    assert days(rates, 7) == {"day": 7}
    assert days(price_range(), 7) == {}


def test_a_count_can_keep_to_some_units() -> None:
    rates = price_range(hour=10, day=50, week=280, month=900)
    period = local(2026, 6, 1, 8), local(2026, 6, 9, 17)
    only = [share_out(rates, *period, BRUSSELS, only=each) for each in ({DAY}, {DAY, WEEK})]
    assert [counted(each) for each in only] == [{"day": 9}, {"week": 1, "day": 2}]
    assert counted(share_out(price_range(day=50), *period, BRUSSELS, only={WEEK})) == {"day": 9}


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        pytest.param(local(2026, 1, 31, 8), local(2026, 2, 27, 17), 1, id="to the last day"),
        pytest.param(local(2026, 1, 31, 8), local(2026, 3, 1, 17), 2, id="past the last day"),
        pytest.param(local(2028, 2, 1, 8), local(2028, 2, 29, 17), 1, id="a leap year"),
        pytest.param(local(2026, 1, 15, 8), local(2026, 2, 15), 1, id="until midnight"),
        pytest.param(local(2026, 1, 15, 8), local(2026, 2, 15, 8), 2, id="the same day again"),
    ],
)
def test_a_month_runs_to_the_day_before_the_same_one(
    first: datetime, last: datetime, months: int
) -> None:
    assert count(price_range(month=900), first, last) == {"month": months}


@pytest.mark.parametrize("change", [local(2027, 3, 28, 1), local(2027, 10, 31, 1)])
@pytest.mark.parametrize("rates", [price_range(hour=10, day=50), price_range(day=50, week=280)])
def test_a_change_of_the_clock_changes_no_price(change: datetime, rates: PriceRange) -> None:
    """From nine in the evening to nine in the morning, over the change and a week before it."""
    for rate_type in (None, HOUR, DAY):
        over = wall(change, -1, 21), wall(change, 0, 9)
        before = wall(change, -8, 21), wall(change, -7, 9)
        assert count(rates, *over, rate_type) == count(rates, *before, rate_type)


def wall(moment: datetime, days_later: int, hour: int) -> datetime:
    day = moment.astimezone(ZONE).date() + timedelta(days=days_later)
    return local(day.year, day.month, day.day, hour)


@given(tables, starts, lengths, st.sampled_from([None, *RateType]))
@example(
    {MONTH: (Decimal(1), True), HOUR: (Decimal(1), True)}, local(2026, 1, 31), timedelta(3), HOUR
)
def test_the_best_price_is_never_above_the_plain_count_and_covers_the_period(
    table: dict[RateType, tuple[Decimal, bool]],
    starts_at: datetime,
    length: timedelta,
    rate_type: RateType | None,
) -> None:
    rates, period = offering(table), (starts_at, starts_at + length)
    shares = share_out(rates, *period, BRUSSELS, rate_type)
    plain = offering({each: (price, False) for each, (price, _rolls_up) in table.items()})
    assert cost(shares) <= cost(share_out(plain, *period, BRUSSELS, rate_type))
    assert all(share.units > 0 for share in shares)
    assert covers(shares, Span.of(*period, BRUSSELS))


def covers(shares: list[Share], span: Span) -> bool:
    types = {share.rate.rate_type for share in shares}
    if types == {ONCE}:
        return True
    if types == {HOUR}:
        return shares[0].units >= span.hours
    longest = {HOUR: 0, DAY: 1, WEEK: 7, MONTH: 31, ONCE: 0}
    return sum(share.units * longest[share.rate.rate_type] for share in shares) >= span.days


@given(tables, starts, lengths)
def test_units_are_no_more_than_the_period_needs(
    table: dict[RateType, tuple[Decimal, bool]], starts_at: datetime, length: timedelta
) -> None:
    """Leaving out one unit of the shortest kind would leave a part of the period out."""
    span = Span.of(starts_at, starts_at + length, BRUSSELS)
    shares = share_out(offering(table), starts_at, starts_at + length, BRUSSELS)
    shortest = shares[-1]
    fewer = [*shares[:-1], Share(shortest.rate, shortest.units - 1)]
    least = sum(share.units * LEAST_DAYS[share.rate.rate_type] for share in fewer)
    assert shortest.rate.rate_type in {HOUR, ONCE} or least < span.days


def surcharge(name: str, per_unit: bool, active: bool = True) -> CatalogueItem:
    return CatalogueItem(
        kind=ItemKind.SURCHARGE, name=name, price=Decimal(5), per_unit=per_unit, active=active
    )


def test_a_surcharge_comes_once_or_for_each_unit_of_the_rates_that_name_it() -> None:
    rates = price_range(day=50, week=280)
    cleaning, insurance = surcharge("Cleaning", False), surcharge("Insurance", True)
    for rate in rates.rates:
        rate.surcharges = [cleaning, insurance, surcharge("Old", True, active=False)]
    shares = share_out(rates, local(2026, 6, 1, 8), local(2026, 6, 9, 17), BRUSSELS)
    assert counted(shares) == {"week": 1, "day": 2}
    charged = surcharges(shares)
    assert {each.item.name: each.units for each in charged} == {"Cleaning": 1, "Insurance": 3}
    assert [each.cost for each in charged] == [Decimal(5), Decimal(15)]


def test_what_is_cheaper_is_told_with_surcharges() -> None:
    rates = price_range(day=50, week=280)
    [week] = (rate for rate in rates.rates if rate.rate_type is WEEK)
    week.surcharges = [surcharge("Washing", False)]
    assert days(rates, 6) == {"week": 1}
    week.surcharges[0].price = Decimal("20.01")
    assert days(rates, 6) == {"day": 6}
    assert days(rates, 7) == {"week": 1}
