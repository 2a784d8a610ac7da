"""Forwarding by hand: first what will happen, then the queue; and what people see of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from ppplanner import jobs
from ppplanner.clock import now
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import N_, Message, _
from ppplanner.models import Invoice, InvoiceLine

from . import outbox
from .connect import connections
from .jobs import send_what_waits
from .models import ExactConnection, ExactOutboxEntry, ExactStep, WorkState
from .settings import exact_settings
from .sync.invoices import booked
from .sync.obstacles import Setup, obstacles

DRAFT = N_("It is a draft: confirm it first.")
ALREADY_BOOKED = N_("It is booked in Exact already.")
ALREADY_QUEUED = N_("It is on its way already.")
NO_CONNECTION = N_(
    "%(company)s has no link with Exact yet: set it up under Settings, Exact Online."
)
NO_ADMINISTRATION = N_("%(company)s has no administration chosen in the settings of Exact.")
SWITCHED_OFF = N_("The link with Exact is switched off for %(company)s.")
LOGIN_LOST = N_("Nobody is logged in with Exact. Log in again; what waits then goes by itself.")


@dataclass(frozen=True)
class Held:
    """An invoice that cannot be forwarded now, and why."""

    invoice: Invoice
    reasons: list[Message]


@dataclass
class Preview:
    """What forwarding a selection will do. `delays`: why what is ready has to wait all the same."""

    ready: list[Invoice] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    delays: list[Message] = field(default_factory=list)

    @property
    def companies(self) -> list[str]:
        return sorted({invoice.company.name for invoice in self.ready})


def preview(invoice_ids: Sequence[int]) -> Preview:
    """Which of these invoices will go to Exact, and why the others will not.

    A few queries per company, however many invoices.
    """
    invoices = _invoices(invoice_ids)
    facts, plan = _Facts.read(invoices), Preview()
    for invoice in invoices:
        if reasons := _reasons(invoice, facts):
            plan.held.append(Held(invoice, reasons))
        else:
            plan.ready.append(invoice)
    resting = {invoice.company_id: facts.connections[invoice.company_id] for invoice in plan.ready}
    plan.delays = [reason for each in resting.values() for reason in why_it_rests(each)]
    return plan


def _invoices(invoice_ids: Sequence[int]) -> list[Invoice]:
    lines = selectinload(Invoice.lines)
    query = (
        select(Invoice)
        .where(Invoice.id.in_(invoice_ids))
        .order_by(Invoice.invoice_date, Invoice.id)
        .options(
            joinedload(Invoice.company),
            joinedload(Invoice.customer),
            lines.joinedload(InvoiceLine.gl_account),
            lines.joinedload(InvoiceLine.vat_code),
        )
    )
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class _Facts:
    """What decides about the invoices of a selection, by invoice or by company."""

    booked: Collection[int]
    on_its_way: Collection[int]
    connections: Mapping[int, ExactConnection]
    setups: Mapping[int, Setup]

    @classmethod
    def read(cls, invoices: Sequence[Invoice]) -> _Facts:
        ids = [invoice.id for invoice in invoices]
        companies = {invoice.company_id for invoice in invoices}
        customers = {invoice.customer_id for invoice in invoices}
        linked = [each for each in connections() if each.company_id in companies]
        last = outbox.last_entries("invoice", ids)
        return cls(
            booked(ids).keys(),
            {key for key, entry in last.items() if entry.state in outbox.OPEN},
            {each.company_id: each for each in linked},
            {each.company_id: Setup.read(each, customers) for each in linked},
        )


def _reasons(invoice: Invoice, facts: _Facts) -> list[Message]:
    if invoice.is_draft:
        return [Message(DRAFT)]
    if invoice.id in facts.booked:
        return [Message(ALREADY_BOOKED)]
    if invoice.id in facts.on_its_way:
        return [Message(ALREADY_QUEUED)]
    company = {"company": invoice.company.name}
    connection = facts.connections.get(invoice.company_id)
    if connection is None:
        return [Message(NO_CONNECTION, company)]
    setup = facts.setups[invoice.company_id]
    if not setup.settings.enabled:
        return [Message(SWITCHED_OFF, company)]
    if connection.division is None:
        return [Message(NO_ADMINISTRATION, company)]
    return obstacles(invoice, setup)


def forward(invoice_ids: Sequence[int], by: str) -> int:
    """Put those that can go on the way to Exact; how many. The caller commits.

    Raises DomainError when none can go, with the first reason.
    """
    plan = preview(invoice_ids)
    if not plan.ready:
        reason = plan.held[0].reasons[0] if plan.held else _("Tick the invoices to forward first.")
        raise DomainError(str(reason))
    by_company = {connection.company_id: connection.id for connection in connections()}
    queued = [
        outbox.queue_invoice(by_company[invoice.company_id], invoice.id, by)
        for invoice in plan.ready
    ]
    for connection_id in {by_company[invoice.company_id] for invoice in plan.ready}:
        jobs.enqueue_after_commit(send_what_waits, connection_id)
    return sum(entry is not None for entry in queued)


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
    waiting = {each.connection_id for each in entries.values() if each.state is WorkState.WAITING}
    resting = {each.id: why_it_rests(each) for each in connections() if each.id in waiting}
    return {key: _standing(steps.get(key), entries.get(key), resting) for key in invoice_ids}


def _standing(
    step: ExactStep | None,
    entry: ExactOutboxEntry | None,
    resting: Mapping[int, list[Message]],
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
    return Standing(Stage.WAITING, resting[entry.connection_id] or reasons)


def why_it_rests(connection: ExactConnection) -> list[Message]:
    """Why nothing is sent for the connection just now; empty when it works."""
    if not exact_settings.load(connection.company_id).enabled:
        return [Message(SWITCHED_OFF, {"company": connection.company.name})]
    if not connection.is_connected:
        return [Message(LOGIN_LOST)]
    if connection.pause_reason and connection.paused_until and connection.paused_until > now():
        return [Message.from_json(connection.pause_reason)]
    return []
