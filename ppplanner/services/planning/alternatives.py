"""What can be had instead, when a wish for a resource and a period is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import BusinessUnit, Company, Contract, Pool, Resource
from ppplanner.services.planning.availability import Period, is_taken, of_group, rentable
from ppplanner.services.renting.occupancy import holding, serves

#: How far from the wish other times are looked for.
SEARCHED = timedelta(days=60)
MOST = 3
#: Shorter wishes may begin at any time of the day; longer ones keep theirs and move by whole days.
WITHIN_A_DAY = timedelta(hours=12)


@dataclass(frozen=True)
class Wish:
    """A resource for a period (UTC) in the time zone `zone`; `contract_id` may hold it already."""

    resource: Resource
    starts_at: datetime
    ends_at: datetime
    zone: str
    contract_id: int | None = None


@dataclass(frozen=True)
class FreePlace:
    """A free place: the id and name of a resource, and a period in UTC."""

    resource_id: int
    resource: str
    starts_at: datetime
    ends_at: datetime
    #: At another time than was wished.
    shifted: bool = False


def nearest(wish: Wish, *conditions: ColumnElement[bool]) -> list[FreePlace]:
    """Up to three free choices: a similar resource at the time that was wished, the same resource
    earlier and later, then more of the similar ones.

    `conditions` (on Resource) say which resources may be offered. Two queries.
    """
    similar = _similar(wish, conditions)
    name = str(wish.resource)
    slots = [FreePlace(wish.resource.id, name, *slot, shifted=True) for slot in _free_slots(wish)]
    return [*similar[:1], *slots, *similar[1:]][:MOST]


def _similar(wish: Wish, conditions: Iterable[ColumnElement[bool]]) -> list[FreePlace]:
    """Free resources of the same type or price range; those of the same pool, type and price range
    first.
    """
    wished = wish.resource
    alike = [Resource.type_id == wished.type_id]
    if wished.price_range_id:
        alike.append(Resource.price_range_id == wished.price_range_id)
    order = [Resource.pool_id == wished.pool_id, *alike]
    query = (
        rentable(or_(*alike), Resource.id != wished.id, _of_group_of(wished), *conditions)
        .where(~is_taken(wish.starts_at, wish.ends_at, wish.contract_id))
        .order_by(*(same.desc() for same in order), Resource.code)
        .limit(4 * MOST)
    )
    found = db.session.scalars(query).unique()
    return [
        FreePlace(each.id, str(each), wish.starts_at, wish.ends_at)
        for each in found
        if serves(each, wish.starts_at)
    ]


def _of_group_of(wished: Resource) -> ColumnElement[bool]:
    group_id = select(Company.group_id).join(Company.business_units).join(BusinessUnit.pools)
    return of_group(group_id.where(Pool.id == wished.pool_id).scalar_subquery())


def _free_slots(wish: Wish) -> Iterator[Period]:
    """When the wished resource is free for as long: the nearest times before and after, but for the
    time at which the contract has it already.
    """
    calendar, present = _Calendar.of(wish), _present(wish)
    for found in (calendar.earlier(), calendar.later()):
        slot = _in_utc(found, calendar.length, wish.zone) if found else None
        if slot is None or slot == present:
            continue
        if _serves(wish, slot[0]) and not _clashes(slot, calendar.held):
            yield slot


def _present(wish: Wish) -> Period | None:
    """When the contract of the wish has that resource so far."""
    contract = db.session.get(Contract, wish.contract_id) if wish.contract_id else None
    if contract is None or contract.resource_id != wish.resource.id:
        return None
    return contract.starts_at, contract.ends_at


def _serves(wish: Wish, starts_at: datetime) -> bool:
    """Whether the resource may go out then: not in the past, nor further off than was looked."""
    near = abs(starts_at - wish.starts_at) <= SEARCHED and starts_at >= now()
    return near and wish.resource.active and serves(wish.resource, starts_at)


def _clashes(slot: Period, held: Iterable[Period]) -> bool:
    return any(start < slot[1] and slot[0] < end for start, end in held)


def _in_utc(starts_at: datetime, length: timedelta, zone: str) -> Period | None:
    """A period on the clock of the wall in UTC; None when the clock skips its start or its end."""
    place = ZoneInfo(zone)
    local = starts_at, starts_at + length
    start, end = (each.replace(tzinfo=place).astimezone(UTC) for each in local)
    back = tuple(each.astimezone(place).replace(tzinfo=None) for each in (start, end))
    return (start, end) if back == local and start < end else None


@dataclass(frozen=True)
class _Calendar:
    """A wish and what stands in its way, as the clock of the wall shows them."""

    starts_at: datetime
    length: timedelta
    #: When others hold the resource, in UTC and on the wall, in order of time.
    held: list[Period]
    shown: list[Period]

    @classmethod
    def of(cls, wish: Wish) -> _Calendar:
        def local(moment: datetime) -> datetime:
            return moment.astimezone(ZoneInfo(wish.zone)).replace(tzinfo=None)

        held = _held(wish)
        starts_at = local(wish.starts_at)
        shown = [(local(start), local(end)) for start, end in held]
        return cls(starts_at, local(wish.ends_at) - starts_at, held, shown)

    def later(self) -> datetime | None:
        """The first start after the wished one at which nothing stands in the way."""
        start = self.starts_at
        for begins, ends in self.shown:
            if ends > start and begins < start + self.length:
                start = self._on_step(ends, -1)
        return start if start > self.starts_at else None

    def earlier(self) -> datetime | None:
        """The last start before the wished one at which nothing stands in the way."""
        start = self.starts_at
        for begins, ends in reversed(self.shown):
            if ends > start and begins < start + self.length:
                start = self._on_step(begins - self.length, 1)
        return start if start < self.starts_at else None

    def _on_step(self, start: datetime, rounding: int) -> datetime:
        """Not before (-1) or not after (1) `start`: at the wished time of day where days count."""
        if self.length < WITHIN_A_DAY:
            return start
        days = rounding * (rounding * (start - self.starts_at) // timedelta(days=1))
        return self.starts_at + timedelta(days=days)


def _held(wish: Wish) -> list[Period]:
    """When other contracts hold the resource around the wish, in order of time."""
    query = (
        select(Contract.starts_at, Contract.ends_at)
        .where(
            holding(wish.starts_at - SEARCHED, wish.ends_at + SEARCHED, wish.contract_id),
            Contract.resource_id == wish.resource.id,
        )
        .order_by(Contract.starts_at)
    )
    return [(start, end) for start, end in db.session.execute(query)]
