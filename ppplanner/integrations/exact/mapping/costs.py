"""Cost centres and cost carriers, which Exact calls cost centres and cost units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ppplanner.models import CostCarrier, CostCentre
from ppplanner.services.ledger import CostKind

from .. import bodies, records
from ..records import NewCostItem

COST_KINDS: Mapping[CostKind, records.CostKind] = {
    CostCentre: records.CostKind.COST_CENTRE,
    CostCarrier: records.CostKind.COST_UNIT,
}


@dataclass(frozen=True)
class CostCodes:
    """What bookings call our cost centres and cost carriers: Exact's codes, by our ids."""

    centres: Mapping[int, str] = field(default_factory=dict)
    carriers: Mapping[int, str] = field(default_factory=dict)


NO_COSTS = CostCodes()


def new_cost_item(item: CostCentre | CostCarrier) -> NewCostItem:
    """Its code is the natural key by which it is found again."""
    return NewCostItem(item.code.strip(), bodies.cost_name(item.name))


def same_code(one: str, other: str) -> bool:
    """Whether two codes name the same thing: regardless of case and of spaces around them."""
    return one.strip().casefold() == other.strip().casefold()
