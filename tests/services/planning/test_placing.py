"""Resources for contracts that have none: which one, and all of them in one go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.clock import now
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.models import BoardStep, BusinessUnit, Contract, LineKind, Resource
from ppplanner.services.firm.organisation import save_company_group
from ppplanner.services.planning import placing, undo
from ppplanner.services.planning.placing import (
    assign_resource,
    candidates,
    place_all,
    preview_all,
)
from ppplanner.services.renting.contracts import (
    cancel_contract,
    confirm_contract,
    data_of,
    save_contract,
)
from tests.factories import (
    make_company,
    make_contract,
    make_price_range,
    make_resource,
    make_resource_type,
    make_unit,
    make_user,
)
from tests.parallel import at_once
from tests.statements import counted

DAY = timedelta(days=1)


@pytest.fixture
def unit(app: Flask) -> BusinessUnit:
    return make_unit()


def without_resource(resource: Resource, **fields: Any) -> Contract:
    """A contract that had the resource, and lost it."""
    contract = make_contract(resource, **fields)
    db.session.flush()
    return save_contract(replace(data_of(contract), resource=None), contract)


def codes(contract: Contract) -> list[str]:
    return [each.resource.code for each in candidates(contract)]


def test_the_candidate_most_like_the_former_resource_comes_first(unit: BusinessUnit) -> None:
    large, small = make_price_range(80), make_price_range(50)
    elsewhere = make_unit()
    contract = without_resource(make_resource(unit, large, code="OLD"))
    make_resource(unit, small, code="CAR", type=make_resource_type("Car"))
    make_resource(unit, small, code="SMALL")
    make_resource(elsewhere, large, code="AWAY")
    make_resource(unit, large, code="SAME")
    make_contract(make_resource(unit, large, code="TAKEN"))
    assert codes(contract) == ["OLD", "SAME", "SMALL", "AWAY", "CAR"]


def test_a_resource_of_another_company_group_is_no_candidate(unit: BusinessUnit) -> None:
    contract = make_contract(make_resource(unit))
    make_resource(make_unit(make_company(group=save_company_group(name="Others"))), code="THEIRS")
    assert codes(contract) == []


def test_many_others_do_not_crowd_out_the_candidate_most_like_it(
    unit: BusinessUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "COMPARED", 2)
    contract = make_contract(make_resource(unit, code="PRESENT"))
    make_resource(unit, code="A CAR", type=make_resource_type("Car"))
    make_resource(make_unit(), code="AWAY")
    make_resource(unit, code="SAME")
    assert codes(contract) == ["SAME"]


def test_a_candidate_tells_its_price_and_the_difference(unit: BusinessUnit) -> None:
    contract = make_contract(make_resource(unit, make_price_range(80)))
    make_resource(unit, make_price_range(50))
    [candidate] = candidates(contract)
    assert candidate.quote
    assert candidate.quote.totals.net == Decimal(150)
    assert candidate.difference == Decimal(-90)


def test_a_contract_that_never_had_a_resource_gets_the_cheapest_of_its_own_unit(
    unit: BusinessUnit,
) -> None:
    asked = never_placed(make_resource(unit, make_price_range(90), code="DEAR"))
    make_resource(make_unit(), make_price_range(10), code="AWAY")
    make_resource(unit, make_price_range(50), code="CHEAP")
    make_resource(unit, code="UNPRICED").price_range = None
    found = candidates(asked)
    assert [each.resource.code for each in found] == ["CHEAP", "DEAR", "UNPRICED", "AWAY"]
    assert {each.difference for each in found} == {None}


def test_a_placed_contract_is_priced(unit: BusinessUnit) -> None:
    van = make_resource(unit, make_price_range(50))
    contract = without_resource(van)
    assert contract.lines == []
    assign_resource(contract, van)
    assert [line.kind for line in contract.lines] == [LineKind.RENT]


def test_a_resource_that_was_taken_meanwhile_is_refused_with_the_reason(unit: BusinessUnit) -> None:
    van = make_resource(unit)
    contract = without_resource(van)
    make_contract(van)
    with pytest.raises(Invalid) as caught:
        assign_resource(contract, van)
    assert "taken by contract" in str(caught.value.fields["resource_id"])


def never_placed(resource: Resource, **fields: Any) -> Contract:
    """A contract of the same unit for which nobody has chosen a resource so far."""
    contract = make_contract(resource, **fields)
    waiting = save_contract(replace(data_of(contract), resource=None))
    cancel_contract(contract)
    return waiting


def test_all_are_placed_without_getting_in_each_others_way(unit: BusinessUnit) -> None:
    van, other = make_resource(unit, code="A"), make_resource(unit, code="B")
    make_resource(unit, code="CAR", type=make_resource_type("Car"))
    make_resource(make_unit(), code="AWAY")
    first, second, third = (without_resource(van) for _number in range(3))
    placements = place_all([third, second, first])
    assert [(each.contract, each.contract.resource) for each in placements] == [
        (first, van),
        (second, other),
        (third, None),
    ]
    assert placements[-1].candidate is None


def test_confirmed_contracts_have_the_first_choice(unit: BusinessUnit) -> None:
    van = make_resource(unit)
    asked, sure = without_resource(van), without_resource(van)
    confirm_contract(sure)
    place_all([asked, sure])
    assert (asked.resource, sure.resource) == (None, van)


def test_what_never_had_a_resource_is_placed_once_a_type_is_named(unit: BusinessUnit) -> None:
    van = make_resource(unit)
    make_resource(unit, type=make_resource_type("Car"))
    waiting = never_placed(van)
    [nothing] = place_all([waiting])
    assert (nothing.candidate, nothing.wanted) == (None, None)
    place_all([waiting], asked_type=van.type)
    assert waiting.resource is van


def test_the_preview_changes_nothing_and_says_the_same(unit: BusinessUnit) -> None:
    van = make_resource(unit)
    waiting = [without_resource(van), without_resource(van)]
    shown = preview_all(waiting)
    assert [each.resource_id for each in waiting] == [None, None]
    assert [each.candidate and each.candidate.resource for each in shown] == [van, None]
    assert [each.contract.resource for each in place_all(waiting)] == [van, None]


def test_contracts_that_do_not_wait_are_left_alone(unit: BusinessUnit) -> None:
    placed = make_contract(make_resource(unit))
    cancelled = without_resource(make_resource(unit))
    cancel_contract(cancelled)
    assert preview_all([placed, cancelled]) == []


def test_the_preview_costs_the_same_for_one_and_for_many(unit: BusinessUnit) -> None:
    van = make_resource(unit, make_price_range(50))
    waiting = [
        without_resource(van, starts_at=now() + n * DAY, ends_at=now() + (n + 1) * DAY)
        for n in range(1, 6)
    ]
    db.session.commit()

    def cost(contracts: list[Contract]) -> int:
        db.session.expire_all()
        for each in contracts:
            assert each.customer.name
            assert each.business_unit.company.name
        with counted() as statements:
            assert all(each.candidate for each in preview_all(contracts))
        return len(statements)

    assert cost(waiting[:1]) == cost(waiting)


# ---- Several planners at once -------------------------------------------------------------------


def test_two_planners_cannot_take_the_same_resource(app: Flask, unit: BusinessUnit) -> None:
    van = make_resource(unit)
    ids = [without_resource(van).id for _number in range(4)]

    def take(contract_id: int) -> Any:
        contract = db.session.get_one(Contract, contract_id)
        return assign_resource(contract, db.session.get_one(Resource, van_id))

    van_id = van.id
    outcomes = at_once(app, [partial(take, each) for each in ids])
    refused = [each for each in outcomes if isinstance(each, Exception)]
    assert len(refused) == 3
    assert all(isinstance(each, Invalid) for each in refused), refused


def test_placing_all_at_the_same_moment_places_each_once(app: Flask, unit: BusinessUnit) -> None:
    vans = [make_resource(unit) for _number in range(2)]
    ids = [without_resource(vans[0]).id for _number in range(3)]

    def place_them() -> int:
        contracts = [db.session.get_one(Contract, each) for each in reversed(ids)]
        return sum(each.candidate is not None for each in place_all(contracts))

    outcomes = at_once(app, [place_them] * 3)
    assert sorted(outcomes) == [0, 0, 2]
    db.session.expire_all()
    found = [db.session.get_one(Contract, each).resource_id for each in ids]
    assert sorted(each for each in found if each) == sorted(each.id for each in vans)


def test_what_a_colleague_places_at_the_same_moment_is_not_one_s_own_step(
    app: Flask, unit: BusinessUnit
) -> None:
    ids = [without_resource(make_resource(unit)).id for _number in range(4)]
    people = [make_user().id, make_user().id]

    def place_them(user_id: int) -> None:
        contracts = db.session.scalars(select(Contract).where(Contract.id.in_(ids))).all()
        with undo.recording(user_id, contracts):
            place_all(contracts)

    assert at_once(app, [partial(place_them, person) for person in people]) == [None, None]
    assert len(db.session.scalars(select(BoardStep)).all()) == 1
