"""Which resources are taken in a period, and by whom."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import ContractStatus, Pool, Resource
from ppplanner.services.planning.availability import (
    FreeResource,
    free_resources,
    is_taken,
    nearest_periods,
    takers,
)
from ppplanner.services.renting.contracts import cancel_contract
from tests.factories import (
    make_company,
    make_contract,
    make_price_range,
    make_resource,
    make_resource_type,
    make_unit,
)
from tests.statements import counted

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START, END = datetime(2026, 7, 1, 8, tzinfo=UTC), datetime(2026, 7, 3, 8, tzinfo=UTC)


def taken(starts_at: datetime, ends_at: datetime, besides_id: int | None = None) -> set[int]:
    """The ids that both ways of asking give."""
    asked = takers(starts_at, ends_at, besides_id)
    listed = db.session.scalars(select(Resource.id).where(is_taken(starts_at, ends_at, besides_id)))
    assert set(listed) == asked.keys()
    return set(asked)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "overlaps"),
    [
        (START, END, True),
        (START - HOUR, START + HOUR, True),
        (END - HOUR, END + HOUR, True),
        (START + HOUR, END - HOUR, True),
        (START - HOUR, START, False),
        (END, END + HOUR, False),
    ],
)
def test_a_resource_is_taken_when_the_periods_share_a_moment(
    app: Flask, starts_at: datetime, ends_at: datetime, overlaps: bool
) -> None:
    contract = make_contract(starts_at=START, ends_at=END)
    make_resource()
    assert taken(starts_at, ends_at) == ({contract.resource_id} if overlaps else set())


def test_a_cancelled_contract_takes_nothing(app: Flask) -> None:
    cancel_contract(make_contract(starts_at=START, ends_at=END))
    assert taken(START, END) == set()


def test_a_contract_is_not_in_its_own_way(app: Flask) -> None:
    contract = make_contract(starts_at=START, ends_at=END)
    assert taken(START, END, besides_id=contract.id) == set()


def test_of_several_the_first_is_named(app: Flask) -> None:
    first = make_contract(starts_at=START, ends_at=START + HOUR)
    make_contract(first.resource, starts_at=START + 2 * HOUR, ends_at=END)
    assert takers(START, END) == {first.resource_id: first}


def test_only_the_resources_that_are_named_are_asked_about(app: Flask) -> None:
    contract, other = (make_contract(starts_at=START, ends_at=END) for _each in range(2))
    asked = contract.resource_id
    assert asked
    assert other.resource_id != asked
    assert takers(START, END, among=[asked]) == {asked: contract}
    assert takers(START, END, among=[]) == {}


# ---- What is free -------------------------------------------------------------------------------


def codes(free: list[FreeResource]) -> list[str]:
    return [each.resource.code for each in free]


def test_what_is_free_comes_with_its_price(app: Flask) -> None:
    make_resource(price_range=make_price_range(50), code="A")
    make_resource(code="B").price_range = None
    taken = make_resource(code="C")
    make_contract(taken, starts_at=START, ends_at=END)
    free = free_resources(START, END)
    assert codes(free) == ["A", "B"]
    assert [each.net for each in free] == [Decimal(150), None]


def test_what_is_archived_or_comes_later_is_not_free(app: Flask) -> None:
    make_resource(active=False)
    make_resource(active_from=date(2026, 7, 2))
    make_resource(active_from=date(2026, 7, 1), code="NEW")
    assert codes(free_resources(START, END)) == ["NEW"]


def test_the_first_day_of_a_resource_is_a_day_of_its_own_place(app: Flask) -> None:
    unit = make_unit(make_company(timezone="America/New_York"))
    make_resource(unit, active_from=date(2026, 7, 1))
    early = datetime(2026, 7, 1, 2, tzinfo=UTC)
    assert free_resources(early, END) == []
    assert len(free_resources(early + 2 * HOUR, END)) == 1


def test_conditions_narrow_what_is_free(app: Flask) -> None:
    here, there = make_unit(), make_unit()
    van = make_resource(here, code="VAN")
    make_resource(here, code="CAR", type=make_resource_type("Car"))
    make_resource(there, code="FAR")
    conditions = Pool.business_unit_id == here.id, Resource.type_id == van.type_id
    assert codes(free_resources(START, END, *conditions)) == ["VAN"]


def test_a_contract_leaves_its_own_resource_free(app: Flask) -> None:
    contract = make_contract(starts_at=START, ends_at=END)
    assert free_resources(START, END) == []
    assert len(free_resources(START, END, besides_id=contract.id)) == 1


def test_what_should_be_back_and_is_not_is_told(app: Flask) -> None:
    late = make_contract(starts_at=now() - 3 * DAY, ends_at=now() - DAY)
    late.status = ContractStatus.OPEN
    [free] = free_resources(now() + DAY, now() + 2 * DAY)
    assert free.still_out is late


def test_asking_what_is_free_costs_the_same_for_one_and_for_many(app: Flask) -> None:
    def cost() -> int:
        db.session.commit()
        with counted() as statements:
            [each.resource.type.name for each in free_resources(START, END)]
        return len(statements)

    make_resource(price_range=make_price_range(50))
    one = cost()
    for _number in range(5):
        make_resource(price_range=make_price_range(50))
    assert cost() == one


def test_the_nearest_free_periods_lie_around_what_is_taken(app: Flask) -> None:
    start = now().replace(microsecond=0) + 10 * DAY
    van = make_resource()
    make_contract(van, starts_at=start - DAY, ends_at=start + 3 * DAY)
    length = 2 * DAY
    found = nearest_periods(start, start + length)
    assert found == [
        (start - DAY - length, start - DAY),
        (start + 3 * DAY, start + 3 * DAY + length),
    ]


def test_no_nearest_period_lies_in_the_past_or_in_a_gap_too_short(app: Flask) -> None:
    start = now().replace(microsecond=0) + DAY
    van = make_resource()
    make_contract(van, starts_at=start - HOUR, ends_at=start + HOUR)
    make_contract(van, starts_at=start + 3 * HOUR, ends_at=start + 5 * DAY)
    assert nearest_periods(start, start + 3 * DAY) == [(start + 5 * DAY, start + 8 * DAY)]


def test_without_any_such_resource_no_other_period_helps(app: Flask) -> None:
    make_resource()
    assert nearest_periods(START, END, Resource.code == "NONE") == []
