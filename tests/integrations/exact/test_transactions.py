"""What becomes of transactions when workers die, answers get lost, or settings change meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select

from ppplanner.clock import midnight, now, today
from ppplanner.extensions import db
from ppplanner.i18n import in_language
from ppplanner.integrations.exact import forwarding, outbox
from ppplanner.integrations.exact.branch_settings import STAYS, save_type_account
from ppplanner.integrations.exact.models import (
    ExactConnection,
    ExactCustomerLink,
    ExactOutboxEntry,
    ExactRun,
    ExactStep,
    Kind,
    RunKind,
    StepState,
    WorkState,
)
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, Standing, standings
from ppplanner.integrations.exact.sync.intervals import start_due_intervals
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.integrations.exact.transport import Transport
from ppplanner.models import BusinessUnit, Company, Transaction, TypeRole
from ppplanner.services.collections import transactions, types
from tests.factories import make_contract, make_unit
from tests.integrations.exact.money import cash, paid, register, set_up
from tests.parallel import at_once
from tests.statements import counted

pytestmark = pytest.mark.one_database

CASH = "financialtransaction/CashEntries"
CASH_LINES = "financialtransaction/CashEntryLines"
GENERAL = "generaljournalentry/GeneralJournalEntries"
GENERAL_LINES = "generaljournalentry/GeneralJournalEntryLines"

Pay = Callable[..., Transaction]


@pytest.fixture
def branch(connection: ExactConnection, unit: BusinessUnit) -> BusinessUnit:
    set_up(connection, unit)
    switch(connection, transactions_send=True, customers_send_moment="on_save")
    return unit


@pytest.fixture
def pay(branch: BusinessUnit) -> Pay:
    """Somebody pays by bank, for a new contract of the branch."""

    def by_bank(amount: int = 50, **more: Any) -> Transaction:
        return paid(TypeRole.PAYMENT, amount, contract=make_contract(unit=branch), **more)

    return by_bank


def switch(connection: ExactConnection, **values: Any) -> None:
    values = {"transactions_from": today().isoformat(), **values}
    exact_settings.save(connection.company_id, **values)
    db.session.commit()


def interval(connection: ExactConnection) -> None:
    """The interval has passed: collect, and send."""
    connection.collected_at = None
    db.session.commit()
    start_due_intervals()
    run_outbox(connection.id)
    db.session.expire_all()


def standing(transaction: Transaction) -> Standing:
    return standings(Kind.TRANSACTION, [transaction.id])[transaction.id]


def stage(transaction: Transaction) -> Stage:
    return standing(transaction).stage


def later(**time: float) -> time_machine.travel:
    return time_machine.travel(now() + timedelta(**time), tick=True)


class Killed(BaseException):
    """What ends a process ends it anywhere."""


def die_after(patch: pytest.MonkeyPatch, resource: str) -> None:
    """The worker dies as soon as Exact has answered a write to the resource."""
    send = Transport.create

    def create(self: Transport, to: str, *args: Any, **kwargs: Any) -> object:
        made = send(self, to, *args, **kwargs)
        if to == resource:
            raise Killed
        return made

    patch.setattr(Transport, "create", create)


# --- never twice --------------------------------------------------------------------------------


@pytest.mark.both_databases
@pytest.mark.parametrize("in_cash", [True, False])
def test_a_worker_killed_after_the_booking_leads_to_no_second_one(
    connection: ExactConnection,
    simulator: RunningSimulator,
    branch: BusinessUnit,
    pay: Pay,
    monkeypatch: pytest.MonkeyPatch,
    in_cash: bool,
) -> None:
    resource = CASH if in_cash else GENERAL
    payment = cash(TypeRole.PAYMENT, 50, register=register(branch)) if in_cash else pay()
    with monkeypatch.context() as patch:
        die_after(patch, resource)
        with pytest.raises(Killed):
            interval(connection)
    db.session.rollback()
    assert stage(payment) is Stage.SENDING

    with later(minutes=10):
        run_outbox(connection.id)

    assert stage(payment) is Stage.BOOKED
    assert simulator.log.count(resource, "POST") == 1
    (entry,) = simulator.records(resource)
    assert standing(payment).number == str(entry["EntryNumber"])
    assert [each.result for each in outbox.attempts(Kind.TRANSACTION, payment.id)] == ["found"]


def test_a_worker_killed_before_the_call_books_it_later(
    connection: ExactConnection,
    simulator: RunningSimulator,
    pay: Pay,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def die(self: Transport, *_args: object, **_more: object) -> object:
        raise Killed

    payment = pay()
    with monkeypatch.context() as patch:
        patch.setattr(Transport, "create", die)
        with pytest.raises(Killed):
            interval(connection)
    db.session.rollback()

    with later(minutes=10):
        run_outbox(connection.id)

    assert stage(payment) is Stage.BOOKED
    assert len(simulator.records(GENERAL)) == 1


def test_it_is_found_again_although_its_settings_changed_meanwhile(
    connection: ExactConnection, simulator: RunningSimulator, branch: BusinessUnit, pay: Pay
) -> None:
    simulator.fail_next("drop_after", GENERAL, method="POST")
    payment = pay()
    interval(connection)
    set_up(connection, branch, other_journal="91", customer_gl="460000", description="other")

    with later(minutes=10):
        run_outbox(connection.id)

    assert stage(payment) is Stage.BOOKED
    assert len(simulator.records(GENERAL)) == 1


@pytest.mark.parametrize("in_cash", [True, False])
def test_it_is_found_again_although_the_customer_is_another_relation_by_now(
    connection: ExactConnection,
    simulator: RunningSimulator,
    branch: BusinessUnit,
    pay: Pay,
    in_cash: bool,
) -> None:
    resource = CASH if in_cash else GENERAL
    payment = cash(TypeRole.PAYMENT, 50, register=register(branch)) if in_cash else pay()
    simulator.fail_next("drop_after", resource, method="POST")
    interval(connection)
    link = db.session.scalars(select(ExactCustomerLink)).one()
    link.account_id = UUID(simulator.accounts(Status="C")[0]["ID"])
    db.session.commit()

    with later(minutes=10):
        run_outbox(connection.id)

    assert stage(payment) is Stage.BOOKED
    assert len(simulator.records(resource)) == 1


def test_what_has_our_reference_and_another_amount_is_not_taken_for_ours(
    connection: ExactConnection, simulator: RunningSimulator, pay: Pay
) -> None:
    simulator.fail_next("drop_after", GENERAL, method="POST")
    payment = pay()
    interval(connection)
    for line in simulator.records(GENERAL_LINES):
        simulator.change(GENERAL_LINES, line, AmountFC=line["AmountFC"] * 2)

    with later(minutes=10):
        run_outbox(connection.id)

    assert stage(payment) is Stage.REFUSED
    assert "but with another amount" in str(standing(payment).reasons[0])
    assert simulator.log.count(GENERAL, "POST") == 1


@pytest.mark.parametrize("in_cash", [True, False])
def test_a_number_given_out_again_after_exact_had_it_is_not_taken_for_ours(
    connection: ExactConnection,
    simulator: RunningSimulator,
    branch: BusinessUnit,
    pay: Pay,
    in_cash: bool,
) -> None:
    """As an older copy of the database gives it out, to a like payment of another invoice."""
    lines = CASH_LINES if in_cash else GENERAL_LINES
    payment = cash(TypeRole.PAYMENT, 50, register=register(branch)) if in_cash else pay()
    interval(connection)
    for line in simulator.records(lines):
        simulator.change(lines, line, Created=line["Created"] - timedelta(hours=3))
    db.session.execute(delete(ExactStep))
    db.session.execute(delete(ExactOutboxEntry))
    db.session.commit()

    with later(minutes=60):
        interval(connection)

    assert stage(payment) is Stage.REFUSED
    assert "before this transaction was registered" in str(standing(payment).reasons[0])
    assert simulator.log.count(CASH if in_cash else GENERAL, "POST") == 1


def test_a_crash_of_exact_is_looked_up_before_it_is_sent_again(
    connection: ExactConnection, simulator: RunningSimulator, pay: Pay
) -> None:
    simulator.fail_next("crash", GENERAL, method="POST")
    payment = pay()
    interval(connection)
    assert stage(payment) is Stage.WAITING

    with later(minutes=10):
        run_outbox(connection.id)

    assert stage(payment) is Stage.BOOKED
    assert len(simulator.records(GENERAL)) == 1


@pytest.mark.both_databases
def test_two_clocks_at_once_begin_one_interval(
    app: Flask, connection: ExactConnection, pay: Pay
) -> None:
    payment, connection_id = pay(), connection.id

    begun = at_once(app, [start_due_intervals] * 4)

    assert sorted(begun) == [[], [], [], [connection_id]]
    assert db.session.scalar(select(func.count()).select_from(ExactRun)) == 1
    query = select(func.count()).select_from(ExactOutboxEntry).filter_by(kind=Kind.TRANSACTION)
    assert db.session.scalar(query.filter_by(record_id=payment.id)) == 1


# --- locked -------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_it_is_locked_before_exact_hears_of_it(
    connection: ExactConnection, pay: Pay, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment_id, seen = pay().id, []
    send = Transport.create

    def create(self: Transport, resource: str, *args: Any, **kwargs: Any) -> object:
        if resource == GENERAL:
            query = select(Transaction.locked).filter_by(id=payment_id)
            seen.append(db.session.scalar(query))
            db.session.commit()
        return send(self, resource, *args, **kwargs)

    monkeypatch.setattr(Transport, "create", create)
    interval(connection)

    assert seen == [True]


def test_what_cannot_go_yet_stays_open_for_changes(
    connection: ExactConnection, branch: BusinessUnit, pay: Pay
) -> None:
    set_up(connection, branch, other_journal="")
    payment = pay()

    interval(connection)

    assert stage(payment) is Stage.HELD
    transactions.change(payment, remark="by phone", voucher="", invoice=None)
    assert not payment.locked


# --- on hold ------------------------------------------------------------------------------------


def test_a_setting_taken_back_after_it_was_queued_puts_it_on_hold(
    connection: ExactConnection, simulator: RunningSimulator, branch: BusinessUnit, pay: Pay
) -> None:
    payment = pay()
    start_due_intervals()
    set_up(connection, branch, customer_gl="")

    run_outbox(connection.id)

    assert stage(payment) is Stage.HELD
    assert not simulator.log.writes(GENERAL)
    set_up(connection, branch)
    interval(connection)
    assert stage(payment) is Stage.BOOKED


def test_the_reason_names_the_type_in_the_language_of_who_reads_it(
    connection: ExactConnection, branch: BusinessUnit, pay: Pay
) -> None:
    save_type_account(connection, branch, types.of_role(TypeRole.PAYMENT), None, "")
    payment = pay()
    interval(connection)
    with in_language("nl"):
        assert "Betaling" in str(standing(payment).reasons[0])
    with in_language("fr"):
        assert "Paiement" in str(standing(payment).reasons[0])


def test_a_type_that_stays_here_after_all_is_not_sent(
    connection: ExactConnection, simulator: RunningSimulator, branch: BusinessUnit, pay: Pay
) -> None:
    payment = pay()
    start_due_intervals()
    save_type_account(connection, branch, types.of_role(TypeRole.PAYMENT), None, STAYS)
    db.session.commit()

    run_outbox(connection.id)

    assert stage(payment) is Stage.HELD
    assert "stay here" in str(standing(payment).reasons[0])
    assert not simulator.log.writes(GENERAL)


@pytest.mark.parametrize("refused", [True, False])
def test_what_waited_for_a_person_and_stays_here_after_all_needs_nobody_any_more(
    connection: ExactConnection,
    simulator: RunningSimulator,
    branch: BusinessUnit,
    pay: Pay,
    refused: bool,
) -> None:
    kind, day = types.of_role(TypeRole.PAYMENT), today()
    if refused:
        simulator.close_period(day.year, day.month, "90")
    else:
        save_type_account(connection, branch, kind, None, "")
    payment = pay()
    interval(connection)
    assert standing(payment).needs_person

    save_type_account(connection, branch, kind, None, STAYS)
    interval(connection)

    assert stage(payment) is Stage.NOT_SENT
    simulator.close_period(day.year, day.month, "90", closed=False)
    save_type_account(connection, branch, kind, None, "580000")
    interval(connection)
    assert stage(payment) is Stage.BOOKED


@pytest.mark.both_databases
def test_switched_off_nothing_is_collected_and_what_is_queued_waits(
    connection: ExactConnection, simulator: RunningSimulator, pay: Pay
) -> None:
    queued = pay()
    start_due_intervals()
    switch(connection, transactions_send=False)
    new = pay()

    interval(connection)

    assert (stage(queued), stage(new)) == (Stage.HELD, Stage.NOT_SENT)
    assert not simulator.log.writes(GENERAL)
    switch(connection, transactions_send=True)
    interval(connection)
    assert (stage(queued), stage(new)) == (Stage.BOOKED, Stage.BOOKED)


def test_the_same_reason_is_noted_once_however_often_the_interval_passes(
    connection: ExactConnection, branch: BusinessUnit, pay: Pay
) -> None:
    set_up(connection, branch, other_journal="")
    payment = pay()
    for _n in range(3):
        interval(connection)

    entries = db.session.scalars(select(ExactOutboxEntry).filter_by(record_id=payment.id)).all()
    assert [each.state for each in entries if each.kind == Kind.TRANSACTION] == [WorkState.HELD]
    assert db.session.scalar(select(func.count()).select_from(ExactRun)) == 1


@pytest.mark.both_databases
def test_many_on_hold_cost_an_interval_no_more_queries_than_one(
    connection: ExactConnection, branch: BusinessUnit, pay: Pay
) -> None:
    set_up(connection, branch, other_journal="")
    pay()
    interval(connection)
    with counted() as one:
        interval(connection)
    for _n in range(5):
        pay()
    interval(connection)
    with counted() as six:
        interval(connection)
    assert len(six) <= len(one)


# --- whose, and since when ----------------------------------------------------------------------


def test_what_moved_before_the_first_day_is_left_alone(
    connection: ExactConnection, pay: Pay
) -> None:
    old, new = pay(at=now() - timedelta(days=2)), pay()

    interval(connection)

    assert (stage(old), stage(new)) == (Stage.NOT_SENT, Stage.BOOKED)


@pytest.mark.both_databases
def test_the_first_day_begins_at_midnight_where_the_company_is(
    connection: ExactConnection, company: Company, pay: Pay
) -> None:
    company.timezone = "Pacific/Auckland"
    day = today("Pacific/Auckland")
    switch(connection, transactions_from=day.isoformat())
    begins = midnight(day, "Pacific/Auckland")
    before, after = pay(at=begins - timedelta(minutes=1)), pay(at=begins)

    interval(connection)

    assert (stage(before), stage(after)) == (Stage.NOT_SENT, Stage.BOOKED)


@pytest.mark.both_databases
def test_another_companys_transactions_are_none_of_its_business(
    connection: ExactConnection, pay: Pay
) -> None:
    elsewhere = paid(TypeRole.PAYMENT, 10, contract=make_contract(unit=make_unit()))

    interval(connection)

    assert stage(elsewhere) is Stage.NOT_SENT


def test_a_refused_one_waits_for_a_person_and_goes_when_it_is_tried_again(
    connection: ExactConnection, simulator: RunningSimulator, pay: Pay
) -> None:
    payment, day = pay(), today()
    simulator.close_period(day.year, day.month, "90")
    interval(connection)
    assert stage(payment) is Stage.REFUSED
    simulator.close_period(day.year, day.month, "90", closed=False)
    interval(connection)
    assert stage(payment) is Stage.REFUSED

    forwarding.forward([payment.id], by="Anke", kind=Kind.TRANSACTION)
    db.session.commit()
    run_outbox(connection.id)

    assert stage(payment) is Stage.BOOKED
    kinds = {run.kind for run in db.session.scalars(select(ExactRun))}
    assert kinds == {RunKind.INTERVAL, RunKind.MANUAL}


def test_a_customer_who_is_gone_in_exact_is_let_go_and_made_again(
    connection: ExactConnection, simulator: RunningSimulator, branch: BusinessUnit
) -> None:
    contract = make_contract(unit=branch)
    first = paid(TypeRole.PAYMENT, 10, contract=contract)
    interval(connection)
    link = db.session.scalars(select(ExactCustomerLink)).one()
    link.account_id = uuid4()
    db.session.commit()
    second = paid(TypeRole.PAYMENT, 20, contract=contract)

    interval(connection)

    assert (stage(first), stage(second)) == (Stage.BOOKED, Stage.HELD)
    assert "is no longer in Exact" in str(standing(second).reasons[0])
    interval(connection)
    assert stage(second) is Stage.BOOKED


def test_no_step_is_left_open(connection: ExactConnection, pay: Pay) -> None:
    pay()
    interval(connection)
    assert {step.state for step in db.session.scalars(select(ExactStep))} == {StepState.CONFIRMED}
