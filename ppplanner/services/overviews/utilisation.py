"""How much resources are used: time rented of time available, and what it brings in.

Rented is the planned period of every contract that is not cancelled. Available is the time from the
day a resource is rented out, until it was archived. The price of a contract without VAT is spread
evenly over its period, to the cent: the parts of a period add up to the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from ppplanner.clock import midnight
from ppplanner.extensions import db
from ppplanner.models import (
    BusinessUnit,
    Change,
    Company,
    Contract,
    ContractStatus,
    Pool,
    PriceLine,
    Resource,
)
from ppplanner.services.pricing.sums import epoch, line_cents, part_of

#: From and until, in seconds since 1970.
Span = tuple[int, int]


@dataclass(frozen=True)
class Use:
    """How a resource, or several, were used in a period. Times in seconds, `revenue` in EUR."""

    available: int = 0
    rented: int = 0
    contracts: int = 0
    revenue: Decimal = Decimal(0)

    def __add__(self, other: Use) -> Use:
        return Use(
            self.available + other.available,
            self.rented + other.rented,
            self.contracts + other.contracts,
            self.revenue + other.revenue,
        )

    @property
    def share(self) -> Decimal | None:
        """Rented of available, from 0 to 1; None when there was nothing to rent."""
        return Decimal(self.rented) / self.available if self.available else None


def uses(start: datetime, end: datetime, *among: ColumnElement[bool]) -> dict[int, Use]:
    """The use of each resource `among` which the conditions hold, by its id.

    Archived ones are left out when they were neither available nor rented.
    """
    rented = _rented(start, end, among)
    found: dict[int, Use] = {}
    for resource_id, span in _availability(start, end, among).items():
        seconds, contracts, cents = rented.get(resource_id, (0, 0, 0))
        available = max(span[1] - span[0], seconds)
        if available:
            found[resource_id] = Use(available, seconds, contracts, Decimal(cents) / 100)
    return found


def totals(found: Mapping[int, Use], group: Callable[[int], Hashable]) -> dict[Any, Use]:
    """The uses of resources, added up by what `group` says of each resource's id."""
    sums: dict[Any, Use] = defaultdict(Use)
    for resource_id, use in found.items():
        sums[group(resource_id)] += use
    return dict(sums)


def over_time(edges: Sequence[datetime], *among: ColumnElement[bool]) -> list[Use]:
    """The use of all these resources together between one edge and the next; times only."""
    start, end = edges[0], edges[-1]
    seconds = [int(edge.timestamp()) for edge in edges]
    rented = spread(_spans(start, end, among), seconds)
    available = spread(_availability(start, end, among).values(), seconds)
    return [Use(max(free, taken), taken) for free, taken in zip(available, rented, strict=True)]


def spread(spans: Iterable[Span], edges: Sequence[int]) -> list[int]:
    """How many seconds of the spans lie between one edge and the next, all in seconds."""
    starts, ends = zip(*spans, strict=True) if (spans := list(spans)) else ((), ())
    begun, done = _elapsed(starts, edges), _elapsed(ends, edges)
    until = [one - other for one, other in zip(begun, done, strict=True)]
    return [later - earlier for earlier, later in zip(until, until[1:], strict=False)]


def _elapsed(moments: Iterable[int], edges: Sequence[int]) -> list[int]:
    """At each edge, how many seconds have gone by since the moments before it, together."""
    waiting = iter([*sorted(moments), None])
    following = next(waiting)
    count = total = 0
    elapsed = []
    for edge in edges:
        while following is not None and following < edge:
            count, total, following = count + 1, total + following, next(waiting)
        elapsed.append(count * edge - total)
    return elapsed


def day_edges(first: date, last: date, zone: str) -> list[datetime]:
    """The midnights from the first day until after the last, in UTC."""
    days = range(first.toordinal(), last.toordinal() + 2)
    return [midnight(date.fromordinal(day), zone) for day in days]


