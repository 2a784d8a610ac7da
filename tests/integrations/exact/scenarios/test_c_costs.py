"""Cost centres and cost carriers, each story for both: made here and sent, by themselves or by
hand, where they are used (C1 to C5).
"""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.integrations.exact.models import ExactConnection, ExactCostLink
from ppplanner.integrations.exact.settings import Source
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, Standing
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import (
    BusinessUnit,
    Company,
)
from tests.blueprints.pages import words
from tests.conftest import Browser, Login
from tests.factories import (
    make_company,
    make_unit,
)
from tests.integrations.exact.conftest import Connect
from tests.integrations.exact.scenarios.conftest import Switch, Work
from tests.integrations.exact.scenarios.costs import (
    CARRIERS,
    CENTRES,
    Costs,
    Make,
    SwitchCosts,
    booked_lines,
    delete_in_exact,
    forward,
    import_hit,
    in_exact,
    invoice_on,
    known_to_exact,
    later,
    new_resource,
    own_item,
    search_page,
    standing,
    use,
)

pytestmark = pytest.mark.one_database


def test_C01_where_they_are_not_used_there_is_no_field_list_search_or_posting(
    bookkeeper: Browser,
    company: Company,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    switch_costs: SwitchCosts,
    work: Work,
) -> None:
    item = make("K1")
    work()
    invoice = invoice_on(unit, **{costs.field: item})
    simulator.log.clear()
    use(company, costs, False)
    switch_costs(source=Source.EXACT, from_resources=True)

    assert bookkeeper.get(costs.page).status_code == 404
    assert costs.page not in bookkeeper.get("/ledger/gl-accounts/").text
    assert bookkeeper.get(f"{search_page(costs)}?q=van").status_code == 409
    make("K1", "Another name", **{costs.field: item})
    assert own_item(costs, new_resource(unit)) is None
    forward(invoice)
    work()

    assert not simulator.log.calls(costs.path)
    assert [line[costs.on_line] for line in booked_lines(simulator)] == [None]


@pytest.mark.parametrize("used", [(CENTRES,), (CARRIERS,), (CENTRES, CARRIERS)])
def test_C02_screens_and_postings_follow_what_is_used(
    connection: ExactConnection,
    login: Login,
    company: Company,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    work: Work,
    used: tuple[Costs, ...],
) -> None:
    both = (CENTRES, CARRIERS)
    items = {
        each.field: each.save(group_id=company.group_id, code=f"K{n}", name="Van")
        for n, each in enumerate(both)
    }
    invoice = invoice_on(unit, **items)
    for each in both:
        use(company, each, each in used)
    browser = login("ledger.view")
    forward(invoice)
    work()

    (line,) = booked_lines(simulator)
    for n, each in enumerate(both):
        assert (browser.get(each.page).status_code == 200) == (each in used)
        assert line[each.on_line] == (f"K{n}" if each in used else None)
        assert bool(in_exact(simulator, each, f"K{n}")) == (each in used)


# --- made here, and sent ------------------------------------------------------------------------


def test_C03_one_that_is_made_here_is_in_exact_with_code_and_name(
    connection: ExactConnection, simulator: RunningSimulator, costs: Costs, make: Make, work: Work
) -> None:
    item = make("K1", "Van one")
    assert standing(costs, item).stage is Stage.WAITING
    work()

    (stored,) = in_exact(simulator, costs, "K1")
    assert stored["Description"] == "Van one"
    assert standing(costs, item) == Standing(Stage.LINKED, number="K1")
    link = db.session.scalars(select(ExactCostLink)).one()
    assert (str(link.exact_id), link.code, link.name) == (stored["ID"], "K1", "Van one")


def test_C03_saved_again_unchanged_nothing_more_is_written(
    connection: ExactConnection, simulator: RunningSimulator, costs: Costs, make: Make, work: Work
) -> None:
    item = make()
    work()
    make(**{costs.field: item})
    make(active=False, **{costs.field: item})
    work()

    assert len(simulator.log.writes()) == 1


def test_C03_one_that_is_archived_before_exact_hears_of_it_stays_here(
    connection: ExactConnection, simulator: RunningSimulator, costs: Costs, make: Make, work: Work
) -> None:
    make(active=False)
    work()

    assert len(simulator.log) == 0


def test_C03_while_exact_is_down_it_waits_and_is_made_once(
    connection: ExactConnection, simulator: RunningSimulator, costs: Costs, make: Make, work: Work
) -> None:
    simulator.fail_next("drop_after", costs.path, method="POST")
    item = make()
    work()
    assert standing(costs, item).stage is Stage.WAITING

    with later(minutes=5):
        work()
    assert len(in_exact(simulator, costs, "K1")) == 1
    assert standing(costs, item).stage is Stage.LINKED
    assert simulator.log.count(costs.path, "POST") == 1


