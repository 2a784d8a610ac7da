"""The tiles of records, which ask for themselves while something moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort

from ppplanner.blueprints.records import find
from ppplanner.permissions import allowed, require

from .. import views
from ..items import MODELS
from ..models import Kind
from ..views.reached import RIGHTS
from .blueprint import bp

TILES: dict[Kind, Callable[[Any], str]] = {
    Kind.COST_CENTRE: views.costs.tile,
    Kind.COST_CARRIER: views.costs.tile,
    Kind.CUSTOMER: views.customers.tile,
    Kind.INVOICE: views.invoices.moved,
    Kind.TRANSACTION: views.transactions.tile,
}


@bp.get("/tiles/<kind>/<int:record_id>")
@require("exact.view")
def tile(kind: str, record_id: int) -> str:
    """For people who may see the record itself, too: its story names people and amounts."""
    try:
        of = Kind(kind)
    except ValueError:
        abort(404)
    record = find(MODELS[of], record_id)
    if not allowed(RIGHTS[of], record):
        abort(403)
    return TILES[of](record)
