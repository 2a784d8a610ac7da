"""How many calls the work that waits still needs: as many as Exact then gets."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding
from ppplanner.integrations.exact.models import ExactConnection, ExactRun
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.sync import invoices
from ppplanner.integrations.exact.sync.effort import calls_for
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import BusinessUnit, Invoice
from tests.integrations.exact.conftest import new_invoice

pytestmark = pytest.mark.one_database


def forward(*invoices: Invoice) -> ExactRun:
    forwarding.forward([invoice.id for invoice in invoices], by="Anke")
    db.session.commit()
    return db.session.scalars(select(ExactRun).order_by(ExactRun.id.desc()).limit(1)).one()


def calls(simulator: RunningSimulator) -> int:
    return sum(not call.path.startswith("/api/oauth2") for call in simulator.log)


@pytest.mark.parametrize("pdf", [False, True])
def test_as_many_calls_are_foretold_as_exact_gets(
    connection: ExactConnection, unit: BusinessUnit, simulator: RunningSimulator, pdf: bool
) -> None:
    exact_settings.save(connection.company_id, invoices_pdf=pdf)
    first = new_invoice(unit)

    foretold = calls_for(forward(first))
    run_outbox(connection.id)
    assert calls(simulator) == foretold == (6 if pdf else 4)

    foretold = calls_for(forward(new_invoice(unit, customer=first.customer)))
    simulator.log.clear()
    run_outbox(connection.id)
    assert calls(simulator) == foretold == (4 if pdf else 2)


def test_what_was_done_before_it_stopped_is_not_counted_again(
    connection: ExactConnection, unit: BusinessUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = forward(new_invoice(unit))
    foretold = calls_for(of)

    monkeypatch.setattr(invoices, "_book", None)
    run_outbox(connection.id)
    assert calls_for(of) == foretold - 4


def test_a_run_waits_for_what_was_there_before_it(
    connection: ExactConnection, unit: BusinessUnit
) -> None:
    customer = new_invoice(unit).customer
    earlier, later = (forward(new_invoice(unit, customer=customer)) for _n in range(2))
    assert calls_for(later) == calls_for(earlier) + 3
