"""Cost centres and cost carriers, each story for both: made here and sent, made of resources, found
in Exact and imported, named by bookings (C1 to C14).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding, outbox
from ppplanner.integrations.exact.connect import get_connection, open_client
from ppplanner.integrations.exact.models import ExactConnection, ExactCostLink, Kind
from ppplanner.integrations.exact.records import CostKind
from ppplanner.integrations.exact.settings import Source, exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, Standing, standings
from ppplanner.integrations.exact.sync.cost_imports import import_cost_item
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import (
    BusinessUnit,
    Company,
    CostCarrier,
    CostCentre,
    Invoice,
    Resource,
)
from ppplanner.services import ledger
from ppplanner.services.fleet import resources
from ppplanner.services.fleet.resource_import import carry_out, plan_import
from ppplanner.services.fleet.resources import ResourceData
from ppplanner.services.invoices import crediting
from ppplanner.services.invoices.confirming import confirm_invoice
from tests.blueprints.pages import words
from tests.conftest import Browser, Login
from tests.factories import (
    make_company,
    make_gl_account,
    make_resource,
    make_resource_type,
    make_unit,
)
from tests.integrations.exact.conftest import Connect, new_invoice
from tests.integrations.exact.scenarios.conftest import Switch, Work

pytestmark = pytest.mark.one_database

ENTRIES = "salesentry/SalesEntries"
CostItem = CostCentre | CostCarrier


@dataclass(frozen=True)
class Costs:
    """One of the two kinds, in our words and in Exact's."""

    model: Any
    kind: Kind
    #: The prefix of its switches, and its page.
    name: str
    #: Exact's resource, and what a line calls it.
    path: str
    on_line: str
    save: Callable[..., Any]

    @property
    def field(self) -> str:
        return self.kind.value

    @property
    def page(self) -> str:
        return f"/ledger/{self.name.replace('_', '-')}/"


CENTRES = Costs(
    CostCentre,
    Kind.COST_CENTRE,
    "cost_centres",
    "hrm/Costcenters",
    "CostCenter",
    ledger.save_cost_centre,
)
CARRIERS = Costs(
    CostCarrier,
    Kind.COST_CARRIER,
    "cost_carriers",
    "hrm/Costunits",
    "CostUnit",
    ledger.save_cost_carrier,
)
Make = Callable[..., Any]
SwitchCosts = Callable[..., None]


@pytest.fixture(params=[CENTRES, CARRIERS], ids=lambda costs: costs.name)
def costs(request: pytest.FixtureRequest) -> Costs:
    found: Costs = request.param
    return found


@pytest.fixture
def make(company: Company, costs: Costs) -> Make:
    """Somebody makes or changes one, and goes on."""

    def made(code: str = "K1", name: str = "Van one", **more: Any) -> Any:
        item = costs.save(group_id=company.group_id, code=code, name=name, **more)
        db.session.commit()
        return item

    return made


@pytest.fixture
def switch_costs(switch: Switch, costs: Costs) -> SwitchCosts:
    """Set switches of this kind: `switch_costs(source=Source.EXACT)`."""

    def set_them(**values: Any) -> None:
        switch(**{f"{costs.name}_{name}": value for name, value in values.items()})

    return set_them


def use(company: Company, costs: Costs, used: bool) -> None:
    setattr(company.group, f"uses_{costs.name}", used)
    db.session.commit()


def standing(costs: Costs, item: CostItem) -> Standing:
    return standings(costs.kind, [item.id])[item.id]


def invoice_standing(invoice: Invoice) -> Standing:
    return standings(Kind.INVOICE, [invoice.id])[invoice.id]


def in_exact(simulator: RunningSimulator, costs: Costs, code: str) -> list[dict[str, Any]]:
    return simulator.records(costs.path, simulator.division, Code=code)


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def delete_in_exact(simulator: RunningSimulator, costs: Costs, code: str) -> None:
    """Somebody deletes it at Exact's own screens."""
    table = simulator.state.books[simulator.division].table(costs.path)
    (found,) = table.by("Code", code)
    table.remove(found)


