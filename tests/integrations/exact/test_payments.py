"""What Exact says is paid is paid here too; and only that (mission S38, E11)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding
from ppplanner.integrations.exact.client import ExactClient
from ppplanner.integrations.exact.models import ExactAttempt, ExactConnection, ExactStep
from ppplanner.integrations.exact.records import OpenItem
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.sync.payments import connections_due, follow_payments
from ppplanner.integrations.exact.sync.refreshing import lists_due
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import BusinessUnit, Invoice, MethodKind, PaymentState, TypeRole
from ppplanner.services.collections.transactions import TransactionData, register
from ppplanner.services.collections.types import method_of, of_role
from ppplanner.services.invoices.balances import set_payment_state
from tests.blueprints.pages import words
from tests.conftest import Login
from tests.integrations.exact.conftest import new_invoice

pytestmark = pytest.mark.one_database

OPEN_ITEMS, CLAIMS = "read/financial/ReceivablesList", "cashflow/Receivables"


@pytest.fixture
def booked(connection: ExactConnection, unit: BusinessUnit) -> Invoice:
    """An invoice in Exact's books, in a company that follows payments."""
    exact_settings.save(connection.company_id, payments_fetch=True)
    made = new_invoice(unit)
    forwarding.forward([made.id], by="Anke")
    db.session.commit()
    run_outbox(connection.id)
    return made


def entry_of(invoice: Invoice) -> str:
    step = db.session.scalars(select(ExactStep).filter_by(action="book_entry")).one()
    assert step.record_id == invoice.id
    return str(step.exact_id)


def booked_number() -> int:
    return int(db.session.scalars(select(ExactStep.label).filter_by(action="book_entry")).one())


def look(connection: ExactConnection, **later: float) -> None:
    """Half an hour or more later, the clock asks."""
    with time_machine.travel(now() + timedelta(**later or {"minutes": 31})):
        assert connections_due() == [connection.id]
        follow_payments(connection.id)
    db.session.expire_all()


def payment(invoice: Invoice) -> PaymentState:
    return invoice.payment_state


def test_what_is_paid_in_exact_is_paid_here_and_open_again_when_it_is_open_there(
    connection: ExactConnection, booked: Invoice, simulator: RunningSimulator
) -> None:
    look(connection)
    assert payment(booked) is PaymentState.NOT_PAID

    simulator.mark_paid(entry_of(booked))
    look(connection, hours=2)
    assert payment(booked) is PaymentState.FULLY_PAID

    simulator.mark_paid(entry_of(booked), paid=False)
    look(connection, hours=3)
    assert payment(booked) is PaymentState.NOT_PAID
    told = db.session.scalars(select(ExactAttempt.result).filter_by(action="payment")).all()
    assert told == ["paid", "open"]


def test_the_same_number_in_another_journal_is_something_else(
    connection: ExactConnection,
    booked: Invoice,
    simulator: RunningSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number, real = booked_number(), ExactClient.open_items
    other = OpenItem(number, "90")
    monkeypatch.setattr(ExactClient, "open_items", lambda self: iter([*real(self), other]))
    simulator.mark_paid(entry_of(booked))

    look(connection)
    assert payment(booked) is PaymentState.FULLY_PAID
    look(connection, hours=2)
    assert payment(booked) is PaymentState.FULLY_PAID


def test_what_is_listed_as_open_is_open_again_only_if_exact_says_so_of_it_itself(
    connection: ExactConnection,
    booked: Invoice,
    simulator: RunningSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    simulator.mark_paid(entry_of(booked))
    look(connection)
    late = OpenItem(booked_number(), "70")
    monkeypatch.setattr(ExactClient, "open_items", lambda self: iter([late]))

    look(connection, hours=2)

    assert payment(booked) is PaymentState.FULLY_PAID


def test_what_a_person_said_since_stays(
    connection: ExactConnection, booked: Invoice, simulator: RunningSimulator
) -> None:
    simulator.mark_paid(entry_of(booked))
    look(connection)
    set_payment_state(booked, PaymentState.NEVER_PAID)
    db.session.commit()

    simulator.mark_paid(entry_of(booked), paid=False)
    look(connection, hours=2)

    assert payment(booked) is PaymentState.NEVER_PAID


def test_its_story_says_in_words_what_exact_said(
    login: Login, connection: ExactConnection, booked: Invoice, simulator: RunningSimulator
) -> None:
    simulator.mark_paid(entry_of(booked))
    look(connection)
    simulator.mark_paid(entry_of(booked), paid=False)
    look(connection, hours=2)

    page = words(login().get(f"/invoices/{booked.id}"))

    assert "Paid, says Exact" in page
    assert "Open again, says Exact" in page


def test_an_empty_list_alone_pays_nothing(
    connection: ExactConnection, booked: Invoice, simulator: RunningSimulator
) -> None:
    """Whoever lacks the right gets an empty list from Exact, and no error."""
    simulator.delete_entry(entry_of(booked))

    look(connection)

    assert booked.payment_state is PaymentState.NOT_PAID


def test_what_people_collected_here_exact_does_not_take_back(
    connection: ExactConnection, booked: Invoice, simulator: RunningSimulator
) -> None:
    by_bank = method_of(MethodKind.BANK)
    collected = TransactionData(
        of_role(TypeRole.PAYMENT), booked.gross, method=by_bank, invoice=booked
    )
    register(collected, by=None)
    db.session.commit()

    look(connection)

    assert booked.payment_state is PaymentState.FULLY_PAID
    assert booked.balance == Decimal(0)


def test_it_asks_every_half_hour_in_two_calls_at_most(
    connection: ExactConnection, booked: Invoice, simulator: RunningSimulator
) -> None:
    simulator.mark_paid(entry_of(booked))
    simulator.log.clear()
    look(connection)

    asked = [call.resource for call in simulator.log if "token" not in call.resource]
    assert asked == [OPEN_ITEMS, CLAIMS]
    with time_machine.travel(now() + timedelta(minutes=45)):
        assert connections_due() == []


def test_a_clock_that_was_a_year_ahead_for_a_while_puts_nothing_off_for_a_year(
    connection: ExactConnection, booked: Invoice
) -> None:
    next_year = now() + timedelta(days=365)
    connection.payments_fetched_at = next_year
    connection.lists_fetched_at = connection.lists_asked_at = next_year
    db.session.commit()

    assert connections_due() == lists_due() == [connection.id]


@pytest.mark.parametrize("switch", [{"payments_fetch": False}, {"enabled": False}])
def test_switched_off_it_asks_nothing(
    connection: ExactConnection,
    booked: Invoice,
    simulator: RunningSimulator,
    switch: dict[str, bool],
) -> None:
    exact_settings.save(connection.company_id, **switch)
    simulator.log.clear()

    assert connections_due() == []
    follow_payments(connection.id)
    assert not len(simulator.log)


def test_while_exact_is_away_the_link_rests(
    connection: ExactConnection, booked: Invoice, simulator: RunningSimulator
) -> None:
    simulator.fail_next("unavailable", OPEN_ITEMS)

    look(connection)

    assert connection.paused_until is not None
    assert booked.payment_state is PaymentState.NOT_PAID
