"""Undo and redo on the board: whole steps, and never over what somebody else did since."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from ppplanner.clock import now
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.history import Actor, acting
from ppplanner.models import BoardStep, Contract, ContractStatus, Resource, User
from ppplanner.services.planning import undo
from ppplanner.services.planning.moves import Refused, move_contract, state_of
from ppplanner.services.planning.undo import Deed, Overtaken
from ppplanner.services.pricing.contract_price import net_of
from ppplanner.services.renting.contracts import confirm_contract
from tests.factories import (
    make_contract,
    make_invoice,
    make_price_range,
    make_resource,
    make_unit,
    make_user,
)

DAY = timedelta(days=1)
START = (now() + 30 * DAY).replace(hour=8, minute=0, second=0, microsecond=0)
LENGTH = timedelta(days=1, hours=9)


@pytest.fixture
def vans(app: Flask) -> list[Resource]:
    unit = make_unit()
    return [make_resource(unit, make_price_range(price)) for price in (50, 60)]


@pytest.fixture
def contract(vans: list[Resource]) -> Contract:
    return make_contract(vans[0], starts_at=START, ends_at=START + LENGTH)


@pytest.fixture
def planner(app: Flask) -> User:
    return make_user(name="Jan Claes")


@pytest.fixture
def colleague(app: Flask) -> User:
    return make_user(name="Anna Peeters")


def move(contract: Contract, van: Resource | None, planner: User, days: int = 0) -> BoardStep:
    """As the board does it: move, and keep the step."""
    start = START + days * DAY
    with acting(Actor(planner.name, planner.id)):
        moved = move_contract(contract, van, start, start + LENGTH)
        step = undo.record(planner.id, [Deed(contract.id, moved.before, moved.after)])
    return step


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(BoardStep)) or 0


def test_a_move_is_undone_and_redone_with_its_price(
    contract: Contract, vans: list[Resource], planner: User
) -> None:
    before = state_of(contract)
    move(contract, vans[1], planner, days=2)
    after = state_of(contract)
    db.session.commit()  # a page further on: all of it comes from the database
    undo.undo(planner.id)
    assert state_of(contract) == before
    assert net_of(contract) == Decimal(100)
    undo.redo(planner.id)
    assert state_of(contract) == after
    assert net_of(contract) == Decimal(120)


def test_there_is_nothing_to_undo_or_redo_at_first(planner: User) -> None:
    assert undo.next_steps(planner.id) == (None, None)
    with pytest.raises(DomainError, match="nothing to undo"):
        undo.undo(planner.id)
    with pytest.raises(DomainError, match="nothing to redo"):
        undo.redo(planner.id)


def test_everybody_undoes_their_own_steps(
    contract: Contract, vans: list[Resource], planner: User, colleague: User
) -> None:
    move(contract, vans[1], planner)
    with pytest.raises(DomainError, match="nothing to undo"):
        undo.undo(colleague.id)


def test_steps_are_undone_from_the_newest_and_redone_from_the_oldest(
    contract: Contract, vans: list[Resource], planner: User
) -> None:
    states = [state_of(contract)]
    for days in (1, 2, 3):
        move(contract, vans[days % 2], planner, days)
        states.append(state_of(contract))
    for state in reversed(states[:-1]):
        undo.undo(planner.id)
        assert state_of(contract) == state
    for state in states[1:]:
        undo.redo(planner.id)
        assert state_of(contract) == state


def test_a_new_deed_ends_what_could_be_redone(
    contract: Contract, vans: list[Resource], planner: User
) -> None:
    move(contract, vans[1], planner)
    undo.undo(planner.id)
    move(contract, None, planner)
    assert undo.next_steps(planner.id)[1] is None
    assert count() == 1


def test_fifty_steps_are_kept(contract: Contract, vans: list[Resource], planner: User) -> None:
    state = state_of(contract)
    for _ in range(55):
        undo.record(planner.id, [Deed(contract.id, state, state)])
    assert count() == undo.KEPT


def test_undoing_the_making_of_a_contract_cancels_it_and_redoing_revives_it(
    contract: Contract, planner: User
) -> None:
    undo.record(planner.id, [undo.made(contract)])
    statuses = []
    for turn in (undo.undo, undo.redo, undo.undo):
        turn(planner.id)
        statuses.append(contract.status)
    cancelled = ContractStatus.CANCELLED
    assert statuses == [cancelled, ContractStatus.IN_PREPARATION, cancelled]


def test_a_cancelled_contract_does_not_come_back_onto_another(
    contract: Contract, vans: list[Resource], planner: User
) -> None:
    undo.record(planner.id, [undo.made(contract)])
    undo.undo(planner.id)
    db.session.commit()
    other = make_contract(vans[0], starts_at=START, ends_at=START + LENGTH)
    with pytest.raises(Refused, match=f"taken by contract {other}") as caught:
        undo.redo(planner.id)
    assert caught.value.choices
    db.session.rollback()
    assert contract.status is ContractStatus.CANCELLED


def test_what_a_colleague_moved_since_stays_and_they_are_named(
    contract: Contract, vans: list[Resource], planner: User, colleague: User
) -> None:
    step = move(contract, vans[1], planner)
    with acting(Actor(colleague.name, colleague.id)):
        move_contract(contract, vans[1], START + DAY, START + DAY + LENGTH)
    with pytest.raises(Overtaken, match="Anna Peeters changed contract") as caught:
        undo.undo(planner.id)
    assert contract.starts_at == START + DAY
    undo.forget(planner.id, caught.value.step_id)
    assert caught.value.step_id == step.id
    assert undo.next_steps(planner.id) == (None, None)


def test_a_price_that_a_colleague_changed_since_stays(
    contract: Contract, vans: list[Resource], planner: User, colleague: User
) -> None:
    move(contract, vans[1], planner)
    with acting(Actor(colleague.name, colleague.id)):
        contract.lines[0].discount = Decimal(10)
        db.session.flush()
    with pytest.raises(Overtaken, match="Anna Peeters"):
        undo.undo(planner.id)


def test_a_contract_that_was_confirmed_since_is_not_cancelled(
    contract: Contract, planner: User
) -> None:
    undo.record(planner.id, [undo.made(contract)])
    confirm_contract(contract)
    with pytest.raises(Overtaken):
        undo.undo(planner.id)


def test_an_old_place_that_is_taken_meanwhile_is_refused_with_choices(
    contract: Contract, vans: list[Resource], planner: User
) -> None:
    move(contract, vans[1], planner)
    other = make_contract(vans[0], starts_at=START, ends_at=START + LENGTH)
    with pytest.raises(Refused, match=f"taken by contract {other}") as caught:
        undo.undo(planner.id)
    assert caught.value.choices
    assert contract.resource is vans[1]


def test_a_step_of_many_is_undone_whole_or_not_at_all(vans: list[Resource], planner: User) -> None:
    contracts = [make_contract(van, starts_at=START, ends_at=START + LENGTH) for van in vans]
    for each in contracts:
        move_contract(each, None, START, START + LENGTH)
    with undo.recording(planner.id, contracts):
        for each, van in zip(contracts, vans, strict=True):
            move_contract(each, van, START, START + LENGTH)
    assert count() == 1
    undo.undo(planner.id)
    assert [each.resource for each in contracts] == [None, None]
    db.session.commit()
    make_contract(vans[1], starts_at=START, ends_at=START + LENGTH)
    db.session.commit()
    with pytest.raises(Refused):
        undo.redo(planner.id)
    db.session.rollback()
    assert [each.resource for each in contracts] == [None, None]


def test_nothing_that_happened_is_no_step(contract: Contract, planner: User) -> None:
    with undo.recording(planner.id, [contract]):
        pass
    assert count() == 0


def test_what_has_an_invoice_by_now_is_not_undone(
    contract: Contract, vans: list[Resource], planner: User
) -> None:
    move(contract, vans[1], planner)
    make_invoice(contract, confirmed=False)
    with pytest.raises(Refused, match="has an invoice"):
        undo.undo(planner.id)


class TestTheOldPrice:
    def test_stays_when_somebody_wants_it_and_can_be_undone(
        self, contract: Contract, vans: list[Resource], planner: User
    ) -> None:
        move(contract, vans[1], planner)
        assert net_of(contract) == Decimal(120)
        undo.record(planner.id, [undo.keep_old_price(planner.id, contract)])
        assert net_of(contract) == Decimal(100)
        undo.undo(planner.id)
        assert (net_of(contract), contract.resource) == (Decimal(120), vans[1])
        undo.redo(planner.id)
        assert net_of(contract) == Decimal(100)
        undo.undo(planner.id)
        undo.undo(planner.id)
        assert (net_of(contract), contract.resource) == (Decimal(100), vans[0])

    def test_is_not_at_hand_when_the_person_moved_nothing(
        self, contract: Contract, planner: User
    ) -> None:
        with pytest.raises(DomainError, match="no longer at hand"):
            undo.keep_old_price(planner.id, contract)

    def test_is_not_at_hand_when_the_contract_changed_since(
        self, contract: Contract, vans: list[Resource], planner: User
    ) -> None:
        move(contract, vans[1], planner)
        move_contract(contract, vans[1], START + DAY, START + DAY + LENGTH)
        with pytest.raises(DomainError, match="no longer at hand"):
            undo.keep_old_price(planner.id, contract)


Deeds = st.lists(
    st.tuples(st.sampled_from([0, 1]), st.sampled_from([0, 1, None]), st.integers(0, 6)),
    min_size=1,
    max_size=8,
)


@pytest.mark.one_database
@settings(max_examples=25)
@given(wanted=Deeds)
def test_redo_after_undo_changes_nothing_whatever_was_done(
    vans: list[Resource], planner: User, wanted: list[tuple[int, int | None, int]]
) -> None:
    db.session.commit()
    contracts = [
        make_contract(van, starts_at=START + 10 * DAY, ends_at=START + 10 * DAY + LENGTH)
        for van in vans
    ]
    done = 0
    for which, van, days in wanted:
        try:
            move(contracts[which], None if van is None else vans[van], planner, days)
        except Refused:
            continue
        done += 1
    _back_and_forth(planner, contracts, done)
    db.session.rollback()


def _back_and_forth(planner: User, contracts: list[Contract], done: int) -> None:
    def look() -> Any:
        return [state_of(each) for each in contracts]

    way = [look()]
    for turn, times in ((undo.undo, done), (undo.redo, done)):
        for _ in range(times):
            turn(planner.id)
            way.append(look())
    assert way == way[::-1]
