"""The error fuse: no endpoint is asked so often that Exact would lock the app."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import Message
from ppplanner.integrations.exact import fuse, refusals
from ppplanner.integrations.exact.call_counts import Priority
from ppplanner.integrations.exact.errors import Call, EndpointStopped, ExactUnavailable
from ppplanner.integrations.exact.fuse import Fuse
from ppplanner.integrations.exact.jobs import tick
from ppplanner.integrations.exact.models import ExactConnection, ExactCountedError, Kind
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import BusinessUnit, Company
from tests.conftest import Login
from tests.factories import make_contract, make_invoice
from tests.integrations.exact.conftest import new_invoice
from tests.integrations.exact.test_run import ENTRIES, forward, later, stage, standing

pytestmark = pytest.mark.one_database

ACCOUNTS = "crm/Accounts"
ASK = Call("GET", ACCOUNTS)
KEY = "exact:quota:somewhere"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now(), tick=False) as clock:
        yield clock


def ask(key: str, status: int | None, priority: Priority = "background") -> None:
    """One call with this answer."""
    asking = Fuse(key, priority)
    asking.before_call(ASK)
    asking.after_call(ASK, status)


def stopped(connection: ExactConnection) -> set[str]:
    return {stop.resource for stop in fuse.stops(connection)}


def ask_until_stopped(status: int, priority: Priority = "background") -> tuple[int, datetime]:
    """How many calls went through, and until when the fuse then stops them."""
    for count in range(20):
        try:
            ask(KEY, status, priority)
        except EndpointStopped as stop:
            return count, stop.retry_at
    raise AssertionError("It never stops.")


def rows() -> int:
    return db.session.scalar(select(func.count()).select_from(ExactCountedError)) or 0


@pytest.mark.parametrize("status", [400, 401, 404])
def test_the_ninth_counted_answer_within_the_hour_stops_the_endpoint(
    app: Flask, clock: time_machine.Traveller, status: int
) -> None:
    begin = now()
    assert ask_until_stopped(status) == (9, begin + refusals.WINDOW)

    clock.shift(timedelta(minutes=62))
    assert ask_until_stopped(status)[0] == 9


def test_people_leave_the_last_place_to_the_work_in_the_background(
    app: Flask, clock: time_machine.Traveller
) -> None:
    assert ask_until_stopped(404, "person")[0] == 8
    ask(KEY, 404, "background")
    with pytest.raises(EndpointStopped):
        ask(KEY, 404, "background")


@pytest.mark.parametrize("status", [200, 204, 500, 503, None])
def test_other_answers_leave_nothing_behind(app: Flask, status: int | None) -> None:
    for priority in ("person", "background"):
        for _n in range(12):
            ask(KEY, status, priority)
    assert rows() == 0


def test_missing_rights_are_tried_three_times_and_then_every_ten_minutes(
    app: Flask, clock: time_machine.Traveller
) -> None:
    tried: list[float] = []
    begin = now()
    for _n in range(13):
        clock.move_to(begin + timedelta(minutes=10 * len(tried[2:])))
        try:
            ask(KEY, 403)
        except EndpointStopped as stop:
            clock.move_to(stop.retry_at)
            ask(KEY, 403)
        tried.append((now() - begin).total_seconds() // 60)
    assert tried == [0, 0, 0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]


def test_a_good_answer_or_a_person_ends_the_pause_for_missing_rights(
    app: Flask, clock: time_machine.Traveller, connection: ExactConnection
) -> None:
    key = fuse.key_of(connection)
    for _n in range(2):
        ask(key, 403)
    ask(key, 200)
    assert fuse.goes_well(connection, ACCOUNTS)
    for _n in range(3):
        ask(key, 403)
    assert stopped(connection) == {ACCOUNTS}
    assert fuse.waiting_kinds(connection) == {Kind.CUSTOMER}

    fuse.try_now(connection)
    assert stopped(connection) == set()
    ask(key, 403)


def test_somebody_else_who_logs_in_is_not_stopped(connection: ExactConnection) -> None:
    for _n in range(9):
        ask(fuse.key_of(connection), 400)
    assert stopped(connection) == {ACCOUNTS}
    connection.consented_by = "Somebody Else"
    assert stopped(connection) == set()


def test_what_is_stopped_is_told_in_plain_words(
    app: Flask, connection: ExactConnection, company: Company
) -> None:
    with time_machine.travel(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), tick=False):
        for _n in range(9):
            ask(fuse.key_of(connection), 404)
        (stop,) = fuse.stops(connection)
    (message,) = stop.messages
    assert "has refused 9 calls within the hour for: customers." in str(message)
    assert "until 11:01" in str(message)  # in the company's time zone
    assert Message.from_json(json.loads(json.dumps(message.to_json()))) == message


@pytest.mark.both_databases
def test_calls_at_the_same_moment_cannot_pass_the_limit_together(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of these is refused, and none hears of the others' answers before it asks."""
    monkeypatch.setattr(fuse, "WAITS_FOR_OTHERS", timedelta(seconds=0.3))
    ready, stopped, refused = Barrier(14), [], []

    def ask_once() -> None:
        with app.app_context():
            asking = Fuse(KEY, "person")
            try:
                asking.before_call(ASK)
            except ExactUnavailable as error:
                stopped.append(error)
            else:
                refused.append(KEY)
            ready.wait(30)
            asking.after_call(ASK, 403 if not stopped or asking._place else None)

    threads = [Thread(target=ask_once) for _n in range(14)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(refused) <= 8
    assert len(stopped) + len(refused) == 14


def test_a_process_that_dies_in_a_call_keeps_its_place_only_for_a_while(
    app: Flask, clock: time_machine.Traveller
) -> None:
    for _n in range(7):
        ask(KEY, 404)
    Fuse(KEY, "person").before_call(ASK)
    assert rows() == 8

    clock.shift(refusals.UNDER_WAY)
    assert ask_until_stopped(404, "person")[0] == 1
    clock.shift(refusals.WINDOW + timedelta(seconds=1))
    tick()
    assert rows() == 0


# --- the link -----------------------------------------------------------------------------------


def test_an_endpoint_that_refuses_rights_stops_only_what_needs_it(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    """Invoices of known customers need no customers of Exact."""
    known, *unknown = [new_invoice(unit) for _n in range(5)]
    forward(known)
    run_outbox(connection.id)
    fault = simulator.fail_next("forbidden", ACCOUNTS, times=None)
    again = make_invoice(contract=make_contract(unit=unit, customer=known.customer), confirmed=True)
    db.session.commit()
    forward(*unknown, again)
    run_outbox(connection.id)

    assert fault.met == 3
    assert stage(again) is Stage.BOOKED
    assert {stage(each) for each in unknown} == {Stage.WAITING}
    assert "rights" in str(standing(unknown[0]).reasons[0])
    assert "customers" in str(standing(unknown[-1]).reasons[0])
    assert not connection.paused_until

    simulator.faults.clear()
    with later(minutes=20):
        run_outbox(connection.id)
    assert {stage(each) for each in unknown} == {Stage.BOOKED}


def test_a_record_that_alone_is_refused_for_rights_twice_is_refused_for_good(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    single, *others = [new_invoice(unit) for _n in range(3)]
    forward(single)
    simulator.fail_next("forbidden", ENTRIES, method="POST")
    run_outbox(connection.id)
    assert stage(single) is Stage.WAITING
    forward(*others)
    run_outbox(connection.id)
    simulator.fail_next("forbidden", ENTRIES, method="POST")
    with later(minutes=16):
        run_outbox(connection.id)

    assert {stage(other) for other in others} == {Stage.BOOKED}
    assert stage(single) is Stage.REFUSED


def test_people_read_why_a_part_of_the_link_waits(
    connection: ExactConnection, unit: BusinessUnit, login: Login
) -> None:
    waiting = new_invoice(unit)
    forward(waiting)
    entries = Fuse.of(connection, connection.division, "background")
    for _n in range(9):
        entries.before_call(Call("POST", ENTRIES))
        entries.after_call(Call("POST", ENTRIES), 400)

    assert run_outbox(connection.id) == 0
    (reason,) = standing(waiting).reasons
    assert "bookings of invoices" in str(reason)
    page = (
        login("exact.view").get(f"/exact/companies/{connection.company_id}").get_data(as_text=True)
    )
    assert str(reason) in page
