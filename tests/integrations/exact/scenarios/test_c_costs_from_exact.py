"""Cost centres and cost carriers that are found in Exact, and imported (C9 and C10)."""

from __future__ import annotations

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.integrations.exact.connect import get_connection, open_client
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.records import CostKind
from ppplanner.integrations.exact.settings import Source
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, Standing
from ppplanner.integrations.exact.sync.cost_imports import import_cost_item
from tests.blueprints.pages import words
from tests.conftest import Browser, Login
from tests.integrations.exact.scenarios.conftest import Work
from tests.integrations.exact.scenarios.costs import (
    Costs,
    Make,
    SwitchCosts,
    count,
    import_hit,
    known_to_exact,
    search_page,
    standing,
)
from tests.parallel import at_once

pytestmark = pytest.mark.one_database


def test_C09_nothing_is_added_by_hand_but_found_in_exact_and_imported(
    bookkeeper: Browser, simulator: RunningSimulator, costs: Costs, switch_costs: SwitchCosts
) -> None:
    switch_costs(source=Source.EXACT)
    stored = known_to_exact(simulator, costs)
    listed = bookkeeper.get(costs.page).text
    assert f"{costs.page}new" not in listed
    assert search_page(costs) in listed
    refused = bookkeeper.post(f"{costs.page}new", data={"code": "K1", "name": "X", "active": "y"})
    assert refused.status_code == 409
    assert "come from Exact" in words(refused)

    assert stored["Description"] in words(
        bookkeeper.get(f"{search_page(costs)}?q={stored['Code']}")
    )
    answer = import_hit(bookkeeper, costs, stored["ID"])

    assert answer.headers["Location"] == costs.page
    (item,) = db.session.scalars(select(costs.model))
    assert (item.code, item.name, item.origin) == (stored["Code"], stored["Description"], "exact")
    assert standing(costs, item) == Standing(Stage.LINKED, number=stored["Code"])
    assert not simulator.log.writes()


def test_C09_a_new_name_here_of_one_that_was_imported_is_not_written_either(
    bookkeeper: Browser,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    switch_costs: SwitchCosts,
    work: Work,
) -> None:
    switch_costs(source=Source.EXACT)
    stored = known_to_exact(simulator, costs)
    import_hit(bookkeeper, costs, stored["ID"])
    (item,) = db.session.scalars(select(costs.model))
    make(item.code, "As we call it", **{costs.field: item})
    work()

    assert not simulator.log.writes()


def test_C09_enter_imports_the_first_hit_of_what_is_typed_and_otherwise_searches(
    bookkeeper: Browser, simulator: RunningSimulator, costs: Costs, switch_costs: SwitchCosts
) -> None:
    switch_costs(source=Source.EXACT)
    stored = known_to_exact(simulator, costs)
    data = {"q": stored["Code"], "found_by": "something else", "first_hit": stored["ID"]}
    searched = bookkeeper.post(f"/exact/{costs.name}/import", data=data)
    assert searched.headers["Location"] == f"{search_page(costs)}?q={stored['Code']}"
    assert count(costs.model) == 0

    bookkeeper.post(f"/exact/{costs.name}/import", data={**data, "found_by": stored["Code"]})
    assert count(costs.model) == 1


def test_C09_made_here_there_is_no_search(
    bookkeeper: Browser, simulator: RunningSimulator, costs: Costs
) -> None:
    stored = known_to_exact(simulator, costs)
    listed = bookkeeper.get(costs.page).text

    assert f"{costs.page}new" in listed
    assert search_page(costs) not in listed
    assert bookkeeper.get(search_page(costs)).status_code == 409
    assert import_hit(bookkeeper, costs, stored["ID"]).status_code == 409
    assert len(simulator.log) == 0


def test_C09_searching_takes_both_rights(
    connection: ExactConnection,
    login: Login,
    simulator: RunningSimulator,
    costs: Costs,
    switch_costs: SwitchCosts,
) -> None:
    switch_costs(source=Source.EXACT)
    for rights in (("ledger.view", "ledger.edit"), ("ledger.view", "exact.search")):
        browser = login(*rights)
        assert search_page(costs) not in browser.get(costs.page).text
        assert browser.get(f"{search_page(costs)}?q=van").status_code == 403
    assert len(simulator.log) == 0


def test_C09_what_is_no_longer_in_exact_cannot_be_imported(
    bookkeeper: Browser, costs: Costs, switch_costs: SwitchCosts
) -> None:
    switch_costs(source=Source.EXACT)
    answer = import_hit(bookkeeper, costs, str(uuid4()))

    assert answer.status_code == 404
    assert "no longer in Exact" in words(answer)


def test_C09_while_exact_does_not_answer_the_dialog_says_so(
    bookkeeper: Browser, simulator: RunningSimulator, costs: Costs, switch_costs: SwitchCosts
) -> None:
    switch_costs(source=Source.EXACT)
    simulator.fail_next("unavailable", costs.path)

    assert "Try again in a few minutes" in words(bookkeeper.get(f"{search_page(costs)}?q=van"))


def test_C10_one_that_was_imported_before_is_opened(
    bookkeeper: Browser, simulator: RunningSimulator, costs: Costs, switch_costs: SwitchCosts
) -> None:
    switch_costs(source=Source.EXACT)
    stored = known_to_exact(simulator, costs)
    import_hit(bookkeeper, costs, stored["ID"])
    (item,) = db.session.scalars(select(costs.model))
    assert "known here" in words(bookkeeper.get(f"{search_page(costs)}?q={stored['Code']}"))
    answer = import_hit(bookkeeper, costs, stored["ID"])

    assert answer.headers["Location"] == f"{costs.page}{item.id}"
    assert count(costs.model) == 1


def test_C10_one_with_that_code_is_opened_and_linked(
    bookkeeper: Browser,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    switch_costs: SwitchCosts,
) -> None:
    switch_costs(source=Source.EXACT)
    stored = known_to_exact(simulator, costs)
    item = make(stored["Code"].lower(), "As we call it")
    assert "known here" in words(bookkeeper.get(f"{search_page(costs)}?q={stored['Code']}"))
    answer = import_hit(bookkeeper, costs, stored["ID"])

    assert answer.headers["Location"] == f"{costs.page}{item.id}"
    assert count(costs.model) == 1
    assert item.name == "As we call it"
    assert standing(costs, item).stage is Stage.LINKED


def test_C10_after_one_was_deleted_here_it_can_be_imported_anew(
    bookkeeper: Browser, simulator: RunningSimulator, costs: Costs, switch_costs: SwitchCosts
) -> None:
    switch_costs(source=Source.EXACT)
    stored = known_to_exact(simulator, costs)
    import_hit(bookkeeper, costs, stored["ID"])
    (item,) = db.session.scalars(select(costs.model))
    bookkeeper.post(f"{costs.page}{item.id}/delete")
    assert count(costs.model) == 0
    import_hit(bookkeeper, costs, stored["ID"])

    assert count(costs.model) == 1


def test_C10_two_people_who_import_at_once_get_one(
    app: Flask,
    connection: ExactConnection,
    simulator: RunningSimulator,
    costs: Costs,
    switch_costs: SwitchCosts,
) -> None:
    switch_costs(source=Source.EXACT)
    kind = CostKind(costs.kind.value.replace("carrier", "unit"))
    found = next(open_client(connection.id).cost_items(kind))
    connection_id = connection.id

    def import_it() -> int:
        return import_cost_item(get_connection(connection_id), costs.model, found).item.id

    assert len(set(at_once(app, [import_it] * 3))) == count(costs.model) == 1
