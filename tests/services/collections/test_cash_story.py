"""Whatever people do in whatever order: cash and deposits add up at every moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ppplanner.clock import now, today
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import (
    CashCount,
    CashRegister,
    Contract,
    RefundRequest,
    RefundState,
    Transaction,
)
from ppplanner.services.collections import cash, counts, deposits, refunds, registers
from ppplanner.services.collections.counts import Counted
from ppplanner.services.collections.day_sheet import day_sheet
from ppplanner.services.collections.refunds import Refund
from ppplanner.services.collections.registers import Entry
from tests.factories import make_contract
from tests.till import by_bank, make_register, pay, put_in, take_out

pytestmark = pytest.mark.one_database

DAYS = 3
AMOUNTS = st.integers(1, 30_000).map(lambda cents: Decimal(cents) / 100)
HOURS = st.integers(0, DAYS * 24)
FIRST = st.integers(0, 1)
CASH_DEEDS = st.one_of(
    st.tuples(st.sampled_from(["in", "out", "move"]), FIRST, AMOUNTS, HOURS),
    st.tuples(st.sampled_from(["count", "count and book"]), FIRST, AMOUNTS, HOURS),
)
DEPOSIT_DEEDS = st.tuples(
    st.sampled_from(["pay", "ask", "give back", "process", "withdraw"]), AMOUNTS, st.integers(0, 9)
)


@contextmanager
def or_nothing() -> Iterator[None]:
    """What a rule refuses leaves nothing behind, as a request that is rolled back."""
    try:
        with db.session.begin_nested():
            yield
    except (Invalid, DomainError):
        pass


@settings(max_examples=40)
@given(deeds=st.lists(CASH_DEEDS, max_size=25))
def test_cash_adds_up_and_is_never_below_zero(
    app: Flask, deeds: list[tuple[str, int, Decimal, int]]
) -> None:
    both = [make_register(), make_register()]
    start = now() - timedelta(days=DAYS, hours=1)
    for kind, first, amount, hour in deeds:
        with or_nothing():
            do(kind, both[first], both[1 - first], amount, start + timedelta(hours=hour))
    for register in both:
        moved = transactions_of(register)
        running = list(accumulate(each.amount for each in moved))
        assert min(running, default=Decimal(0)) >= 0
        assert cash.balance(register) == (running[-1] if running else 0)
        check_counts(register, moved)
        check_days(register)
    db.session.rollback()


def do(
    kind: str, register: CashRegister, other: CashRegister, amount: Decimal, at: datetime
) -> None:
    if kind == "in":
        put_in(register, amount, at=at)
    elif kind == "out":
        take_out(register, amount, at=at)
    elif kind == "move":
        registers.transfer(register, other, Entry(amount, at=at), by=None)
    else:
        made = counts.count(register, Counted(vouchers=amount), by=None, at=at)
        if kind == "count and book":
            counts.book_difference(made, by=None)


def transactions_of(register: CashRegister) -> list[Transaction]:
    query = select(Transaction).filter_by(register_id=register.id)
    return list(db.session.scalars(query.order_by(Transaction.at, Transaction.id)))


def check_counts(register: CashRegister, moved: list[Transaction]) -> None:
    """What a count expected is still the sum of all before it."""
    for made in db.session.scalars(select(CashCount).filter_by(register_id=register.id)):
        before = sum((each.amount for each in moved if each.at < made.at), Decimal(0))
        assert made.expected == before
        if made.transaction:
            assert before + made.transaction.amount == made.total


def check_days(register: CashRegister) -> None:
    """Each day begins with what the day before has left."""
    last = today(register.business_unit.company.timezone)
    sheets = [day_sheet(register, last - timedelta(days=each)) for each in range(DAYS + 1, -1, -1)]
    assert sheets[0].opening == 0
    for before, after in zip(sheets, sheets[1:], strict=False):
        assert before.closing == after.opening
    assert sheets[-1].closing == cash.balance(register)


@settings(max_examples=40)
@given(deeds=st.lists(DEPOSIT_DEEDS, max_size=25))
def test_no_more_of_a_deposit_goes_back_than_came_in(
    app: Flask, deeds: list[tuple[str, Decimal, int]]
) -> None:
    contract = make_contract()
    for kind, amount, which in deeds:
        with or_nothing():
            do_deposit(kind, contract, amount, which)
        assert deposits.held(contract) >= deposits.promised(contract) >= 0
    check_requests(contract)
    db.session.rollback()


def do_deposit(kind: str, contract: Contract, amount: Decimal, which: int) -> None:
    refund = Refund(amount, contract, deposit=True)
    if kind == "pay":
        pay(contract, amount, deposit=True)
    elif kind == "ask":
        refunds.ask(refund, by=None)
    elif kind == "give back":
        refunds.give_back(refund, by_bank(), by=None)
    elif found := requests_of(contract):
        request = found[which % len(found)]
        if kind == "process":
            refunds.process(request, by_bank(), by=None)
        else:
            refunds.withdraw(request)


def requests_of(contract: Contract) -> list[RefundRequest]:
    return list(db.session.scalars(select(RefundRequest).filter_by(contract_id=contract.id)))


def check_requests(contract: Contract) -> None:
    """Each processed request has moved its money once, the others have moved nothing."""
    for request in requests_of(contract):
        assert (request.state is RefundState.PROCESSED) == (request.transaction is not None)
        if request.transaction:
            assert request.transaction.amount == -request.amount
