"""How a company works with cost centres and with cost carriers: whether it does, where they come
from, and whether its bookings name them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import Company, CompanyGroup, CostCarrier, CostCentre
from ppplanner.services import ledger
from ppplanner.services.ledger import CostKind, uses

from .models import ExactConnection
from .settings import ExactSettings, Source, exact_settings

CostItem: TypeAlias = CostCentre | CostCarrier

COST_MODELS: tuple[CostKind, CostKind] = (CostCentre, CostCarrier)
SAVE: Mapping[CostKind, Callable[..., CostItem]] = {
    CostCentre: ledger.save_cost_centre,
    CostCarrier: ledger.save_cost_carrier,
}


@dataclass(frozen=True)
class CostWays:
    """The switches of a company for one of the two kinds; all are off where the kind is not used,
    or the link is off (mission S21 to S26).
    """

    #: Those made here go to Exact.
    sent: bool
    #: They are found in Exact and imported, and none is made here.
    from_exact: bool
    #: One is made of each new resource.
    from_resources: bool
    #: The lines of bookings name them.
    on_invoice: bool


def cost_ways(company: Company, model: CostKind, settings: ExactSettings | None = None) -> CostWays:
    """Those of a company; whoever has read its settings hands them on."""
    settings = settings or exact_settings.load(company.id)
    used = settings.enabled and uses(company.group, model)

    def switch(name: str) -> Any:
        return getattr(settings, f"{model.__tablename__}_{name}")

    sent = used and switch("source") == Source.OWN
    return CostWays(
        sent=sent,
        from_exact=used and not sent,
        from_resources=sent and switch("from_resources"),
        on_invoice=used and switch("on_invoice"),
    )


def links_of(group_id: int) -> Iterator[ExactConnection]:
    """The links of a company group's companies that have their administration."""
    query = (
        select(ExactConnection)
        .join(Company)
        .where(Company.group_id == group_id, ExactConnection.division.is_not(None))
        .order_by(ExactConnection.id)
    )
    return iter(db.session.scalars(query))


def made_in_exact(group: CompanyGroup, model: CostKind) -> bool:
    """Whether a company of the group has them from Exact: then nobody of the group makes them here,
    since the group shares them (mission S24).
    """
    return any(cost_ways(link.company, model).from_exact for link in links_of(group.id))
