"""Cost centres and cost carriers, each story for both: made here and sent, made of resources, found
in Exact and imported, named by bookings (C1 to C14).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding
from ppplanner.integrations.exact.models import ExactConnection, ExactCostLink, Kind
from ppplanner.integrations.exact.settings import Source
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, Standing, standings
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
from tests.factories import make_company, make_resource, make_resource_type
from tests.integrations.exact.conftest import Connect, new_invoice
from tests.integrations.exact.scenarios.conftest import Switch, Work

pytestmark = pytest.mark.one_database

ENTRIES = "salesentry/SalesEntries"
CostItem = CostCentre | CostCarrier


@dataclass(frozen=True)
class Costs:
    """One of the two kinds, in our words and in Exact's."""

    model: type[CostItem]
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


def in_exact(simulator: RunningSimulator, costs: Costs, code: str) -> list[dict[str, Any]]:
    return simulator.records(costs.path, simulator.division, Code=code)


def count(model: type[CostItem]) -> int:
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


def invoice_on(unit: BusinessUnit, **costs: CostItem) -> Invoice:
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
