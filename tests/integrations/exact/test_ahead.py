"""What a run asks Exact before it sends: after a database was restored from an older copy, and
after answers were lost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import delete, insert, select, update

from ppplanner.clock import now, today
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding, mapping
from ppplanner.integrations.exact.client import ExactClient
from ppplanner.integrations.exact.errors import ExactUnavailable
from ppplanner.integrations.exact.models import (
    ExactAttempt,
    ExactConnection,
    ExactCustomerLink,
    ExactOutboxEntry,
    ExactStep,
    Kind,
    StepState,
    WorkState,
)
from ppplanner.integrations.exact.quota import Quota
from ppplanner.integrations.exact.records import SalesEntry
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import BOOKS, Stage, Standing, standings
from ppplanner.integrations.exact.steps import STILL_BUSY
from ppplanner.integrations.exact.sync import run
from ppplanner.integrations.exact.sync.ahead import TRIES
from ppplanner.integrations.exact.sync.failures import OUTAGE
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import BusinessUnit, Invoice, TypeRole
from ppplanner.services.invoices import confirming, crediting
from tests.factories import make_contract
from tests.integrations.exact.conftest import new_invoice
from tests.integrations.exact.money import cash, paid, register, set_up

pytestmark = pytest.mark.one_database

ENTRIES = "salesentry/SalesEntries"
DOCUMENTS = "documents/Documents"
ATTACHMENTS = "documents/DocumentAttachments"
#: What the link remembers of what it sent.
MEMORY: tuple[Any, ...] = (ExactOutboxEntry, ExactStep, ExactAttempt, ExactCustomerLink)

Restore = Callable[[], None]


@pytest.fixture
def copied(connection: ExactConnection) -> Callable[[], Restore]:
    """Copies what the link remembers; what is given puts the copy back, as an older one."""

    def copy() -> Restore:
        db.session.commit()
        rows = {model: _rows(model) for model in MEMORY}

        def restore() -> None:
            db.session.rollback()
            for model in MEMORY:
                db.session.execute(delete(model))
                if rows[model]:
                    db.session.execute(insert(model.__table__), rows[model])
            long_ago = now() - timedelta(hours=3)
            db.session.execute(update(ExactConnection).values(last_answer_at=long_ago))
            db.session.commit()
            db.session.expire_all()

        return restore

    return copy


def _rows(model: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in db.session.execute(select(model.__table__)).mappings()]


def forward(*invoices: Invoice) -> None:
    forwarding.forward([invoice.id for invoice in invoices], by="Anke")
    db.session.commit()


def standing(invoice: Invoice) -> Standing:
    return standings(Kind.INVOICE, [invoice.id])[invoice.id]


def stages(kind: Kind, *records: Any) -> set[Stage]:
    db.session.expire_all()
    return {each.stage for each in standings(kind, [record.id for record in records]).values()}


def send_after_the_copy(
    connection: ExactConnection, copied: Callable[[], Restore], invoice: Invoice
) -> None:
    """The copy holds it as waiting; Exact has it."""
    forward(invoice)
    restore = copied()
    run_outbox(connection.id)
    restore()


def in_doubt(invoice: Invoice, connection: ExactConnection) -> None:
    """Its booking was sent a while ago, and nobody knows what became of it."""
    place = {"connection_id": connection.id, "kind": Kind.INVOICE, "record_id": invoice.id}
    action = BOOKS[Kind.INVOICE]
    db.session.execute(delete(ExactStep).filter_by(**place, action=action))
    sent = {"state": StepState.SENDING, "started_at": now() - STILL_BUSY - timedelta(seconds=1)}
    db.session.add(ExactStep(**place, action=action, **sent))
    query = update(ExactOutboxEntry).filter_by(record_id=invoice.id, kind=Kind.INVOICE)
    db.session.execute(query.values(state=WorkState.WAITING, settled_at=None))
    db.session.commit()


# --- a copy that was restored -------------------------------------------------------------------


@pytest.mark.both_databases
@pytest.mark.parametrize("with_pdf", [True, False])
def test_what_was_booked_after_the_copy_was_made_is_not_booked_again(
    connection: ExactConnection,
    simulator: RunningSimulator,
    invoice: Invoice,
    copied: Callable[[], Restore],
    with_pdf: bool,
) -> None:
    exact_settings.save(connection.company_id, invoices_pdf=with_pdf)
    note = crediting.credit_in_full(invoice, on=today())
    confirming.confirm_invoice(note)
    forward(note, invoice)
    restore = copied()
    run_outbox(connection.id)
    told = [(standing(each).stage, standing(each).number) for each in (invoice, note)]

    restore()
    assert stages(Kind.INVOICE, invoice, note) == {Stage.WAITING}
    simulator.log.clear()
    run_outbox(connection.id)

    assert [(standing(each).stage, standing(each).number) for each in (invoice, note)] == told
    assert not [call for call in simulator.log if call.method == "POST"]
    assert len(simulator.entries()) == 2
    assert len(simulator.attachments()) == len(simulator.documents()) == (2 if with_pdf else 0)


def test_a_cover_without_booking_from_after_the_copy_is_used(
    connection: ExactConnection,
    simulator: RunningSimulator,
    invoice: Invoice,
    copied: Callable[[], Restore],
) -> None:
    forward(invoice)
    restore = copied()
    simulator.fail_next("unavailable", ENTRIES, method="POST")
    run_outbox(connection.id)

    restore()
    db.session.execute(update(ExactConnection).values(paused_until=None))
    run_outbox(connection.id)

    assert stages(Kind.INVOICE, invoice) == {Stage.BOOKED}
    (document,), (attachment,) = simulator.documents(), simulator.attachments()
    (entry,) = simulator.entries()
    assert entry["Document"] == attachment["Document"] == document["ID"]


def test_a_cover_that_was_refused_when_the_copy_was_made_and_is_there_since_is_used(
    connection: ExactConnection,
    simulator: RunningSimulator,
    invoice: Invoice,
    copied: Callable[[], Restore],
) -> None:
    forward(invoice)
    simulator.fail_next("objection", DOCUMENTS, method="POST")
    run_outbox(connection.id)
    assert stages(Kind.INVOICE, invoice) == {Stage.REFUSED}
    forward(invoice)
    restore = copied()
    simulator.fail_next("objection", ENTRIES, method="POST")
    run_outbox(connection.id)

    restore()
    run_outbox(connection.id)

    assert stages(Kind.INVOICE, invoice) == {Stage.BOOKED}
    assert len(simulator.documents()) == len(simulator.attachments()) == 1


def test_money_booked_after_the_copy_was_made_is_not_booked_again(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    copied: Callable[[], Restore],
) -> None:
    set_up(connection, unit)
    switches = {"transactions_send": True, "customers_send_moment": "on_save"}
    exact_settings.save(connection.company_id, **switches)
    till, contract = register(unit), make_contract(unit=unit)
    money = [
        cash(TypeRole.PAYMENT, 50, register=till, contract=contract),
        paid(TypeRole.PAYMENT, 70, contract=contract),
        cash(TypeRole.CORRECTION_IN, 9, register=till),
    ]
    forwarding.forward([each.id for each in money], by="Anke", kind=Kind.TRANSACTION)
    restore = copied()
    run_outbox(connection.id)
    assert stages(Kind.TRANSACTION, *money) == {Stage.BOOKED}

    restore()
    simulator.log.clear()
    run_outbox(connection.id)

    assert stages(Kind.TRANSACTION, *money) == {Stage.BOOKED}
    assert not [call for call in simulator.log if call.method == "POST"]


def test_a_number_that_the_copy_gives_out_once_more_is_not_booked_over_the_other(
    connection: ExactConnection,
    simulator: RunningSimulator,
    invoice: Invoice,
    copied: Callable[[], Restore],
) -> None:
    send_after_the_copy(connection, copied, invoice)
    another = UUID(simulator.accounts(Status="C")[0]["ID"])
    link = {"customer": invoice.customer, "connection_id": connection.id, "account_id": another}
    db.session.add(ExactCustomerLink(**link))
    db.session.commit()

    run_outbox(connection.id)

    assert stages(Kind.INVOICE, invoice) == {Stage.REFUSED}
    assert "another customer" in str(standing(invoice).reasons[0])
    assert len(simulator.entries()) == 1


def test_the_same_number_customer_and_amount_of_another_day_is_another_invoice(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    copied: Callable[[], Restore],
) -> None:
    """As the copy gives the number out again, to the next month of the same rental."""
    invoice = new_invoice(unit)
    note = crediting.credit_in_full(invoice, on=today())
    confirming.confirm_invoice(note)
    forward(invoice, note)
    restore = copied()
    run_outbox(connection.id)
    for entry in simulator.entries():
        simulator.change(ENTRIES, entry, EntryDate=entry["EntryDate"] - timedelta(days=30))
    restore()

    run_outbox(connection.id)

    assert stages(Kind.INVOICE, invoice, note) == {Stage.REFUSED}
    assert "another customer, date or amount" in str(standing(invoice).reasons[0])
    assert len(simulator.entries()) == 2


def test_a_number_given_out_again_after_exact_had_it_is_not_taken_for_ours_though_all_is_alike(
    connection: ExactConnection,
    simulator: RunningSimulator,
    invoice: Invoice,
    copied: Callable[[], Restore],
) -> None:
    """The copy gave the number to another invoice of that day, customer and amount."""
    send_after_the_copy(connection, copied, invoice)
    for entry in simulator.entries():
        simulator.change(ENTRIES, entry, Created=entry["Created"] - timedelta(hours=3))

    run_outbox(connection.id)

    assert stages(Kind.INVOICE, invoice) == {Stage.REFUSED}
    assert "before this invoice was confirmed" in str(standing(invoice).reasons[0])
    assert len(simulator.entries()) == 1


# --- answers that were lost ---------------------------------------------------------------------


def test_many_unknown_outcomes_are_found_out_with_one_call(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    exact_settings.save(connection.company_id, invoices_pdf=False)
    arrived = [new_invoice(unit) for _n in range(3)]
    lost = [new_invoice(unit, customer=each.customer) for each in arrived]
    forward(*arrived)
    run_outbox(connection.id)
    forward(*lost)
    for each in (*arrived, *lost):
        in_doubt(each, connection)
    simulator.log.clear()
    run_outbox(connection.id)

    assert stages(Kind.INVOICE, *arrived, *lost) == {Stage.BOOKED}
    assert [call.method for call in simulator.log] == ["GET", "POST", "POST", "POST"]
    assert len(simulator.entries()) == 6


@pytest.mark.parametrize("asked_ahead", [True, False])
def test_the_cover_of_who_is_renamed_before_it_is_known_whether_it_arrived_is_used(
    connection: ExactConnection,
    simulator: RunningSimulator,
    invoice: Invoice,
    asked_ahead: bool,
) -> None:
    invoice.customer.company_name = "The firm with the name that is longer than its cover holds"
    forward(invoice)
    simulator.fail_next("drop_after", DOCUMENTS, method="POST")
    run_outbox(connection.id)
    invoice.customer.company_name = "Renamed NV"
    db.session.commit()
    if not asked_ahead:
        simulator.fail_next("crash", DOCUMENTS, method="GET", times=TRIES)

    with time_machine.travel(now() + STILL_BUSY + timedelta(minutes=1)):
        run_outbox(connection.id)

    assert stages(Kind.INVOICE, invoice) == {Stage.BOOKED}
    (document,), (entry,) = simulator.documents(), simulator.entries()
    assert entry["Document"] == document["ID"]


def test_what_cannot_be_asked_for_together_is_asked_for_one_by_one(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    """Exact stumbles over the question about all of them: none is sent unasked."""
    invoices = [new_invoice(unit) for _n in range(2)]
    forward(*invoices)
    simulator.fail_next("crash", ENTRIES, method="GET", times=TRIES)
    run_outbox(connection.id)

    assert stages(Kind.INVOICE, *invoices) == {Stage.BOOKED}
    assert simulator.log.count(ENTRIES, "GET") == TRIES + 2


@pytest.mark.parametrize("trouble", ["crash", "malformed"])
def test_a_question_over_which_exact_stumbles_is_asked_again_for_all(
    trouble: str, connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    invoices = [new_invoice(unit) for _n in range(TRIES)]
    forward(*invoices)
    simulator.fail_next(trouble, ENTRIES, method="GET", times=TRIES - 1)
    run_outbox(connection.id)

    assert stages(Kind.INVOICE, *invoices) == {Stage.BOOKED}
    assert simulator.log.count(ENTRIES, "GET") == TRIES


def test_a_question_that_is_lost_between_others_is_asked_again(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "BATCH", 1)
    invoices = [new_invoice(unit) for _n in range(2)]
    forward(*invoices)
    simulator.fail_next("drop_after", ENTRIES, method="GET", after=1)
    run_outbox(connection.id)

    assert stages(Kind.INVOICE, *invoices) == {Stage.BOOKED}
    assert simulator.log.count(ENTRIES, "GET") == 3


def test_a_question_whose_last_page_never_comes_is_asked_one_by_one(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exact is at work all the same: nothing rests, least of all again and again."""
    find = ExactClient.find_sales_entries

    def lose_the_last_page(client: ExactClient, references: Collection[str]) -> Iterator[Any]:
        yield from find(client, references)
        if len(references) > 1:
            client._api.unanswered += 1
            raise ExactUnavailable("no_answer")

    monkeypatch.setattr(ExactClient, "find_sales_entries", lose_the_last_page)
    invoices = [new_invoice(unit) for _n in range(2)]
    forward(*invoices)
    run_outbox(connection.id)

    assert stages(Kind.INVOICE, *invoices) == {Stage.BOOKED}
    assert simulator.log.count(ENTRIES, "GET") == TRIES + 2


