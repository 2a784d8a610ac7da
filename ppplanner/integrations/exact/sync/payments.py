"""Which booked invoices are paid, as Exact's open items tell (mission S38, its own switch).

Exact only ever speaks of what is paid: an invoice that is no longer among the open items is asked
about by itself before it is believed, since a login without the right to see them gets an empty
list. What Exact said it may take back; what people collected here, it does not touch.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import Invoice, InvoiceKind, PaymentState
from ppplanner.services.invoices.balances import set_payment_state, settle
from ppplanner.services.invoices.holding import hold

from ..client import ExactClient
from ..connect import connections, get_connection, open_client
from ..errors import ExactError, ExactNotConnected
from ..models import (
    ExactAttempt,
    ExactConnection,
    ExactPayment,
    ExactStep,
    Kind,
    StepState,
)
from ..settings import exact_settings
from ..standing import BOOKS
from ..turns import awake, passed, take_turn
from .failures import rest
from .lists import sales_journals

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=30)
#: A booking younger than this may not be among the open items yet.
SETTLING = timedelta(minutes=5)
UNPAID = (PaymentState.UNKNOWN, PaymentState.NOT_PAID, PaymentState.PARTIALLY_PAID)


@dataclass(frozen=True)
class Booked:
    """An invoice of ours in Exact's books."""

    invoice_id: int
    entry_id: UUID
    number: str
    said_paid: bool


def connections_due() -> list[int]:
    """The connections of which it is time to ask."""
    return [each.id for each in connections(*_conditions(now())) if _follows(each)]


def _follows(connection: ExactConnection) -> bool:
    settings = exact_settings.load(connection.company_id)
    return settings.enabled and settings.payments_fetch and connection.is_ready


def _conditions(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """Logged in, not at rest, and long enough since the last time."""
    return awake(moment), passed(ExactConnection.payments_fetched_at, moment, EVERY)


def _claim(connection_id: int) -> bool:
    """Whether it is time, and nobody else is at it. Commits."""
    connection, moment = db.session.get(ExactConnection, connection_id), now()
    if connection is None or not _follows(connection):
        return False
    column = ExactConnection.payments_fetched_at
    return take_turn(connection_id, column, moment, *_conditions(moment))


def follow_payments(connection_id: int) -> None:
    """Bring the payment state of the company's booked invoices in line with Exact, if it is time.
    Commits.
    """
    booked = _booked(connection_id) if _claim(connection_id) else []
    if not booked:
        return
    journals, client = _sales_journals(connection_id), None
    try:
        client = open_client(connection_id)
        open_items = (item for item in client.open_items() if item.journal in journals)
        open_numbers = {str(item.entry_number) for item in open_items}
        news = [each for each in booked if (each.number in open_numbers) is each.said_paid]
        told = _told(client, news)
    except ExactNotConnected:
        log.warning("connection %s: a person has to log in with Exact", connection_id)
    except ExactError as error:
        rest(connection_id, error, client)
    else:
        changed = (each for each in news if told.get(each.entry_id) is not each.said_paid)
        _write(connection_id, [each for each in changed if each.entry_id in told])


def _sales_journals(connection_id: int) -> set[str]:
    """In other journals, something else may have the number of an invoice."""
    journals = {journal.code for journal in sales_journals(get_connection(connection_id))}
    db.session.commit()
    return journals


def _booked(connection_id: int) -> list[Booked]:
    """The invoices of which Exact's word could change something."""
    query = (
        select(Invoice.id, ExactStep.exact_id, ExactStep.label, ExactPayment.invoice_id)
        .join(ExactStep, ExactStep.record_id == Invoice.id)
        .outerjoin(ExactPayment, ExactPayment.invoice_id == Invoice.id)
        .where(
            ExactStep.connection_id == connection_id,
            ExactStep.kind == Kind.INVOICE,
            ExactStep.action == BOOKS[Kind.INVOICE],
            ExactStep.state == StepState.CONFIRMED,
            ExactStep.confirmed_at < now() - SETTLING,
            Invoice.kind == InvoiceKind.INVOICE,
            or_(Invoice.payment_state.in_(UNPAID), ExactPayment.invoice_id.is_not(None)),
        )
    )
    rows = db.session.execute(query).all()
    db.session.commit()
    return [
        Booked(key, entry, label, seen is not None) for key, entry, label, seen in rows if entry
    ]


def _told(client: ExactClient, booked: Iterable[Booked]) -> dict[UUID, bool]:
    """Whether everything is paid of these, as Exact says itself of each; those that it does not
    show are left out.
    """
    told: dict[UUID, bool] = {}
    for claim in client.claims_of([each.entry_id for each in booked]):
        told[claim.entry_id] = claim.fully_paid and told.get(claim.entry_id, True)
    return told


def _write(connection_id: int, changed: Iterable[Booked]) -> None:
    for each in changed:
        invoice = db.session.get_one(Invoice, each.invoice_id)
        hold(invoice)
        if each.said_paid:
            _open_again(invoice)
        else:
            _pay(invoice, connection_id)
        _tell(connection_id, invoice, "open" if each.said_paid else "paid")
    db.session.execute(
        update(ExactConnection)
        .where(ExactConnection.id == connection_id)
        .values(last_answer_at=now())
    )
    db.session.commit()


def _pay(invoice: Invoice, connection_id: int) -> None:
    if invoice.payment_state in UNPAID:
        set_payment_state(invoice, PaymentState.FULLY_PAID)
    db.session.add(ExactPayment(invoice_id=invoice.id, connection_id=connection_id))


def _open_again(invoice: Invoice) -> None:
    """What people have said of it since stays."""
    if invoice.payment_state is PaymentState.FULLY_PAID:
        set_payment_state(invoice, PaymentState.NOT_PAID)
        settle(invoice)
    db.session.delete(db.session.get_one(ExactPayment, invoice.id))


def _tell(connection_id: int, invoice: Invoice, result: str) -> None:
    story = ExactAttempt(
        connection_id=connection_id,
        kind=Kind.INVOICE,
        record_id=invoice.id,
        action="payment",
        result=result,
    )
    db.session.add(story)
    db.session.commit()