def later(**time: float) -> time_machine.travel:
    return time_machine.travel(now() + timedelta(**time), tick=True)


def forward(*invoices: Invoice) -> None:
    forwarding.forward([invoice.id for invoice in invoices], by="Anke")
    db.session.commit()


def booked_lines(simulator: RunningSimulator) -> list[dict[str, Any]]:
    return [line for entry in simulator.entries() for line in entry["SalesEntryLines"]]


def invoice_on(unit: BusinessUnit, **costs: Any) -> Invoice:
    """A confirmed invoice for a van that is on these: `cost_centre`, `cost_carrier`."""
    return new_invoice(unit, resource=make_resource(unit, **costs))


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
    known = simulator.records(costs.path, simulator.division)[0]
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


# --- made of resources --------------------------------------------------------------------------


def new_resource(
    unit: BusinessUnit, plate: str = "1-ABC-123", code: str = "", **more: Any
) -> Resource:
    """Somebody adds a van."""
    data = ResourceData(code, make_resource_type(), unit.pools[0], plate, "Ford", "Transit", **more)
    resource = resources.save_resource(data)
    db.session.commit()
    return resource


def import_file(unit: BusinessUnit, *plates: str, heading: str = "Licence plate") -> None:
    make_resource_type("Van")
    rows = [f"{plate};Van;{unit.pools[0].name}" for plate in plates]
    plan = plan_import("\n".join([f"{heading};Type;Pool", *rows]).encode(), list(unit.pools))
    carry_out(plan)
    db.session.commit()


def own_item(costs: Costs, resource: Resource) -> Any:
    return getattr(resource, costs.field)


def test_C06_a_new_resource_gets_one_of_its_own_and_exact_gets_it_too(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    switch_costs: SwitchCosts,
    work: Work,
) -> None:
    switch_costs(from_resources=True)
    van = new_resource(unit, "1-ABC-123")
    item = own_item(costs, van)
    work()

    assert (item.code, item.name, item.origin) == (
        "1ABC123",
        "1-ABC-123 Ford Transit",
        "resource",
    )
    assert in_exact(simulator, costs, "1ABC123")[0]["Description"] == "1-ABC-123 Ford Transit"
    assert standing(costs, item).stage is Stage.LINKED
    other = CARRIERS if costs is CENTRES else CENTRES
    assert own_item(other, van) is None


def test_C06_the_plate_gives_the_code_and_without_one_the_resource_s_own(
    connection: ExactConnection, unit: BusinessUnit, costs: Costs, switch_costs: SwitchCosts
) -> None:
    switch_costs(from_resources=True)

    assert own_item(costs, new_resource(unit, "1-ABC-123", "Van 7")).code == "1ABC123"
    assert own_item(costs, new_resource(unit, "", "Crane 7")).code == "CRANE7"


def test_C06_one_that_a_person_chose_stays(
    connection: ExactConnection,
    unit: BusinessUnit,
    costs: Costs,
    make: Make,
    switch_costs: SwitchCosts,
) -> None:
    switch_costs(from_resources=True)
    chosen = make("K1")
    van = new_resource(unit, **{costs.field: chosen})

    assert own_item(costs, van) is chosen
    assert count(costs.model) == 1


def test_C06_one_that_has_the_code_already_is_taken_unless_another_resource_has_it(
    connection: ExactConnection,
    unit: BusinessUnit,
    costs: Costs,
    make: Make,
    switch_costs: SwitchCosts,
) -> None:
    switch_costs(from_resources=True)
    known = make("1abc123")
    assert own_item(costs, new_resource(unit, "1-ABC-123")) is known

    taken = make("1ABC124")
    make_resource(unit, **{costs.field: taken})
    assert own_item(costs, new_resource(unit, "1-ABC-124")).code == "1ABC1242"