def test_when_no_answer_ever_comes_to_the_question_about_all_each_is_asked_for_alone(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find = ExactClient.find_sales_entries

    def too_much(self: ExactClient, references: Collection[str]) -> Iterator[SalesEntry]:
        if len(references) > 1:
            raise ExactUnavailable("no_answer")
        return find(self, references)

    monkeypatch.setattr(ExactClient, "find_sales_entries", too_much)
    invoices = [new_invoice(unit) for _n in range(2)]
    forward(*invoices)
    for minutes in range(OUTAGE + 1):
        with time_machine.travel(now() + timedelta(minutes=5 * minutes), tick=True):
            run_outbox(connection.id)

    assert stages(Kind.INVOICE, *invoices) == {Stage.BOOKED}


def test_a_record_for_which_nobody_can_ask_ahead_keeps_no_other_here(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    invoices = [new_invoice(unit) for _n in range(2)]

    def stumble(_invoice: Invoice) -> str:
        raise ValueError("nobody thought of this")

    monkeypatch.setattr(mapping, "document_subject", stumble)
    forward(*invoices)
    run_outbox(connection.id)

    assert stages(Kind.INVOICE, *invoices) == {Stage.BOOKED}
    assert simulator.log.count(ENTRIES, "GET") == 2


def test_a_step_begins_with_its_call_however_long_its_turn_was_waited_for(
    connection: ExactConnection,
    simulator: RunningSimulator,
    invoice: Invoice,
    monkeypatch: pytest.MonkeyPatch,
    clock: Any,
) -> None:
    """Absence in Exact proves something only long enough after the call itself."""
    wait = Quota.wait_for_turn

    def wait_long(self: Quota, *args: Any, **more: Any) -> bool:
        clock.shift(60)
        return wait(self, *args, **more)

    monkeypatch.setattr(Quota, "wait_for_turn", wait_long)
    simulator.fail_next("drop_before", ENTRIES, method="POST")
    forward(invoice)
    run_outbox(connection.id)

    step = db.session.scalars(select(ExactStep).filter_by(action=BOOKS[Kind.INVOICE])).one()
    assert (step.state, step.started_at) == (StepState.SENDING, now())
    (entry,) = db.session.scalars(select(ExactOutboxEntry))
    assert entry.not_before


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(now(), tick=False) as traveller:
        yield traveller
