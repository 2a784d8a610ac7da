"""Forwarding by hand: first what will happen, then the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import N_, Message, _
from ppplanner.models import Invoice, InvoiceLine

from .connect import connections
from .jobs import send_soon
from .models import ExactConnection, Kind, RunKind
from .runs import begin_run
from .standing import SWITCHED_OFF, Stage, Standing, standings, why_some_waits
from .sync.invoices import put_on_the_way
from .sync.obstacles import Setup, obstacles

DRAFT = N_("It is a draft: confirm it first.")
ALREADY_BOOKED = N_("It is booked in Exact already.")
ALREADY_QUEUED = N_("It is on its way already.")
NO_CONNECTION = N_(
    "%(company)s has no link with Exact yet: set it up under Settings, Exact Online."
)
NO_ADMINISTRATION = N_("%(company)s has no administration chosen in the settings of Exact.")


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
    delays = (why_some_waits(each, Kind.INVOICE) for each in resting.values())
    plan.delays = [reason for reasons in delays for reason in reasons]
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

    standings: Mapping[int, Standing]
    connections: Mapping[int, ExactConnection]
    setups: Mapping[int, Setup]

    @classmethod
    def read(cls, invoices: Sequence[Invoice]) -> _Facts:
        ids = [invoice.id for invoice in invoices]
        companies = {invoice.company_id for invoice in invoices}
        customers = {invoice.customer_id for invoice in invoices}
        linked = [each for each in connections() if each.company_id in companies]
        return cls(
            standings(Kind.INVOICE, ids),
            {each.company_id: each for each in linked},
            {each.company_id: Setup.read(each, customers) for each in linked},
        )


def _reasons(invoice: Invoice, facts: _Facts) -> list[Message]:
    if invoice.is_draft:
        return [Message(DRAFT)]
    standing = facts.standings[invoice.id]
    if standing.stage is Stage.BOOKED:
        return [Message(ALREADY_BOOKED)]
    if standing.moving:
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
    if standing.stage is Stage.INCOMPLETE and setup.settings.invoices_send:
        return []
    return obstacles(invoice, setup, asked=False)


def forward(invoice_ids: Sequence[int], by: str) -> int:
    """Put those that can go on the way to Exact; how many. The caller commits.

    Raises DomainError when none can go, with the first reason.
    """
    plan = preview(invoice_ids)
    if not plan.ready:
        reason = plan.held[0].reasons[0] if plan.held else _("Tick the invoices to forward first.")
        raise DomainError(str(reason))
    count, by_company = 0, {each.company_id: each for each in connections()}
    for company_id in {invoice.company_id: None for invoice in plan.ready}:
        connection = by_company[company_id]
        run = begin_run(connection, RunKind.MANUAL, by=by)
        of_company = (each for each in plan.ready if each.company_id == company_id)
        count += put_on_the_way(connection, of_company, by=by, run=run)
        send_soon()
    return count