def _held(start: datetime, end: datetime, among: Iterable[ColumnElement[bool]], *more: Any) -> Any:
    """The contracts that hold one of the resources in the period, with the part that lies in it,
    and with `more` columns.

    They are found by when they end, as `+ 0` says, and once: each resource has many old ones.
    """
    return (
        select(
            Contract.resource_id,
            epoch(Contract.starts_at).label("starts"),
            epoch(Contract.ends_at).label("ends"),
            epoch(case((Contract.starts_at < start, start), else_=Contract.starts_at)).label(
                "since"
            ),
            epoch(case((Contract.ends_at > end, end), else_=Contract.ends_at)).label("until"),
            *more,
        )
        .where(
            (Contract.resource_id + 0).in_(_ids(among)),
            Contract.status != ContractStatus.CANCELLED,
            Contract.starts_at < end,
            Contract.ends_at > start,
        )
        .cte("held")
        .prefix_with("MATERIALIZED")
    )


def _ids(among: Iterable[ColumnElement[bool]]) -> Select[int]:
    return select(Resource.id).join(Resource.pool).where(*among)


def _spans(start: datetime, end: datetime, among: Iterable[ColumnElement[bool]]) -> list[Span]:
    held = _held(start, end, among)
    return [
        (since, until) for since, until in db.session.execute(select(held.c.since, held.c.until))
    ]


def _rented(
    start: datetime, end: datetime, among: Iterable[ColumnElement[bool]]
) -> dict[int, tuple[int, int, int]]:
    """Seconds, contracts and cents by the id of the resource."""
    held = _held(start, end, among, _net_cents().label("cents"))
    length = held.c.ends - held.c.starts
    earned = part_of(held.c.cents, held.c.until - held.c.starts, length) - part_of(
        held.c.cents, held.c.since - held.c.starts, length
    )
    query = select(
        held.c.resource_id,
        func.sum(held.c.until - held.c.since),
        func.count(),
        func.coalesce(func.sum(earned), 0),
    ).group_by(held.c.resource_id)
    return {
        key: (int(time), count, int(cents)) for key, time, count, cents in db.session.execute(query)
    }


def _net_cents() -> Any:
    """What a contract comes to, for queries of contracts; empty without price lines."""
    line = line_cents(PriceLine.units, PriceLine.unit_price, PriceLine.discount)
    lines = select(func.sum(line)).where(PriceLine.contract_id == Contract.id)
    return lines.correlate(Contract).scalar_subquery()


def _availability(
    start: datetime, end: datetime, among: Iterable[ColumnElement[bool]]
) -> dict[int, Span]:
    """From when until when each resource could be rented in the period."""
    query = (
        select(Resource.id, Resource.active, Resource.active_from, Company.timezone)
        .join(Resource.pool)
        .join(Pool.business_unit)
        .join(BusinessUnit.company)
        .where(*among)
    )
    rows = db.session.execute(query).all()
    archived = _archived_at()
    return {
        key: _available(start, end, first, zone, None if active else archived.get(key, start))
        for key, active, first, zone in rows
    }


def _available(
    start: datetime, end: datetime, first: date | None, zone: str, archived: datetime | None
) -> Span:
    since = max(start, midnight(first, zone)) if first else start
    until = min(end, archived) if archived else end
    return int(since.timestamp()), int(max(since, until).timestamp())


def _archived_at() -> dict[int, datetime]:
    """When each archived resource was archived, as far as the history knows."""
    query = (
        select(Change.record_id, func.max(Change.at))
        .join(
            Resource,
            and_(Change.entity == Resource.__tablename__, Change.record_id == Resource.id),
        )
        .where(~Resource.active, Change.field == "active", Change.new == "False")
        .group_by(Change.record_id)
    )
    return dict(db.session.execute(query).all())


def months_until(last: date, count: int) -> Iterator[date]:
    """The first days of that many months, the last one that of `last`, and of the one after."""
    first = last.year * 12 + last.month - count
    for month in range(first, first + count + 1):
        yield date(month // 12, month % 12 + 1, 1)