def test_C03_one_whose_code_is_changed_before_it_is_known_whether_it_arrived_is_made_once(
    connection: ExactConnection, simulator: RunningSimulator, costs: Costs, make: Make, work: Work
) -> None:
    simulator.fail_next("drop_after", costs.path, method="POST")
    item = make("K1", "Van one")
    work()
    make("K2", "Van two", **{costs.field: item})

    with later(minutes=5):
        work()
    assert standing(costs, item) == Standing(Stage.LINKED, number="K1")
    assert not in_exact(simulator, costs, "K2")
    assert in_exact(simulator, costs, "K1")[0]["Description"] == "Van two"


def test_C03_one_whose_code_is_changed_before_a_call_that_did_not_arrive_has_the_new_one_there(
    connection: ExactConnection, simulator: RunningSimulator, costs: Costs, make: Make, work: Work
) -> None:
    simulator.fail_next("drop_before", costs.path, method="POST")
    item = make("K1")
    work()
    make("K2", **{costs.field: item})

    with later(minutes=5):
        work()
    assert standing(costs, item) == Standing(Stage.LINKED, number="K2")
    assert not in_exact(simulator, costs, "K1")


def test_C03_one_that_is_deleted_meanwhile_stays_away(
    connection: ExactConnection, simulator: RunningSimulator, costs: Costs, make: Make, work: Work
) -> None:
    item = make()
    db.session.delete(item)
    assert work() == 1

    assert not simulator.log.writes()


