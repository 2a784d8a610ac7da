"""Two people who move money between the same invoices: neither waits for the other for ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask

from ppplanner.extensions import db
from ppplanner.models import Transaction
from ppplanner.services.collections import transactions
from tests.conftest import Login
from tests.factories import make_customer, make_unit
from tests.parallel import at_once
from tests.services.invoices.credits import make_bill
from tests.till import pay

#: Seconds in which the other one gets as far.
A_MOMENT = 0.3


def slow(function: Callable[..., Any]) -> Callable[..., Any]:
    def wait(*args: Any, **more: Any) -> Any:
        time.sleep(A_MOMENT)
        return function(*args, **more)

    return wait


@pytest.mark.both_databases
def test_payments_are_moved_crosswise_between_two_invoices(
    app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit, customer = make_unit(), make_customer()
    bills = [make_bill(("100.00", "21"), unit=unit, customer=customer) for _each in range(2)]
    paid = [pay(invoice=bill, amount=50 + number).id for number, bill in enumerate(bills)]
    targets = [bill.id for bill in reversed(bills)]
    cookie = login().get_cookie("session")
    assert cookie
    value = cookie.value
    # between what the page holds and what the service holds
    monkeypatch.setattr(transactions, "change", slow(transactions.change))

    def move(transaction_id: int, invoice_id: int) -> int:
        browser = app.test_client()
        browser.set_cookie("session", value)
        form = {"remark": "", "voucher": "", "invoice_id": invoice_id}
        return browser.post(f"/collections/{transaction_id}/change", data=form).status_code

    tasks = [partial(move, *pair) for pair in zip(paid, targets, strict=True)]
    assert at_once(app, tasks) == [303, 303]
    db.session.rollback()
    assert [db.session.get_one(Transaction, each).invoice_id for each in paid] == targets
