"""The job that sends for all companies: side by side, each by one worker, in order, found again."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner import jobs
from ppplanner.clock import now, today
from ppplanner.extensions import db
from ppplanner.integrations.exact import fuse, lease, outbox, queueing
from ppplanner.integrations.exact import jobs as exact_jobs
from ppplanner.integrations.exact.items import item_of
from ppplanner.integrations.exact.models import ExactConnection, ExactOutboxEntry, Kind, WorkState
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import ANTWERP, NAMUR, RunningSimulator
from ppplanner.integrations.exact.sync import dispatch, run
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.integrations.exact.transport import Transport
from ppplanner.models import BusinessUnit, Invoice
from ppplanner.services.invoices import confirming, crediting
from tests.factories import make_company, make_unit
from tests.integrations.exact.conftest import Connect, new_invoice
from tests.statements import counted

pytestmark = pytest.mark.one_database

ENTRIES = "salesentry/SalesEntries"
#: Seconds that a thread may take on a loaded machine.
PATIENCE = 20


def put_on_the_way(connection: ExactConnection, *invoices: Invoice) -> None:
    queueing.queue_all(connection, map(item_of, invoices), by="Anke")
    db.session.commit()


def waiting() -> int:
    db.session.rollback()
    query = select(ExactOutboxEntry.id).where(ExactOutboxEntry.state != WorkState.DONE)
    return len(db.session.scalars(query).all())


@pytest.fixture
def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "LOOK_AGAIN", 0.05)


@pytest.mark.both_databases
def test_companies_are_served_side_by_side_also_one_that_gets_work_meanwhile(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    look_often: None,
) -> None:
    """The first company's booking goes on only when the second's, forwarded meanwhile, is done."""
    namur = make_unit(make_company(name="Verhuur Namen"))
    other = connect(namur.company, division=NAMUR, user="joris")
    exact_settings.save(connection.company_id, invoices_pdf=False)
    exact_settings.save(other.company_id, invoices_pdf=False)
    put_on_the_way(connection, new_invoice(unit))
    their_invoice = new_invoice(namur)
    item, connection_id, other_id = item_of(their_invoice), connection.id, other.id
    send, booked = Transport.create, Event()

    def create(self: Transport, resource: str, *args: Any, **kwargs: Any) -> object:
        if resource == ENTRIES and self.division != NAMUR:
            queueing.queue(db.session.get_one(ExactConnection, other_id), item, by="Anke")
            db.session.commit()
            assert booked.wait(PATIENCE)
        made = send(self, resource, *args, **kwargs)
        if resource == ENTRIES and self.division == NAMUR:
            booked.set()
        return made

    monkeypatch.setattr(Transport, "create", create)
    db.session.commit()
    assert dispatch.send_for_all() is False
    assert waiting() == 0
    assert [len(simulator.entries(each)) for each in (ANTWERP, NAMUR)] == [1, 1]
    assert lease.free_among([connection_id])


def test_what_one_thread_stumbles_over_is_told_and_holds_up_no_other(
    connection: ExactConnection,
    unit: BusinessUnit,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    look_often: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    namur = make_unit(make_company(name="Verhuur Namen"))
    other = connect(namur.company, division=NAMUR, user="joris")
    put_on_the_way(connection, new_invoice(unit))
    put_on_the_way(other, new_invoice(namur))
    poisoned = connection.id

    def stumble(connection_id: int, *args: Any) -> int:
        if connection_id == poisoned:
            raise ValueError("nobody thought of this")
        return run_outbox(connection_id, *args)

    monkeypatch.setattr(dispatch, "run_outbox", stumble)
    db.session.commit()
    assert dispatch.send_for_all() is False
    assert waiting() == 1
    assert caplog.text.count(f"connection {poisoned}: its turn broke off") == 1
    assert "nobody thought of this" in caplog.text


@pytest.mark.parametrize("turn_is_over", [False, True])
def test_a_worker_that_is_told_to_stop_ends_after_the_record_at_hand(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    monkeypatch: pytest.MonkeyPatch,
    look_often: None,
    turn_is_over: bool,
) -> None:
    """The next worker goes on with the others; also while a batch is finished after the turn."""
    put_on_the_way(connection, *(new_invoice(unit) for _n in range(3)))
    told, turn = Event(), HeardTurn()
    monkeypatch.setattr(dispatch, "Turn", lambda: turn)
    monkeypatch.setattr(jobs, "is_told_to_stop", told.is_set)
    send = Transport.create

    def create(self: Transport, resource: str, *args: Any, **kwargs: Any) -> object:
        made = send(self, resource, *args, **kwargs)
        if resource == ENTRIES and not told.is_set():
            if turn_is_over:
                turn.end()
            told.set()
            turn.heard.wait(PATIENCE)
        return made

    monkeypatch.setattr(Transport, "create", create)
    db.session.commit()
    exact_jobs.send_what_waits()
    assert waiting() == 2
    assert jobs.queue(jobs.LINKS).count == 1


class HeardTurn(run.Turn):
    """One that can be brought to its end, and tells when it was told to stop."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = Event()

    def end(self) -> None:
        self._ends_at = now()
        time.sleep(0.2)  # until the worker begins with nothing more

    def stop(self) -> None:
        super().stop()
        self.heard.set()


