"""What waits for whom: the questions behind the first screen.

`among` says of which contracts, invoices or resources: those that the person may see, say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from ppplanner.clock import TICK
from ppplanner.extensions import db
from ppplanner.models import (
    BusinessUnit,
    Company,
    Contract,
    ContractStatus,
    Customer,
    DocumentState,
    GLAccount,
    Invoice,
    PriceRange,
    Resource,
    ResourceType,
    VatCode,
)
from ppplanner.services.invoices.overdue import is_overdue
from ppplanner.services.invoices.run_steps import AGREED
from ppplanner.services.planning.availability import is_taken
from ppplanner.services.pricing.invoiced import waits

Condition: TypeAlias = ColumnElement[bool]

#: Contracts that still have to start, or to end.
PLANNED = (ContractStatus.IN_PREPARATION, ContractStatus.CONFIRMED)
RUNNING = (*PLANNED, ContractStatus.OPEN)
#: How long what should have come back is asked for; whoever looks further opens the list.
MISSED = timedelta(days=90)
#: How many rows a tile shows.
SHOWN = 8


@dataclass(frozen=True)
class Shortlist:
    """The first rows of what waits, and how many there are in all."""

    rows: Sequence[Any]
    count: int


def departures(start: datetime, end: datetime, among: Condition) -> Shortlist:
    """Contracts that start from `start` until before `end` (UTC), the first to leave on top."""
    query = _contracts(among).where(
        Contract.starts_at >= start, Contract.starts_at < end, Contract.status.in_(PLANNED)
    )
    return _short(query, Contract.starts_at, Contract.id)


def returns(start: datetime, end: datetime, among: Condition) -> Shortlist:
    """Contracts that end after `start`, until `end` (UTC), the first to come back on top: before
    them those that should have come back earlier, and have not.
    """
    due = and_(Contract.ends_at > start, Contract.status.in_(RUNNING))
    late = Contract.status == ContractStatus.OPEN
    query = _contracts(among).where(
        Contract.ends_at > start - MISSED, Contract.ends_at <= end, or_(due, late)
    )
    return _short(query, Contract.ends_at, Contract.id)


def without_resource(moment: datetime, among: Condition) -> Shortlist:
    """Contracts that have no resource yet and are not over at `moment`, the most urgent on top."""
    query = _contracts(among).where(
        Contract.resource_id.is_(None), Contract.ends_at > moment, Contract.status.in_(RUNNING)
    )
    return _short(query, Contract.starts_at, Contract.id)


def drafts(among: Condition) -> Shortlist:
    """Invoices and credit notes that wait for their number, the oldest on top."""
    query = _invoices(among).where(Invoice.state == DocumentState.DRAFT)
    return _short(query, Invoice.invoice_date, Invoice.id)


def overdue(day: date, among: Condition) -> Shortlist:
    """Confirmed invoices that were due before `day` and are not paid, the oldest on top."""
    query = _invoices(among).where(is_overdue(day))
    return _short(query, Invoice.due_date, Invoice.id)


def overdue_amount(day: date, among: Condition) -> Decimal:
    """What is still open of those invoices, in EUR."""
    query = select(func.sum(Invoice.balance)).where(is_overdue(day), among)
    return Decimal(db.session.scalar(query) or 0)


def to_invoice(day: date, among: Condition) -> int:
    """How many contracts it is time to invoice on `day`: what is back, and periodic ones whose next
    invoice date has come; each as far as something of it is not invoiced.
    """
    back = Contract.next_invoice_date.is_(None) & (Contract.status == ContractStatus.CHECKED_IN)
    come = (Contract.next_invoice_date <= day) & Contract.status.in_(AGREED)
    counts = (
        db.session.scalar(select(func.count(Contract.id)).where(among, each, waits()))
        for each in (back, come)
    )
    return sum(count or 0 for count in counts)


def fleet(moment: datetime, among: Condition) -> tuple[int, int]:
    """How many resources are taken at `moment` or should have been back, and how many there are in
    use.
    """
    in_use = select(func.count(Resource.id)).where(Resource.active, among)
    late = select(Contract.resource_id).where(
        Contract.ends_at > moment - MISSED,
        Contract.ends_at <= moment,
        Contract.status == ContractStatus.OPEN,
    )
    taken = in_use.where(or_(is_taken(moment, moment + TICK), Resource.id.in_(late)))
    return db.session.scalar(taken) or 0, db.session.scalar(in_use) or 0


def is_empty() -> bool:
    """Whether nothing has been planned yet, so that first steps are what helps."""
    return not _any(Contract)


def first_steps() -> dict[str, bool]:
    """What a firm needs before its first contract, in this order, and whether it is there."""
    needs = {
        "company": Company,
        "business_unit": BusinessUnit,
        "vat_code": VatCode,
        "gl_account": GLAccount,
        "price_range": PriceRange,
        "resource_type": ResourceType,
        "resource": Resource,
        "customer": Customer,
        "contract": Contract,
    }
    return {name: _any(model) for name, model in needs.items()}


def _any(model: Any) -> bool:
    return db.session.scalar(select(model.id).limit(1)) is not None


def _contracts(among: Condition) -> Select[Contract]:
    loaded = (
        joinedload(Contract.customer),
        joinedload(Contract.resource),
        joinedload(Contract.business_unit).joinedload(BusinessUnit.company),
    )
    return select(Contract).where(among).options(*loaded)


def _invoices(among: Condition) -> Select[Invoice]:
    loaded = joinedload(Invoice.customer)
    return select(Invoice).where(among).options(loaded)


def _short(query: Select[Any], *order: Any) -> Shortlist:
    """One query for the rows; a second one to count only when they do not all fit."""
    rows = db.session.scalars(query.order_by(*order).limit(SHOWN + 1)).all()
    if len(rows) <= SHOWN:
        return Shortlist(rows, len(rows))
    ids = query.options().with_only_columns(func.count()).order_by(None)
    return Shortlist(rows[:SHOWN], db.session.scalar(ids) or 0)
