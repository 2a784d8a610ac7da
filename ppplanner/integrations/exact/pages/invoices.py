"""Forwarding invoices by hand, and the tile that tells how it went."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ppplanner.blueprints.htmx import finish, render_page
from ppplanner.blueprints.records import LARGEST_ID, find
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _, ngettext
from ppplanner.models import Invoice
from ppplanner.permissions import require

from .. import forwarding, views
from .blueprint import bp

MOST_AT_ONCE = 1000


@bp.post("/invoices/forward")
@require("exact.forward")
def forward() -> ResponseReturnValue:
    """First what will happen; then, with `confirmed`, on the way."""
    ids = _ticked()
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


def _ticked() -> list[int]:
    ids = [one for one in request.form.getlist("ids", type=int) if 0 < one <= LARGEST_ID]
    if len(ids) > MOST_AT_ONCE:
        raise DomainError(
            _("Forward at most %(count)s invoices at once: tick fewer.", count=MOST_AT_ONCE)
        )
    return ids


@bp.get("/invoices/<int:invoice_id>")
@require("exact.view")
def invoice(invoice_id: int) -> str:
    """The tile of an invoice, which asks for itself while something moves; with it the button."""
    return views.invoice_moved(find(Invoice, invoice_id))
