"""What a run does when something is wrong: with one record, with the link, with the worker."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import func, select, update

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import (
    call_counts,
    errors,
    forwarding,
    lease,
    limits,
    outbox,
    queueing,
    quota,
)
from ppplanner.integrations.exact.items import Item
from ppplanner.integrations.exact.models import (
    ConnectionState,
    ExactAttempt,
    ExactConnection,
    Kind,
)
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, Standing, standings
from ppplanner.integrations.exact.sync import run
from ppplanner.integrations.exact.sync.failures import OUTAGE
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.integrations.exact.transport import Transport
from ppplanner.models import BusinessUnit, Invoice
from tests.integrations.exact.conftest import new_invoice

pytestmark = pytest.mark.one_database

ENTRIES = "salesentry/SalesEntries"
DOCUMENTS = "documents/Documents"
SOMEBODY_ELSE = "elsewhere:1:1"


def forward(*invoices: Invoice) -> None:
    forwarding.forward([invoice.id for invoice in invoices], by="Anke")
    db.session.commit()


def standing(invoice: Invoice) -> Standing:
    return standings(Kind.INVOICE, [invoice.id])[invoice.id]


def stage(invoice: Invoice) -> Stage:
    return standing(invoice).stage


def later(**time: float) -> time_machine.travel:
    return time_machine.travel(now() + timedelta(**time), tick=True)


def after_each_write(patch: pytest.MonkeyPatch, do: Callable[[str], None]) -> None:
    """Do something whenever Exact has answered a write; it hears the resource."""
    send = Transport.create

    def create(self: Transport, resource: str, *args: Any, **kwargs: Any) -> object:
        made = send(self, resource, *args, **kwargs)
        do(resource)
        return made

    patch.setattr(Transport, "create", create)


# --- the record ---------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_an_unexpected_error_is_seen_logged_and_holds_up_nobody(
    connection: ExactConnection,
    unit: BusinessUnit,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    poisoned, *others = [new_invoice(unit) for _n in range(3)]
    push = run.PUSH["invoice"]

    def stumble(client: Any, task: outbox.Task) -> None:
        if task.record_id == poisoned.id:
            raise ValueError("nobody thought of this")
        push(client, task)

    monkeypatch.setitem(run.PUSH, "invoice", stumble)
    forward(poisoned, *others)
    with time_machine.travel(now(), tick=False):
        run_outbox(connection.id)

    assert [stage(other) for other in others] == [Stage.BOOKED] * 2
    assert stage(poisoned) is Stage.WAITING
    assert "unexpected" in str(standing(poisoned).reasons[0])
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "nobody thought of this" in (record.exc_text or "")

    monkeypatch.setitem(run.PUSH, "invoice", push)
    with later(minutes=1):
        run_outbox(connection.id)
    assert stage(poisoned) is Stage.BOOKED


def test_a_record_that_needs_no_call_says_nothing_of_exact(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    """Such as one that was deleted meanwhile: the link goes on to rest ever longer."""
    queueing.queue(connection, Item(Kind.CUSTOMER, 10**6, "Deleted", 2), by="Anke")
    connection.failures, connection.last_answer_at = 4, None
    db.session.commit()

    assert run_outbox(connection.id) == 1
    db.session.refresh(connection)
    assert len(simulator.log) == 0
    assert (connection.failures, connection.last_answer_at) == (4, None)


def test_a_record_on_which_exact_crashes_is_tried_ever_more_seldom(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    simulator.fail_next("crash", ENTRIES, method="POST", times=None)
    forward(invoice)
    pauses = []
    with time_machine.travel(now(), tick=False) as clock:
        for _n in range(6):
            run_outbox(connection.id)
            entry = outbox.newest("invoice", [invoice.id])[invoice.id, connection.id]
            assert entry.not_before
            pauses.append((entry.not_before - now()).total_seconds())
            clock.move_to(entry.not_before)

    found_out_after, sent_after = pauses[::2], pauses[1::2]
    assert found_out_after == sorted(set(found_out_after))
    assert all(sum(both) == 120 for both in zip(found_out_after, sent_after, strict=True))
    assert "Exact" in str(standing(invoice).reasons[0])


def test_the_same_failure_again_adds_no_line_to_the_story(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    simulator.fail_next("crash", DOCUMENTS, method="POST", times=None)
    forward(invoice)
    for minutes in range(0, 50, 10):
        with later(minutes=minutes):
            run_outbox(connection.id)

    (told,) = outbox.attempts("invoice", invoice.id)
    assert told.result == "postponed"
    assert told.at > now() + timedelta(minutes=30)


def test_a_write_not_found_right_after_its_answer_was_lost_may_still_arrive(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    """Exact may be slow with a call that we gave up: absence counts only after a while."""
    simulator.fail_next("drop_before", ENTRIES, method="POST")
    forward(invoice)
    run_outbox(connection.id)
    with later(seconds=40):
        run_outbox(connection.id)
    assert simulator.log.count(ENTRIES, "GET") == 2
    assert simulator.log.count(ENTRIES, "POST") == 1
    assert stage(invoice) is Stage.WAITING

    with later(minutes=10):
        run_outbox(connection.id)
    assert stage(invoice) is Stage.BOOKED
    assert len(simulator.entries(YourRef=invoice.reference)) == 1


def test_a_booking_that_exact_puts_off_for_a_moment_is_made_once_in_the_same_run(
    connection: ExactConnection,
    simulator: RunningSimulator,
    invoice: Invoice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(quota.PATIENCE, "background", timedelta(seconds=20))
    monkeypatch.setattr(limits, "UNKNOWN_PAUSE", timedelta(0))
    monkeypatch.setattr(errors, "_SOON", timedelta(0))
    monkeypatch.setattr(call_counts, "AFTERWARDS", 0)
    simulator.fail_next("throttled_bare", ENTRIES, method="POST")
    forward(invoice)
    assert run_outbox(connection.id) == 1

    assert stage(invoice) is Stage.BOOKED
    assert simulator.log.count(ENTRIES, "POST") == 2
    assert len(simulator.entries()) == 1


# --- the link -----------------------------------------------------------------------------------


def test_missing_rights_refuse_no_invoice_and_are_not_asked_about_for_each(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    """Each invoice refused by itself would cost a counted error: the eleventh blocks the app."""
    invoices = [new_invoice(unit) for _n in range(5)]
    simulator.refused_users["eva"] = "NoAccess"
    forward(*invoices)
    for minutes in (0, 1, 5, 9):
        with later(minutes=minutes):
            run_outbox(connection.id)

    assert len(simulator.log.calls(status=403)) == 4
    assert {stage(each) for each in invoices} == {Stage.WAITING}
    assert "rights" in str(standing(invoices[0]).reasons[0])

    simulator.refused_users.clear()
    with later(minutes=30):
        run_outbox(connection.id)
    assert {stage(each) for each in invoices} == {Stage.BOOKED}


def test_a_locked_administration_rests_the_link(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    simulator.block_division(simulator.division)
    forward(invoice)
    run_outbox(connection.id)
    assert stage(invoice) is Stage.WAITING
    assert "locked" in str(standing(invoice).reasons[0])

    simulator.block_division(simulator.division, 0)
    with later(minutes=30):
        run_outbox(connection.id)
    assert stage(invoice) is Stage.BOOKED


def test_an_app_that_exact_knows_no_longer_refuses_no_invoice(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    forward(invoice)
    connection.client_secret = "changed in the App Center"
    connection.expires_at = now()
    db.session.commit()

    run_outbox(connection.id)

    db.session.refresh(connection)
    assert connection.state is ConnectionState.NEEDS_LOGIN
    assert stage(invoice) is Stage.WAITING


def test_while_no_call_is_answered_the_link_rests_after_the_first(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    invoices = [new_invoice(unit) for _n in range(3)]
    simulator.fail_next("drop_before", times=None)
    forward(*invoices)
    run_outbox(connection.id)

    assert len(simulator.log) == 1
    db.session.refresh(connection)
    assert connection.paused_until


def test_while_only_some_calls_are_lost_the_link_rests_for_moments(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    connection.failures = 20  # in a row, so far
    forward(*(new_invoice(unit) for _n in range(OUTAGE)))
    simulator.fail_next("drop_before", ENTRIES, method="POST")
    simulator.fail_next("drop_before", "crm/Accounts", method="GET", times=OUTAGE - 1, after=1)
    run_outbox(connection.id)

    db.session.refresh(connection)
    assert connection.paused_until
    assert connection.paused_until < now() + timedelta(seconds=30)


def test_the_master_switch_stops_a_run_between_two_records(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = new_invoice(unit), new_invoice(unit)
    company_id = connection.company_id

    def switch_off(resource: str) -> None:
        if resource == ENTRIES:
            exact_settings.save(company_id, enabled=False)

    forward(first, second)
    after_each_write(monkeypatch, switch_off)
    run_outbox(connection.id)

    assert [stage(first), stage(second)] == [Stage.BOOKED, Stage.WAITING]


def test_work_in_the_background_leaves_calls_for_people(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    simulator.options.calls_per_minute = 12
    invoices = [new_invoice(unit) for _n in range(5)]
    forward(*invoices)
    with time_machine.travel(now(), tick=False) as clock:
        for _n in range(8):
            run_outbox(connection.id)
            clock.shift(timedelta(seconds=70))
            simulator.clock.jump(minutes=70 / 60)

    assert not simulator.log.calls(status=429)
    assert {stage(each) for each in invoices} == {Stage.BOOKED}


# --- the worker ---------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_no_transaction_is_open_while_exact_is_asked(
    connection: ExactConnection,
    simulator: RunningSimulator,
    invoice: Invoice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    send, seen = Transport._send, []

    def look(self: Transport, *args: Any) -> Any:
        seen.append(db.session().in_transaction())
        return send(self, *args)

    monkeypatch.setattr(Transport, "_send", look)
    simulator.fail_next("drop_after", ENTRIES, method="POST")
    forward(invoice)
    run_outbox(connection.id)
    with later(minutes=1):
        run_outbox(connection.id)

    assert stage(invoice) is Stage.BOOKED
    assert len(seen) >= 5
    assert not any(seen)


@pytest.mark.both_databases
def test_a_worker_that_lost_its_lease_makes_no_further_call(
    connection: ExactConnection,
    simulator: RunningSimulator,
    invoice: Invoice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection_id = connection.id

    def lose_it(resource: str) -> None:
        if resource == DOCUMENTS:
            values = {"leased_by": SOMEBODY_ELSE, "leased_until": now() + lease.LEASE}
            db.session.execute(update(ExactConnection).values(**values))
            db.session.commit()

    forward(invoice)
    with monkeypatch.context() as patch:
        after_each_write(patch, lose_it)
        assert run_outbox(connection_id) == 0

    assert simulator.log.last().resource == DOCUMENTS
    assert stage(invoice) is Stage.SENDING
    assert run_outbox(connection_id) == 0  # the other one is at it

    db.session.execute(update(ExactConnection).values(leased_until=now() - lease.LEASE))
    db.session.commit()
    with later(minutes=10):
        run_outbox(connection_id)
    assert stage(invoice) is Stage.BOOKED
    assert simulator.log.count(DOCUMENTS, "POST") == 1


@pytest.mark.both_databases
def test_a_host_whose_clock_is_ahead_takes_no_lease_that_runs(
    database: str, connection: ExactConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would look for what is being booked at that moment, not find it, and book it too. With
    SQLite there is but one host.
    """
    connection_id = connection.id
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(lease, "this_worker", lambda: SOMEBODY_ELSE)
        assert lease.take(connection)
    with later(minutes=5):
        assert bool(lease.free_among([connection_id])) is (database == "sqlite")


