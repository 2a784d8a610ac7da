"""Contracts over the two changes of the clock: typed, shown, moved and priced by the clock on the
wall of their business unit, wherever that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import Contract, RateType, Resource
from ppplanner.services.planning.moves import version
from ppplanner.services.pricing.contract_price import net_of
from ppplanner.services.pricing.quotes import quote
from tests.blueprints.pages import HTMX, error_at, main, value_of, words
from tests.conftest import Browser, Login
from tests.factories import (
    make_company,
    make_customer,
    make_price_range,
    make_rate,
    make_resource,
    make_unit,
)

ZONES = ("Europe/Brussels", "Europe/Lisbon", "Atlantic/Canary")


@dataclass(frozen=True)
class Rental:
    """Typed at a counter: two days over a change of the clock, whose night lasts so many hours."""

    starts_at: str
    ends_at: str
    real_hours: int


SPRING = Rental("2027-03-27T09:00", "2027-03-28T17:00", 31)
AUTUMN = Rental("2027-10-30T09:00", "2027-10-31T17:00", 33)
PLAIN = Rental("2027-06-12T09:00", "2027-06-13T17:00", 32)
CHANGES = pytest.mark.parametrize("rental", [SPRING, AUTUMN], ids=["spring", "autumn"])
PLACES = pytest.mark.parametrize("zone", ZONES)


@pytest.fixture
def browser(login: Login) -> Browser:
    return login()


def van(zone: str) -> Resource:
    """A van in a unit there: 10.00 an hour, 50.00 a day."""
    prices = make_price_range(50)
    make_rate(prices, RateType.HOUR, 10)
    return make_resource(make_unit(make_company(timezone=zone)), prices)


def book(browser: Browser, resource: Resource, rental: Rental, rate_type: str = "") -> Contract:
    """Fill in the form for a new contract and save it."""
    typed = {
        "customer_id": make_customer().id,
        "business_unit_id": resource.pool.business_unit_id,
        "resource_id": resource.id,
        "starts_at": rental.starts_at,
        "ends_at": rental.ends_at,
        "rate_type": rate_type,
    }
    answer = browser.post("/contracts/new", data=typed)
    assert answer.status_code == 303, words(answer)
    return db.session.scalars(select(Contract).order_by(Contract.id.desc())).first()  # type: ignore[return-value]


def hours(contract: Contract) -> float:
    """How long it really lasts."""
    return (contract.ends_at - contract.starts_at).total_seconds() / 3600


@CHANGES
@PLACES
def test_typed_times_come_back_as_typed(browser: Browser, zone: str, rental: Rental) -> None:
    contract = book(browser, van(zone), rental)
    assert hours(contract) == rental.real_hours
    form = browser.get(f"/contracts/{contract.id}/edit")
    assert value_of(form, "starts_at") == rental.starts_at
    assert value_of(form, "ends_at") == rental.ends_at
    page = main(browser.get(f"/contracts/{contract.id}"))
    assert "09:00" in page
    assert "17:00" in page


@PLACES
@pytest.mark.parametrize("rental", [SPRING, AUTUMN, PLAIN], ids=["spring", "autumn", "plain"])
def test_two_days_cost_two_days(browser: Browser, zone: str, rental: Rental) -> None:
    contract = book(browser, van(zone), rental)
    assert net_of(contract) == Decimal(100)
    assert contract.resource
    offered = quote(contract.resource, contract.business_unit, contract.starts_at, contract.ends_at)
    assert offered
    assert offered.totals.net == Decimal(100)


@PLACES
@pytest.mark.parametrize("rental", [SPRING, AUTUMN, PLAIN], ids=["spring", "autumn", "plain"])
def test_hours_are_those_on_the_wall(browser: Browser, zone: str, rental: Rental) -> None:
    contract = book(browser, van(zone), rental)
    assert contract.resource
    unit, period = contract.business_unit, (contract.starts_at, contract.ends_at)
    offered = quote(contract.resource, unit, *period, RateType.HOUR)
    assert offered
    assert offered.totals.net == Decimal(320)


@CHANGES
@PLACES
def test_saving_without_a_change_changes_nothing(
    browser: Browser, zone: str, rental: Rental
) -> None:
    contract = book(browser, van(zone), rental)
    before = contract.starts_at, contract.ends_at, net_of(contract)
    names = ("customer_id", "business_unit_id", "resource_id", "starts_at", "ends_at")
    form = browser.get(f"/contracts/{contract.id}/edit")
    typed = {name: value_of(form, name) for name in names if name != "business_unit_id"}
    typed["business_unit_id"] = str(contract.business_unit_id)
    assert browser.post(f"/contracts/{contract.id}/edit", data=typed).status_code == 303
    db.session.expire_all()
    assert (contract.starts_at, contract.ends_at, net_of(contract)) == before


@CHANGES
@PLACES
def test_a_contract_moved_over_the_change_keeps_its_hours_on_the_wall_and_its_price(
    browser: Browser, zone: str, rental: Rental
) -> None:
    contract = book(browser, van(zone), PLAIN)
    net = net_of(contract)
    target = {"starts_at": rental.starts_at, "ends_at": rental.ends_at}
    where = {"contract_id": contract.id, "resource_id": contract.resource_id}
    typed = {**where, **target, "seen": version(contract)}
    answer = browser.post("/planning/move", data=typed, headers=HTMX)
    assert answer.status_code == 200, answer.text
    db.session.expire_all()
    assert hours(contract) == rental.real_hours
    assert net_of(contract) == net
    form = browser.get(f"/contracts/{contract.id}/edit")
    assert (value_of(form, "starts_at"), value_of(form, "ends_at")) == (
        rental.starts_at,
        rental.ends_at,
    )


@pytest.mark.parametrize(
    ("zone", "skipped"),
    [("Europe/Brussels", "2027-03-28T02:30"), ("Europe/Lisbon", "2027-03-28T01:30")],
)
def test_an_hour_that_the_clock_skips_is_refused_where_it_was_typed(
    browser: Browser, zone: str, skipped: str
) -> None:
    resource = van(zone)
    typed = {
        "customer_id": make_customer().id,
        "business_unit_id": resource.pool.business_unit_id,
        "resource_id": resource.id,
        "starts_at": skipped,
        "ends_at": "2027-03-29T17:00",
    }
    answer = browser.post("/contracts/new", data=typed)
    assert answer.status_code == 422
    assert "skips this hour" in error_at(answer, "starts_at")
    assert value_of(answer, "starts_at") == skipped


def test_the_same_hour_on_the_wall_is_another_moment_elsewhere(browser: Browser) -> None:
    here, there = (book(browser, van(zone), PLAIN) for zone in ZONES[:2])
    assert here.starts_at == datetime(2027, 6, 12, 7, tzinfo=UTC)
    assert there.starts_at == datetime(2027, 6, 12, 8, tzinfo=UTC)
