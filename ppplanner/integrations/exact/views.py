"""What Exact shows in the core's slots and list columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template
from flask_babel.speaklater import LazyString
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import select

from ppplanner.addons.manifest import Cell
from ppplanner.blueprints.markup import Badge, Colour
from ppplanner.extensions import db
from ppplanner.i18n import Message, _, _l
from ppplanner.models import Customer, CustomerKind, Invoice
from ppplanner.permissions import allowed, visible

from . import outbox
from .connect import connection_for, connection_of, connections
from .health import count_waiting, refused_invoices
from .models import ConnectionState, ExactAttempt, ExactConnection, ExactCustomerLink, Kind
from .next_step import next_step
from .settings import exact_settings
from .standing import Stage, Standing, standings

#: How many refused invoices the home page names.
NAMED_AT_HOME = 5

#: The stages in words, with their colours.
STAGES: dict[Stage, tuple[LazyString, Colour]] = {
    Stage.NOT_SENT: (_l("not in Exact"), "grey"),
    Stage.WAITING: (_l("waiting"), "amber"),
    Stage.SENDING: (_l("sending"), "blue"),
    Stage.HELD: (_l("on hold"), "amber"),
    Stage.BOOKED: (_l("booked"), "green"),
    Stage.LINKED: (_l("in Exact"), "green"),
    Stage.REFUSED: (_l("refused"), "red"),
}


def stage_badge(standing: Standing) -> Badge:
    return Badge(*STAGES[standing.stage])


# --- lists ------------------------------------------------------------------------------------


def invoice_cells(invoice_ids: Sequence[int]) -> dict[int, Cell]:
    """The column of the invoice list."""
    return {
        key: _invoice_cell(one) for key, one in standings(Kind.INVOICE, list(invoice_ids)).items()
    }


def _invoice_cell(standing: Standing) -> Cell:
    """The badge with, as a tip, the number in Exact; or with the reason below it, whose whole text
    is on the invoice, too.
    """
    if standing.stage is Stage.NOT_SENT:
        return Cell(Markup(""))
    html = Markup('<span title="{}">{}</span>').format(standing.number, stage_badge(standing))
    if reason := " ".join(map(str, standing.reasons)):
        html += Markup('<small class="cell-detail" title="{0}">{0}</small>').format(reason)
    return Cell(html, moving=standing.moving)


def customer_cells(customer_ids: Sequence[int]) -> dict[int, Cell]:
    """The column of the customer list: the code in Exact, in each administration."""
    query = select(ExactCustomerLink).where(ExactCustomerLink.customer_id.in_(customer_ids))
    codes: dict[int, set[str]] = defaultdict(set)
    for link in db.session.scalars(query):
        codes[link.customer_id].add(link.code or _("linked"))
    return {
        key: Cell(Markup("{}").format(Badge(", ".join(sorted(each)), "green")))
        for key, each in codes.items()
    }


def forwarding_offered() -> bool:
    """Whether any company forwards invoices at all (mission A7)."""
    return any(map(_forwards, _within_reach("exact.forward")))


def _within_reach(permission: str = "exact.view") -> list[ExactConnection]:
    """The connections of the companies in which the person has the right."""
    return connections(visible(ExactConnection, permission))


def _forwards(connection: ExactConnection) -> bool:
    settings = exact_settings.load(connection.company_id)
    return settings.enabled and settings.invoices_send


# --- customers --------------------------------------------------------------------------------


def why_no_search(connection: ExactConnection | None) -> str:
    """Why customers cannot be looked up in Exact now, and what to do; "" when they can."""
    if connection is None:
        return _("This company has no link with Exact yet. Set it up under Settings, Exact Online.")
    settings = exact_settings.load(connection.company_id)
    if not (settings.enabled and settings.customers_search):
        return _("Finding customers in Exact is switched off under Settings, Exact Online.")
    if not connection.is_connected:
        return _("Nobody is logged in with Exact. Log in under Settings, Exact Online.")
    if connection.division is None:
        return _("No administration is chosen yet under Settings, Exact Online.")
    return ""


def search_choices(kind: str | None = None, field: str = "", **_context: object) -> str:
    """Two more ways to add a customer: found in Exact, as private or as business (mission S12).

    Where only private persons fit (a driver), only the one.
    """
    reached = visible(ExactConnection, "exact.search")
    if why_no_search(connection_for(current_user, reached)):
        return ""
    kinds = [CustomerKind(kind)] if kind else list(CustomerKind)
    return render_template("exact/_search_choices.html", kinds=kinds, field=field)


def customer_tile(customer: Customer, **_context: object) -> str:
    """Whom Exact knows the customer as, in each administration."""
    known = {connection.id: connection for connection in _within_reach()}
    if not known:
        return ""
    query = select(ExactCustomerLink).filter_by(customer_id=customer.id)
    links = list(db.session.scalars(query.where(ExactCustomerLink.connection_id.in_(known))))
    settings = [exact_settings.load(connection.company_id) for connection in known.values()]
    return render_template(
        "exact/_customer_tile.html",
        links=links,
        connections=known,
        sends=any(each.enabled and each.customers_send for each in settings),
    )


# --- invoices ---------------------------------------------------------------------------------


def forward_button(invoice: Invoice, **_context: object) -> str:
    """The button in the header of a confirmed invoice that Exact does not have. Its place stays
    when there is none, since the tile puts it there again after a refusal.
    """
    return render_template("exact/_forward_button.html", **_forwardable(invoice))


def invoice_tile(invoice: Invoice, **_context: object) -> str:
    """The invoice's whole story with Exact; while it moves, the tile asks for itself again."""
    if invoice.is_draft or connection_of(invoice.company_id) is None:
        return ""
    return render_template("exact/_invoice_tile.html", **_story(invoice))


