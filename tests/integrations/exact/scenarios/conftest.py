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
