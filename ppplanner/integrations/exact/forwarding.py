"""Forwarding by hand: first what will happen, then the queue; and what people see of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select

from ppplanner import jobs
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import N_, Message, _
from ppplanner.models import Invoice

from . import outbox
from .connect import connections
from .jobs import send_what_waits
from .models import ExactConnection, ExactOutboxEntry, ExactStep, WorkState
from .settings import exact_settings
from .sync.invoices import booked, obstacles

DRAFT = N_("It is a draft: confirm it first.")
ALREADY_BOOKED = N_("It is booked in Exact already.")
ALREADY_QUEUED = N_("It is on its way already.")
NO_CONNECTION = N_(
    "%(company)s has no link with Exact yet: set it up under Settings, Exact Online."
)
NO_ADMINISTRATION = N_("%(company)s has no administration chosen in the settings of Exact.")
SWITCHED_OFF = N_("The link with Exact is switched off for %(company)s.")
LOGIN_LOST = N_("It waits until somebody logs in with Exact again.")


@dataclass(frozen=True)
class Held:
    """An invoice that cannot be forwarded now, and why."""

    invoice: Invoice
    reasons: list[Message]


@dataclass
class Preview:
    """What forwarding a selection will do."""

    ready: list[Invoice] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)

    @property
    def companies(self) -> list[str]:
        return sorted({invoice.company.name for invoice in self.ready})


def preview(invoice_ids: Sequence[int]) -> Preview:
    """Which of these invoices will go to Exact, and why the others will not."""
    found = Preview()
    on_its_way = {
        key
        for key, entry in outbox.last_entries("invoice", invoice_ids).items()
        if entry.state in outbox.OPEN
    }
    in_the_books = booked(invoice_ids)
    by_company = {connection.company_id: connection for connection in connections()}
    for invoice in _invoices(invoice_ids):
        reasons = _reasons(invoice, by_company, in_the_books.keys(), on_its_way)
        if reasons:
            found.held.append(Held(invoice, reasons))
        else:
            found.ready.append(invoice)
    return found


def _invoices(invoice_ids: Sequence[int]) -> Iterable[Invoice]:
    query = select(Invoice).where(Invoice.id.in_(invoice_ids))
    return db.session.scalars(query.order_by(Invoice.invoice_date, Invoice.id))


def _reasons(
    invoice: Invoice,
    by_company: dict[int, ExactConnection],
    in_the_books: Iterable[int],
    on_its_way: set[int],
) -> list[Message]:
    if invoice.is_draft:
        return [Message(DRAFT)]
    if invoice.id in in_the_books:
        return [Message(ALREADY_BOOKED)]
    if invoice.id in on_its_way:
        return [Message(ALREADY_QUEUED)]
    connection = by_company.get(invoice.company_id)
    company = {"company": invoice.company.name}
    if connection is None:
        return [Message(NO_CONNECTION, company)]
    if not exact_settings.load(invoice.company_id).enabled:
        return [Message(SWITCHED_OFF, company)]
    if connection.division is None:
        return [Message(NO_ADMINISTRATION, company)]
    return obstacles(invoice, connection)


def forward(invoice_ids: Sequence[int], by: str) -> int:
    """Put those that can go on the way to Exact; how many. The caller commits.

    Raises DomainError when none can go, with the first reason.
    """
    plan = preview(invoice_ids)
    if not plan.ready:
        reason = plan.held[0].reasons[0] if plan.held else _("Tick the invoices to forward first.")
        raise DomainError(str(reason))
    by_company = {connection.company_id: connection for connection in connections()}
    queued = 0
    for invoice in plan.ready:
        connection = by_company[invoice.company_id]
        queued += outbox.queue_invoice(connection.id, invoice.id, by) is not None
        jobs.enqueue_after_commit(send_what_waits, connection.id)
    return queued


class Stage(StrEnum):
    """Where an invoice stands towards Exact, as people see it."""

    NOT_SENT = "not_sent"
    WAITING = "waiting"
    SENDING = "sending"
    BOOKED = "booked"
    REFUSED = "refused"


@dataclass(frozen=True)
class Standing:
    """The stage of an invoice with its reasons, and its number in Exact once booked."""

    stage: Stage
    reasons: list[Message] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    number: str = ""

    @property
    def moving(self) -> bool:
        """Whether it will change by itself soon."""
        return self.stage in (Stage.WAITING, Stage.SENDING)


def standings(invoice_ids: Sequence[int]) -> dict[int, Standing]:
    """Where these invoices stand, in a fixed number of queries."""
    steps, entries = booked(invoice_ids), outbox.last_entries("invoice", invoice_ids)
    resting = {connection.id: connection for connection in connections()}
    return {key: _standing(steps.get(key), entries.get(key), resting) for key in invoice_ids}


def _standing(
    step: ExactStep | None, entry: ExactOutboxEntry | None, known: dict[int, ExactConnection]
) -> Standing:
    if step:
        return Standing(Stage.BOOKED, number=step.label)
    if entry is None:
        return Standing(Stage.NOT_SENT)
    reasons = [Message.from_json(reason) for reason in entry.reasons]
    if entry.state is WorkState.REFUSED:
        return Standing(Stage.REFUSED, reasons, entry.words)
    if entry.state is WorkState.SENDING:
        return Standing(Stage.SENDING)
    return Standing(Stage.WAITING, reasons or _why_it_rests(known[entry.connection_id]))


def _why_it_rests(connection: ExactConnection) -> list[Message]:
    if not connection.is_connected:
        return [Message(LOGIN_LOST)]
    return [Message.from_json(connection.pause_reason)] if connection.pause_reason else []
