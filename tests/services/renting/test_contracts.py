"""Contracts: making, changing, confirming and cancelling them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from ppplanner.clock import now
from ppplanner.errors import DomainError, Invalid, NotFound
from ppplanner.extensions import db
from ppplanner.models import Contract, ContractStatus, CustomerStatus, LineKind, Resource
from ppplanner.services.invoices.drafts import discard_draft
from ppplanner.services.renting.contracts import (
    ContractData,
    cancel_contract,
    complete_contract,
    confirm_contract,
    data_of,
    save_contract,
)
from ppplanner.services.renting.occupancy import clashes
from tests.factories import (
    make_company,
    make_contract,
    make_customer,
    make_invoice,
    make_price_range,
    make_rate,
    make_resource,
    make_unit,
)

START = datetime(2026, 12, 1, 8, tzinfo=UTC)
END = START + timedelta(days=2, hours=9)
DAY = timedelta(days=1)


@pytest.fixture
def van(app: Flask) -> Resource:
    return make_resource(price_range=make_price_range(50))


@pytest.fixture
def data(van: Resource) -> ContractData:
    return ContractData(make_customer(), van.pool.business_unit, START, END, van)


def faults(data: ContractData, contract: Contract | None = None) -> set[str]:
    with pytest.raises(Invalid) as caught:
        save_contract(data, contract)
    return set(caught.value.fields)


def test_a_new_contract_is_in_preparation_numbered_and_priced(data: ContractData) -> None:
    contract = save_contract(data)
    assert (str(contract), contract.status) == ("C1001", ContractStatus.IN_PREPARATION)
    [rent] = contract.lines
    assert rent.kind is LineKind.RENT
    assert (rent.units, rent.unit_price) == (Decimal(3), Decimal(50))


def test_a_longer_period_costs_more(data: ContractData) -> None:
    contract = save_contract(data)
    save_contract(replace(data, ends_at=END + timedelta(days=4)), contract)
    assert [line.units for line in contract.lines] == [7]


def test_a_note_does_not_bring_the_prices_of_a_new_list(data: ContractData, van: Resource) -> None:
    contract = save_contract(data)
    assert van.price_range
    make_rate(van.price_range, "day", 70)
    save_contract(replace(data, remarks="Ring first"), contract)
    assert contract.lines[0].unit_price == 50
    save_contract(replace(data, ends_at=END + DAY), contract)
    assert contract.lines[0].unit_price == 70


def test_a_contract_may_wait_for_its_resource(data: ContractData) -> None:
    contract = save_contract(replace(data, resource=None))
    assert contract.lines == []
    save_contract(data, contract)
    assert [line.kind for line in contract.lines] == [LineKind.RENT]
    save_contract(replace(data, resource=None), contract)
    assert contract.lines == []


@pytest.mark.parametrize(
    "length", [timedelta(0), timedelta(hours=-1), timedelta(days=5 * 366, seconds=1)]
)
def test_a_period_ends_after_it_starts_and_within_five_years(
    data: ContractData, length: timedelta
) -> None:
    assert faults(replace(data, ends_at=START + length)) == {"ends_at"}


def test_a_blocked_customer_gets_no_new_contract(data: ContractData) -> None:
    data.customer.status = CustomerStatus.BLOCKED
    assert faults(data) == {"customer_id"}


def test_a_contract_stays_changeable_when_its_customer_is_blocked_later(data: ContractData) -> None:
    contract = save_contract(data)
    data.customer.status = CustomerStatus.BLOCKED
    assert save_contract(replace(data, remarks="late"), contract).remarks == "late"


def test_a_contract_cannot_go_to_a_blocked_customer(data: ContractData) -> None:
    contract = save_contract(data)
    blocked = make_customer(status=CustomerStatus.BLOCKED)
    assert faults(replace(data, customer=blocked), contract) == {"customer_id"}


def test_a_driver_is_a_person(data: ContractData) -> None:
    assert faults(replace(data, driver=make_customer("business"))) == {"driver_id"}
    driver = make_customer("private")
    assert save_contract(replace(data, driver=driver)).driver is driver


def test_a_resource_out_of_use_is_not_rented_out(data: ContractData, van: Resource) -> None:
    van.active = False
    assert faults(data) == {"resource_id"}


def test_a_contract_keeps_a_resource_that_goes_out_of_use(
    data: ContractData, van: Resource
) -> None:
    contract = save_contract(data)
    van.active = False
    assert save_contract(replace(data, remarks="last one"), contract).resource is van


def test_a_resource_is_rented_out_from_its_first_day(data: ContractData, van: Resource) -> None:
    van.active_from = date(2026, 12, 2)
    assert faults(data) == {"resource_id"}
    van.active_from = date(2026, 12, 1)
    assert save_contract(data)


def test_the_first_day_of_a_resource_begins_where_it_stands(data: ContractData) -> None:
    in_london = make_unit(make_company(timezone="Europe/London"))
    van = make_resource(in_london, active_from=date(2026, 12, 1))
    late = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)  # half past midnight in Brussels
    early = replace(data, resource=van, starts_at=late)
    assert faults(early) == {"resource_id"}
    assert save_contract(replace(early, starts_at=late + timedelta(minutes=30))).id


def test_a_resource_is_rented_once_at_a_time(data: ContractData) -> None:
    contract = save_contract(data)
    with pytest.raises(Invalid) as caught:
        save_contract(replace(data, starts_at=END - timedelta(minutes=1), ends_at=END + DAY))
    assert str(contract) in str(caught.value.fields["resource_id"])


def test_contracts_may_touch(data: ContractData) -> None:
    save_contract(data)
    assert save_contract(replace(data, starts_at=END, ends_at=END + timedelta(hours=1)))
    assert save_contract(replace(data, starts_at=START - timedelta(hours=1), ends_at=START))


def test_a_contract_does_not_stand_in_its_own_way(data: ContractData) -> None:
    contract = save_contract(data)
    moved = replace(data, starts_at=START + timedelta(hours=1), ends_at=END + timedelta(hours=1))
    assert save_contract(moved, contract).starts_at == moved.starts_at


def test_a_cancelled_contract_frees_its_resource(data: ContractData, van: Resource) -> None:
    contract = save_contract(data)
    cancel_contract(contract)
    assert clashes(van, START, END) == []
    assert save_contract(data).number == contract.number + 1


def test_contracts_that_hold_a_resource_are_listed_in_their_order(
    data: ContractData, van: Resource
) -> None:
    later = save_contract(replace(data, starts_at=END, ends_at=END + timedelta(hours=5)))
    first = save_contract(data)
    assert clashes(van, START, END + timedelta(days=9)) == [first, later]
    assert clashes(van, END, END + timedelta(days=9)) == [later]


def test_a_contract_is_confirmed_once(data: ContractData) -> None:
    contract = save_contract(data)
    confirm_contract(contract)
    assert contract.status is ContractStatus.CONFIRMED
    with pytest.raises(DomainError):
        confirm_contract(contract)


@pytest.mark.parametrize(
    "status",
    [ContractStatus.CHECKED_IN, ContractStatus.INVOICED, "completed", "cancelled"],
)
def test_a_contract_that_is_over_can_no_longer_be_changed_or_cancelled(
    data: ContractData, status: ContractStatus
) -> None:
    contract = save_contract(data)
    contract.status = ContractStatus(status)
    db.session.flush()
    with pytest.raises(DomainError):
        save_contract(data, contract)
    with pytest.raises(DomainError):
        cancel_contract(contract)


def test_of_a_contract_that_is_out_only_the_end_the_driver_and_the_remarks_change(
    data: ContractData,
) -> None:
    contract = save_contract(data)
    contract.status = ContractStatus.OPEN
    driver = make_customer(kind="private")
    later = replace(data, ends_at=END + DAY, driver=driver, remarks="A day longer.")
    save_contract(later, contract)
    assert data_of(contract) == later
    assert [line.units for line in contract.lines] == [4]
    for change in (
        {"starts_at": START + DAY},
        {"customer": make_customer()},
        {"resource": make_resource(data.business_unit)},
        {"resource": None},
        {"business_unit": make_unit()},
    ):
        with pytest.raises(DomainError):
            save_contract(replace(later, **change), contract)
    with pytest.raises(DomainError):
        cancel_contract(contract)


def test_a_contract_is_completed_by_hand(data: ContractData) -> None:
    contract = save_contract(data)
    contract.status = ContractStatus.INVOICED
    complete_contract(contract)
    assert contract.status is ContractStatus.COMPLETED


def test_a_contract_that_was_never_checked_out_is_completed_once_it_is_over(
    data: ContractData,
) -> None:
    contract = save_contract(replace(data, starts_at=now() + DAY, ends_at=now() + 2 * DAY))
    with pytest.raises(DomainError):
        complete_contract(contract)
    confirm_contract(contract)
    with pytest.raises(DomainError, match="not over yet"):
        complete_contract(contract)
    contract.starts_at, contract.ends_at = now() - 2 * DAY, now() - DAY
    complete_contract(contract)
    assert contract.status is ContractStatus.COMPLETED


def test_what_an_invoice_repeats_stays_as_it_is(data: ContractData) -> None:
    contract = save_contract(data)
    draft = make_invoice(contract, confirmed=False)
    for change in (
        {"starts_at": START - DAY},
        {"customer": make_customer()},
        {"resource": make_resource(data.business_unit)},
        {"business_unit": make_unit()},
    ):
        with pytest.raises(DomainError):
            save_contract(replace(data, **change), contract)
    assert save_contract(replace(data, remarks="call first"), contract).remarks == "call first"
    discard_draft(draft)
    assert save_contract(replace(data, starts_at=START - DAY), contract)


def test_a_contract_that_is_invoiced_may_last_longer_at_its_own_price(data: ContractData) -> None:
    contract = save_contract(data)
    make_invoice(contract)
    assert data.resource
    assert data.resource.price_range
    data.resource.price_range.rates[0].price = Decimal(99)
    before = contract.lines[0].net
    save_contract(replace(data, ends_at=END + DAY), contract)
    assert contract.lines[0].net == before + 50


def test_a_new_price_per_day_does_not_change_what_is_on_an_invoice(data: ContractData) -> None:
    contract = save_contract(data)
    make_invoice(contract, confirmed=False)
    assert data.resource
    assert data.resource.price_range
    data.resource.price_range.rates[0].price = Decimal(99)
    save_contract(replace(data, remarks="call first"), contract)
    assert [line.unit_price for line in contract.lines] == [50]


def test_a_contract_with_an_invoice_cannot_be_cancelled(data: ContractData) -> None:
    contract = save_contract(data)
    draft = make_invoice(contract, confirmed=False)
    with pytest.raises(DomainError):
        cancel_contract(contract)
    discard_draft(draft)
    cancel_contract(contract)
    assert contract.status is ContractStatus.CANCELLED


def test_a_contract_that_is_gone_is_not_found(app: Flask) -> None:
    contract = make_contract()
    db.session.commit()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("delete from price_lines")
        connection.exec_driver_sql("delete from contracts")
    with pytest.raises(NotFound):
        confirm_contract(contract)


def test_moments_come_back_as_they_were_in_utc(data: ContractData) -> None:
    contract = save_contract(data)
    db.session.commit()
    assert (contract.starts_at, contract.starts_at.tzinfo) == (START, UTC)


def test_the_model_agrees_with_the_rule(data: ContractData) -> None:
    contract = save_contract(data)
    assert contract.overlaps(START - DAY, START + timedelta(microseconds=1))
    assert not contract.overlaps(START - DAY, START)
    assert not contract.overlaps(END, END + DAY)
