"""What Exact shows in the core's slots and list columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import render_template
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import func, select

from ppplanner.addons.manifest import Cell
from ppplanner.blueprints.markup import Badge
from ppplanner.extensions import db
from ppplanner.i18n import Message, _
from ppplanner.models import Customer, CustomerKind, Invoice

from . import outbox
from .connect import connection_for, connection_of, connections
from .forwarding import Stage, Standing, standings
from .models import (
    ConnectionState,
    ExactAttempt,
    ExactConnection,
    ExactCustomerLink,
    ExactOutboxEntry,
    WorkState,
)
from .settings import exact_settings


def stage_badge(standing: Standing) -> Badge:
    """The stage in words, with its colour."""
    words = {
        Stage.NOT_SENT: (_("not in Exact"), "grey"),
        Stage.WAITING: (_("waiting"), "amber"),
        Stage.SENDING: (_("sending"), "blue"),
        Stage.BOOKED: (_("booked"), "green"),
        Stage.REFUSED: (_("refused"), "red"),
    }
    text, colour = words[standing.stage]
    return Badge(text, colour)  # type: ignore[arg-type]


def invoice_cells(invoice_ids: Sequence[int]) -> dict[int, Cell]:
    """The column of the invoice list."""
    return {key: _invoice_cell(one) for key, one in standings(list(invoice_ids)).items()}


def _invoice_cell(standing: Standing) -> Cell:
    if standing.stage is Stage.NOT_SENT:
        return Cell(Markup(""))
    detail = standing.number or " ".join(map(str, standing.reasons))
    html = Markup('{} <span class="cell-detail">{}</span>').format(stage_badge(standing), detail)
    return Cell(html, moving=standing.moving)


def customer_cells(customer_ids: Sequence[int]) -> dict[int, Cell]:
    """The column of the customer list: the code in Exact."""
    query = select(ExactCustomerLink).where(ExactCustomerLink.customer_id.in_(customer_ids))
    linked = {link.customer_id: link.code for link in db.session.scalars(query)}
    return {
        key: Cell(Markup("{}").format(Badge(linked[key] or _("linked"), "green"))) for key in linked
    }


def forwarding_offered() -> bool:
    """Whether any company forwards invoices at all (mission A7)."""
    return any(_forwards(connection) for connection in connections())


def _forwards(connection: ExactConnection) -> bool:
    settings = exact_settings.load(connection.company_id)
    return settings.enabled and settings.invoices_send


def search_offered(connection: ExactConnection | None) -> bool:
    """Whether customers can be looked up in Exact now."""
    if connection is None or not connection.is_ready:
        return False
    settings = exact_settings.load(connection.company_id)
    return settings.enabled and settings.customers_search


def search_choices(kind: str | None = None, field: str = "", **_context: object) -> str:
    """Two more ways to add a customer: found in Exact, as private or as business (mission S12).

    Where only private persons fit (a driver), only the one.
    """
    if not search_offered(connection_for(current_user)):
        return ""
    kinds = [CustomerKind(kind)] if kind else list(CustomerKind)
    return render_template("exact/_search_choices.html", kinds=kinds, field=field)


def customer_tile(customer: Customer, **_context: object) -> str:
    query = select(ExactCustomerLink).filter_by(customer_id=customer.id)
    links = list(db.session.scalars(query))
    known = {connection.id: connection for connection in connections()}
    return (
        render_template("exact/_customer_tile.html", links=links, connections=known)
        if known
        else ""
    )


def forward_button(invoice: Invoice, **_context: object) -> str:
    """The button in the header of a confirmed invoice that Exact does not have."""
    connection = connection_of(invoice.company_id)
    if invoice.is_draft or connection is None or not _forwards(connection):
        return ""
    standing = standings([invoice.id])[invoice.id]
    if standing.stage in (Stage.BOOKED, Stage.SENDING):
        return ""
    return render_template("exact/_forward_button.html", invoice=invoice, standing=standing)


def invoice_tile(invoice: Invoice, **_context: object) -> str:
    if invoice.is_draft or connection_of(invoice.company_id) is None:
        return ""
    return render_invoice_tile(invoice)


def render_invoice_tile(invoice: Invoice) -> str:
    """The invoice's whole story with Exact; while it moves, the tile asks for itself again."""
    standing = standings([invoice.id])[invoice.id]
    return render_template(
        "exact/_invoice_tile.html",
        invoice=invoice,
        standing=standing,
        badge=stage_badge(standing),
        attempts=[_told(attempt) for attempt in outbox.attempts("invoice", invoice.id)],
    )


@dataclass(frozen=True)
class Told:
    """One line of a record's story, in the reader's language."""

    title: str
    at: datetime
    reasons: list[Message]
    words: list[str]


def _told(attempt: ExactAttempt) -> Told:
    titles = {
        ("create_document", "done"): _("Made the document"),
        ("create_document", "found"): _("Found the document, made before"),
        ("attach_pdf", "done"): _("Attached the PDF"),
        ("attach_pdf", "found"): _("Found the PDF, attached before"),
        ("book_entry", "done"): _("Booked"),
        ("book_entry", "found"): _("Found the booking, made before"),
        ("send", "refused"): _("Refused"),
        ("send", "postponed"): _("Postponed"),
    }
    title = titles.get((attempt.action, attempt.result), attempt.action)
    reasons = [Message.from_json(reason) for reason in attempt.reasons]
    return Told(title, attempt.at, reasons, attempt.words)


def login_lost_banner() -> str:
    """The red bar: only when a login is gone and work has to wait for a person."""
    lost = [one for one in connections() if one.state is ConnectionState.NEEDS_LOGIN]
    return render_template("exact/_login_lost.html", lost=lost) if lost else ""


def home_tile() -> str:
    """What waits and what was refused."""
    if not connections():
        return ""
    query = select(ExactOutboxEntry.state, func.count()).group_by(ExactOutboxEntry.state)
    counts: dict[WorkState, int] = dict(db.session.execute(query).tuples().all())
    waiting = counts.get(WorkState.WAITING, 0) + counts.get(WorkState.SENDING, 0)
    refused = len(refused_invoices())
    return render_template(
        "exact/_home_tile.html", connections=connections(), waiting=waiting, refused=refused
    )


def refused_invoices() -> list[ExactOutboxEntry]:
    """The invoices whose last word from Exact is a no."""
    last = (
        select(func.max(ExactOutboxEntry.id))
        .filter_by(kind="invoice")
        .group_by(ExactOutboxEntry.record_id)
    )
    query = select(ExactOutboxEntry).where(
        ExactOutboxEntry.id.in_(last), ExactOutboxEntry.state == WorkState.REFUSED
    )
    return list(db.session.scalars(query))
