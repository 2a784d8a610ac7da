"""What Exact shows with cost centres and cost carriers: the tile, and in the lists."""

from __future__ import annotations

from ppplanner.models import CostCarrier, CostCentre

from ..models import Kind
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


def tile(item: CostCentre | CostCarrier, **_context: object) -> str:
    """As what Exact knows it, in each administration."""
    return tiles.tile(item)
