"""What the stories of domain section 16 have in common: switches, and the clock's next step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ppplanner.extensions import db
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import Company
from tests.conftest import Browser, Login
from tests.integrations.exact.scenarios.costs import CARRIERS, CENTRES, Costs, Make, SwitchCosts

Switch = Callable[..., None]
Work = Callable[[], int]


@pytest.fixture
def switch(company: Company) -> Switch:
    """Set switches of the company: `switch(customers_send=False)`."""

    def set_them(**values: Any) -> None:
        exact_settings.save(company.id, **values)
        db.session.commit()

    return set_them


@pytest.fixture
def work(connection: ExactConnection) -> Work:
    """Let the worker send what waits now; how many records are settled."""
    connection_id = connection.id

    def send() -> int:
        db.session.commit()
        return run_outbox(connection_id)

    return send


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


@pytest.fixture
def bookkeeper(connection: ExactConnection, login: Login) -> Browser:
    return login("ledger.view", "ledger.edit", "exact.search", "exact.view")
