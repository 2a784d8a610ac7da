"""Cash of consumers, to the nearest five cents."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask

from ppplanner.models import CashRegister, CustomerKind, Invoice, PaymentState, TypeRole
from ppplanner.services.collections import transactions
from ppplanner.services.collections.cash_rounding import rounded
from ppplanner.services.collections.collection_settings import collection_settings
from tests.services.invoices.credits import make_bill
from tests.till import make_register, pay

pytestmark = pytest.mark.one_database


@pytest.fixture
def register(app: Flask) -> CashRegister:
    return make_register(cash=100)


def bill(net: str, kind: CustomerKind = CustomerKind.PRIVATE) -> Invoice:
    """An invoice of that amount, without VAT."""
    invoice = make_bill((net, "0"))
    invoice.customer.kind, invoice.customer.last_name = kind, "Janssens"
    return invoice


@pytest.mark.parametrize(
    ("amount", "to"),
    [
        ("10.01", "10.00"),
        ("10.02", "10.00"),
        ("10.03", "10.05"),
        ("10.07", "10.05"),
        ("10.08", "10.10"),
        ("10.05", "10.05"),
        ("0.04", "0.04"),
        ("0.06", "0.05"),
    ],
)
def test_to_the_nearest_five_cents_above_five(amount: str, to: str) -> None:
    assert rounded(Decimal(amount)) == Decimal(to)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("net", "paid", "role"),
    [("10.02", "10.00", TypeRole.WRITTEN_OFF), ("10.03", "10.05", TypeRole.WRITTEN_UP)],
)
def test_the_cents_that_are_left_go_by_themselves(
    register: CashRegister, net: str, paid: str, role: TypeRole
) -> None:
    invoice = bill(net)
    payment = pay(invoice=invoice, amount=paid, register=register)
    assert invoice.balance == 0
    assert invoice.payment_state is PaymentState.FULLY_PAID
    half = payment.counterpart
    assert half
    assert (half.type.role, half.amount) == (role, Decimal(net) - Decimal(paid))
    assert half.register is None


def test_undoing_the_payment_brings_the_cents_back(register: CashRegister) -> None:
    invoice = bill("10.02")
    payment = pay(invoice=invoice, amount="10.00", register=register)
    transactions.reverse(payment, by=None)
    assert invoice.balance == Decimal("10.02")


def test_another_amount_leaves_the_rest_open(register: CashRegister) -> None:
    invoice = bill("10.02")
    assert pay(invoice=invoice, amount="9.95", register=register).counterpart is None
    assert invoice.balance == Decimal("0.07")
    pay(invoice=invoice, amount="0.05", register=register)
    assert invoice.balance == 0


def test_neither_firms_nor_banks_round(register: CashRegister) -> None:
    by_firm, by_bank = bill("10.02", CustomerKind.BUSINESS), bill("10.02")
    pay(invoice=by_firm, amount="10.00", register=register)
    pay(invoice=by_bank, amount="10.00")
    assert by_firm.balance == by_bank.balance == Decimal("0.02")


def test_a_company_can_do_without(register: CashRegister) -> None:
    collection_settings.save(register.business_unit.company_id, round_cash=False)
    invoice = bill("10.02")
    pay(invoice=invoice, amount="10.00", register=register)
    assert invoice.balance == Decimal("0.02")
