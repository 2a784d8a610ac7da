"""Cash counts, and the sheet of a day."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from ppplanner.clock import now, today
from ppplanner.errors import DomainError, Invalid
from ppplanner.models import TypeRole
from ppplanner.services.collections import cash, counts, transactions
from ppplanner.services.collections.counts import DENOMINATIONS, Counted
from ppplanner.services.collections.day_sheet import day_sheet
from tests.factories import make_contract, make_user
from tests.till import make_register, pay, put_in, take_out


def test_a_count_adds_up_pieces_and_vouchers() -> None:
    counted = Counted({5000: 3, 200: 7, 1: 4, 50: 0}, vouchers=Decimal("12.50"))
    assert counted.total == Decimal("176.54")
    assert Counted().total == 0


def test_one_of_each_note_and_coin_is_worth_what_it_says() -> None:
    assert Counted(dict.fromkeys(DENOMINATIONS, 1)).total == Decimal("888.88")


def test_a_count_keeps_what_was_found_and_what_should_have_been(app: Flask) -> None:
    register, clerk = make_register(cash="150.00"), make_user([])
    made = counts.count(register, Counted({10000: 1, 2000: 2, 500: 0}, remark=" ok "), by=clerk)
    assert made.pieces == {"10000": 1, "2000": 2}
    assert [made.total, made.expected, made.difference] == [
        Decimal(each) for each in (140, 150, -10)
    ]
    assert (made.counted_by, made.remark) == (clerk, "ok")
    assert cash.balance(register) == 150, "a count alone moves nothing"


def test_a_difference_is_booked_once_and_on_request(app: Flask) -> None:
    register = make_register(cash=150)
    made = counts.count(register, Counted({10000: 1, 2000: 2}), by=None)
    booked = counts.book_difference(made, by=None)
    assert booked.amount == -10
    assert booked.type.role is TypeRole.CORRECTION_OUT
    assert made.transaction is booked
    assert cash.balance(register) == made.total
    with pytest.raises(DomainError, match="booked already"):
        counts.book_difference(made, by=None)


def test_too_much_is_booked_as_well(app: Flask) -> None:
    made = counts.count(make_register(cash=150), Counted({20000: 1}), by=None)
    booked = counts.book_difference(made, by=None)
    assert booked.amount == 50
    assert booked.type.role is TypeRole.CORRECTION_IN


def test_a_drawer_found_empty_is_booked_empty(app: Flask) -> None:
    register = make_register(cash="0.01")
    counts.book_difference(counts.count(register, Counted(), by=None), by=None)
    assert cash.balance(register) == 0


def test_a_count_that_agrees_has_nothing_to_book(app: Flask) -> None:
    made = counts.count(make_register(cash=20), Counted({2000: 1}), by=None)
    with pytest.raises(DomainError, match="agrees"):
        counts.book_difference(made, by=None)


def test_only_the_last_count_is_trusted(app: Flask) -> None:
    register = make_register(cash=20)
    earlier = counts.count(register, Counted({1000: 1}), by=None)
    counts.count(register, Counted({2000: 1}), by=None)
    with pytest.raises(DomainError, match="counted again"):
        counts.book_difference(earlier, by=None)


def test_the_next_count_expects_what_the_last_one_left(app: Flask) -> None:
    register = make_register(cash=20)
    counts.book_difference(counts.count(register, Counted({1000: 1}), by=None), by=None)
    pay(make_contract(), 5, register=register)
    assert counts.count(register, Counted({500: 3}), by=None).difference == 0


@pytest.mark.parametrize("many", [-1, 100_001])
def test_nobody_counts_less_than_none_or_far_too_many(app: Flask, many: int) -> None:
    with pytest.raises(Invalid, match="pieces_500"):
        counts.count(make_register(), Counted({500: many}), by=None)


def test_vouchers_are_worth_nothing_or_more(app: Flask) -> None:
    with pytest.raises(Invalid, match="vouchers"):
        counts.count(make_register(), Counted(vouchers=Decimal(-1)), by=None)


def test_counts_stand_in_the_order_of_time(app: Flask) -> None:
    register = make_register()
    counts.count(register, Counted(), by=None, at=now() - timedelta(hours=2))
    with pytest.raises(Invalid, match="at"):
        counts.count(register, Counted(), by=None, at=now() - timedelta(hours=3))
    with pytest.raises(Invalid, match="at"):
        counts.count(register, Counted(), by=None, at=now() + timedelta(hours=1))


def test_the_sheet_of_a_day_leads_from_opening_to_closing(app: Flask) -> None:
    register = make_register()
    zone = register.business_unit.company.timezone
    put_in(register, 100, at=now() - timedelta(days=1))
    pay(make_contract(), 40, register=register)
    pay(make_contract(), 60, register=register)
    take_out(register, 30)
    made = counts.count(register, Counted({10000: 1, 5000: 1, 2000: 1}), by=None)
    sheet = day_sheet(register, today(zone))
    sums = [sheet.opening, sheet.taken_in, sheet.paid_out, sheet.closing]
    assert sums == [Decimal(each) for each in (100, 100, -30, 170)]
    assert sheet.counts == [made]
    assert [total.count for total in sheet.totals] == [2, 1]
    assert [total.amount for total in sheet.totals] == [Decimal(100), Decimal(-30)]
    assert day_sheet(register, today(zone) - timedelta(days=1)).closing == sheet.opening


def test_an_undone_payment_stands_on_the_sheet_twice(app: Flask) -> None:
    register = make_register()
    transactions.reverse(pay(make_contract(), 40, register=register), by=None)
    sheet = day_sheet(register, today(register.business_unit.company.timezone))
    assert [each.amount for each in sheet.transactions] == [40, -40]
    assert sheet.closing == 0
