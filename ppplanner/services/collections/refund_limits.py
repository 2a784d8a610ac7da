"""How much can go back to customers."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import ColumnElement, func, select

from ppplanner.extensions import db
from ppplanner.models import (
    Contract,
    Invoice,
    RefundRequest,
    Transaction,
    TransactionType,
)
from ppplanner.services.collections import deposits
from ppplanner.services.collections.standing import PRICE, not_linked
from ppplanner.services.invoices.balances import credit_notes


def refundable(
    contract: Contract | None = None, invoice: Invoice | None = None, *, deposit: bool = False
) -> Decimal:
    """The most that can go back, in EUR: what there is of a deposit, or what was paid, less what
    went back and what others have asked for.
    """
    if deposit:
        return deposits.free(contract) if contract else Decimal(0)
    limits = []
    if invoice is not None:
        there = _paid(Transaction.invoice_id.in_(documents(invoice)))
        limits.append(there - asked_back(invoice))
        contract = contract or invoice.contract
    if contract is not None:
        there = _paid(Transaction.contract_id == contract.id)
        limits.append(there - deposits.promised(contract, deposit=False))
    return min(limits, default=Decimal(0))


def proposed(
    contract: Contract | None = None, invoice: Invoice | None = None, *, deposit: bool = False
) -> Decimal:
    """What a person most likely wants to give back, in EUR: the whole deposit, what was paid too
    much on an invoice, what was paid on a contract for no invoice.
    """
    most = refundable(contract, invoice, deposit=deposit)
    if deposit:
        return most
    if invoice is not None:
        owed = invoice.credited_invoice or invoice
        return max(min(-owed.balance, most), Decimal(0))
    if contract is None:
        return Decimal(0)
    return max(min(not_linked(contract), most), Decimal(0))


def holder(contract: Contract, amount: Decimal) -> Invoice | None:
    """The invoice from which so much (EUR) of what was paid on the contract has to come: the one on
    which most is too much, then the one on which most was paid. None when as much was paid for no
    invoice.
    """
    if not_linked(contract) >= amount:
        return None
    paid = func.sum(Transaction.amount)
    query = (
        select(Invoice)
        .join(Transaction, Transaction.invoice_id == Invoice.id)
        .join(Transaction.type)
        .where(Transaction.contract_id == contract.id, TransactionType.family.in_(PRICE))
        .group_by(Invoice.id)
        .having(paid > 0)
        .order_by(Invoice.balance, paid.desc(), Invoice.id.desc())
    )
    return db.session.scalar(query.limit(1))


def documents(invoice: Invoice) -> list[int]:
    """An invoice and its credit notes: what is collected on any of them counts for all."""
    owed = invoice.credited_invoice or invoice
    return [each.id for each in (owed, *credit_notes(owed))]


def _paid(condition: ColumnElement[bool]) -> Decimal:
    """What came in, less what went back, in EUR; deposits are not the firm's money."""
    query = (
        select(func.sum(Transaction.amount))
        .join(Transaction.type)
        .where(
            condition,
            TransactionType.family.in_(PRICE),
        )
    )
    return db.session.scalar(query) or Decimal(0)


def asked_back(invoice: Invoice) -> Decimal:
    """What refund requests still ask for of an invoice and its credit notes, in EUR."""
    return _waiting(RefundRequest.invoice_id.in_(documents(invoice)))


def asked_of_contract(contract: Contract) -> Decimal:
    """What requests still ask for of what was paid on a contract, whatever the invoice, in EUR."""
    on_none = RefundRequest.invoice_id.is_(None)
    return _waiting((RefundRequest.contract_id == contract.id) & on_none)


def gone(request: RefundRequest) -> Decimal:
    """How much of what a waiting request asks for is not there any more, in EUR: somebody has
    undone a payment since.
    """
    left = refundable(request.contract, request.invoice, deposit=request.deposit)
    return min(max(-left, Decimal(0)), request.amount)  # what it asks for counts as promised


def _waiting(condition: ColumnElement[bool]) -> Decimal:
    query = select(func.sum(RefundRequest.amount)).where(
        condition,
        RefundRequest.deposit.is_(False),
        RefundRequest.state.in_(deposits.WAITING),
    )
    return db.session.scalar(query) or Decimal(0)
