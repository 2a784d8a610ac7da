"""One simulator for all tests of this folder, fresh for each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from ppplanner.integrations.exact.simulator import RunningSimulator
from tests.integrations.exact.simulator.caller import Caller, Json

MONDAY_MORNING = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
CUSTOMER = "Van den Bossche & Zonen NV"

EntryMaker = Callable[..., Json]


@pytest.fixture(scope="session")
def running() -> Iterator[RunningSimulator]:
    with RunningSimulator() as exact:
        yield exact


@pytest.fixture
def no_gl_account_is_written() -> None:
    """Exact's own rules on writing them have to be tried here."""


@pytest.fixture
def exact(running: RunningSimulator) -> RunningSimulator:
    running.reset(MONDAY_MORNING)
    return running


@pytest.fixture
def caller(exact: RunningSimulator) -> Iterator[Caller]:
    found = Caller(exact)
    yield found
    found.session.close()


@pytest.fixture
def line(exact: RunningSimulator) -> EntryMaker:
    """A line on the ledger account of van rental, 100 EUR."""

    def made(account: str = "700100", amount: float = 100.0, **more: Any) -> Json:
        ledger = exact.id_of("financial/GLAccounts", account)
        return {"GLAccount": ledger, "AmountFC": amount, **more}

    return made


@pytest.fixture
def entry(exact: RunningSimulator, line: EntryMaker) -> EntryMaker:
    """The body of a sales entry that Exact accepts, but for what is given."""

    def made(*lines: Json, **more: Any) -> Json:
        usual = {
            "Customer": exact.account(CUSTOMER)["ID"],
            "Journal": "70",
            "YourRef": "2026-0001",
            "SalesEntryLines": list(lines) or [line()],
        }
        return usual | more

    return made
