"""Forwarding invoices by hand, and the tile that tells how it went."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ppplanner.blueprints.htmx import finish, render_page
from ppplanner.blueprints.invoices.listing import INVOICES
from ppplanner.blueprints.lists.selection import selected_ids
from ppplanner.blueprints.records import find
from ppplanner.extensions import db
from ppplanner.i18n import ngettext
from ppplanner.models import Invoice
from ppplanner.permissions import require

from .. import forwarding, views
from .blueprint import bp

MOST_AT_ONCE = 1000


@bp.post("/invoices/forward")
@require("exact.forward")
def forward() -> ResponseReturnValue:
    """First what will happen; then, with `confirmed`, on the way."""
    ids = selected_ids(INVOICES, most=MOST_AT_ONCE)
    if "confirmed" not in request.form:
        return render_page("exact/forward.html", "dialog", preview=forwarding.preview(ids))
    count = forwarding.forward(ids, by=current_user.name)
    db.session.commit()
    message = ngettext(
        "%(num)s invoice is on its way to Exact.",
        "%(num)s invoices are on their way to Exact.",
        count,
    )
    return finish(url_for("invoices.index"), message)


@bp.get("/invoices/<int:invoice_id>")
@require("exact.view")
def invoice(invoice_id: int) -> str:
    """The tile of an invoice, which asks for itself while something moves; with it the button."""
    return views.invoice_moved(find(Invoice, invoice_id))
