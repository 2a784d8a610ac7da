"""Moving contracts: what may go where, what is said when it may not, and who comes first."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from flask import Flask

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.history import Actor, acting
from ppplanner.models import Contract, ContractStatus, Resource, User
from ppplanner.services.planning import moves
from ppplanner.services.planning.moves import Refused, move_contract, version, why_fixed
from ppplanner.services.renting import contracts
from tests.factories import (
    make_contract,
    make_invoice,
    make_price_range,
    make_resource,
    make_unit,
    make_user,
)
from tests.parallel import at_once

DAY = timedelta(days=1)
START = (now() + 30 * DAY).replace(hour=8, minute=0, second=0, microsecond=0)


@pytest.fixture
def van(app: Flask) -> Resource:
    return make_resource(make_unit(), make_price_range(50))


@pytest.fixture
def contract(van: Resource) -> Contract:
    return make_contract(van, starts_at=START, ends_at=START + 2 * DAY)


def other_van(van: Resource, day_price: int = 50) -> Resource:
    return make_resource(pool=van.pool, price_range=make_price_range(day_price))


def refusal(contract: Contract, resource: Resource | None, starts_at: datetime) -> Refused:
    with pytest.raises(Refused) as caught:
        move_contract(contract, resource, starts_at, starts_at + 2 * DAY)
    return caught.value


def test_a_contract_goes_to_another_resource_and_time_at_their_price(contract: Contract) -> None:
    assert contract.resource
    dearer = other_van(contract.resource, 60)
    moved = move_contract(contract, dearer, START + DAY, START + 4 * DAY)
    assert (contract.resource, contract.starts_at) == (dearer, START + DAY)
    assert (moved.old_net, moved.new_net) == (Decimal(150), Decimal(240))
    assert moved.price_changed
    assert moved.old_price_can_stay
    assert moved.before["starts_at"] == START.isoformat()
    assert moved.after["resource_id"] == dearer.id


def test_a_contract_can_give_its_resource_back(contract: Contract, van: Resource) -> None:
    moved = move_contract(contract, None, START, START + 2 * DAY)
    assert contract.resource is None
    assert moved.new_net == 0
    assert not moved.old_price_can_stay


def test_a_taken_place_is_refused_with_the_nearest_free_ones(
    contract: Contract, van: Resource
) -> None:
    similar = other_van(van)
    blocked = make_contract(similar, starts_at=START, ends_at=START + 2 * DAY)
    refused = refusal(blocked, van, START + DAY)
    assert str(contract) in str(refused)
    places = {(each.resource_id, each.starts_at) for each in refused.choices}
    assert places == {
        (similar.id, START + DAY),
        (van.id, START + 2 * DAY),
        (van.id, START - 2 * DAY),
    }
    assert blocked.resource is similar
    assert blocked.starts_at == START


def test_a_period_the_wrong_way_round_is_refused_without_choices(contract: Contract) -> None:
    with pytest.raises(Refused, match="after the start") as caught:
        move_contract(contract, contract.resource, START, START)
    assert not caught.value.choices


def test_what_is_out_may_only_change_its_end(contract: Contract, van: Resource) -> None:
    contract.status = ContractStatus.OPEN
    moved = move_contract(contract, van, START, START + 3 * DAY)
    assert moved.new_net == Decimal(200)
    assert "checked out" in str(refusal(contract, van, START + DAY))
    assert "checked out" in str(refusal(contract, other_van(van), START))


@pytest.mark.parametrize(
    "status", [ContractStatus.CHECKED_IN, ContractStatus.INVOICED, ContractStatus.COMPLETED]
)
def test_what_is_past_stays(contract: Contract, van: Resource, status: ContractStatus) -> None:
    contract.status = status
    assert str(refusal(contract, van, START + DAY))
    assert contract.id in why_fixed({contract.id: status})


def test_what_has_an_invoice_stays_even_when_that_is_a_draft(contract: Contract) -> None:
    make_invoice(contract, confirmed=False)
    assert "invoice" in str(refusal(contract, contract.resource, START + DAY))
    assert "invoice" in why_fixed({contract.id: contract.status})[contract.id]


def test_what_may_move_has_no_reason_to_stay(contract: Contract) -> None:
    assert why_fixed({contract.id: contract.status}) == {}


class TestAColleagueMeanwhile:
    @pytest.fixture
    def colleague(self, app: Flask) -> User:
        return make_user(name="Anna Peeters")

    def test_is_named_and_the_move_refused(self, contract: Contract, colleague: User) -> None:
        seen = version(contract)
        with acting(Actor(colleague.name, colleague.id)):
            move_contract(contract, contract.resource, START + DAY, START + 3 * DAY)
        with pytest.raises(Refused, match=r"Anna Peeters changed contract C\d+ meanwhile"):
            move_contract(
                contract, None, START, START + 2 * DAY, seen=seen, user_id=colleague.id + 1
            )

    def test_does_not_matter_when_it_was_the_person_themselves(
        self, contract: Contract, colleague: User
    ) -> None:
        seen = version(contract)
        for days in (1, 2):
            with acting(Actor(colleague.name, colleague.id)):
                move_contract(
                    contract,
                    contract.resource,
                    START + days * DAY,
                    START + 3 * DAY,
                    seen=seen,
                    user_id=colleague.id,
                )
        assert contract.starts_at == START + 2 * DAY

    def test_does_not_matter_when_only_remarks_changed(
        self, contract: Contract, colleague: User
    ) -> None:
        seen = version(contract)
        with acting(Actor(colleague.name, colleague.id)):
            contract.remarks = "Brings the key"
            db.session.flush()
        move_contract(contract, None, START, START + 2 * DAY, seen=seen, user_id=None)
        assert contract.resource is None


def test_of_two_who_want_one_place_at_once_one_gets_it_and_one_a_choice(
    app: Flask, van: Resource
) -> None:
    """By threads, each with a connection of its own."""
    mine, theirs = (
        make_contract(other_van(van), starts_at=START, ends_at=START + 2 * DAY) for _ in range(2)
    )
    van_id = van.id

    def move(contract_id: int) -> int:
        contract = db.session.get_one(Contract, contract_id)
        move_contract(contract, db.session.get_one(Resource, van_id), START, START + 2 * DAY)
        return contract_id

    results = at_once(app, [partial(move, mine.id), partial(move, theirs.id)])
    [refused] = [each for each in results if isinstance(each, Refused)]
    assert sum(isinstance(each, int) for each in results) == 1
    assert refused.choices


def test_what_only_the_database_saw_is_refused_all_the_same(
    contract: Contract, van: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the check came a moment too early."""
    other = make_contract(other_van(van), starts_at=START, ends_at=START + 2 * DAY)
    monkeypatch.setattr(contracts, "clashes", lambda *_args: [])
    refused = refusal(other, van, START)
    assert f"has just been taken by contract {contract}" in str(refused)
    assert refused.choices
    assert other.resource is not van
    db.session.commit()


def test_the_place_of_a_contract_in_short_says_all_that_a_bar_shows(contract: Contract) -> None:
    first = version(contract)
    assert first == version(contract)
    moves.relocate(contract, None, START, START + 2 * DAY)
    assert version(contract) != first
