"""How much resources are used: time, contracts and revenue of a period."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from ppplanner.clock import midnight
from ppplanner.extensions import db
from ppplanner.models import Change, Contract, LineKind, PriceLine, Resource
from ppplanner.services.fleet.resources import archive
from ppplanner.services.overviews import utilisation
from ppplanner.services.overviews.utilisation import Use, day_edges, over_time, spread, uses
from ppplanner.services.renting.contracts import cancel_contract
from tests.factories import (
    make_company,
    make_contract,
    make_resource,
    make_unit,
    make_vat_code,
)

HOUR, DAY = 3600, 24 * 3600
BRUSSELS = "Europe/Brussels"
START, END = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)


def at(day: int, hour: int = 0, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def make_rental(resource: Resource, starts_at: datetime, ends_at: datetime, *nets: str) -> Contract:
    """A contract that costs exactly these amounts, a line each."""
    contract = make_contract(resource, starts_at=starts_at, ends_at=ends_at)
    contract.lines[:] = [
        PriceLine(
            position=place,
            kind=LineKind.EXTRA,
            description="Rent",
            units=Decimal(1),
            unit_price=Decimal(net),
            vat_code=make_vat_code(),
        )
        for place, net in enumerate(nets, start=1)
    ]
    db.session.flush()
    return contract


@pytest.fixture
def van(app: Flask) -> Resource:
    return make_resource()


def test_only_the_part_of_a_rental_that_lies_in_the_period_counts(van: Resource) -> None:
    make_rental(van, at(30, 12, month=5), at(2, 12), "400")
    assert uses(START, END) == {van.id: Use(30 * DAY, 36 * HOUR, 1, Decimal("200.00"))}


def test_a_rental_around_the_whole_period_fills_it(van: Resource) -> None:
    make_rental(van, at(2, month=5), at(31, month=7), "90")
    assert uses(START, END)[van.id] == Use(30 * DAY, 30 * DAY, 1, Decimal("30.00"))


def test_rentals_that_touch_the_period_do_not_count(van: Resource) -> None:
    make_rental(van, at(30, month=5), START, "100")
    make_rental(van, END, at(2, month=7), "100")
    assert uses(START, END)[van.id] == Use(30 * DAY)


def test_a_cancelled_contract_does_not_count(van: Resource) -> None:
    cancel_contract(make_rental(van, at(3), at(5), "100"))
    assert uses(START, END)[van.id] == Use(30 * DAY)


def test_a_resource_is_available_from_the_day_on_which_it_is_rented_out(app: Flask) -> None:
    unit = make_unit(make_company(timezone=BRUSSELS))
    van = make_resource(unit, active_from=date(2026, 6, 16))
    assert uses(START, END)[van.id].available == 15 * DAY + 2 * HOUR  # midnight in Brussels


def test_a_resource_is_available_until_it_was_archived(van: Resource) -> None:
    archive(van)
    db.session.flush()
    db.session.execute(update(Change).where(Change.field == "active").values(at=at(11)))
    assert uses(START, END)[van.id].available == 10 * DAY


def test_what_was_archived_before_the_period_is_left_out(van: Resource) -> None:
    archive(van)
    db.session.flush()
    db.session.execute(update(Change).where(Change.field == "active").values(at=at(11, month=5)))
    assert uses(START, END) == {}


def test_a_rental_after_the_archiving_still_counts_as_available(van: Resource) -> None:
    make_rental(van, at(1), at(16), "150")
    archive(van)
    db.session.flush()
    db.session.execute(update(Change).where(Change.field == "active").values(at=at(6)))
    assert uses(START, END)[van.id].share == 1


def test_conditions_choose_the_resources(van: Resource) -> None:
    other = make_resource()
    assert uses(START, END, Resource.id == other.id).keys() == {other.id}


def test_lines_are_rounded_as_the_contract_rounds_them(van: Resource) -> None:
    contract = make_rental(van, at(3), at(5), "0")
    for units, price, discount in (
        ("0.5", "0.01", "0"),
        ("-0.5", "0.03", "0"),
        ("3", "33.335", "5"),
    ):
        line = contract.lines[0].__class__(
            position=9,
            kind=LineKind.EXTRA,
            description="Extra",
            units=Decimal(units),
            unit_price=Decimal(price),
            discount=Decimal(discount),
            vat_code=make_vat_code(),
        )
        contract.lines.append(line)
    db.session.flush()
    expected = sum((line.net for line in contract.lines), Decimal(0))
    assert uses(START, END)[van.id].revenue == expected


def test_a_contract_without_price_lines_earns_nothing(van: Resource) -> None:
    make_rental(van, at(3), at(5))
    assert uses(START, END)[van.id].revenue == 0


@pytest.mark.parametrize("cuts", [(), (2,), (2, 3, 11, 17), tuple(range(2, 31))])
def test_the_parts_of_a_period_add_up_to_the_whole(van: Resource, cuts: tuple[int, ...]) -> None:
    make_rental(van, at(30, 7, month=5), at(2, 13), "100.01", "-0.07")
    make_rental(van, at(2, 13), at(17, 5), "33.33")
    make_rental(van, at(20), at(3, month=7), "1234.56")
    edges = [START, *map(at, cuts), END]
    parts = [uses(one, two)[van.id] for one, two in zip(edges, edges[1:], strict=False)]
    whole = uses(START, END)[van.id]
    assert sum(part.rented for part in parts) == whole.rented
    assert sum(part.revenue for part in parts) == whole.revenue
    assert sum(part.available for part in parts) == whole.available


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 23), (10, 25, 25)])
def test_the_days_of_the_clock_changes_have_23_and_25_hours(
    app: Flask, month: int, day: int, hours: int
) -> None:
    van = make_resource()
    first, last = date(2026, month, day - 1), date(2026, month, day + 1)
    edges = day_edges(first, last, BRUSSELS)
    make_rental(van, midnight(first, BRUSSELS), edges[-1], "71")
    assert [use.rented for use in over_time(edges)] == [24 * HOUR, hours * HOUR, 24 * HOUR]
    assert [use.share for use in over_time(edges)] == [1, 1, 1]


def test_the_line_over_time_says_what_the_table_says(van: Resource) -> None:
    make_rental(van, at(3, 5), at(9, 17), "100")
    other = make_resource(active_from=date(2026, 6, 10))
    make_rental(other, at(12), at(13, 6), "50")
    days = over_time(day_edges(date(2026, 6, 1), date(2026, 6, 30), "UTC"))
    found = uses(START, END).values()
    assert sum(use.rented for use in days) == sum(use.rented for use in found)
    assert sum(use.available for use in days) == sum(use.available for use in found)


def test_uses_are_added_up_by_group(van: Resource) -> None:
    other = make_resource()
    make_rental(van, at(3), at(4), "100")
    make_rental(other, at(3), at(5), "50")
    [total] = utilisation.totals(uses(START, END), lambda _key: "all").values()
    assert total == Use(60 * DAY, 3 * DAY, 2, Decimal("150.00"))


def test_nothing_is_a_share_of_nothing() -> None:
    assert Use().share is None


moments = st.integers(0, 1000)


@given(st.lists(st.tuples(moments, moments).map(sorted)), st.lists(moments, min_size=2))
def test_spans_are_spread_to_the_second(spans: list[list[int]], edges: list[int]) -> None:
    edges.sort()
    expected = [
        sum(max(0, min(until, end) - max(since, start)) for since, until in spans)
        for start, end in zip(edges, edges[1:], strict=False)
    ]
    assert spread([(since, until) for since, until in spans], edges) == expected


def test_twelve_months_end_with_the_present_one() -> None:
    days = list(utilisation.months_until(date(2026, 3, 31), 12))
    assert days[0] == date(2025, 4, 1)
    assert days[-2:] == [date(2026, 3, 1), date(2026, 4, 1)]


def test_a_question_about_no_time_at_all_has_no_rentals(van: Resource) -> None:
    assert uses(START, START + timedelta(0)) == {}
