"""Cost centres and cost units through the client, against a strict Exact over HTTP."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from flask import Flask

from ppplanner.integrations.exact.client import COSTS, ExactClient
from ppplanner.integrations.exact.connect import open_client
from ppplanner.integrations.exact.errors import ExactRejected
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.records import CostKind, NewCostItem
from ppplanner.integrations.exact.simulator import RunningSimulator

pytestmark = pytest.mark.one_database

both_kinds = pytest.mark.parametrize("kind", CostKind)


@pytest.fixture
def exact(app: Flask, connection: ExactConnection) -> ExactClient:
    return open_client(connection.id)


@both_kinds
def test_all_are_listed_by_code_and_ended_ones_say_since_when(
    exact: ExactClient, kind: CostKind
) -> None:
    found = list(exact.cost_items(kind))

    assert len(found) > 5
    assert [each.code for each in found] == sorted(each.code for each in found)
    (ended,) = [each for each in found if each.ended_on]
    assert ended.ended_on
    assert ended.ended_on < date.today()


@both_kinds
@pytest.mark.parametrize("how", ["start of the code", "small letters", "words of the name"])
def test_one_is_found_by_its_code_and_by_its_name(
    exact: ExactClient, kind: CostKind, how: str
) -> None:
    one = list(exact.cost_items(kind))[0]
    text = {
        "start of the code": one.code[:3],
        "small letters": one.code.lower(),
        "words of the name": " ".join(reversed(one.name.lower().split()[:2])),
    }[how]

    assert one in list(exact.cost_items(kind, text))


@both_kinds
def test_a_code_is_looked_up_in_the_usual_spellings(exact: ExactClient, kind: CostKind) -> None:
    one = list(exact.cost_items(kind))[0]

    assert list(exact.cost_items_by_code(kind, [f" {one.code.lower()} "])) == [one]
    assert list(exact.cost_items_by_code(kind, ["NOWHERE"])) == []
    assert list(exact.cost_items_by_id(kind, [one.id, uuid4()])) == [one]


@both_kinds
def test_a_new_one_keeps_its_code_and_takes_a_new_name(
    exact: ExactClient, simulator: RunningSimulator, kind: CostKind
) -> None:
    made = exact.create_cost_item(kind, NewCostItem("K1", "Van  one" + "x" * 80))
    exact.rename_cost_item(kind, made.id, "Van two")

    assert made.name == "Van one" + "x" * 53
    (stored,) = simulator.records(COSTS[kind], Code="K1")
    assert stored["Description"] == "Van two"
    (change,) = simulator.log.calls(COSTS[kind], "PUT")
    assert change.body == {"Description": "Van two"}


@both_kinds
@pytest.mark.parametrize(
    ("new", "objection"),
    [
        (NewCostItem("NINECHARS", "Too long"), "too long"),
        (NewCostItem("", "No code"), "missing"),
        (NewCostItem("K1", ""), "missing"),
    ],
)
def test_exact_refuses_codes_that_are_too_long_and_what_is_empty(
    exact: ExactClient, kind: CostKind, new: NewCostItem, objection: str
) -> None:
    with pytest.raises(ExactRejected) as refused:
        exact.create_cost_item(kind, new)
    assert objection in str(refused.value.messages[0])


@both_kinds
def test_exact_refuses_a_code_that_it_has(exact: ExactClient, kind: CostKind) -> None:
    exact.create_cost_item(kind, NewCostItem("K1", "First"))

    with pytest.raises(ExactRejected) as refused:
        exact.create_cost_item(kind, NewCostItem("K1", "Second"))
    assert "already has a record with this code" in str(refused.value.messages[0])
