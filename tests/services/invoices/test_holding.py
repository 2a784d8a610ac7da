"""Documents that several people work on: whoever comes second waits, and nobody for each other."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from flask import Flask

from ppplanner.clock import today
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.models import CashRegister, Contract, Invoice, Transaction
from ppplanner.services.collections import cash, registers, settlement, transactions
from ppplanner.services.collections.registers import Entry
from ppplanner.services.invoices.confirming import confirm_invoice
from tests.factories import make_contract, make_invoice, make_price_range, make_resource
from tests.parallel import at_once
from tests.till import make_register, pay, put_in

#: Seconds after which the first has begun, and is not done.
A_MOMENT = 0.2


def slow(function: Callable[..., Any]) -> Callable[..., Any]:
    def wait(*args: Any, **more: Any) -> Any:
        time.sleep(2 * A_MOMENT)
        return function(*args, **more)

    return wait


def make_overpaid(contract: Contract) -> Invoice:
    """The invoice of the first of three days, on which all that was paid is booked."""
    pay(contract, 500)
    return make_invoice(contract, until=today() + timedelta(days=1))


def test_an_invoice_is_confirmed_while_somebody_pays_an_earlier_one(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = make_contract(make_resource(price_range=make_price_range(100)))
    earlier_id = make_overpaid(contract).id
    draft_id = make_invoice(contract, confirmed=False).id
    monkeypatch.setattr(settlement, "_carry_over", slow(settlement._carry_over))

    def confirm() -> None:
        confirm_invoice(db.session.get_one(Invoice, draft_id))

    def register() -> None:
        time.sleep(A_MOMENT)
        pay(invoice=db.session.get_one(Invoice, earlier_id), amount=1)

    assert at_once(app, [confirm, register]) == [None, None]
    balances = [db.session.get_one(Invoice, each).balance for each in (earlier_id, draft_id)]
    assert sum(balances) == 363 - 501


def test_cash_is_taken_while_somebody_undoes_a_transfer(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = make_register(cash=100), make_register()
    leaves, _arrives = registers.transfer(source, target, Entry(Decimal(40)), by=None)
    leaves_id, target_id = leaves.id, target.id
    monkeypatch.setattr(cash, "_refuse_hole", slow(cash._refuse_hole))

    def undo() -> None:
        transactions.reverse(db.session.get_one(Transaction, leaves_id), by=None)

    def take() -> None:
        time.sleep(3 * A_MOMENT)
        put_in(db.session.get_one(CashRegister, target_id), 5)

    assert at_once(app, [undo, take]) == [None, None]
    assert cash.balance(db.session.get_one(CashRegister, target_id)) == 5


def test_the_halves_of_a_transfer_are_undone_once(app: Flask) -> None:
    source, target = make_register(cash=100), make_register()
    halves = registers.transfer(source, target, Entry(Decimal(40)), by=None)
    ids = [half.id for half in halves]

    def undo(transaction_id: int) -> None:
        transactions.reverse(db.session.get_one(Transaction, transaction_id), by=None)

    answers = at_once(app, [partial(undo, each) for each in ids])
    assert sorted(isinstance(each, DomainError) for each in answers) == [False, True]