def invoice_moved(invoice: Invoice) -> str:
    """The tile anew, and with it the button in the header, for whoever has one."""
    tile = invoice_tile(invoice)
    if not allowed("exact.forward"):
        return tile
    button = render_template("exact/_forward_button.html", again=True, **_forwardable(invoice))
    return tile + button


def _forwardable(invoice: Invoice) -> dict[str, Any]:
    connection = connection_of(invoice.company_id)
    stage = standings(Kind.INVOICE, [invoice.id])[invoice.id].stage
    can_go = not invoice.is_draft and stage in (Stage.NOT_SENT, Stage.REFUSED)
    offered = can_go and connection is not None and _forwards(connection)
    return {"invoice": invoice, "offered": offered, "stage": stage}


def _story(invoice: Invoice) -> dict[str, Any]:
    standing = standings(Kind.INVOICE, [invoice.id])[invoice.id]
    return {
        "invoice": invoice,
        "standing": standing,
        "badge": stage_badge(standing),
        "attempts": [_told(attempt) for attempt in _attempts(invoice)],
    }


def _attempts(invoice: Invoice) -> list[ExactAttempt]:
    """All that happened to the invoice, newest first, and how its customer came into Exact when
    that was on its way.
    """
    since = outbox.first_queued("invoice", invoice.id)
    customer = outbox.attempts("customer", invoice.customer_id) if since else []
    own = outbox.attempts("invoice", invoice.id)
    story = [*own, *(each for each in customer if since and each.at >= since)]
    return sorted(story, key=lambda each: each.id, reverse=True)


@dataclass(frozen=True)
class Told:
    """One line of a record's story, in the reader's language."""

    title: str
    at: datetime
    reasons: list[Message]
    words: list[str]


def _told(attempt: ExactAttempt) -> Told:
    titles = {
        ("create_customer", "done"): _("Made the customer"),
        ("create_customer", "found"): _("Found the customer, made before"),
        ("create_document", "done"): _("Made the document"),
        ("create_document", "found"): _("Found the document, made before"),
        ("attach_pdf", "done"): _("Attached the PDF"),
        ("attach_pdf", "found"): _("Found the PDF, attached before"),
        ("book_entry", "done"): _("Booked"),
        ("book_entry", "found"): _("Found the booking, made before"),
        ("book_entry", "differs"): _("Booked with another amount"),
        ("send", "refused"): _("Refused"),
        ("send", "postponed"): _("Postponed"),
    }
    title = titles.get((attempt.action, attempt.result), attempt.action)
    reasons = [Message.from_json(reason) for reason in attempt.reasons]
    return Told(title, attempt.at, reasons, attempt.words)


# --- every page, and home ---------------------------------------------------------------------


def login_lost_banner() -> str:
    """The red bar: only when a login is gone and work has to wait for a person."""
    lost = [one for one in _within_reach() if one.state is ConnectionState.NEEDS_LOGIN]
    return render_template("exact/_login_lost.html", lost=lost) if lost else ""


def home_tile() -> str:
    """What waits, what was refused and why; and what comes next for a link that is not working.
    A lost login is said by the red bar.
    """
    known = _within_reach()
    if not known:
        return ""
    ids = [connection.id for connection in known]
    refused = refused_invoices(ids, visible(Invoice, "invoices.view"))
    new = [each for each in known if each.state is not ConnectionState.NEEDS_LOGIN]
    steps = [(each.company, step) for each in new if (step := next_step(each.company, each))]
    return render_template(
        "exact/_home_tile.html",
        waiting=count_waiting(ids),
        count=len(refused),
        refused=refused[:NAMED_AT_HOME],
        steps=steps,
    )
