"""Forwarding transactions by hand."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ppplanner.blueprints.collections.listing import TRANSACTIONS
from ppplanner.blueprints.htmx import finish, render_page
from ppplanner.blueprints.lists.selection import selected_ids
from ppplanner.extensions import db
from ppplanner.i18n import ngettext
from ppplanner.permissions import require

from .. import transaction_forwarding
from .blueprint import bp

MOST_AT_ONCE = 1000


@bp.post("/transactions/forward")
@require("exact.forward")
def forward_transactions() -> ResponseReturnValue:
    """First what will happen; then, with `confirmed`, on the way."""
    ids = selected_ids(TRANSACTIONS, most=MOST_AT_ONCE)
    if "confirmed" not in request.form:
        preview = transaction_forwarding.preview(ids)
        return render_page("exact/forward_transactions.html", "dialog", preview=preview)
    count = transaction_forwarding.forward(ids, by=current_user.name)
    db.session.commit()
    message = ngettext(
        "%(num)s transaction is on its way to Exact.",
        "%(num)s transactions are on their way to Exact.",
        count,
    )
    return finish(url_for("collections.index"), message)
