"""What the board reads: which rows, which bars, in how many queries."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from ppplanner.clock import BRUSSELS
from ppplanner.extensions import db
from ppplanner.models import Contract, ContractStatus, Handover, HandoverKind, Resource
from ppplanner.services.planning import board
from ppplanner.services.planning.board_choice import Choice, Grouping
from ppplanner.services.planning.timeline import View, Window
from tests.factories import (
    make_company,
    make_contract,
    make_customer,
    make_pool,
    make_price_range,
    make_resource,
    make_resource_type,
    make_unit,
)
from tests.statements import counted

WEEK = Window.around(View.WEEK, date(2026, 11, 25), BRUSSELS)
EVERYTHING = Choice()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def book(
    resource: Resource, starts_at: datetime, ends_at: datetime | None = None, **fields: Any
) -> Contract:
    return make_contract(
        resource, starts_at=starts_at, ends_at=ends_at or starts_at + HOUR, **fields
    )


def take_resource(contract: Contract) -> Contract:
    contract.resource = None
    db.session.flush()
    return contract


def codes(choice: Choice = EVERYTHING, window: Window = WEEK) -> list[str]:
    return [row.code for row in board.rows(choice, window)]


def drawn(
    resource: Resource, choice: Choice = EVERYTHING, moment: datetime = WEEK.start
) -> list[int]:
    bookings = board.bookings([resource.id], choice, WEEK, moment)
    return [booking.id for booking in bookings.get(resource.id, [])]


def test_rows_stand_in_groups_by_unit_pool_or_type(app: Flask) -> None:
    firm = make_company()
    gent, aalst = make_unit(firm, name="Gent"), make_unit(firm, name="Aalst")
    vans, cars = make_pool(gent, "Vans"), make_pool(gent, "Cars")
    car = make_resource_type("Car")
    make_resource(code="A", pool=vans, licence_plate="2-AAA-001")
    make_resource(code="B", pool=cars, type=car, licence_plate="1-AAA-001")
    make_resource(aalst, code="C", licence_plate="3-AAA-001")
    assert codes() == ["C", "B", "A"]
    assert codes(Choice(Grouping.POOL)) == ["C", "B", "A"]
    assert codes(Choice(Grouping.TYPE)) == ["B", "A", "C"]
    row = board.rows(Choice(Grouping.POOL), WEEK)[1]
    assert (row.group, row.group_detail) == ("Cars", "Gent")


def test_rows_can_be_narrowed_to_a_unit_a_pool_or_a_type(app: Flask) -> None:
    van = make_resource(code="VAN")
    make_resource(code="CAR", type=make_resource_type("Car"))
    for choice in (
        Choice(unit_id=van.pool.business_unit_id),
        Choice(pool_id=van.pool_id),
        Choice(type_id=van.type_id),
        Choice(resources=Resource.id == van.id),
    ):
        assert codes(choice) == ["VAN"]


def test_what_is_archived_stays_where_its_contracts_are(app: Flask) -> None:
    van = make_resource(code="VAN")
    book(van, WEEK.start + DAY)
    van.active = False
    db.session.flush()
    assert codes() == ["VAN"]
    assert codes(window=WEEK.next) == []


def test_bars_that_only_touch_the_window_are_left_out(app: Flask) -> None:
    van = make_resource()
    book(van, WEEK.start - DAY, WEEK.start)
    first = book(van, WEEK.start, WEEK.start + DAY)
    last = book(van, WEEK.end - DAY, WEEK.end)
    book(van, WEEK.end, WEEK.end + DAY)
    assert drawn(van) == [first.id, last.id]


def test_a_bar_may_begin_before_the_window_and_end_after_it(app: Flask) -> None:
    van = make_resource()
    long = book(van, WEEK.start - 30 * DAY, WEEK.end + 30 * DAY)
    assert drawn(van) == [long.id]


def test_cancelled_contracts_are_not_drawn(app: Flask) -> None:
    van = make_resource()
    contract = book(van, WEEK.start + DAY)
    contract.status = ContractStatus.CANCELLED
    db.session.flush()
    assert drawn(van) == []


def test_what_is_out_beyond_its_time_is_there_until_it_comes_back(app: Flask) -> None:
    van = make_resource()
    contract = book(van, WEEK.start - 2 * DAY, WEEK.start - DAY)
    contract.status = ContractStatus.OPEN
    db.session.flush()
    assert drawn(van, moment=WEEK.start + DAY) == [contract.id]
    assert drawn(van, moment=WEEK.start - HOUR) == []


def test_a_bar_knows_when_the_resource_really_left_and_came_back(app: Flask) -> None:
    van = make_resource()
    contract = book(van, WEEK.start + DAY, WEEK.start + 2 * DAY)
    out_at, in_at = WEEK.start + DAY + HOUR, WEEK.start + 2 * DAY + HOUR
    for kind, at in ((HandoverKind.CHECK_OUT, out_at), (HandoverKind.CHECK_IN, in_at)):
        db.session.add(Handover(contract=contract, kind=kind, at=at))
    db.session.flush()
    [bar] = board.bookings([van.id], EVERYTHING, WEEK, WEEK.start)[van.id]
    assert (bar.out_at, bar.in_at) == (out_at, in_at)
    assert (bar.number, bar.customer) == (contract.number, contract.customer.name)


@pytest.mark.parametrize("text", ["transit", "1-van", "jans", "JANSEN", "C{number}", "{number}"])
def test_the_search_finds_resources_customers_and_contracts(app: Flask, text: str) -> None:
    van = make_resource(code="VAN", licence_plate="1-VAN-777")
    make_resource(code="CAR", licence_plate="1-CAR-888", model="Focus")
    customer = make_customer(company_name="Verhuur Jansen")
    contract = book(van, WEEK.start + DAY, customer=customer)
    assert codes(Choice(text=text.format(number=contract.number))) == ["VAN"]


def test_marks_of_the_search_are_taken_as_they_are(app: Flask) -> None:
    make_resource()
    assert codes(Choice(text="%")) == []
    assert codes(Choice(text="_")) == []


def test_a_choice_of_contracts_leaves_rows_with_one_and_shows_the_others_there(app: Flask) -> None:
    van, _other = make_resource(code="VAN"), make_resource(code="OTHER")
    wanted, besides = book(van, WEEK.start + DAY), book(van, WEEK.start + 2 * DAY)
    wanted.status = ContractStatus.CONFIRMED
    db.session.flush()
    for choice in (
        Choice(status=ContractStatus.CONFIRMED),
        Choice(customer_id=wanted.customer_id),
        Choice(text=wanted.customer.name),
    ):
        assert codes(choice) == ["VAN"]
        bars = board.bookings([van.id], choice, WEEK, WEEK.start)[van.id]
        assert [(bar.id, bar.chosen) for bar in bars] == [(wanted.id, True), (besides.id, False)]


def test_contracts_without_a_resource_stand_in_the_strip(app: Flask) -> None:
    first = take_resource(book(make_resource(), WEEK.start + DAY))
    second = take_resource(book(make_resource(), WEEK.start + 2 * DAY))
    take_resource(book(make_resource(), WEEK.end + DAY))
    book(make_resource(), WEEK.start + DAY)
    strip = board.strip(EVERYTHING, WEEK)
    assert [bar.id for bar in strip.bookings] == [first.id, second.id]
    assert strip.count == 2
    narrowed = board.strip(Choice(customer_id=second.customer_id), WEEK)
    assert [bar.id for bar in narrowed.bookings] == [second.id]
    assert board.strip(Choice(unit_id=first.business_unit_id), WEEK).count == 1


def test_a_long_strip_is_cut_and_says_how_long_it_is(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board, "STRIP_LENGTH", 2)
    for _each in range(3):
        take_resource(book(make_resource(), WEEK.start + DAY))
    strip = board.strip(EVERYTHING, WEEK)
    assert (len(strip.bookings), strip.count) == (2, 3)


def test_a_row_more_costs_no_query_more(app: Flask) -> None:
    unit, prices = make_unit(), make_price_range()
    vans = [make_resource(unit, prices) for _each in range(4)]
    for van in vans:
        book(van, WEEK.start + DAY)
    db.session.commit()
    for some in (vans[:1], vans):
        ids = [van.id for van in some]
        with counted() as statements:
            board.rows(EVERYTHING, WEEK)
            found = board.bookings(ids, EVERYTHING, WEEK, WEEK.start)
            board.strip(EVERYTHING, WEEK)
        assert len(found) == len(some)
        assert len(statements) == 3
