"""The tiles of records, which ask for themselves while something moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort

from ppplanner.blueprints.records import find
from ppplanner.permissions import require

from .. import views
from ..items import MODELS
from ..models import Kind
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
    try:
        of = Kind(kind)
    except ValueError:
        abort(404)
    return TILES[of](find(MODELS[of], record_id))
