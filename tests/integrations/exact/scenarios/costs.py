"""What the stories of cost centres and cost carriers have in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding
from ppplanner.integrations.exact.models import Kind
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Standing, standings
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
from ppplanner.services.fleet.resources import ResourceData
from tests.conftest import Browser
from tests.factories import (
    make_resource,
    make_resource_type,
)
from tests.integrations.exact.conftest import new_invoice

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


def use(company: Company, costs: Costs, used: bool) -> None:
    setattr(company.group, f"uses_{costs.name}", used)
    db.session.commit()


def standing(costs: Costs, item: CostItem) -> Standing:
    return standings(costs.kind, [item.id])[item.id]


def invoice_standing(invoice: Invoice) -> Standing:
    return standings(Kind.INVOICE, [invoice.id])[invoice.id]


def in_exact(simulator: RunningSimulator, costs: Costs, code: str) -> list[dict[str, Any]]:
    return simulator.records(costs.path, simulator.division, Code=code)


def known_to_exact(simulator: RunningSimulator, costs: Costs) -> dict[str, Any]:
    """One that was made in Exact, and never here."""
    return simulator.records(costs.path, simulator.division)[0]


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


def new_resource(
    unit: BusinessUnit, plate: str = "1-ABC-123", code: str = "", **more: Any
) -> Resource:
    """Somebody adds a van."""
    data = ResourceData(code, make_resource_type(), unit.pools[0], plate, "Ford", "Transit", **more)
    resource = resources.save_resource(data)
    db.session.commit()
    return resource


def own_item(costs: Costs, resource: Resource) -> Any:
    return getattr(resource, costs.field)


def search_page(costs: Costs) -> str:
    return f"/exact/{costs.name}/search"


def import_hit(browser: Browser, costs: Costs, exact_id: str) -> TestResponse:
    return browser.post(f"/exact/{costs.name}/import", data={"exact_id": exact_id})
