"""What Exact shows with cost centres and cost carriers: the tile, the lists, and the way to those
that it has.
"""

from __future__ import annotations

from flask import render_template, url_for

from ppplanner.blueprints.scope import chosen_group
from ppplanner.models import CostCarrier, CostCentre
from ppplanner.permissions import allowed
from ppplanner.services.ledger import CostKind

from ..models import Kind
from ..searching import link_for_costs, why_no_cost_items
from . import tiles
from .columns import exact_column
from .filters import exact_filter

COLUMNS = (
    exact_column("cost_centres", Kind.COST_CENTRE),
    exact_column("cost_carriers", Kind.COST_CARRIER),
)
FILTERS = (
    exact_filter("cost_centres", Kind.COST_CENTRE),
    exact_filter("cost_carriers", Kind.COST_CARRIER),
)


def search_button(model: CostKind, **_context: object) -> str:
    """The way to those that Exact has, where they come from there (mission S24)."""
    group = chosen_group()
    if not allowed("ledger.edit", group) or why_no_cost_items(link_for_costs(group, model), model):
        return ""
    url = url_for("exact.search_costs", name=model.__tablename__)
    return render_template("exact/_search_button.html", url=url, only=True)


def tile(item: CostCentre | CostCarrier, **_context: object) -> str:
    """As what Exact knows it, in each administration."""
    return tiles.tile(item)
