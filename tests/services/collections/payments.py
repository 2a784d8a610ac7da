"""What tests share that need money to come in or to go out."""

from __future__ import annotations

from decimal import Decimal

from ppplanner.models import Invoice, MethodKind, Transaction, TypeRole
from ppplanner.services.collections.entry import TransactionData
from ppplanner.services.collections.transactions import register
from ppplanner.services.collections.types import method_of, of_role


def pay(invoice: Invoice, amount: str) -> Transaction:
    """The customer pays by bank."""
    return _move(TypeRole.PAYMENT, invoice, amount)


def refund(invoice: Invoice, amount: str) -> Transaction:
    """The customer gets money back by bank."""
    return _move(TypeRole.REFUND, invoice, amount)


def _move(role: TypeRole, invoice: Invoice, amount: str) -> Transaction:
    method = method_of(MethodKind.BANK)
    data = TransactionData(of_role(role), Decimal(amount), method=method, invoice=invoice)
    return register(data, by=None)
