"""What Exact shows with cost centres and cost carriers: the tile, the lists, and the way to those
that it has.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import render_template, url_for

from ppplanner.addons.manifest import BulkAction
from ppplanner.blueprints.scope import chosen_group
from ppplanner.i18n import _, _l
from ppplanner.models import CostCarrier, CostCentre
from ppplanner.permissions import allowed
from ppplanner.services.ledger import CostKind

from ..cost_ways import CostItem, cost_ways
from ..models import Kind
from ..searching import link_for_costs, why_no_cost_items
from . import tiles
from .columns import exact_column
from .filters import exact_filter
from .reached import concerned, within_reach

COLUMNS = (
    exact_column("cost_centres", Kind.COST_CENTRE),
    exact_column("cost_carriers", Kind.COST_CARRIER),
)
FILTERS = (
    exact_filter("cost_centres", Kind.COST_CENTRE),
    exact_filter("cost_carriers", Kind.COST_CARRIER),
)


def _offered(model: CostKind) -> Callable[[], bool]:
    """Whether any company within reach sends them."""
    return lambda: any(
        cost_ways(link.company, model).sent for link in within_reach("exact.forward")
    )


SENDING = (
    BulkAction(
        "cost_centres",
        _l("Send to Exact"),
        "exact.send_cost_centres",
        "exact.forward",
        offered=_offered(CostCentre),
    ),
    BulkAction(
        "cost_carriers",
        _l("Send to Exact"),
        "exact.send_cost_carriers",
        "exact.forward",
        offered=_offered(CostCarrier),
    ),
)


def search_button(model: CostKind, **_context: object) -> str:
    """The way to those that Exact has, where they come from there (mission S24)."""
    group = chosen_group()
    if not allowed("ledger.edit", group) or why_no_cost_items(link_for_costs(group, model), model):
        return ""
    url = url_for("exact.search_costs", name=model.__tablename__)
    return render_template("exact/_search_button.html", url=url, only=True)


def tile(item: CostItem, **_context: object) -> str:
    """As what Exact knows it, in each administration."""
    return tiles.tile(item, note=_when_known(item))


def _when_known(item: CostItem) -> str:
    """What makes Exact know it."""
    if any(cost_ways(link.company, type(item)).sent for link in concerned(item)):
        return _("Exact gets it when it is saved, or with the first invoice that names it.")
    return _("With the first invoice that names it, it is looked for in Exact by its code.")
