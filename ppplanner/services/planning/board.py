"""What the board shows: resources as rows, their contracts as bars, and those without a resource.

Whole boards are read in a handful of queries, as plain rows: a bar is drawn, not worked with.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, true
from sqlalchemy.orm import aliased

from ppplanner.extensions import db
from ppplanner.models import (
    BusinessUnit,
    Company,
    Contract,
    ContractStatus,
    Customer,
    Handover,
    HandoverKind,
    Pool,
    Resource,
    ResourceType,
)
from ppplanner.services.planning.board_choice import Choice, Grouping
from ppplanner.services.planning.timeline import Window

#: How many contracts without a resource are drawn; the list of contracts holds them all.
STRIP_LENGTH = 200


class Row(NamedTuple):
    """A resource of the board, and the group that it stands in."""

    id: int
    code: str
    licence_plate: str | None
    brand: str
    model: str
    active_from: date | None
    type: str
    group_id: int
    group: str
    #: What the group belongs to, to tell two of the same name apart.
    group_detail: str


class Booking(NamedTuple):
    """A contract as a bar. All moments are in UTC."""

    id: int
    number: int
    resource_id: int | None
    business_unit_id: int
    customer: str
    phone: str
    starts_at: datetime
    ends_at: datetime
    status: ContractStatus
    ready_for_check_in_at: datetime | None
    #: When it really left and came back, as far as that has happened.
    out_at: datetime | None
    in_at: datetime | None
    #: Whether the person's choice points it out.
    chosen: bool


@dataclass(frozen=True)
class Strip:
    """The first contracts without a resource, and how many there are in all."""

    bookings: Sequence[Booking]
    count: int


_OUT, _IN = aliased(Handover), aliased(Handover)


def rows(choice: Choice, window: Window, only: Sequence[int] = ()) -> list[Row]:
    """The resources in the order of the board; of those in `only`, if any are named."""
    group_id, group, group_detail = _group(choice.grouping)
    plate_or_code = func.coalesce(Resource.licence_plate, Resource.code)
    query = (
        select(
            Resource.id,
            Resource.code,
            Resource.licence_plate,
            Resource.brand,
            Resource.model,
            Resource.active_from,
            ResourceType.name,
            group_id,
            group,
            group_detail,
        )
        .join(Resource.type)
        .join(Resource.pool)
        .join(Pool.business_unit)
        .join(BusinessUnit.company)
        .where(choice.resources, *choice.fleet, _on_the_road(window))
        .order_by(group_detail, group, group_id, plate_or_code)
    )
    if only:
        query = query.where(Resource.id.in_(only))
    elif choice.points_out:
        query = query.where(_pointed_out(choice, window))
    return [Row(*row) for row in db.session.execute(query)]


def bookings(
    resource_ids: Iterable[int], choice: Choice, window: Window, moment: datetime
) -> dict[int, list[Booking]]:
    """The bars of those resources, each row's in the order of their starts.

    What is out beyond its time is there as well while the window holds some of the delay.
    """
    out = Contract.status == ContractStatus.OPEN
    late = out if window.start < moment else false()
    query = _bookings(choice).where(
        Contract.resource_id.in_(list(resource_ids)),
        Contract.starts_at < window.end,
        or_(Contract.ends_at > window.start, late),
    )
    found: defaultdict[int, list[Booking]] = defaultdict(list)
    for row in db.session.execute(query):
        booking = Booking(*row)
        found[booking.resource_id or 0].append(booking)
    return found


def strip(choice: Choice, window: Window) -> Strip:
    """Contracts without a resource, as far as the choice points them out."""
    query = _bookings(choice).where(
        choice.contracts,
        Contract.resource_id.is_(None),
        _within(window),
        *choice.pointed_out(choice.contract_named),
    )
    if choice.unit_id:
        query = query.where(Contract.business_unit_id == choice.unit_id)
    found = [Booking(*row) for row in db.session.execute(query.limit(STRIP_LENGTH + 1))]
    if len(found) <= STRIP_LENGTH:
        return Strip(found, len(found))
    counted = query.with_only_columns(func.count(Contract.id)).order_by(None)
    return Strip(found[:STRIP_LENGTH], db.session.scalar(counted) or 0)


def zones() -> dict[int, str]:
    """The time zone of each business unit, by its id."""
    query = select(BusinessUnit.id, Company.timezone).join(BusinessUnit.company)
    return dict(db.session.execute(query).all())


def _bookings(choice: Choice) -> Select[*tuple[Any, ...]]:
    chosen = and_(true(), *choice.pointed_out(or_(choice.contract_named, choice.resource_named)))
    return (
        select(
            Contract.id,
            Contract.number,
            Contract.resource_id,
            Contract.business_unit_id,
            Customer.name,
            Customer.phone,
            Contract.starts_at,
            Contract.ends_at,
            Contract.status,
            Contract.ready_for_check_in_at,
            _OUT.at,
            _IN.at,
            chosen,
        )
        .join(Contract.customer)
        .outerjoin(Contract.resource)
        .outerjoin(_OUT, _handed(_OUT, HandoverKind.CHECK_OUT))
        .outerjoin(_IN, _handed(_IN, HandoverKind.CHECK_IN))
        .where(Contract.status != ContractStatus.CANCELLED)
        .order_by(Contract.starts_at, Contract.id)
    )


def _handed(handover: Any, kind: HandoverKind) -> ColumnElement[bool]:
    return and_(handover.contract_id == Contract.id, handover.kind == kind)


def _group(grouping: Grouping) -> tuple[Any, Any, Any]:
    """What tells the group of a resource: its id, its name, what it belongs to."""
    if grouping is Grouping.TYPE:
        return ResourceType.id, ResourceType.name, literal("")
    if grouping is Grouping.POOL:
        return Pool.id, Pool.name, BusinessUnit.name
    return BusinessUnit.id, BusinessUnit.name, Company.name


def _within(window: Window) -> ColumnElement[bool]:
    return and_(Contract.starts_at < window.end, Contract.ends_at > window.start)


def _held(window: Window) -> Select[Any]:
    """Contracts that hold the resource of the row in the window."""
    return select(Contract.id).where(
        Contract.resource_id == Resource.id,
        Contract.status != ContractStatus.CANCELLED,
        _within(window),
    )


def _on_the_road(window: Window) -> ColumnElement[bool]:
    """Resources in use; one that no longer is stays where its contracts are."""
    return or_(Resource.active, _held(window).exists())


def _pointed_out(choice: Choice, window: Window) -> ColumnElement[bool]:
    """Resources that the search names, or with a contract that the choice points out."""
    called = choice.resource_named
    held = _held(window).join(Contract.customer)
    booked = held.where(*choice.pointed_out(or_(choice.contract_named, called))).exists()
    by_contract = choice.customer_id or choice.status
    return booked if by_contract or not choice.text else or_(called, booked)
