"""Calendars to subscribe to: the contracts of a resource or a pool, behind a secret address.

Whoever knows the address can read along, so it tells little: the contract's number and, if so
chosen, the customer's name; never a phone number or an address.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime

from dateutil.relativedelta import relativedelta
from icalendar import Calendar, Event
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import (
    BusinessUnit,
    CalendarFeed,
    Change,
    Contract,
    ContractStatus,
    Pool,
    Resource,
)
from ppplanner.services.renting.occupancy import holding

#: What a calendar shows: from so long ago until so far ahead.
BEHIND, AHEAD = relativedelta(months=1), relativedelta(months=12)


def feed_of(owner: Resource | Pool) -> CalendarFeed | None:
    """The calendar of a resource or a pool; None while nobody has asked for one."""
    return db.session.scalar(select(CalendarFeed).filter_by(**_owned_by(owner)))


def pool_feeds(pools: Sequence[Pool]) -> dict[int, CalendarFeed]:
    """The calendars of those pools that have one, by the id of the pool."""
    query = select(CalendarFeed).where(CalendarFeed.pool_id.in_([pool.id for pool in pools]))
    return {feed.pool_id or 0: feed for feed in db.session.scalars(query)}


def offer(owner: Resource | Pool) -> CalendarFeed:
    """The calendar of a resource or a pool, made if there is none. The caller commits."""
    feed = feed_of(owner)
    if feed is None:
        feed = CalendarFeed(**_owned_by(owner), secret=_new_secret())
        db.session.add(feed)
        db.session.flush()
    return feed


def renew(feed: CalendarFeed) -> None:
    """Give it a new address; the old one is gone at once. The caller commits."""
    feed.secret, feed.renewed_at = _new_secret(), now()
    db.session.flush()


def withdraw(feed: CalendarFeed) -> None:
    """Let nobody read it any more. The caller commits."""
    db.session.delete(feed)
    db.session.flush()


def name_customers(feed: CalendarFeed, names: bool) -> None:
    """Choose whether its events tell who rents. The caller commits."""
    feed.names_customers = names
    db.session.flush()


def by_secret(secret: str) -> CalendarFeed | None:
    """The calendar behind an address. Found by its index: 256 random bits cannot be felt out by
    measuring time.
    """
    return db.session.scalar(select(CalendarFeed).filter_by(secret=secret))


def as_ics(feed: CalendarFeed) -> bytes:
    """The calendar as an iCalendar file (RFC 5545), the same bytes while nothing has changed."""
    contracts = _contracts(feed)
    changed = _changed_at(contracts)
    calendar = Calendar()
    calendar.add("prodid", "-//ppplanner//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", str(feed))
    calendar.add("x-wr-timezone", _unit(feed).company.timezone)
    for contract in contracts:
        calendar.add_component(_event(contract, feed, changed[contract.id]))
    return bytes(calendar.to_ical())


def _owned_by(owner: Resource | Pool) -> dict[str, int]:
    return {"resource_id" if isinstance(owner, Resource) else "pool_id": owner.id}


def _new_secret() -> str:
    """256 random bits, as they can stand in an address."""
    return secrets.token_urlsafe(32)


def _unit(feed: CalendarFeed) -> BusinessUnit:
    pool = feed.resource.pool if feed.resource else feed.pool
    assert pool is not None  # the database sees to it
    return pool.business_unit


def _contracts(feed: CalendarFeed) -> Sequence[Contract]:
    """Those that hold the resources; cancelled ones are left out."""
    query = (
        select(Contract)
        .join(Contract.resource)
        .where(holding(now() - BEHIND, now() + AHEAD), _in(feed))
        .options(
            joinedload(Contract.customer),
            joinedload(Contract.resource),
            joinedload(Contract.business_unit),
        )
        .order_by(Contract.starts_at, Contract.id)
    )
    return db.session.scalars(query).all()


def _in(feed: CalendarFeed) -> ColumnElement[bool]:
    if feed.pool_id is not None:
        return Resource.pool_id == feed.pool_id
    return Resource.id == feed.resource_id


def _changed_at(contracts: Sequence[Contract]) -> Mapping[int, datetime]:
    """When each contract was last changed, by the history."""
    made = {contract.id: contract.created_at for contract in contracts}
    query = (
        select(Change.record_id, func.max(Change.at))
        .where(Change.entity == Contract.__tablename__, Change.record_id.in_(made))
        .group_by(Change.record_id)
    )
    return made | dict(db.session.execute(query).all())


def _event(contract: Contract, feed: CalendarFeed, changed_at: datetime) -> Event:
    event = Event()
    tentative = contract.status is ContractStatus.IN_PREPARATION
    event.add("uid", f"contract-{contract.number}@ppplanner")
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("dtstart", contract.starts_at)
    event.add("dtend", contract.ends_at)
    event.add("summary", _summary(contract, feed))
    event.add("location", contract.business_unit.name)
    event.add("status", "TENTATIVE" if tentative else "CONFIRMED")
    event.add("transp", "OPAQUE")
    return event


def _summary(contract: Contract, feed: CalendarFeed) -> str:
    """What and, if so chosen, who: "1-ABC-123 Ford Transit · C1042 · Jansen"."""
    parts = [str(contract)]
    if feed.pool_id is not None:
        parts.insert(0, str(contract.resource))
    if feed.names_customers:
        parts.append(contract.customer.full_name)
    return " · ".join(parts)
