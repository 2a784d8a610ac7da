"""What can be had instead of a wish that is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from ppplanner.models import Resource
from ppplanner.services.firm.organisation import save_company_group
from ppplanner.services.planning.alternatives import FreePlace, Wish, nearest
from tests.factories import (
    make_company,
    make_contract,
    make_pool,
    make_price_range,
    make_resource,
    make_resource_type,
    make_unit,
)
from tests.statements import counted

BRUSSELS = ZoneInfo("Europe/Brussels")
ZONE = BRUSSELS.key
#: Far enough to lie ahead for a while.
YEAR = 2036


def at(day: int, hour: int = 8, minute: int = 0, month: int = 6) -> datetime:
    """A moment of that year on the clocks of Brussels, in UTC."""
    return datetime(YEAR, month, day, hour, minute, tzinfo=BRUSSELS).astimezone(UTC)


@pytest.fixture
def van(app: Flask) -> Resource:
    return make_resource(make_unit())


def rent(resource: Resource, starts_at: datetime, ends_at: datetime) -> None:
    make_contract(resource, starts_at=starts_at, ends_at=ends_at)


def choices(van: Resource, starts_at: datetime, ends_at: datetime, **wish: Any) -> list[FreePlace]:
    return nearest(Wish(van, starts_at, ends_at, ZONE, **wish))


def periods(found: list[FreePlace]) -> list[tuple[datetime, datetime]]:
    return [(each.starts_at, each.ends_at) for each in found]


def test_days_move_by_whole_days_and_keep_their_hours(van: Resource) -> None:
    rent(van, at(10, 9), at(12, 17))
    found = choices(van, at(11), at(13, 18))
    assert periods(found) == [(at(7), at(9, 18)), (at(13), at(15, 18))]


def test_a_few_hours_follow_right_after_or_come_right_before(van: Resource) -> None:
    rent(van, at(10, 9), at(10, 12, 30))
    found = choices(van, at(10, 10), at(10, 12))
    assert periods(found) == [(at(10, 7), at(10, 9)), (at(10, 12, 30), at(10, 14, 30))]


def test_a_gap_that_is_too_short_is_passed_over(van: Resource) -> None:
    rent(van, at(10), at(12))
    rent(van, at(13), at(15))
    found = choices(van, at(10), at(12))
    assert periods(found) == [(at(8), at(10)), (at(15), at(17))]


def test_nothing_is_offered_in_the_past(van: Resource) -> None:
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    rent(van, start - timedelta(hours=4), start + timedelta(days=2))
    found = choices(van, start + timedelta(hours=1), start + timedelta(hours=3))
    assert [each.starts_at for each in found] == [start + timedelta(days=2)]


def test_the_contract_that_moves_does_not_stand_in_its_own_way(van: Resource) -> None:
    own = make_contract(van, starts_at=at(12), ends_at=at(14))
    rent(van, at(10), at(11))
    found = choices(van, at(10), at(12), contract_id=own.id)
    assert periods(found) == [(at(8), at(10)), (at(11), at(13))]


def test_the_place_that_the_contract_has_is_not_offered_again(van: Resource) -> None:
    own = make_contract(van, starts_at=at(12), ends_at=at(14))
    rent(van, at(10), at(12))
    found = choices(van, at(11), at(13), contract_id=own.id)
    assert periods(found) == [(at(8), at(10))]


def test_similar_ones_come_by_pool_then_type_then_price_range(van: Resource) -> None:
    def similar(**fields: Any) -> Resource:
        return make_resource(**{"pool": van.pool, "price_range": van.price_range, **fields})

    rent(van, at(1, month=3), at(1, month=9))
    elsewhere = make_pool(van.pool.business_unit)
    far = similar(pool=elsewhere)
    dearer = similar(price_range=make_price_range(90))
    same = similar()
    other_type = similar(type=make_resource_type("Digger"))
    similar(type=make_resource_type("Digger"), price_range=make_price_range(90))
    found = choices(van, at(10), at(12))
    assert [each.resource_id for each in found] == [same.id, dearer.id, other_type.id]
    rent(same, at(11), at(13))
    rent(dearer, at(11), at(13))
    assert [each.resource_id for each in choices(van, at(10), at(12))] == [other_type.id, far.id]


def test_what_is_not_rented_out_then_is_not_offered(van: Resource) -> None:
    rent(van, at(10), at(12))
    make_resource(pool=van.pool, active_from=date(YEAR, 7, 1))
    make_resource(pool=van.pool, active=False)
    assert {each.resource_id for each in choices(van, at(10), at(12))} == {van.id}
    van.active = False
    assert choices(van, at(10), at(12)) == []


def test_only_what_the_conditions_allow_is_offered(van: Resource) -> None:
    make_resource(pool=van.pool)
    rent(van, at(10), at(12))
    found = nearest(Wish(van, at(10), at(12), ZONE), Resource.id == van.id)
    assert {each.resource_id for each in found} == {van.id}


def test_nothing_of_another_company_group_is_offered(van: Resource) -> None:
    theirs = make_resource(make_unit(make_company(group=save_company_group(name="Others"))))
    rent(van, at(10), at(12))
    assert theirs.id not in {choice.resource_id for choice in choices(van, at(10), at(12))}


def test_the_hours_on_the_wall_stay_over_a_change_of_the_clock(van: Resource) -> None:
    """Clocks go back on 26 October 2036."""
    rent(van, at(24, month=10), at(26, 7, month=10))
    later = periods(choices(van, at(25, month=10), at(25, 22, month=10)))[-1]
    assert later == (at(26, month=10), at(26, 22, month=10))
    assert later[0] - at(25, month=10) == timedelta(hours=25)


def test_a_start_that_the_clock_skips_is_not_offered(van: Resource) -> None:
    """On 30 March 2036 there is no half past two at night."""
    rent(van, at(29, 1, month=3), at(30, 1, month=3))
    found = choices(van, at(29, 2, 30, month=3), at(29, 22, 30, month=3))
    assert periods(found) == [(at(28, 2, 30, month=3), at(28, 22, 30, month=3))]


def test_it_takes_the_same_few_queries_however_much_there_is(van: Resource) -> None:
    rent(van, at(10), at(12))
    with counted() as few:
        choices(van, at(10), at(12))
    for _ in range(8):
        other = make_resource(pool=van.pool)
        rent(other, at(20), at(21))
    with counted() as many:
        choices(van, at(10), at(12))
    assert len(few) <= len(many) <= 4
