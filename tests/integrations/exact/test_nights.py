"""The nightly run: once per night by the company's own clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from ppplanner.extensions import db
from ppplanner.integrations.exact import outbox, queueing, switching
from ppplanner.integrations.exact.items import item_of
from ppplanner.integrations.exact.models import ExactConnection, Kind
from ppplanner.integrations.exact.settings import ExactSettings, InvoiceMode
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, standings
from ppplanner.integrations.exact.sync.nights import last_due, start_due_nights
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import BusinessUnit, Invoice
from tests.factories import make_company, make_unit
from tests.integrations.exact.conftest import Connect, new_invoice
from tests.statements import counted

pytestmark = pytest.mark.one_database

BRUSSELS = "Europe/Brussels"
EVENING = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
BEFORE_THE_NIGHT = datetime(2026, 11, 24, 1, 14, tzinfo=UTC)  # 02:14 in Brussels
AFTER_IT_BEGAN = datetime(2026, 11, 24, 1, 16, tzinfo=UTC)


def nightly(connection: ExactConnection, night_time: str = "02:15", since: str = "") -> None:
    """Switch the nightly run on, at this moment."""
    values = ExactSettings(
        invoices_mode=InvoiceMode.NIGHTLY, invoices_night_time=night_time, invoices_from=since
    )
    switching.save_settings(connection.company, connection, values)
    db.session.commit()


def stage(invoice: Invoice) -> Stage:
    return standings(Kind.INVOICE, [invoice.id])[invoice.id].stage


@pytest.fixture
def evening() -> time_machine.travel:
    return time_machine.travel(EVENING, tick=True)


def test_nothing_goes_before_the_night_and_all_goes_in_it(
    evening: time_machine.travel, connection: ExactConnection, unit: BusinessUnit
) -> None:
    with evening:
        nightly(connection)
        invoices = [new_invoice(unit) for _n in range(3)]
        draft = new_invoice(unit, confirmed=False)
    with time_machine.travel(BEFORE_THE_NIGHT, tick=True):
        assert start_due_nights() == []
    with time_machine.travel(AFTER_IT_BEGAN, tick=True):
        assert start_due_nights() == [connection.id]
        run_outbox(connection.id)

    assert [stage(invoice) for invoice in invoices] == [Stage.BOOKED] * 3
    assert stage(draft) is Stage.NOT_SENT


@pytest.mark.both_databases
def test_a_night_runs_once_however_often_the_clock_asks(
    evening: time_machine.travel,
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
) -> None:
    with evening:
        nightly(connection)
        invoice = new_invoice(unit)
    with time_machine.travel(AFTER_IT_BEGAN, tick=True):
        for _n in range(3):
            start_due_nights()
            run_outbox(connection.id)

    assert len(simulator.entries(YourRef=invoice.reference)) == 1


def test_what_was_refused_is_tried_again_the_next_night(
    evening: time_machine.travel,
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
) -> None:
    with evening:
        nightly(connection)
        invoice = new_invoice(unit)
    year, month = invoice.invoice_date.year, invoice.invoice_date.month
    simulator.close_period(year, month)
    with time_machine.travel(AFTER_IT_BEGAN, tick=True):
        start_due_nights()
        run_outbox(connection.id)
    assert stage(invoice) is Stage.REFUSED

    simulator.close_period(year, month, closed=False)
    with time_machine.travel(AFTER_IT_BEGAN.replace(day=25), tick=True):
        start_due_nights()
        run_outbox(connection.id)
    assert stage(invoice) is Stage.BOOKED


def test_switching_the_nightly_run_on_by_day_waits_for_the_night(
    evening: time_machine.travel, connection: ExactConnection, unit: BusinessUnit
) -> None:
    with evening:
        new_invoice(unit)
        nightly(connection)
        assert start_due_nights() == []


def test_a_night_that_was_slept_through_is_made_up(
    evening: time_machine.travel, connection: ExactConnection, unit: BusinessUnit
) -> None:
    with evening:
        nightly(connection)
        new_invoice(unit)
    with time_machine.travel(AFTER_IT_BEGAN.replace(hour=9), tick=True):
        assert start_due_nights() == [connection.id]


@pytest.mark.both_databases
def test_invoices_from_before_the_run_was_switched_on_are_left_alone(
    evening: time_machine.travel, connection: ExactConnection, unit: BusinessUnit
) -> None:
    """They may have been typed into Exact by hand."""
    with evening:
        old = new_invoice(unit, invoice_date=date(2026, 11, 20))
        nightly(connection)
        new = new_invoice(unit)
    with time_machine.travel(AFTER_IT_BEGAN, tick=True):
        start_due_nights()
        run_outbox(connection.id)

    assert stage(old) is Stage.NOT_SENT
    assert stage(new) is Stage.BOOKED


def test_the_night_can_be_told_an_earlier_day(
    evening: time_machine.travel, connection: ExactConnection, unit: BusinessUnit
) -> None:
    with evening:
        old = new_invoice(unit, invoice_date=date(2026, 11, 20))
        nightly(connection, since="2026-11-01")
    with time_machine.travel(AFTER_IT_BEGAN, tick=True):
        start_due_nights()
        run_outbox(connection.id)

    assert stage(old) is Stage.BOOKED


def test_in_manual_mode_the_night_passes(
    evening: time_machine.travel, connection: ExactConnection, unit: BusinessUnit
) -> None:
    with evening:
        nightly(connection)
        switching.save_settings(connection.company, connection, ExactSettings())
        db.session.commit()
        invoice = new_invoice(unit)
    with time_machine.travel(AFTER_IT_BEGAN, tick=True):
        assert start_due_nights() == []
    assert stage(invoice) is Stage.NOT_SENT


@pytest.mark.parametrize(
    ("night", "first_due", "local"),
    [
        (date(2027, 3, 28), datetime(2027, 3, 28, 1, 15, tzinfo=UTC), "03:15"),  # forward
        (date(2026, 10, 25), datetime(2026, 10, 25, 0, 15, tzinfo=UTC), "02:15"),  # back
        (date(2026, 11, 24), datetime(2026, 11, 24, 1, 15, tzinfo=UTC), "02:15"),
    ],
)
def test_the_night_of_a_clock_change_has_one_beginning(
    night: date, first_due: datetime, local: str
) -> None:
    hours = [
        last_due(
            datetime(night.year, night.month, night.day, hour, minute, tzinfo=UTC),
            time(2, 15),
            BRUSSELS,
        )
        for hour in range(23)
        for minute in (0, 14, 15, 30, 59)
    ]
    assert {due_at for due_on, due_at in hours if due_on == night} == {first_due}
    assert first_due.astimezone(ZoneInfo(BRUSSELS)).strftime("%H:%M") == local


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from([BRUSSELS, "Europe/Lisbon", "America/New_York", "UTC"]),
)
def test_the_last_night_is_never_ahead_and_at_most_a_day_and_an_hour_old(
    moment: datetime, night_time: time, zone: str
) -> None:
    moment = moment.replace(tzinfo=UTC)
    _due_on, due_at = last_due(moment, night_time, zone)
    assert due_at <= moment
    assert (moment - due_at).total_seconds() <= 25 * 3600


@pytest.mark.both_databases
def test_a_company_whose_night_cannot_begin_holds_up_no_other(
    evening: time_machine.travel,
    connection: ExactConnection,
    connect: Connect,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with evening:
        other = connect(make_unit(make_company()).company, simulator.other_division)
        nightly(connection)
        nightly(other)
        connection.company.timezone = "Mars/Olympus"
        db.session.commit()
    with time_machine.travel(AFTER_IT_BEGAN, tick=True):
        assert start_due_nights() == [other.id]

    assert [each.levelname for each in caplog.records].count("ERROR") == 1


def test_a_night_with_nothing_to_send_is_over_at_once(
    evening: time_machine.travel, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    with evening:
        nightly(connection)
    with time_machine.travel(AFTER_IT_BEGAN, tick=True):
        assert start_due_nights() == [connection.id]
        assert run_outbox(connection.id) == 0
        assert start_due_nights() == []
    assert len(simulator.log) == 0


@pytest.mark.both_databases
def test_a_long_night_asks_the_database_no_more_than_a_short_one(
    evening: time_machine.travel, connection: ExactConnection, unit: BusinessUnit
) -> None:
    def cost(night: datetime, many: int) -> int:
        with evening:
            for _n in range(many):
                new_invoice(unit)
        with time_machine.travel(night, tick=True), counted() as asked:
            assert start_due_nights() == [connection.id]
        return len(asked)

    with evening:
        nightly(connection)
    short, long = cost(AFTER_IT_BEGAN, 2), cost(AFTER_IT_BEGAN.replace(day=25), 30)

    assert long <= short + 1  # those that are still on their way
    assert len(outbox.newest(Kind.INVOICE, range(1, 100))) == 32


@pytest.mark.both_databases
def test_an_invoice_that_a_colleague_forwards_at_the_same_moment_delays_no_night(
    evening: time_machine.travel,
    connection: ExactConnection,
    unit: BusinessUnit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is not seen when the night looks what is on its way already."""
    with evening:
        nightly(connection)
        invoices = [new_invoice(unit) for _n in range(3)]
        queueing.queue(connection, item_of(invoices[1]), by="Anke")
        db.session.commit()
    look = queueing._open_among

    def see_nothing(*_of: object) -> set[int]:
        monkeypatch.setattr(queueing, "_open_among", look)
        return set()

    monkeypatch.setattr(queueing, "_open_among", see_nothing)

    with time_machine.travel(AFTER_IT_BEGAN, tick=True):
        assert start_due_nights() == [connection.id]

    entries = outbox.newest(Kind.INVOICE, [invoice.id for invoice in invoices]).values()
    assert [entry.queued_by for entry in entries] == ["Anke", "", ""]
    assert {entry.run_id is None for entry in entries} == {True, False}
