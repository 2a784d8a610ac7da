"""Which resources are taken in a period, and by whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, select

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
    starts_at: datetime, ends_at: datetime, besides_id: int | None = None
) -> dict[int, Contract]:
    """Who holds each taken resource, by its id: the first contract of the period."""
    query = (
        select(Contract)
        .where(holding(starts_at, ends_at, besides_id))
        .order_by(Contract.starts_at.desc())
    )
    return {contract.resource_id or 0: contract for contract in db.session.scalars(query)}
