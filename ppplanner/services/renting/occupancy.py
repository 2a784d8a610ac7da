"""When a resource can be rented: from the day that it serves, while no contract holds it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, select

from ppplanner.clock import local_day
from ppplanner.extensions import db
from ppplanner.models import Contract, ContractStatus, Resource


def holding(
    starts_at: datetime, ends_at: datetime, besides_id: int | None = None
) -> ColumnElement[bool]:
    """Contracts that hold their resource at some moment of the period, but for one contract."""
    return and_(
        Contract.resource_id.is_not(None),
        Contract.status != ContractStatus.CANCELLED,
        Contract.starts_at < ends_at,
        Contract.ends_at > starts_at,
        Contract.id != (besides_id or 0),
    )


def clashes(resource: Resource, starts_at: datetime, ends_at: datetime) -> list[Contract]:
    """The contracts that hold the resource at some moment of the period."""
    query = (
        select(Contract)
        .where(holding(starts_at, ends_at), Contract.resource_id == resource.id)
        .order_by(Contract.starts_at)
    )
    return list(db.session.scalars(query))


def serves(resource: Resource, starts_at: datetime) -> bool:
    """Whether the resource is rented out by then: `active_from` is a day of its own place."""
    zone = resource.pool.business_unit.company.timezone
    return not resource.active_from or resource.active_from <= local_day(starts_at, zone)