def test_each_call_extends_the_lease(
    connection: ExactConnection, invoice: Invoice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A push may take longer than a lease; a single call may not."""
    connection_id, seen = connection.id, []
    forward(invoice)
    with time_machine.travel(now(), tick=False) as clock:

        def take_long(_resource: str) -> None:
            query = select(ExactConnection.leased_until).filter_by(id=connection_id)
            seen.append(db.session.scalar(query) == now() + lease.LEASE)
            db.session.commit()
            clock.shift(lease.LEASE * 0.9)

        after_each_write(monkeypatch, take_long)
        run_outbox(connection_id)

    assert seen == [True] * 4


def test_a_process_of_the_same_number_in_another_container_is_not_taken_for_dead(
    connection: ExactConnection, invoice: Invoice
) -> None:
    machine, _pid, thread = lease.this_worker().rsplit(":", 2)
    connection.leased_by = f"{machine}x:{2**22 + 1}:{thread}"
    connection.leased_until = now() + timedelta(seconds=30)
    forward(invoice)

    assert run_outbox(connection.id) == 0
    assert lease.this_worker() == f"{machine}:{os.getpid()}:{thread}"


@pytest.mark.both_databases
def test_resting_links_are_not_woken(connection: ExactConnection, invoice: Invoice) -> None:
    forward(invoice)
    assert outbox.connections_with_work() == [connection.id]
    connection.paused_until = now() + timedelta(minutes=5)
    db.session.commit()
    assert outbox.connections_with_work() == []
    connection.paused_until = None
    db.session.commit()
    connection.state = ConnectionState.NEEDS_LOGIN
    db.session.commit()
    assert outbox.connections_with_work() == []


def test_a_run_ends_in_time_for_the_queue(
    connection: ExactConnection, unit: BusinessUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that takes an hour is killed: a long run ends early, and the next tick goes on."""
    invoices = [new_invoice(unit) for _n in range(2)]
    forward(*invoices)
    with time_machine.travel(now(), tick=False) as clock:

        def take_long(resource: str) -> None:
            if resource == ENTRIES:
                clock.shift(run.TURN + run.GRACE)

        after_each_write(monkeypatch, take_long)
        assert run_outbox(connection.id) == 1
    assert [stage(each) for each in invoices] == [Stage.BOOKED, Stage.WAITING]


def test_while_one_link_finishes_its_batch_another_one_goes_on() -> None:
    with time_machine.travel(now(), tick=False) as clock:
        turn = run.Turn()
        with turn.batch():
            clock.shift(run.TURN)
            with turn.batch():
                assert not turn.is_over
        assert turn.is_over


def test_what_is_begun_after_the_turn_does_not_prolong_it() -> None:
    with time_machine.travel(now(), tick=False) as clock:
        turn = run.Turn()
        clock.shift(run.TURN)
        with turn.batch():
            assert turn.is_over


@pytest.mark.both_databases
def test_attempts_tell_of_different_failures_apart(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    simulator.fail_next("crash", DOCUMENTS, method="POST")
    simulator.fail_next("unavailable", ENTRIES, method="POST")
    forward(invoice)
    for minutes in (0, 10, 20):
        with later(minutes=minutes):
            run_outbox(connection.id)

    results = [each.result for each in reversed(outbox.attempts("invoice", invoice.id))]
    assert results == ["postponed", "done", "done", "postponed", "done"]
    assert db.session.scalar(select(func.count()).select_from(ExactAttempt)) == 6


def test_while_redis_is_away_all_goes_on(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The calls are counted in the database, and the clock finds the work without a bell."""
    first, second = new_invoice(unit), new_invoice(unit)
    nowhere = Redis(port=9, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(call_counts, "SPAN", 0.2)  # of which nobody knows what was used
    monkeypatch.setattr(call_counts, "LONGEST_PAUSE", 0)
    monkeypatch.setitem(quota.PATIENCE, "background", timedelta(seconds=5))

    def take_redis_away(resource: str) -> None:
        monkeypatch.setitem(app.extensions, "redis", nowhere)
        calls = app.extensions["exact.calls"]
        for name, value in {"_client": nowhere, "_away_until": 0}.items():
            monkeypatch.setattr(calls, name, value)

    forward(first)
    after_each_write(monkeypatch, take_redis_away)
    run_outbox(connection.id)
    forward(second)
    run_outbox(connection.id)

    assert [stage(first), stage(second)] == [Stage.BOOKED] * 2
