"""What belongs to a customer or a resource: their contracts and invoices, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from ppplanner.extensions import db
from ppplanner.models import BusinessUnit, Contract, ContractStatus, Invoice

SHOWN = 10


def latest_contracts(condition: ColumnElement[bool], limit: int = SHOWN) -> Sequence[Contract]:
    """The newest contracts for which `condition` holds, with customer and resource."""
    query = (
        select(Contract)
        .where(condition)
        .options(
            joinedload(Contract.customer),
            joinedload(Contract.resource),
            joinedload(Contract.business_unit).joinedload(BusinessUnit.company),
        )
        .order_by(Contract.starts_at.desc(), Contract.id.desc())
        .limit(limit)
    )
    return db.session.scalars(query).all()


def latest_invoices(condition: ColumnElement[bool], limit: int = SHOWN) -> Sequence[Invoice]:
    """The newest invoices and credit notes for which `condition` holds."""
    query = (
        select(Invoice)
        .where(condition)
        .order_by(Invoice.invoice_date.desc(), Invoice.id.desc())
        .limit(limit)
    )
    return db.session.scalars(query).all()


def still_open(condition: ColumnElement[bool]) -> Decimal:
    """What is open of the invoices for which `condition` holds, in EUR."""
    return db.session.scalar(select(func.sum(Invoice.balance)).where(condition)) or Decimal(0)


def involves(customer_id: int) -> ColumnElement[bool]:
    """Contracts that a customer rents or drives."""
    return (Contract.customer_id == customer_id) | (Contract.driver_id == customer_id)


def holds(resource_id: int) -> ColumnElement[bool]:
    """Contracts that hold a resource, or will, or did."""
    return (Contract.resource_id == resource_id) & (Contract.status != ContractStatus.CANCELLED)
