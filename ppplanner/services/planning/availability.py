"""Which resources are taken in a period, and by whom; which are free, at what price."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import (
    BusinessUnit,
    Company,
    Contract,
    ContractStatus,
    Pool,
    PriceRange,
    Rate,
    RateType,
    Resource,
)
from ppplanner.services.pricing.quotes import Quote, quote
from ppplanner.services.renting.occupancy import holding, serves

#: How far from the period that was asked other dates are looked for.
SEARCHED = timedelta(days=60)
#: What a resource needs loaded to be shown with its price, without a query for each.
PRICED = (
    joinedload(Resource.type),
    joinedload(Resource.price_range)
    .selectinload(PriceRange.rates)
    .options(joinedload(Rate.vat_code), selectinload(Rate.surcharges)),
)

Period = tuple[datetime, datetime]


@dataclass(frozen=True)
class FreeResource:
    """A resource that can be had for a period, and what that costs; None when it has no rates."""

    resource: Resource
    quote: Quote | None
    #: The contract that should have brought it back by now, and has not.
    still_out: Contract | None = None

    @property
    def net(self) -> Decimal | None:
        """EUR without VAT."""
        return self.quote.totals.net if self.quote else None


def is_taken(
    starts_at: datetime, ends_at: datetime, besides_id: int | None = None
) -> ColumnElement[bool]:
    """Whether a resource is held by some contract in the period: for queries of resources."""
    return (
        select(Contract.id)
        .where(holding(starts_at, ends_at, besides_id), Contract.resource_id == Resource.id)
        .exists()
    )


def takers(
    starts_at: datetime,
    ends_at: datetime,
    besides_id: int | None = None,
    among: Sequence[int] | None = None,
) -> dict[int, Contract]:
    """Who holds each taken resource, by its id: the first contract of the period.

    `among` names the only resources that are asked about. Each is asked by itself: its own
    contracts are few, those of a period can be many.
    """
    first = (
        select(Contract.id)
        .where(holding(starts_at, ends_at, besides_id), Contract.resource_id == Resource.id)
        .order_by(Contract.starts_at)
        .limit(1)
        .scalar_subquery()
    )
    unit = joinedload(Contract.business_unit).joinedload(BusinessUnit.company)
    asked = select(first).select_from(Resource)
    if among is not None:
        asked = asked.where(Resource.id.in_(among))
    ids = filter(None, db.session.scalars(asked))
    query = select(Contract).where(Contract.id.in_(ids)).options(unit)
    return {contract.resource_id or 0: contract for contract in db.session.scalars(query)}


def still_out(among: Sequence[int] | None = None) -> dict[int, Contract]:
    """The contracts that should have come back by now and have not, by the id of the resource;
    `among` names the only resources that are asked about.
    """
    query = select(Contract).where(
        Contract.status == ContractStatus.OPEN,
        Contract.ends_at <= now(),
        Contract.resource_id.is_not(None),
    )
    if among is not None:
        unit = joinedload(Contract.business_unit).joinedload(BusinessUnit.company)
        query = query.where(Contract.resource_id.in_(among)).options(unit)
    return {contract.resource_id or 0: contract for contract in db.session.scalars(query)}


def rentable(*conditions: ColumnElement[bool]) -> Select[Resource]:
    """The resources in use for which the conditions (on Resource, Pool or BusinessUnit) hold, with
    all that their price needs.
    """
    return (
        select(Resource)
        .join(Resource.pool)
        .join(Pool.business_unit)
        .where(Resource.active, *conditions)
        .options(
            contains_eager(Resource.pool)
            .contains_eager(Pool.business_unit)
            .joinedload(BusinessUnit.company),
            *PRICED,
        )
    )


def of_group(group_id: int | ScalarSelect[int]) -> ColumnElement[bool]:
    """The resources of a company group: those of another one no contract of it can have."""
    return BusinessUnit.company_id.in_(select(Company.id).where(Company.group_id == group_id))


def free_resources(
    starts_at: datetime,
    ends_at: datetime,
    *conditions: ColumnElement[bool],
    besides_id: int | None = None,
    rate_type: RateType | None = None,
    limit: int | None = None,
    first: Sequence[ColumnElement[bool]] = (),
) -> list[FreeResource]:
    """What can be had from `starts_at` until before `ends_at` (UTC), with its price: those of which
    `first` holds, then by code.

    `besides_id` is the contract that may not stand in its own way. The price is counted in the time
    zone of the resource's own business unit.
    """
    query = (
        rentable(~is_taken(starts_at, ends_at, besides_id), *conditions)
        .where(_in_service(starts_at))
        .order_by(*(holds.desc() for holds in first), Resource.code)
        .limit(limit)
    )
    late = still_out()
    found = (each for each in db.session.scalars(query).unique() if serves(each, starts_at))
    return [offer(each, starts_at, ends_at, rate_type, late.get(each.id)) for each in found]


def _in_service(starts_at: datetime) -> ColumnElement[bool]:
    """What `serves` says, for a query and a day too wide: days begin at different moments."""
    latest = (starts_at + timedelta(days=1)).date()
    return or_(Resource.active_from.is_(None), Resource.active_from <= latest)


def offer(
    resource: Resource,
    starts_at: datetime,
    ends_at: datetime,
    rate_type: RateType | None = None,
    late: Contract | None = None,
) -> FreeResource:
    """The resource, which is free, with its price for the period."""
    unit = resource.pool.business_unit
    return FreeResource(resource, quote(resource, unit, starts_at, ends_at, rate_type), late)


def nearest_periods(
    starts_at: datetime, ends_at: datetime, *conditions: ColumnElement[bool]
) -> list[Period]:
    """The nearest periods of the same length, one before and one after, in which something is free
    for which the conditions hold; the one before not in the past.
    """
    resources = db.session.scalars(rentable(*conditions)).unique().all()
    taken = held(resources, starts_at - SEARCHED, ends_at + SEARCHED)
    length, earliest = ends_at - starts_at, max(now(), starts_at - SEARCHED)
    starts = [
        start
        for resource in resources
        for start in _possible_starts(taken[resource.id], starts_at, length)
        if serves(resource, start)
    ]
    before = [start for start in starts if earliest <= start < starts_at]
    after = [start for start in starts if starts_at < start <= starts_at + SEARCHED]
    nearest = [*([max(before)] if before else []), *([min(after)] if after else [])]
    return [(start, start + length) for start in nearest]


def held(
    resources: Sequence[Resource], starts_at: datetime, ends_at: datetime
) -> dict[int, list[Period]]:
    """When the resources are taken, in order of time; one query."""
    columns: Any = (Contract.resource_id, Contract.starts_at, Contract.ends_at)
    query = (
        select(*columns)
        .where(
            holding(starts_at, ends_at), Contract.resource_id.in_([each.id for each in resources])
        )
        .order_by(Contract.starts_at)
    )
    periods: dict[int, list[Period]] = defaultdict(list)
    for resource_id, start, end in db.session.execute(query):
        periods[resource_id].append((start, end))
    return periods


def _possible_starts(
    taken: Sequence[Period], starts_at: datetime, length: timedelta
) -> Iterator[datetime]:
    """The starts nearest to `starts_at` in each gap that is long enough."""
    gap_starts = [None, *(end for _start, end in taken)]
    gap_ends = [*(start for start, _end in taken), None]
    for opens, closes in zip(gap_starts, gap_ends, strict=True):
        latest = closes - length if closes else None
        if opens and latest and latest < opens:
            continue
        start = max(starts_at, opens) if opens else starts_at
        yield min(start, latest) if latest else start
