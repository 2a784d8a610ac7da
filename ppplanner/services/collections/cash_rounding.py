"""Cash of consumers, rounded to five cents.

Belgian Code of economic law, articles VI.7/1 and VI.7/2, since 1 December 2019: who is paid in cash
by a consumer, both being there, rounds the total to the nearest five cents when it is above five.
The total is here what is open of an invoice; an advance has none yet. What the rounding leaves, at
most two cents either way, goes by an administrative transaction, which moves no money and never
leaves the application. It is the other half of the payment, so undoing one undoes both.

A company elsewhere switches it off (`CollectionSettings.round_cash`).
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from ppplanner.models import (
    BusinessUnit,
    CustomerKind,
    Invoice,
    MethodKind,
    Transaction,
    TransactionFamily,
    TypeRole,
)
from ppplanner.money import cents
from ppplanner.services.collections.collection_settings import collection_settings
from ppplanner.services.collections.entry import TransactionData

FIVE_CENTS = Decimal("0.05")


def rounded(amount: Decimal) -> Decimal:
    """To the nearest five cents; what is no more than that stays."""
    if amount <= FIVE_CENTS:
        return amount
    return cents((amount / FIVE_CENTS).quantize(Decimal(1), ROUND_HALF_UP) * FIVE_CENTS)


def in_cash(invoice: Invoice, unit: BusinessUnit) -> Decimal:
    """What is paid in cash, at a register of the business unit, of all that is open (EUR)."""
    consumer = invoice.customer.kind is CustomerKind.PRIVATE
    rounds = consumer and collection_settings.load(unit.company_id).round_cash
    return rounded(invoice.balance) if rounds else invoice.balance


def leaves_cents(data: TransactionData) -> bool:
    """Whether it pays all that is open of an invoice but for rounding: to be asked before."""
    if data.invoice is None or data.register is None or data.method is None:
        return False
    is_payment = data.type.family is TransactionFamily.PAYMENT and data.signed > 0
    is_cash = data.method.kind is MethodKind.CASH
    due = in_cash(data.invoice, data.register.business_unit)
    return is_payment and is_cash and data.amount == due != data.invoice.balance


def role_of_rest(payment: Transaction) -> TypeRole:
    """How the cents that such a payment leaves open go."""
    assert payment.invoice
    return TypeRole.WRITTEN_OFF if payment.invoice.balance > 0 else TypeRole.WRITTEN_UP
