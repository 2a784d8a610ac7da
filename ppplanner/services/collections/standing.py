"""How a contract stands: what it costs, what came in, what is still to come."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select

from ppplanner.extensions import db
from ppplanner.models import (
    Contract,
    DocumentState,
    Invoice,
    InvoiceKind,
    Transaction,
    TransactionFamily,
    TransactionType,
)
from ppplanner.services.collections import deposits
from ppplanner.services.pricing.vat import add_up

#: The price itself: what was paid of it, and what was given back.
PRICE = (TransactionFamily.PAYMENT, TransactionFamily.REFUND)


@dataclass(frozen=True)
class Standing:
    """EUR. `open` is what can be asked of the customer now; below zero: paid too much."""

    price: Decimal
    paid: Decimal
    open: Decimal
    deposit_expected: Decimal
    deposit_held: Decimal

    @property
    def deposit_open(self) -> Decimal:
        return max(self.deposit_expected - self.deposit_held, Decimal(0))


def standing(contract: Contract) -> Standing:
    """How the contract stands now. Once it is invoiced, its invoices say what is open."""
    price = add_up(contract.lines).gross
    paid = _paid(contract)
    balance = _open_of_invoices(contract)
    return Standing(
        price=price,
        paid=paid,
        open=price - paid if balance is None else balance - not_linked(contract),
        deposit_expected=deposits.expected(contract),
        deposit_held=deposits.held(contract),
    )


def open_invoices(contract: Contract) -> list[Invoice]:
    """The confirmed invoices that still ask for money, the oldest first."""
    query = select(Invoice).where(
        Invoice.contract_id == contract.id,
        Invoice.kind == InvoiceKind.INVOICE,
        Invoice.state == DocumentState.CONFIRMED,
        Invoice.balance > 0,
    )
    return list(db.session.scalars(query.order_by(Invoice.invoice_date, Invoice.id)))


def _paid(contract: Contract) -> Decimal:
    query = (
        select(func.sum(Transaction.amount))
        .join(Transaction.type)
        .where(Transaction.contract_id == contract.id, TransactionType.family.in_(PRICE))
    )
    return db.session.scalar(query) or Decimal(0)


def not_linked(contract: Contract) -> Decimal:
    """What was paid in advance, for no invoice yet."""
    query = (
        select(func.sum(Transaction.amount))
        .join(Transaction.type)
        .where(
            Transaction.contract_id == contract.id,
            Transaction.invoice_id.is_(None),
            TransactionType.family.in_(PRICE),
        )
    )
    return db.session.scalar(query) or Decimal(0)


def _open_of_invoices(contract: Contract) -> Decimal | None:
    """What its confirmed invoices ask for together; None while there is none."""
    query = select(func.sum(Invoice.balance)).where(
        Invoice.contract_id == contract.id, Invoice.state == DocumentState.CONFIRMED
    )
    return db.session.scalar(query)
