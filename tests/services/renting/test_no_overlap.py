"""One contract at a time on a resource, kept by the database itself, whoever writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.models import BusinessUnit, Contract, ContractStatus, Customer, Resource
from ppplanner.services.renting.contracts import ContractData, cancel_contract, save_contract
from tests.factories import make_customer, make_resource, make_unit
from tests.parallel import at_once

START = datetime(2026, 12, 1, tzinfo=UTC)
STATUSES = (ContractStatus.CONFIRMED, ContractStatus.CANCELLED)


@dataclass(frozen=True)
class Booking:
    """What somebody tries: a van (None for none yet), from hour to hour, cancelled or not."""

    van: int | None
    first: int
    length: int
    status: ContractStatus

    @property
    def period(self) -> tuple[datetime, datetime]:
        first = START + timedelta(hours=self.first)
        return first, first + timedelta(hours=self.length)

    def clashes(self, other: Booking) -> bool:
        """The rule, said once more in the plainest way: an hour that both hold."""
        if None in (self.van, other.van) or ContractStatus.CANCELLED in (self.status, other.status):
            return False
        mine = set(range(self.first, self.first + self.length))
        return self.van == other.van and bool(
            mine & set(range(other.first, other.first + other.length))
        )


bookings = st.builds(
    Booking,
    van=st.sampled_from([0, 1, None]),
    first=st.integers(0, 20),
    length=st.integers(1, 6),
    status=st.sampled_from([*STATUSES, ContractStatus.CONFIRMED]),
)

Insert = Callable[[Booking, int], None]


@pytest.fixture
def vans(app: Flask) -> list[Resource]:
    unit = make_unit()
    return [make_resource(unit), make_resource(unit)]


@pytest.fixture
def put(vans: list[Resource]) -> Insert:
    """Writes a contract past all services."""
    unit_id, customer_id = vans[0].pool.business_unit_id, make_customer().id
    van_ids = [van.id for van in vans]
    db.session.commit()

    def put(booking: Booking, number: int) -> None:
        values = {
            "number": number,
            "business_unit_id": unit_id,
            "customer_id": customer_id,
            "resource_id": None if booking.van is None else van_ids[booking.van],
            "starts_at": booking.period[0],
            "ends_at": booking.period[1],
            "status": booking.status,
        }
        db.session.execute(insert(Contract).values(values))

    return put


@settings(max_examples=60)
@given(wanted=st.lists(bookings, min_size=2, max_size=12))
def test_the_database_takes_exactly_what_does_not_clash(put: Insert, wanted: list[Booking]) -> None:
    taken: list[Booking] = []
    for number, booking in enumerate(wanted, start=1):
        try:
            with db.session.begin_nested():
                put(booking, number)
        except IntegrityError:
            assert any(booking.clashes(other) for other in taken)
        else:
            assert not any(booking.clashes(other) for other in taken)
            taken.append(booking)
    db.session.rollback()


@settings(max_examples=25)
@given(wanted=st.lists(bookings, min_size=2, max_size=8))
def test_services_refuse_just_what_the_database_would(
    vans: list[Resource], wanted: list[Booking]
) -> None:
    db.session.commit()
    customer, unit = make_customer(), vans[0].pool.business_unit
    taken: list[Booking] = []
    for booking in wanted:
        van = None if booking.van is None else vans[booking.van]
        try:
            contract = save_contract(ContractData(customer, unit, *booking.period, van))
        except Invalid:
            open_booking = Booking(booking.van, booking.first, booking.length, STATUSES[0])
            assert any(open_booking.clashes(other) for other in taken)
            continue
        if booking.status is ContractStatus.CANCELLED:
            cancel_contract(contract)
        taken.append(booking)
    db.session.rollback()


def test_moving_a_contract_onto_another_is_refused(put: Insert, vans: list[Resource]) -> None:
    put(Booking(0, 0, 5, ContractStatus.CONFIRMED), 1)
    put(Booking(1, 0, 5, ContractStatus.CONFIRMED), 2)
    move = update(Contract).where(Contract.number == 2).values(resource_id=vans[0].id)
    with pytest.raises(IntegrityError, match="contracts_no_overlap"):
        db.session.execute(move)


def test_a_cancelled_contract_cannot_come_back_onto_another(put: Insert) -> None:
    put(Booking(0, 0, 5, ContractStatus.CANCELLED), 1)
    put(Booking(0, 0, 5, ContractStatus.CONFIRMED), 2)
    revive = update(Contract).where(Contract.number == 1).values(status=ContractStatus.CONFIRMED)
    with pytest.raises(IntegrityError, match="contracts_no_overlap"):
        db.session.execute(revive)


def test_a_contract_may_change_where_it_stands(put: Insert) -> None:
    put(Booking(0, 0, 5, ContractStatus.CONFIRMED), 1)
    later = START + timedelta(hours=6)
    db.session.execute(update(Contract).where(Contract.number == 1).values(ends_at=later))


def test_a_contract_cannot_grow_into_the_next_one(put: Insert) -> None:
    put(Booking(0, 0, 5, ContractStatus.CONFIRMED), 1)
    put(Booking(0, 5, 5, ContractStatus.CONFIRMED), 2)
    later = START + timedelta(hours=5, minutes=1)
    grow = update(Contract).where(Contract.number == 1).values(ends_at=later)
    with pytest.raises(IntegrityError, match="contracts_no_overlap"):
        db.session.execute(grow)


def test_cancelling_frees_the_place_for_another(put: Insert) -> None:
    put(Booking(0, 0, 5, ContractStatus.CONFIRMED), 1)
    cancel = update(Contract).where(Contract.number == 1).values(status=ContractStatus.CANCELLED)
    db.session.execute(cancel)
    put(Booking(0, 0, 5, ContractStatus.CONFIRMED), 2)


def test_those_who_only_touch_get_in_all_at_once(app: Flask, put: Insert) -> None:
    chain = [Booking(0, hour, 1, ContractStatus.CONFIRMED) for hour in range(40)]
    tasks = [partial(put, booking, number) for number, booking in enumerate(chain, start=1)]
    assert at_once(app, tasks) == [None] * 40


def test_of_200_who_write_at_once_one_gets_the_van(app: Flask, put: Insert) -> None:
    booking = Booking(0, 0, 5, ContractStatus.CONFIRMED)
    results = at_once(app, [partial(put, booking, number) for number in range(1, 201)])
    assert results.count(None) == 1
    refused = [result for result in results if result is not None]
    assert all(isinstance(error, IntegrityError | OperationalError) for error in refused)
    assert db.session.scalar(select(func.count()).select_from(Contract)) == 1


def test_of_those_who_book_at_once_one_gets_the_van_and_all_others_a_sentence(
    app: Flask, vans: list[Resource]
) -> None:
    ids = vans[0].id, make_customer().id, vans[0].pool.business_unit_id

    def book() -> int:
        van, customer, unit = (
            db.session.get_one(model, key)
            for model, key in zip((Resource, Customer, BusinessUnit), ids, strict=True)
        )
        data = ContractData(customer, unit, START, START + timedelta(days=1), van)  # type: ignore[arg-type]
        return save_contract(data).number

    results = at_once(app, [book] * 12)
    assert [result for result in results if isinstance(result, int)] == [1001]
    assert all("C1001" in str(e.fields) for e in results if isinstance(e, Invalid))
    assert sum(isinstance(result, Invalid) for result in results) == 11


def test_of_two_contracts_moved_to_one_van_at_once_one_gets_it(
    app: Flask, vans: list[Resource]
) -> None:
    customer, unit = make_customer(), vans[0].pool.business_unit
    other = make_resource(unit)
    data = [
        ContractData(customer, unit, START, START + timedelta(days=1), van)
        for van in (vans[1], other)
    ]
    contract_ids = [save_contract(one).id for one in data]
    van_id = vans[0].id

    def move(contract_id: int) -> int:
        contract = db.session.get_one(Contract, contract_id)
        van = db.session.get_one(Resource, van_id)
        moved = ContractData(
            contract.customer, contract.business_unit, contract.starts_at, contract.ends_at, van
        )
        return save_contract(moved, contract).id

    results = at_once(app, [partial(move, key) for key in contract_ids])
    assert sum(isinstance(result, int) for result in results) == 1
    assert sum(isinstance(result, Invalid) for result in results) == 1
