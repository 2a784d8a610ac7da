"""What tests share that need money to come in for an invoice, or to go out."""

from __future__ import annotations

from decimal import Decimal

from ppplanner.models import Invoice, MethodKind, Transaction, TypeRole
from ppplanner.services.collections import transactions, types
from ppplanner.services.collections.entry import TransactionData
from tests import till


def pay(invoice: Invoice, amount: str) -> Transaction:
    """The customer pays by bank."""
    return till.pay(invoice=invoice, amount=amount)


def refund(invoice: Invoice, amount: str) -> Transaction:
    """The customer gets money back by bank."""
    back, bank = types.of_role(TypeRole.REFUND), types.method_of(MethodKind.BANK)
    data = TransactionData(back, Decimal(amount), bank, invoice=invoice)
    return transactions.register(data, by=None)
