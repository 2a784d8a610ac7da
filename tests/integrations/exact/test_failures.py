"""What becomes of the others when one record fails, and of the link when all do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact.errors import AppRejected, ExactRejected, ExactUnavailable
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage
from ppplanner.integrations.exact.sync.failures import CRASHES_IN_A_ROW, OUTAGE, rest
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import BusinessUnit
from tests.integrations.exact.conftest import new_invoice
from tests.integrations.exact.test_run import forward, later, stage

pytestmark = pytest.mark.one_database


def test_a_call_that_is_lost_while_exact_answers_others_delays_only_its_record(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    mute, other = new_invoice(unit), new_invoice(unit)
    forward(mute, other)
    simulator.fail_next("gateway_timeout", "crm/Accounts", method="GET")
    run_outbox(connection.id)
    assert [stage(mute), stage(other)] == [Stage.WAITING, Stage.BOOKED]
    db.session.refresh(connection)
    assert connection.paused_until is None


def test_records_that_get_no_answer_let_the_others_go_first(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    """Together they cost the link a rest; they must not be the first again after each of these."""
    *mute, other = [new_invoice(unit) for _n in range(OUTAGE + 1)]
    forward(*mute, other)
    simulator.fail_next("gateway_timeout", "crm/Accounts", method="GET", times=OUTAGE)
    run_outbox(connection.id)
    assert stage(other) is Stage.WAITING
    simulator.log.clear()
    with later(seconds=6):
        run_outbox(connection.id)
    assert {stage(each) for each in mute} == {Stage.WAITING}
    assert stage(other) is Stage.BOOKED


def test_when_every_record_crashes_the_link_rests_and_asks_less_and_less(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    """Else an hour of trouble at Exact would use up the calls of a day."""
    invoices = [new_invoice(unit) for _n in range(CRASHES_IN_A_ROW + 3)]
    forward(*invoices)
    simulator.fail_next("crash", times=None)
    run_outbox(connection.id)
    assert simulator.log.count("crm/Accounts") == CRASHES_IN_A_ROW
    db.session.refresh(connection)
    assert connection.paused_until
    assert connection.paused_until > now() + timedelta(seconds=30)

    simulator.faults.clear()
    with later(minutes=20):
        run_outbox(connection.id)
    assert {stage(each) for each in invoices} == {Stage.BOOKED}


def test_when_every_booking_crashes_the_link_rests_though_exact_answers_other_calls(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    forward(*(new_invoice(unit) for _n in range(2 * CRASHES_IN_A_ROW)))
    simulator.fail_next("crash", "salesentry/SalesEntries", method="POST", times=None)
    pauses = []
    for _n in range(2):
        run_outbox(connection.id)
        db.session.refresh(connection)
        assert connection.paused_until
        pauses.append(connection.paused_until - now())
        connection.paused_until = None
        db.session.commit()

    assert simulator.log.count("salesentry/SalesEntries", "POST") == CRASHES_IN_A_ROW + 1
    assert timedelta(seconds=30) < pauses[0] < pauses[1]


def test_what_is_refused_to_one_function_lets_the_others_go_on(
    connection: ExactConnection,
) -> None:
    for error in (ExactRejected(400, ["No."]), AppRejected(400)):
        rest(connection.id, error)
        db.session.refresh(connection)
        assert connection.paused_until is None
    rest(connection.id, ExactUnavailable("no_answer"))
    db.session.refresh(connection)
    assert connection.paused_until
