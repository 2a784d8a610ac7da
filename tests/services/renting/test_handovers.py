"""Check-out and check-in: what is written down, what is refused, and what it does to the price."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Event
from typing import Any

import pytest
from flask import Flask

from ppplanner.clock import now
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import (
    Contract,
    ContractStatus,
    HandoverKind,
    Invoice,
    LineKind,
    PriceBasis,
    Resource,
    User,
)
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.proposals import propose
from ppplanner.services.renting import handovers
from ppplanner.services.renting.contracts import confirm_contract, data_of, save_contract
from ppplanner.services.renting.handover_rules import HandoverData, last_known, waiting_for
from ppplanner.services.renting.handovers import check_in, check_out, correct, mark_ready, take_back
from ppplanner.services.renting.lifecycle import Step, may, steps_of
from tests.factories import (
    make_contract,
    make_customer,
    make_invoice,
    make_price_range,
    make_resource,
    make_user,
)
from tests.parallel import at_once

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def start(app: Flask) -> datetime:
    """Some days ago, at eight."""
    return now().replace(hour=8, minute=0, second=0, microsecond=0) - 5 * DAY


@pytest.fixture
def van(app: Flask) -> Resource:
    """EUR 50 a day with 100 km, EUR 0.25 a kilometre more, EUR 2 a litre that is missing."""
    prices = make_price_range(50, km_per_day=100, km_price=Decimal("0.25"), fuel_price=Decimal(2))
    return make_resource(price_range=prices, tank_litres=80)


@pytest.fixture
def user(app: Flask) -> User:
    return make_user()


@pytest.fixture
def contract(van: Resource, start: datetime) -> Contract:
    """Confirmed, for three calendar days."""
    return confirmed(van, start, start + 2 * DAY + 8 * HOUR)


def confirmed(van: Resource, start: datetime, end: datetime, **fields: Any) -> Contract:
    contract = make_contract(van, starts_at=start, ends_at=end, **fields)
    confirm_contract(contract)
    return contract


def faults(action: Any, *args: Any) -> set[str]:
    with pytest.raises(Invalid) as caught:
        action(*args)
    return set(caught.value.fields)


def lines(contract: Contract) -> dict[LineKind, Decimal]:
    return {line.kind: line.net for line in contract.lines}


# ---- Check-out ----------------------------------------------------------------------------------


def test_a_check_out_opens_the_contract_and_keeps_planned_and_actual_times(
    contract: Contract, user: User, start: datetime
) -> None:
    data = HandoverData(start + HOUR, 12_000, 8, " Scratch on the left door. ")
    handover = check_out(contract, data, user)
    assert contract.status is ContractStatus.OPEN
    assert contract.starts_at == start
    assert contract.check_out is handover
    assert (handover.at, handover.mileage, handover.fuel) == (start + HOUR, 12_000, 8)
    assert handover.remarks == "Scratch on the left door."
    assert handover.recorded_by is user


def test_only_a_confirmed_contract_with_a_resource_is_checked_out(
    van: Resource, start: datetime, user: User
) -> None:
    contract = make_contract(van, starts_at=start, ends_at=start + DAY)
    with pytest.raises(DomainError, match="Only a confirmed contract"):
        check_out(contract, HandoverData(start), user)
    confirm_contract(contract)
    save_contract(replace(data_of(contract), resource=None), contract)
    with pytest.raises(DomainError, match="Choose a resource first"):
        check_out(contract, HandoverData(start), user)


def test_a_resource_that_is_still_out_is_named_with_its_contract(
    contract: Contract, van: Resource, user: User
) -> None:
    check_out(contract, HandoverData(contract.starts_at), user)
    following = confirmed(van, contract.ends_at, contract.ends_at + DAY)
    with pytest.raises(DomainError) as caught:
        check_out(following, HandoverData(now()), user)
    assert f"{van} is still out on contract {contract}" in str(caught.value)
    check_in(contract, HandoverData(now()), user)
    check_out(following, HandoverData(now()), user)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"at": now() + 2 * DAY}, "at"),
        ({"mileage": -1}, "mileage"),
        ({"mileage": 10**9}, "mileage"),
        ({"fuel": 9}, "fuel"),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    contract: Contract, user: User, change: dict[str, Any], field: str
) -> None:
    data = replace(HandoverData(contract.starts_at, 100, 8), **change)
    assert faults(check_out, contract, data, user) == {field}
    assert contract.status is ContractStatus.CONFIRMED


def test_a_check_out_long_before_the_contract_is_a_slip(
    contract: Contract, start: datetime, user: User
) -> None:
    assert faults(check_out, contract, HandoverData(start - 367 * DAY), user) == {"at"}


# ---- Check-in -----------------------------------------------------------------------------------


def test_a_check_in_in_time_costs_what_was_agreed(contract: Contract, user: User) -> None:
    check_out(contract, HandoverData(contract.starts_at, 1000, 8), user)
    check_in(contract, HandoverData(contract.ends_at - DAY, 1300, 8), user)
    assert contract.status is ContractStatus.CHECKED_IN
    assert contract.price_basis is PriceBasis.PLANNED
    assert lines(contract) == {LineKind.RENT: Decimal(150)}


def test_a_late_return_is_charged_as_it_went(contract: Contract, user: User) -> None:
    check_out(contract, HandoverData(contract.starts_at, 1000, 8), user)
    planned = contract.ends_at
    check_in(contract, HandoverData(planned + DAY, 1400, 8), user)
    assert contract.price_basis is PriceBasis.ACTUAL
    assert contract.ends_at == planned
    assert lines(contract) == {LineKind.RENT: Decimal(200)}


def test_charging_the_actual_period_is_a_choice(contract: Contract, user: User) -> None:
    check_out(contract, HandoverData(contract.starts_at), user)
    check_in(contract, HandoverData(contract.ends_at + DAY), user, actual=False)
    assert lines(contract) == {LineKind.RENT: Decimal(150)}
    correct(contract, HandoverKind.CHECK_IN, HandoverData(contract.ends_at + DAY), actual=True)
    assert lines(contract) == {LineKind.RENT: Decimal(200)}


def test_kilometres_and_fuel_become_price_lines(contract: Contract, user: User) -> None:
    check_out(contract, HandoverData(contract.starts_at, 1000, 8), user)
    check_in(contract, HandoverData(contract.ends_at, 1500, 6), user)
    assert lines(contract) == {
        LineKind.RENT: Decimal(150),
        LineKind.KILOMETRES: Decimal(50),
        LineKind.FUEL: Decimal(40),
    }


def test_a_check_in_fits_its_check_out(contract: Contract, user: User) -> None:
    check_out(contract, HandoverData(contract.starts_at, 1000, 8), user)
    for data, field in (
        (HandoverData(contract.starts_at - HOUR, 1200), "at"),
        (HandoverData(contract.ends_at, 999), "mileage"),
        (HandoverData(contract.ends_at, None), "mileage"),
    ):
        assert faults(check_in, contract, data, user) == {field}
    assert contract.status is ContractStatus.OPEN
    assert contract.check_in is None


def test_only_what_is_out_comes_back(contract: Contract, user: User) -> None:
    with pytest.raises(DomainError, match="checked out"):
        check_in(contract, HandoverData(now()), user)


def test_a_late_return_is_not_refused_when_the_next_contract_has_begun(
    contract: Contract, van: Resource, user: User
) -> None:
    following = confirmed(van, contract.ends_at + HOUR, contract.ends_at + DAY)
    check_out(contract, HandoverData(contract.starts_at), user)
    back = contract.ends_at + 2 * HOUR
    assert waiting_for(contract, contract.ends_at) is None
    assert waiting_for(contract, back) is following
    check_in(contract, HandoverData(back), user)
    assert contract.status is ContractStatus.CHECKED_IN


def test_what_comes_back_late_owes_what_is_not_invoiced_yet(contract: Contract, user: User) -> None:
    make_invoice(contract, confirmed=False, final=False)
    check_out(contract, HandoverData(contract.starts_at, 1000, 8), user)
    check_in(contract, HandoverData(contract.ends_at + DAY, 1600, 8), user)
    assert contract.price_basis is PriceBasis.ACTUAL
    assert lines(contract) == {LineKind.RENT: Decimal(200), LineKind.KILOMETRES: Decimal(50)}
    assert propose(contract).net == Decimal(100)


def test_what_was_invoiced_as_a_whole_beforehand_is_invoiced_when_it_is_back(
    contract: Contract, user: User
) -> None:
    make_invoice(contract)
    check_out(contract, HandoverData(contract.starts_at), user)
    check_in(contract, HandoverData(contract.ends_at), user)
    assert contract.status is ContractStatus.INVOICED


def test_a_check_in_while_its_final_invoice_is_being_confirmed_leaves_it_invoiced(
    app: Flask, contract: Contract, user: User
) -> None:
    check_out(contract, HandoverData(contract.starts_at), user)
    contract_id, invoice_id = contract.id, make_invoice(contract, confirmed=False).id
    seen, is_back = Event(), Event()

    def confirm() -> None:
        found = db.session.get_one(Contract, contract_id)
        assert found.status is ContractStatus.OPEN
        seen.set()
        is_back.wait(timeout=1)  # in vain on SQLite, which lets nobody else write meanwhile
        confirm_invoice(db.session.get_one(Invoice, invoice_id))

    def bring_back() -> None:
        assert seen.wait(timeout=30)
        found = db.session.get_one(Contract, contract_id)
        check_in(found, HandoverData(found.ends_at), user=None)
        db.session.commit()
        is_back.set()

    assert at_once(app, [confirm, bring_back]) == [None, None]
    assert contract.status is ContractStatus.INVOICED


# ---- Ready for check-in -------------------------------------------------------------------------


def test_ready_for_check_in_is_a_mark_on_an_open_contract(contract: Contract, user: User) -> None:
    with pytest.raises(DomainError):
        mark_ready(contract)
    check_out(contract, HandoverData(contract.starts_at), user)
    mark_ready(contract)
    assert contract.ready_for_check_in_at
    assert contract.status is ContractStatus.OPEN
    handovers.unmark_ready(contract)
    assert contract.ready_for_check_in_at is None
    mark_ready(contract)
    check_in(contract, HandoverData(contract.ends_at), user)
    assert contract.ready_for_check_in_at is None


# ---- Mistakes -----------------------------------------------------------------------------------


def test_a_handover_is_corrected_and_the_price_follows(contract: Contract, user: User) -> None:
    check_out(contract, HandoverData(contract.starts_at, 1000, 8), user)
    check_in(contract, HandoverData(contract.ends_at, 5000, 8), user)
    correct(contract, HandoverKind.CHECK_IN, HandoverData(contract.ends_at, 1500, 8))
    assert lines(contract)[LineKind.KILOMETRES] == Decimal(50)
    correct(contract, HandoverKind.CHECK_OUT, HandoverData(contract.starts_at, 1300, 8))
    assert lines(contract) == {LineKind.RENT: Decimal(150)}
    late = HandoverData(contract.ends_at + HOUR, 1300, 8)
    assert faults(correct, contract, HandoverKind.CHECK_OUT, late) == {"at"}


def test_a_check_out_made_by_mistake_is_taken_back(contract: Contract, user: User) -> None:
    check_out(contract, HandoverData(contract.starts_at, 1000, 8), user)
    mark_ready(contract)
    take_back(contract)
    assert contract.status is ContractStatus.CONFIRMED
    assert (contract.handovers, contract.ready_for_check_in_at) == ([], None)


def test_a_check_in_made_by_mistake_is_taken_back_with_what_it_charged(
    contract: Contract, user: User
) -> None:
    check_out(contract, HandoverData(contract.starts_at, 1000, 8), user)
    check_in(contract, HandoverData(contract.ends_at + DAY, 5000, 2), user)
    take_back(contract)
    assert contract.status is ContractStatus.OPEN
    assert contract.check_out
    assert lines(contract) == {LineKind.RENT: Decimal(150)}


def test_a_check_in_stays_once_somebody_else_has_the_resource(
    contract: Contract, van: Resource, user: User
) -> None:
    check_out(contract, HandoverData(contract.starts_at), user)
    check_in(contract, HandoverData(contract.ends_at), user)
    following = confirmed(van, contract.ends_at, contract.ends_at + DAY)
    check_out(following, HandoverData(contract.ends_at), user)
    with pytest.raises(DomainError, match="still out"):
        take_back(contract)


def test_handovers_stay_once_there_is_the_last_invoice(contract: Contract, user: User) -> None:
    data = HandoverData(contract.starts_at)
    check_out(contract, data, user)
    check_in(contract, HandoverData(contract.ends_at), user)
    make_invoice(contract, confirmed=False)
    with pytest.raises(DomainError):
        correct(contract, HandoverKind.CHECK_OUT, data)
    with pytest.raises(DomainError):
        take_back(contract)


# ---- Before it --------------------------------------------------------------------------------


def test_the_preview_shows_the_price_and_leaves_no_trace(contract: Contract, user: User) -> None:
    check_out(contract, HandoverData(contract.starts_at, 1000, 8), user)
    db.session.commit()
    data = HandoverData(contract.ends_at + DAY, 1500, 8)
    shown = {line.kind: line.net for line in handovers.preview_check_in(contract, data, True)}
    assert shown == {LineKind.RENT: Decimal(200), LineKind.KILOMETRES: Decimal(25)}
    db.session.rollback()
    assert contract.check_in is None
    assert contract.price_basis is PriceBasis.PLANNED
    assert lines(contract) == {LineKind.RENT: Decimal(150)}
    check_in(contract, data, user)
    assert lines(contract) == shown


def test_the_last_mileage_and_fuel_of_a_resource_are_known(
    contract: Contract, van: Resource, user: User
) -> None:
    assert last_known(van) == (None, None)
    check_out(contract, HandoverData(contract.starts_at, 1000, 8), user)
    check_in(contract, HandoverData(contract.ends_at, 1200, 5), user)
    assert last_known(van) == (1200, 5)


# ---- The table of steps -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "steps"),
    [
        ("in_preparation", {Step.CONFIRM, Step.CANCEL}),
        ("confirmed", {Step.CHECK_OUT, Step.CANCEL, Step.COMPLETE}),
        ("open", {Step.CHECK_IN, Step.MARK_READY, Step.UNMARK_READY, Step.TAKE_BACK}),
        ("checked_in", {Step.COMPLETE, Step.TAKE_BACK, Step.INVOICE}),
        ("invoiced", {Step.COMPLETE, Step.REOPEN}),
        ("completed", set()),
        ("cancelled", set()),
    ],
)
def test_each_status_allows_these_steps(contract: Contract, status: str, steps: set[Step]) -> None:
    contract.status = ContractStatus(status)
    contract.ends_at = now() - HOUR
    assert steps_of(contract) == steps


def test_a_contract_to_come_is_not_completed(van: Resource) -> None:
    contract = confirmed(van, now() + DAY, now() + 2 * DAY, customer=make_customer())
    assert not may(contract, Step.COMPLETE)
