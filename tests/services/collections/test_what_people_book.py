"""What people may register, and what the application alone books."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from ppplanner.errors import Invalid
from ppplanner.models import MethodKind, PaymentState, TypeRole
from ppplanner.services.collections import registers, transactions, types
from ppplanner.services.collections.entry import TransactionData
from ppplanner.services.collections.registers import Entry
from ppplanner.services.collections.zeroing import set_payment
from tests.factories import make_contract, make_invoice
from tests.services.collections.payments import refund
from tests.services.invoices.credits import make_credit
from tests.till import make_register, pay

pytestmark = pytest.mark.one_database

OWN = (
    TypeRole.DEPOSIT_SETTLED,
    TypeRole.PAID_FROM_DEPOSIT,
    TypeRole.TRANSFER_IN,
    TypeRole.TRANSFER_OUT,
    TypeRole.WRITTEN_OFF,
    TypeRole.WRITTEN_UP,
)


def purpose_of(role: TypeRole) -> dict[str, Any]:
    """All that such a type would need."""
    if role in registers.HALVES:
        method = types.method_of(MethodKind.CASH)
        return {"register": make_register(cash=100), "method": method}
    if role in (TypeRole.WRITTEN_OFF, TypeRole.WRITTEN_UP):
        return {"invoice": make_invoice()}
    contract = make_contract()
    pay(contract, 100, deposit=True)
    return {"contract": contract, "method": types.method_of(MethodKind.BANK)}


@pytest.mark.parametrize("role", OWN)
def test_nobody_registers_what_the_application_alone_books(app: Flask, role: TypeRole) -> None:
    data = TransactionData(types.of_role(role), Decimal(10), **purpose_of(role))
    with pytest.raises(Invalid) as refused:
        transactions.register(data, by=None)
    assert "application alone" in str(refused.value.fields["type"])


def test_nobody_settles_by_hand(app: Flask) -> None:
    data = TransactionData(
        types.of_role(TypeRole.PAYMENT),
        Decimal(10),
        types.method_of(MethodKind.SETTLEMENT),
        contract=make_contract(),
    )
    with pytest.raises(Invalid) as refused:
        transactions.register(data, by=None)
    assert "application alone" in str(refused.value.fields["method"])


@pytest.mark.both_databases
def test_the_application_itself_goes_on_with_them(app: Flask) -> None:
    invoice = make_invoice()
    set_payment(invoice, PaymentState.NEVER_PAID, to_zero=True, by=None)
    assert invoice.balance == 0
    halves = registers.transfer(make_register(cash=9), make_register(), Entry(Decimal(9)), by=None)
    assert [half.amount for half in halves] == [-9, 9]


def test_no_money_comes_in_for_a_credit_note(app: Flask) -> None:
    invoice = make_invoice()
    pay(invoice=invoice, amount=invoice.gross)
    note = make_credit(invoice)
    with pytest.raises(Invalid) as refused:
        pay(invoice=note, amount=10)
    assert "credit note asks for no money" in str(refused.value.fields["invoice_id"])
    assert refund(note, "10").invoice is note


def test_no_payment_is_moved_to_a_credit_note(app: Flask) -> None:
    invoice = make_invoice()
    paid = pay(invoice=invoice, amount=invoice.gross)
    note = make_credit(invoice)
    with pytest.raises(Invalid, match="invoice_id"):
        transactions.change(paid, remark="", voucher="", invoice=note)
    back = refund(invoice, "10")
    assert transactions.change(back, remark="", voucher="", invoice=note).invoice is note
