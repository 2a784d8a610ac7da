"""A firm, its link with a simulator that runs all session long, and what tests need of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask

from ppplanner.documents import read_then_print
from ppplanner.documents.printing import print_pdf
from ppplanner.extensions import db
from ppplanner.integrations.exact import call_counts, quota
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.simulator.requestlog import WRITES, Call, RequestLog
from ppplanner.models import BusinessUnit, Company, Invoice
from tests.factories import (
    make_company,
    make_contract,
    make_invoice,
    make_unit,
    make_vat_code,
)
from tests.integrations.exact.first_answers import FirstAnswers
from tests.integrations.exact.logins import AtExact, link

Connect = Callable[..., ExactConnection]


@pytest.fixture
def addons() -> tuple[str, ...]:
    return ("exact",)


@pytest.fixture(scope="session")
def writes_to_the_ledger() -> Iterator[list[Call]]:
    """The calls with which anybody wanted to write GL accounts, to whichever simulator: also those
    of which a test clears the log.
    """
    found: list[Call] = []
    hear = RequestLog.open

    def listen(log: RequestLog, *call: Any) -> Call:
        heard = hear(log, *call)
        if heard.method in WRITES and "glaccounts" in heard.resource.lower():
            found.append(heard)
        return heard

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RequestLog, "open", listen)
        yield found


@pytest.fixture(autouse=True)
def no_gl_account_is_written(writes_to_the_ledger: list[Call]) -> Iterator[None]:
    """Whatever a test does with the link: GL accounts in Exact are never written (mission S35,
    domain D8).
    """
    writes_to_the_ledger.clear()
    yield
    assert not writes_to_the_ledger


@pytest.fixture(autouse=True)
def nobody_waits_for_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test may use its minute's calls at once, and hears at once that they are used up."""
    monkeypatch.setattr(call_counts, "AT_ONCE", 1)
    monkeypatch.setattr(quota, "PATIENCE", dict.fromkeys(quota.PATIENCE, timedelta(0)))


@pytest.fixture(autouse=True)
def blank_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PDF is told from others and nothing more: to print one takes longer than to send it."""
    monkeypatch.setattr(read_then_print, "print_pdf", _blank)


def _blank(html: str) -> bytes:
    return f"%PDF-1.7 {sha256(html.encode()).hexdigest()}".encode()


@pytest.fixture
def printed_paper(blank_paper: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """PDFs are printed, as people get them."""
    monkeypatch.setattr(read_then_print, "print_pdf", print_pdf)


@pytest.fixture(scope="session")
def running_simulator() -> Iterator[RunningSimulator]:
    with RunningSimulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(running_simulator: RunningSimulator) -> RunningSimulator:
    """Exact as it is at first: nothing booked, nobody logged in, limits on, no faults."""
    running_simulator.reset()
    return running_simulator


@pytest.fixture
def unit(app: Flask) -> BusinessUnit:
    make_vat_code("21")
    return make_unit(make_company(name="Verhuur Peeters"))


@pytest.fixture
def company(unit: BusinessUnit) -> Company:
    return unit.company


@pytest.fixture(scope="session")
def first_answers(running_simulator: RunningSimulator) -> FirstAnswers:
    return FirstAnswers.of(running_simulator)


@pytest.fixture
def connect(app: Flask, simulator: RunningSimulator, first_answers: FirstAnswers) -> Connect:
    """Link a company with an administration of the simulator, as a person would on the screens.

    What Eva gets to hear is known from before; anybody else asks the simulator.
    """

    def connect(
        company: Company, division: int | None = None, user: str = "eva"
    ) -> ExactConnection:
        wanted = division or simulator.division
        with first_answers.given(simulator) if user == "eva" else nullcontext():
            connection = link(company, AtExact.of(simulator), wanted, user)
        simulator.log.clear()
        return connection

    return connect


@pytest.fixture
def connection(company: Company, connect: Connect) -> ExactConnection:
    return connect(company)


@pytest.fixture
def invoice(unit: BusinessUnit) -> Invoice:
    """A confirmed invoice of a customer who is not in Exact yet."""
    return new_invoice(unit)


def new_invoice(
    unit: BusinessUnit,
    confirmed: bool = True,
    invoice_date: date | None = None,
    **fields: Any,
) -> Invoice:
    """One more invoice, by default of today; the other fields are the contract's."""
    contract = make_contract(unit=unit, **fields)
    made = make_invoice(contract=contract, confirmed=confirmed, invoice_date=invoice_date)
    db.session.commit()
    return made
