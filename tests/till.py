"""Makers of records for tests about cash and refunds, beside those of `factories.py`."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

from ppplanner.models import (
    BusinessUnit,
    CashRegister,
    Contract,
    Invoice,
    MethodKind,
    RefundRequest,
    Transaction,
    TypeRole,
    User,
)
from ppplanner.services.collections import refunds, registers, transactions, types
from ppplanner.services.collections.entry import TransactionData
from ppplanner.services.collections.refunds import Refund, Way
from ppplanner.services.collections.registers import Entry
from tests.factories import make_contract, make_unit, make_user

IBAN = "BE68 5390 0754 7034"

_numbers = count(1)


def make_register(
    unit: BusinessUnit | None = None,
    cash: Decimal | int | str = 0,
    user: User | None = None,
    **fields: Any,
) -> CashRegister:
    """A cash register with that much in it (EUR)."""
    values = {"code": f"KAS{next(_numbers)}", **fields}
    register = registers.open_register(
        business_unit=unit or make_unit(), user=user or make_user([]), **values
    )
    if cash:
        put_in(register, cash)
    return register


def put_in(register: CashRegister, amount: Decimal | int | str, **fields: Any) -> Transaction:
    return _correct(register, TypeRole.CORRECTION_IN, amount, fields)


def take_out(register: CashRegister, amount: Decimal | int | str, **fields: Any) -> Transaction:
    return _correct(register, TypeRole.CORRECTION_OUT, amount, fields)


def _correct(
    register: CashRegister, role: TypeRole, amount: Decimal | int | str, fields: Any
) -> Transaction:
    entry = Entry(Decimal(amount), **fields)
    return registers.book(register, types.of_role(role), entry, by=None)


def pay(
    contract: Contract | None = None,
    amount: Decimal | int | str = 100,
    *,
    invoice: Invoice | None = None,
    register: CashRegister | None = None,
    deposit: bool = False,
    **fields: Any,
) -> Transaction:
    """The customer pays: by bank, or in cash when a register is named."""
    role = TypeRole.DEPOSIT if deposit else TypeRole.PAYMENT
    method = types.method_of(MethodKind.CASH if register else MethodKind.BANK)
    data = TransactionData(
        type=types.of_role(role),
        method=method,
        amount=Decimal(amount),
        contract=contract,
        invoice=invoice,
        register=register,
        **fields,
    )
    return transactions.register(data, by=None)


def by_bank() -> Way:
    return Way(types.method_of(MethodKind.BANK))


def make_request(
    contract: Contract | None = None,
    amount: Decimal | int | str = 50,
    *,
    iban: str = IBAN,
    deposit: bool = True,
    paid: bool = True,
    **fields: Any,
) -> RefundRequest:
    """Somebody asks for a deposit back, which the customer has paid before."""
    contract = contract or make_contract()
    if paid:
        pay(contract, amount, deposit=deposit)
    refund = Refund(Decimal(amount), contract, deposit=deposit, iban=iban, **fields)
    return refunds.ask(refund, by=None)
