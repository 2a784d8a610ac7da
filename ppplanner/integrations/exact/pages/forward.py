"""Forwarding what is ticked in a list: invoices and credit notes, or transactions."""

from __future__ import annotations

from collections.abc import Callable

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ppplanner.blueprints.collections.listing import TRANSACTIONS
from ppplanner.blueprints.htmx import finish, render_page
from ppplanner.blueprints.invoices.listing import INVOICES
from ppplanner.blueprints.lists.listing import Listing
from ppplanner.blueprints.lists.selection import selected_ids
from ppplanner.extensions import db
from ppplanner.i18n import ngettext
from ppplanner.permissions import require

from .. import forwarding
from ..models import Kind
from .blueprint import bp

MOST_AT_ONCE = 1000


@bp.post("/invoices/forward")
@require("exact.forward")
def forward() -> ResponseReturnValue:
    return _forward(Kind.INVOICE, INVOICES, url_for("invoices.index"), _invoices_go)


@bp.post("/transactions/forward")
@require("exact.forward")
def forward_transactions() -> ResponseReturnValue:
    return _forward(Kind.TRANSACTION, TRANSACTIONS, url_for("collections.index"), _transactions_go)


def _forward(
    kind: Kind, listing: Listing, back: str, told: Callable[[int], str]
) -> ResponseReturnValue:
    """First what will happen; then, with `confirmed`, on the way."""
    ids = selected_ids(listing, most=MOST_AT_ONCE)
    if "confirmed" not in request.form:
        preview = forwarding.preview(ids, kind)
        return render_page("exact/forward.html", "dialog", preview=preview, back=back)
    count = forwarding.forward(ids, by=current_user.name, kind=kind)
    db.session.commit()
    return finish(back, told(count))


def _invoices_go(count: int) -> str:
    return ngettext(
        "%(num)s invoice is on its way to Exact.",
        "%(num)s invoices are on their way to Exact.",
        count,
    )


def _transactions_go(count: int) -> str:
    return ngettext(
        "%(num)s transaction is on its way to Exact.",
        "%(num)s transactions are on their way to Exact.",
        count,
    )
