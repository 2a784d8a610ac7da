"""What Exact shows with invoices: the button, the tile, the column of the list."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import render_template

from ppplanner.models import Invoice
from ppplanner.permissions import allowed

from .. import outbox
from ..connect import connection_of
from ..models import ExactAttempt, Kind
from ..standing import Stage, standings
from . import tiles
from .columns import exact_column
from .filters import exact_filter
from .forwarding import forwarding_offered, forwards

COLUMN = exact_column("invoices", Kind.INVOICE)
FILTER = exact_filter("invoices", Kind.INVOICE)
#: Where an invoice stands that a person may send.
CAN_GO = (Stage.NOT_SENT, Stage.HELD, Stage.REFUSED, Stage.INCOMPLETE)
OFFERED = partial(forwarding_offered, Kind.INVOICE)


def button(invoice: Invoice, **_context: object) -> str:
    """The button in the header of a confirmed invoice that Exact does not have. Its place stays
    when there is none, since the tile puts it there again after a refusal.
    """
    return render_template("exact/_forward_button.html", **_forwardable(invoice))


def tile(invoice: Invoice, **_context: object) -> str:
    """The invoice's whole story with Exact. To try again is the button in the header."""
    if invoice.is_draft:
        return ""
    return tiles.tile(invoice, earlier=_of_its_customer(invoice), again=False)


def moved(invoice: Invoice) -> str:
    """The tile anew, and with it the button in the header, for whoever has one."""
    shown = tile(invoice)
    if not allowed("exact.forward"):
        return shown
    place = _forwardable(invoice)
    return shown + render_template("exact/_forward_button.html", again=True, **place)


def _forwardable(invoice: Invoice) -> dict[str, Any]:
    connection = connection_of(invoice.company_id)
    stage = standings(Kind.INVOICE, [invoice.id])[invoice.id].stage
    can_go = not invoice.is_draft and stage in CAN_GO
    offered = can_go and connection is not None and forwards(connection, Kind.INVOICE)
    return {"invoice": invoice, "offered": offered, "stage": stage}


def _of_its_customer(invoice: Invoice) -> list[ExactAttempt]:
    """How its customer came into Exact, when that was on the invoice's way."""
    since = outbox.first_queued(Kind.INVOICE, invoice.id)
    connection = connection_of(invoice.company_id)
    if since is None or connection is None:
        return []
    attempts = outbox.attempts(Kind.CUSTOMER, invoice.customer_id)
    return [each for each in attempts if each.at >= since and each.connection_id == connection.id]
