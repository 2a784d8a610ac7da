"""What was paid before an invoice counts for it: advances, what is too much on earlier invoices of
the contract, and, where the company settles deposits, the deposit (domain 9.3).

This happens while the invoice is being confirmed, so that it is printed as paid already.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import (
    Contract,
    DocumentState,
    Invoice,
    InvoiceKind,
    MethodKind,
    Transaction,
    TransactionType,
    TypeRole,
)
from ppplanner.services.collections import deposits
from ppplanner.services.collections.collection_settings import collection_settings
from ppplanner.services.collections.refund_limits import asked_back, asked_of_contract
from ppplanner.services.collections.standing import PRICE, not_linked
from ppplanner.services.collections.transactions import TransactionData, book
from ppplanner.services.collections.types import method_of, of_role
from ppplanner.services.invoices.balances import settle
from ppplanner.services.locking import lock_all


def pay_ahead(invoice: Invoice, **_more: object) -> None:
    """Let money that came in before count for an invoice that is being confirmed. The caller holds
    invoice and contract, and commits.
    """
    contract = invoice.contract
    if contract is None or invoice.kind is not InvoiceKind.INVOICE:
        return
    asked = asked_of_contract(contract)
    kept = min(asked, max(not_linked(contract), Decimal(0)))
    paid = _link_advances(invoice, contract, kept)
    paid += _carry_over(invoice, contract, invoice.gross - paid, asked - kept)
    if invoice.final and collection_settings.load(invoice.company_id).settle_deposit:
        paid += _take_from_deposit(invoice, contract, invoice.gross - paid)
    invoice.prepaid = paid
    db.session.flush()


def _link_advances(invoice: Invoice, contract: Contract, kept: Decimal) -> Decimal:
    """Let the payments of the contract that belong to no invoice belong to this one, also those
    that have been handed on: their money does not change. An invoice that is not the final one
    takes no more of them, the oldest first, than it asks for; but all that went back. What is
    `kept`, somebody has asked back: of a payment of which only a part is, the rest joins.
    """
    advances = _advances(contract)
    free = sum((each.amount for each in advances), Decimal(0)) - kept
    linked = Decimal(0)
    for advance in advances:
        if not invoice.final and linked >= invoice.gross:
            break
        if kept and advance.amount < 0:
            continue  # stays with what is kept
        if kept and linked + advance.amount > free:
            rest = free if invoice.final else min(free, invoice.gross)
            return linked + _split_off(rest - linked, invoice, contract)
        advance.invoice = invoice
        linked += advance.amount
    return linked


def _advances(contract: Contract) -> Sequence[Transaction]:
    """The payments for no invoice, what went back first; kept until the caller commits."""
    advances = db.session.scalars(
        select(Transaction)
        .join(Transaction.type)
        .where(
            Transaction.contract_id == contract.id,
            Transaction.invoice_id.is_(None),
            TransactionType.family.in_(PRICE),
        )
        .order_by(Transaction.amount > 0, Transaction.at, Transaction.id)
    ).all()
    lock_all(Transaction, advances)
    return advances


def _split_off(amount: Decimal, invoice: Invoice, contract: Contract) -> Decimal:
    """Let so much of what was paid for no invoice join one; gives what did."""
    if amount <= 0:
        return Decimal(0)
    kind = of_role(TypeRole.PAYMENT)
    _move(amount, (kind, None), (kind, invoice), contract)
    return amount


def _carry_over(
    invoice: Invoice, contract: Contract, still_open: Decimal, kept: Decimal
) -> Decimal:
    """Let what is too much on earlier invoices of the contract, and was not asked back, count here:
    a payment leaves the one and joins the other. `kept` was asked back without naming an invoice.
    """
    carried = Decimal(0)
    for earlier in _overpaid(contract):
        free = -earlier.balance - asked_back(earlier)
        stays = min(kept, max(free, Decimal(0)))
        kept -= stays
        amount = min(free - stays, still_open - carried)
        if amount > 0:
            kind = of_role(TypeRole.PAYMENT)
            _move(amount, (kind, earlier), (kind, invoice), contract)
            settle(earlier)
            carried += amount
    return carried


def _take_from_deposit(invoice: Invoice, contract: Contract, still_open: Decimal) -> Decimal:
    amount = min(deposits.free(contract), still_open)
    if amount <= 0:
        return Decimal(0)
    leaves = of_role(TypeRole.DEPOSIT_SETTLED), None
    joins = of_role(TypeRole.PAID_FROM_DEPOSIT), invoice
    _move(amount, leaves, joins, contract)
    return amount


def _move(
    amount: Decimal,
    leaves: tuple[TransactionType, Invoice | None],
    joins: tuple[TransactionType, Invoice | None],
    contract: Contract,
) -> None:
    """Two halves that no money moves with: `amount` leaves the one place and joins the other."""
    halves = [
        book(
            TransactionData(
                type=kind,
                amount=amount,
                method=method_of(MethodKind.SETTLEMENT),
                contract=contract,
                invoice=invoice,
            ),
            signed,
            by=None,
        )
        for signed, (kind, invoice) in ((-amount, leaves), (amount, joins))
    ]
    halves[0].counterpart, halves[1].counterpart = halves[1], halves[0]
    db.session.flush()


def _overpaid(contract: Contract) -> Iterable[Invoice]:
    query = select(Invoice).where(
        Invoice.contract_id == contract.id,
        Invoice.state == DocumentState.CONFIRMED,
        Invoice.kind == InvoiceKind.INVOICE,
        Invoice.balance < 0,
    )
    return db.session.scalars(query.order_by(Invoice.id)).all()