def test_it_waits_for_a_short_rest_and_leaves_a_long_one_to_the_clock(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    monkeypatch: pytest.MonkeyPatch,
    look_often: None,
) -> None:
    put_on_the_way(connection, new_invoice(unit))
    connection.paused_until = now() + timedelta(seconds=0.3)
    db.session.commit()
    assert dispatch.send_for_all() is False
    assert waiting() == 0

    put_on_the_way(connection, new_invoice(unit))
    connection.paused_until = now() + timedelta(minutes=1)
    db.session.commit()
    assert dispatch.send_for_all() is False
    assert waiting() == 1


def test_after_a_turn_the_next_job_goes_on(
    connection: ExactConnection,
    unit: BusinessUnit,
    monkeypatch: pytest.MonkeyPatch,
    run_jobs: Callable[[], int],
) -> None:
    put_on_the_way(connection, *[new_invoice(unit) for _n in range(2)])
    monkeypatch.setattr(run, "TURN", timedelta(seconds=0.001))
    exact_jobs.send_what_waits()
    assert waiting() == 2
    assert jobs.queue(jobs.LINKS).count == 1

    monkeypatch.undo()
    run_jobs()
    assert waiting() == 0


def test_nobody_tries_what_another_worker_is_at(
    connection: ExactConnection, unit: BusinessUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []
    put_on_the_way(connection, new_invoice(unit))
    connection.leased_by, connection.leased_until = "elsewhere:1:1", now() + lease.LEASE
    db.session.commit()
    monkeypatch.setattr(dispatch, "run_outbox", lambda key, _turn: tried.append(key))
    assert dispatch.send_for_all() is False
    assert tried == []


def test_the_clock_wakes_nobody_for_what_another_worker_is_at(
    app: Flask, connection: ExactConnection, unit: BusinessUnit
) -> None:
    put_on_the_way(connection, new_invoice(unit))
    connection.leased_by, connection.leased_until = "elsewhere:1:1", now() + lease.LEASE
    db.session.commit()
    exact_jobs.tick()
    assert jobs.queue(jobs.LINKS).count == 0

    connection.leased_by = lease.this_worker().replace(":", ":99", 1)  # a process that is no more
    db.session.commit()
    exact_jobs.tick()
    assert jobs.queue(jobs.LINKS).count == 1


def test_what_takes_a_moment_goes_before_the_turns_that_are_queued(
    connection: ExactConnection,
) -> None:
    for _forwarded in range(2):
        exact_jobs.send_soon()
        db.session.commit()
    connection.lists_fetched_at = connection.lists_asked_at = None
    db.session.commit()
    exact_jobs.tick()

    names = [str(each.func_name).rpartition(".")[2] for each in jobs.queue(jobs.LINKS).jobs]
    assert names == ["fetch_lists", "send_what_waits", "send_what_waits"]


def test_a_turn_is_for_all_who_have_rung_for_it(connection: ExactConnection) -> None:
    """Else a turn for each of them would go before everything else."""
    connection_id = connection.id
    for _forwarded in range(2):
        exact_jobs.send_soon()
        db.session.commit()
    jobs.enqueue(exact_jobs.fetch_payments, connection_id, on=jobs.LINKS)
    exact_jobs.send_what_waits()
    assert [each.args for each in jobs.queue(jobs.LINKS).jobs] == [(connection_id,)]


def test_what_is_referred_to_goes_before_and_credit_notes_after_all_invoices(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice, unit: BusinessUnit
) -> None:
    exact_settings.save(connection.company_id, invoices_pdf=False)
    note = crediting.credit_in_full(invoice, on=today())
    confirming.confirm_invoice(note)
    late = new_invoice(unit, customer=invoice.customer)
    put_on_the_way(connection, note)
    put_on_the_way(connection, late)
    put_on_the_way(connection, invoice)
    queueing.queue(connection, item_of(invoice.customer), by="Anke")
    db.session.commit()
    run_outbox(connection.id)

    sent = [call for call in simulator.log if call.method == "POST"]
    assert [call.resource for call in sent] == ["crm/Accounts", *[ENTRIES] * 3]
    references = [call.body["YourRef"] for call in sent if call.resource == ENTRIES]
    assert references == [each.reference for each in (late, invoice, note)]


def test_kinds_whose_endpoint_is_stopped_are_left_out_and_the_others_go(
    connection: ExactConnection, unit: BusinessUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = new_invoice(unit)
    put_on_the_way(connection, invoice)
    queueing.queue(connection, item_of(invoice.customer), by="Anke")
    monkeypatch.setattr(fuse, "waiting_kinds", lambda _connection: {Kind.INVOICE})
    db.session.commit()
    run_outbox(connection.id)

    states = {each.kind: each.state for each in db.session.scalars(select(ExactOutboxEntry))}
    assert states == {Kind.INVOICE: WorkState.WAITING, Kind.CUSTOMER: WorkState.DONE}


def test_what_is_due_is_found_by_its_index_however_much_waits(
    connection: ExactConnection,
) -> None:
    connection_id = connection.id
    with counted() as statements:
        outbox.due_ids(connection_id, 25)
        outbox.connections_with_work()
    asked = [each for each in statements if each.startswith("SELECT exact_outbox.id")]
    asked += [each for each in statements if "EXISTS" in each]
    assert len(asked) == 2
    for statement in asked:
        nothing = (None,) * statement.count("?")
        explained = f"explain query plan {statement}"
        plan = db.session.connection().exec_driver_sql(explained, nothing)
        assert "ix_exact_outbox_due" in " ".join(row.detail for row in plan)