@pytest.mark.parametrize(
    "off",
    [
        pytest.param({"from_resources": False}, id="C07 automatic making is off"),
        pytest.param({"source": Source.EXACT}, id="C09 they come from Exact"),
    ],
)
def test_C07_otherwise_a_new_resource_makes_none(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    switch_costs: SwitchCosts,
    work: Work,
    off: dict[str, Any],
) -> None:
    switch_costs(**{"from_resources": True, **off})
    van = new_resource(unit)
    work()

    assert own_item(costs, van) is None
    assert count(costs.model) == 0
    assert len(simulator.log) == 0


def test_C07_while_another_company_of_the_group_has_them_from_exact_none_is_made(
    connection: ExactConnection,
    simulator: RunningSimulator,
    company: Company,
    unit: BusinessUnit,
    connect: Connect,
    costs: Costs,
    switch_costs: SwitchCosts,
) -> None:
    switch_costs(from_resources=True)
    other = connect(make_company(group=company.group), simulator.other_division, user="joris")
    exact_settings.save(other.company_id, **{f"{costs.name}_source": Source.EXACT})

    assert own_item(costs, new_resource(unit)) is None


def test_C08_an_import_of_50_makes_50_and_the_same_file_again_no_more(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    switch_costs: SwitchCosts,
    work: Work,
) -> None:
    switch_costs(from_resources=True)
    before = len(simulator.records(costs.path, simulator.division))
    plates = [f"2-VAN-{number:03}" for number in range(50)]
    import_file(unit, *plates)
    import_file(unit, *plates)
    assert count(costs.model) == 50

    for minute in range(5):  # Exact allows 60 calls each
        with later(minutes=minute):
            work()
    assert len(simulator.records(costs.path, simulator.division)) == before + 50
    assert simulator.log.count(costs.path, "POST") == 50
    vans = db.session.scalars(select(Resource)).all()
    assert {own_item(costs, van).code for van in vans} == {f"2VAN{n:03}" for n in range(50)}


def test_C08_codes_that_begin_alike_are_told_apart_by_a_number(
    connection: ExactConnection,
    unit: BusinessUnit,
    costs: Costs,
    switch_costs: SwitchCosts,
) -> None:
    switch_costs(from_resources=True)
    import_file(unit, "Vrachtwagen 1", "Vrachtwagen 2", "Vrachtwagen 3", heading="Code")

    codes = db.session.scalars(select(costs.model.code).order_by(costs.model.id))
    assert list(codes) == ["VRACHTWA", "VRACHTW2", "VRACHTW3"]


# --- found in Exact, and imported ---------------------------------------------------------------


@pytest.fixture
def bookkeeper(connection: ExactConnection, login: Login) -> Browser:
    return login("ledger.view", "ledger.edit", "exact.search", "exact.view")


def search_page(costs: Costs) -> str:
    return f"/exact/{costs.name}/search"


def import_hit(browser: Browser, costs: Costs, exact_id: str) -> TestResponse:
    return browser.post(f"/exact/{costs.name}/import", data={"exact_id": exact_id})


def test_C09_nothing_is_added_by_hand_but_found_in_exact_and_imported(
    bookkeeper: Browser, simulator: RunningSimulator, costs: Costs, switch_costs: SwitchCosts
) -> None:
    switch_costs(source=Source.EXACT)
    stored = simulator.records(costs.path, simulator.division)[0]
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
    stored = simulator.records(costs.path, simulator.division)[0]
    import_hit(bookkeeper, costs, stored["ID"])
    (item,) = db.session.scalars(select(costs.model))
    make(item.code, "As we call it", **{costs.field: item})
    work()

    assert not simulator.log.writes()


