"""Forwarding invoices by hand."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ppplanner.blueprints.htmx import finish, render_page
from ppplanner.blueprints.invoices.listing import INVOICES
from ppplanner.blueprints.lists.selection import selected_ids
from ppplanner.extensions import db
from ppplanner.i18n import ngettext
from ppplanner.permissions import require

from .. import forwarding
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