def test_C03_it_goes_to_the_books_of_each_company_of_the_group(
    connection: ExactConnection,
    simulator: RunningSimulator,
    company: Company,
    connect: Connect,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    other = connect(make_company(group=company.group), simulator.other_division, user="joris")
    make()
    work()
    run_outbox(other.id)

    places = {each["Division"] for each in simulator.records(costs.path, Code="K1")}
    assert places == {simulator.division, simulator.other_division}


def test_C04_a_new_name_changes_the_same_record(
    connection: ExactConnection, simulator: RunningSimulator, costs: Costs, make: Make, work: Work
) -> None:
    item = make("K1", "Van one")
    work()
    (before,) = in_exact(simulator, costs, "K1")
    make("K1", "Van two", **{costs.field: item})
    work()

    (stored,) = in_exact(simulator, costs, "K1")
    assert (stored["ID"], stored["Description"]) == (before["ID"], "Van two")
    (change,) = simulator.log.calls(costs.path, "PUT")
    assert change.body == {"Description": "Van two"}


def test_C04_a_new_code_stays_here_since_exact_never_changes_one(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    item = make("K1")
    work()
    make("K2", **{costs.field: item})
    forward(invoice_on(unit, **{costs.field: item}))
    work()

    assert not in_exact(simulator, costs, "K2")
    assert {line[costs.on_line] for line in booked_lines(simulator)} == {"K1"}


def test_C04_a_new_name_whose_answer_was_lost_is_sent_again_without_harm(
    connection: ExactConnection, simulator: RunningSimulator, costs: Costs, make: Make, work: Work
) -> None:
    item = make("K1", "Van one")
    work()
    simulator.fail_next("drop_after", costs.path, method="PUT")
    make("K1", "Van two", **{costs.field: item})
    work()
    with later(minutes=5):
        work()

    assert standing(costs, item).stage is Stage.LINKED
    assert in_exact(simulator, costs, "K1")[0]["Description"] == "Van two"


def test_C04_a_name_that_is_changed_back_before_its_answer_comes_is_changed_back_there_too(
    connection: ExactConnection, simulator: RunningSimulator, costs: Costs, make: Make, work: Work
) -> None:
    item = make("K1", "Van one")
    work()
    simulator.fail_next("drop_after", costs.path, method="PUT")
    make("K1", "Van two", **{costs.field: item})
    work()
    make("K1", "Van one", **{costs.field: item})

    with later(minutes=5):
        work()
    assert in_exact(simulator, costs, "K1")[0]["Description"] == "Van one"


def test_C04_one_that_was_deleted_in_exact_is_said_so_and_made_anew_at_the_next_try(
    connection: ExactConnection, simulator: RunningSimulator, costs: Costs, make: Make, work: Work
) -> None:
    item = make("K1", "Van one")
    work()
    delete_in_exact(simulator, costs, "K1")
    make("K1", "Van two", **{costs.field: item})
    work()
    assert "no longer in Exact" in str(standing(costs, item).reasons[0])

    make("K1", "Van two", **{costs.field: item})
    work()
    assert in_exact(simulator, costs, "K1")[0]["Description"] == "Van two"


def test_C05_one_that_exact_has_is_linked_whatever_the_case_of_its_code(
    connection: ExactConnection, simulator: RunningSimulator, costs: Costs, make: Make, work: Work
) -> None:
    known = known_to_exact(simulator, costs)
    item = make(known["Code"].lower(), "As we call it")
    work()

    assert standing(costs, item) == Standing(Stage.LINKED, number=known["Code"])
    assert not simulator.log.writes()
    assert in_exact(simulator, costs, known["Code"])[0]["Description"] == known["Description"]


def test_C05_of_two_that_differ_in_case_only_the_second_is_refused(
    connection: ExactConnection, simulator: RunningSimulator, costs: Costs, make: Make, work: Work
) -> None:
    make("K1", "Van one")
    second = make("k1", "Van two")
    work()

    assert len(simulator.log.writes()) == 1
    assert standing(costs, second).stage is Stage.REFUSED
    assert "K1 Van one" in str(standing(costs, second).reasons[0])


def test_C05_one_whose_code_another_took_while_its_own_was_in_doubt_is_made_with_a_code_of_its_own(
    connection: ExactConnection, simulator: RunningSimulator, costs: Costs, make: Make, work: Work
) -> None:
    simulator.fail_next("drop_after", costs.path, method="POST")
    first = make("K1", "Van one")
    work()
    make("K1 old", "Van one", **{costs.field: first})
    second = make("K1", "Van two")
    work()
    with later(minutes=5):
        work()
    assert standing(costs, second).stage is Stage.LINKED
    assert standing(costs, first).stage is Stage.REFUSED

    make("K3", "Van one", **{costs.field: first})
    with later(minutes=10):
        work()
    assert standing(costs, first) == Standing(Stage.LINKED, number="K3")


# --- sent by hand -------------------------------------------------------------------------------


def test_those_that_were_here_before_the_link_are_sent_by_hand_from_the_list(
    connection: ExactConnection,
    login: Login,
    simulator: RunningSimulator,
    switch: Switch,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    switch(enabled=False)
    old, archived = make("K1"), make("K2", active=False)
    switch(enabled=True)
    new = make("K3")
    work()
    browser = login("ledger.view", "exact.forward")
    assert "Send to Exact" in browser.get(costs.page).text
    data = {"ids": [old.id, archived.id, new.id]}
    answer = browser.post(f"/exact/{costs.name}/send", data=data)
    assert "1 is on its way to Exact" in words(browser.get(answer.headers["Location"]))
    work()

    assert in_exact(simulator, costs, "K1")
    assert not in_exact(simulator, costs, "K2")
    answer = browser.post(f"/exact/{costs.name}/send", data=data)
    assert "knows them already" in words(browser.get(answer.headers["Location"]))


def test_where_they_come_from_exact_none_is_sent(
    connection: ExactConnection,
    login: Login,
    simulator: RunningSimulator,
    switch: Switch,
    switch_costs: SwitchCosts,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    switch_costs(source=Source.EXACT)
    item = make("K1")
    browser = login("ledger.view", "exact.forward")
    assert "Send to Exact" not in browser.get(costs.page).text
    browser.post(f"/exact/{costs.name}/send", data={"ids": item.id})
    work()

    assert len(simulator.log) == 0


def test_what_was_imported_from_one_company_s_books_goes_to_another_s_with_an_invoice_only(
    bookkeeper: Browser,
    simulator: RunningSimulator,
    company: Company,
    connect: Connect,
    switch_costs: SwitchCosts,
    costs: Costs,
) -> None:
    switch_costs(source=Source.EXACT)
    other = connect(make_company(group=company.group), simulator.other_division, user="joris")
    stored = known_to_exact(simulator, costs)
    simulator.change(costs.path, stored, Code="ONLYHERE")
    import_hit(bookkeeper, costs, stored["ID"])
    run_outbox(other.id)
    assert not simulator.log.writes()

    (item,) = db.session.scalars(select(costs.model))
    unit = make_unit(other.company)
    forward(invoice_on(unit, **{costs.field: item}))
    run_outbox(other.id)
    assert len(simulator.records(costs.path, simulator.other_division, Code="ONLYHERE")) == 1
    assert [line[costs.on_line] for line in booked_lines(simulator)] == ["ONLYHERE"]
