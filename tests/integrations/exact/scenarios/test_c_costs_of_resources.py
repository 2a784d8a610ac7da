"""Cost centres and cost carriers that are made of resources (C6 to C8)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.settings import Source, exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage
from ppplanner.models import (
    BusinessUnit,
    Company,
    Resource,
)
from ppplanner.services.fleet.resource_import import carry_out, plan_import
from tests.factories import (
    make_company,
    make_resource,
    make_resource_type,
)
from tests.integrations.exact.conftest import Connect
from tests.integrations.exact.scenarios.conftest import Work
from tests.integrations.exact.scenarios.costs import (
    CARRIERS,
    CENTRES,
    Costs,
    Make,
    SwitchCosts,
    count,
    in_exact,
    later,
    new_resource,
    own_item,
    standing,
)

pytestmark = pytest.mark.one_database


def import_file(unit: BusinessUnit, *plates: str, heading: str = "Licence plate") -> None:
    make_resource_type("Van")
    rows = [f"{plate};Van;{unit.pools[0].name}" for plate in plates]
    plan = plan_import("\n".join([f"{heading};Type;Pool", *rows]).encode(), list(unit.pools))
    carry_out(plan)
    db.session.commit()


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
