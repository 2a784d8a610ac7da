"""What the page of a resource shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from ppplanner.blueprints.calendars.tile import tile_of
from ppplanner.blueprints.charts import Bar, share_bar
from ppplanner.blueprints.history_lines import history_of
from ppplanner.blueprints.rate_words import RATE_TYPES, price_per
from ppplanner.blueprints.resources.labels import use_badge
from ppplanner.blueprints.resources.listing import pool_title
from ppplanner.blueprints.resources.occupation import next_days
from ppplanner.clock import midnight, now, today
from ppplanner.extensions import db
from ppplanner.formats import month
from ppplanner.models import Contract, ContractStatus, PriceRange, Rate, Resource
from ppplanner.permissions import allowed
from ppplanner.services.fleet.resources import last_reading
from ppplanner.services.overviews import utilisation
from ppplanner.services.renting.related import holds

#: Contracts of each kind on the page; the others are in the list.
SHOWN = 8
MONTHS = 12


def page_of(resource: Resource) -> dict[str, Any]:
    """All that the template needs."""
    sees_contracts = allowed("contracts.view", resource)
    return {
        "resource": resource,
        "state": use_badge(resource),
        "pool": pool_title(resource.pool.name, resource.pool.business_unit.name),
        "reading": last_reading(resource),
        "rates": _rates(resource.price_range),
        "price_per": price_per,
        "sees_contracts": sees_contracts,
        "days": next_days(resource) if sees_contracts else [],
        "contracts": _contracts(resource) if sees_contracts else {},
        "months": _months(resource),
        "calendar": tile_of(resource),
        "history": history_of(resource),
    }


def _rates(price_range: PriceRange | None) -> list[Rate]:
    """What it costs, from the shortest units on."""
    if price_range is None:
        return []
    order = list(RATE_TYPES)
    rates = (rate for rate in price_range.rates if rate.active)
    return sorted(rates, key=lambda rate: order.index(rate.rate_type))


def _contracts(resource: Resource) -> dict[str, Sequence[Contract]]:
    moment, out = now(), Contract.status == ContractStatus.OPEN
    running = out | ((Contract.starts_at <= moment) & (Contract.ends_at > moment))
    return {
        "running": _some(resource, running, Contract.starts_at.asc()),
        "coming": _some(resource, ~out & (Contract.starts_at > moment), Contract.starts_at.asc()),
        "past": _some(resource, ~out & (Contract.ends_at <= moment), Contract.starts_at.desc()),
    }


def _some(resource: Resource, condition: ColumnElement[bool], order: Any) -> Sequence[Contract]:
    query = (
        select(Contract)
        .where(holds(resource.id), condition)
        .options(joinedload(Contract.customer))
        .order_by(order, Contract.id)
        .limit(SHOWN)
    )
    return db.session.scalars(query).all()


def _months(resource: Resource) -> list[Bar]:
    """The share of each of the last twelve months, the present one included, that it was rented."""
    zone = resource.pool.business_unit.company.timezone
    first_days = list(utilisation.months_until(today(zone), MONTHS))
    edges = [midnight(day, zone) for day in first_days]
    uses = utilisation.over_time(edges, Resource.id == resource.id)
    return [share_bar(month(day), use.share) for day, use in zip(first_days, uses, strict=False)]