def test_C09_enter_imports_the_first_hit_of_what_is_typed_and_otherwise_searches(
    bookkeeper: Browser, simulator: RunningSimulator, costs: Costs, switch_costs: SwitchCosts
) -> None:
    switch_costs(source=Source.EXACT)
    stored = simulator.records(costs.path, simulator.division)[0]
    data = {"q": stored["Code"], "found_by": "something else", "first_hit": stored["ID"]}
    searched = bookkeeper.post(f"/exact/{costs.name}/import", data=data)
    assert searched.headers["Location"] == f"{search_page(costs)}?q={stored['Code']}"
    assert count(costs.model) == 0

    bookkeeper.post(f"/exact/{costs.name}/import", data={**data, "found_by": stored["Code"]})
    assert count(costs.model) == 1


def test_C09_made_here_there_is_no_search(
    bookkeeper: Browser, simulator: RunningSimulator, costs: Costs
) -> None:
    stored = simulator.records(costs.path, simulator.division)[0]
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
    stored = simulator.records(costs.path, simulator.division)[0]
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
    stored = simulator.records(costs.path, simulator.division)[0]
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
    stored = simulator.records(costs.path, simulator.division)[0]
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
    connection_id, start, items = connection.id, Barrier(3), []
    db.session.commit()

    def import_it() -> None:
        with app.app_context():
            start.wait()
            imported = import_cost_item(get_connection(connection_id), costs.model, found)
            items.append(imported.item.id)

    threads = [Thread(target=import_it) for _n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(items) == 3
    assert len(set(items)) == count(costs.model) == 1


# --- used or not --------------------------------------------------------------------------------


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


# --- on bookings --------------------------------------------------------------------------------


def test_C11_each_line_carries_the_code_of_its_resource(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    invoices = [invoice_on(unit, **{costs.field: make(code)}) for code in ("K1", "K2")]
    invoices.append(invoice_on(unit))
    forward(*invoices)
    work()

    assert [line[costs.on_line] for line in booked_lines(simulator)] == ["K1", "K2", None]


def test_C11_a_credit_note_carries_it_too(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    invoice = invoice_on(unit, **{costs.field: make("K1")})
    credit_note = crediting.credit_in_full(invoice, on=invoice.invoice_date)
    confirm_invoice(credit_note)
    forward(invoice, credit_note)
    work()

    assert [line[costs.on_line] for line in booked_lines(simulator)] == ["K1", "K1"]


def test_C12_switched_off_the_same_invoice_goes_without(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    switch_costs: SwitchCosts,
    work: Work,
) -> None:
    invoice = invoice_on(unit, **{costs.field: make("K1")})
    switch_costs(on_invoice=False)
    forward(invoice)
    work()

    assert [line[costs.on_line] for line in booked_lines(simulator)] == [None]


def test_C13_only_the_kind_that_is_switched_on_is_on_the_lines(
    connection: ExactConnection,
    company: Company,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    switch_costs: SwitchCosts,
    work: Work,
) -> None:
    other = CARRIERS if costs is CENTRES else CENTRES
    items = {
        costs.field: make("K1"),
        other.field: other.save(group_id=company.group_id, code="K2", name="Another"),
    }
    switch_costs(on_invoice=False)
    forward(invoice_on(unit, **items))
    work()

    (line,) = booked_lines(simulator)
    assert (line[costs.on_line], line[other.on_line]) == (None, "K2")


def test_C14_what_exact_does_not_have_goes_first(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    switch: Switch,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    switch(enabled=False)
    invoice = invoice_on(unit, **{costs.field: make("K1")})
    switch(enabled=True)
    forward(invoice)
    work()

    written = [call.resource for call in simulator.log.writes()]
    assert written[0] == costs.path
    assert written[-1] == ENTRIES
    assert [line[costs.on_line] for line in booked_lines(simulator)] == ["K1"]


def test_C14_when_that_fails_the_invoice_is_not_posted(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    simulator.fail_next("objection", costs.path, method="POST", text="Sorry", times=None)
    invoice = invoice_on(unit, **{costs.field: make("K1")})
    forward(invoice)
    work()

    told = outbox.attempts(costs.kind, db.session.scalars(select(costs.model.id)).one())
    assert "Sorry" in told[0].words
    reasons = " ".join(map(str, invoice_standing(invoice).reasons))
    assert invoice_standing(invoice).stage is Stage.REFUSED
    assert "does not take cost" in reasons
    assert "K1 Van one" in reasons
    assert "Sorry" in reasons
    assert {call.resource for call in simulator.log.writes()} == {costs.path}

    simulator.faults.clear()
    forward(invoice)
    work()
    assert invoice_standing(invoice).stage is Stage.BOOKED


def test_C14_an_answer_that_was_lost_makes_neither_a_second_item_nor_a_second_booking(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    switch: Switch,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    switch(enabled=False)
    invoice = invoice_on(unit, **{costs.field: make("K1")})
    switch(enabled=True)
    simulator.fail_next("drop_after", costs.path, method="POST")
    forward(invoice)
    work()
    with later(minutes=10):
        work()

    assert invoice_standing(invoice).stage is Stage.BOOKED
    assert simulator.log.count(costs.path, "POST") == 1
    assert len(simulator.entries()) == 1


def test_C14_what_comes_from_exact_is_found_there_by_its_code_and_not_made(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    switch_costs: SwitchCosts,
    work: Work,
) -> None:
    switch_costs(source=Source.EXACT)
    known = simulator.records(costs.path, simulator.division)[0]["Code"]
    found = invoice_on(unit, **{costs.field: make(known)})
    missing = make("K1")
    lost = [invoice_on(unit, **{costs.field: missing}) for _n in range(2)]
    forward(found, *lost)
    work()

    assert [line[costs.on_line] for line in booked_lines(simulator)] == [known]
    for invoice in lost:
        assert "K1 Van one is not in Exact" in str(invoice_standing(invoice).reasons[0])
    assert not simulator.log.writes(costs.path)
    assert simulator.log.count(costs.path, "GET") == 2


def test_C14_one_that_was_deleted_in_exact_is_said_so_and_the_next_try_cures_it(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    invoice = invoice_on(unit, **{costs.field: make("K1")})
    work()
    delete_in_exact(simulator, costs, "K1")
    forward(invoice)
    work()
    assert "K1 Van one is no longer in Exact" in str(invoice_standing(invoice).reasons[0])

    forward(invoice)
    work()
    assert [line[costs.on_line] for line in booked_lines(simulator)] == ["K1"]


def test_C14_a_code_that_was_changed_in_exact_is_learnt(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    invoice = invoice_on(unit, **{costs.field: make("K1")})
    work()
    (stored,) = in_exact(simulator, costs, "K1")
    simulator.change(costs.path, stored, Code="K9")
    forward(invoice)
    work()
    forward(invoice)
    work()

    assert [line[costs.on_line] for line in booked_lines(simulator)] == ["K9"]


def test_C14_one_that_has_ended_in_exact_is_refused_in_words(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    ended = next(each for each in simulator.records(costs.path) if each["EndDate"])
    invoice = invoice_on(unit, **{costs.field: make(ended["Code"])})
    forward(invoice)
    work()

    assert "blocked in Exact" in str(invoice_standing(invoice).reasons[0])
    assert not simulator.entries()


def test_C14_an_account_that_asks_for_one_says_so_when_the_line_has_none(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    code = {CENTRES: "700600", CARRIERS: "700700"}[costs]
    account = make_gl_account(unit, code=code, default_revenue=True)
    without, with_one = invoice_on(unit), invoice_on(unit, **{costs.field: make("K1")})
    assert account in {line.gl_account for line in without.lines}
    forward(without, with_one)
    work()

    assert "asks for a cost" in str(invoice_standing(without).reasons[0])
    assert [line[costs.on_line] for line in booked_lines(simulator)] == ["K1"]


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
    stored = simulator.records(costs.path, simulator.division)[0]
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
