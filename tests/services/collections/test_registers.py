"""Cash registers: beginning, closing, correcting, moving cash."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from ppplanner.clock import now
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import CashRegister, TypeRole
from ppplanner.services.collections import cash, counts, registers, transactions, types
from ppplanner.services.collections.counts import Counted
from ppplanner.services.collections.registers import Entry
from tests.factories import make_contract, make_unit, make_user
from tests.parallel import at_once
from tests.till import make_register, pay, put_in, take_out


def test_a_register_has_a_code_of_its_own(app: Flask) -> None:
    unit, user = make_unit(), make_user([])
    registers.open_register(code=" KAS1 ", business_unit=unit, user=user, name="Desk")
    with pytest.raises(Invalid, match="code"):
        registers.open_register(code="KAS1", business_unit=unit, user=user)
    with pytest.raises(Invalid, match="code"):
        registers.open_register(code="  ", business_unit=unit, user=user)


def test_a_register_holds_the_sum_of_its_transactions(app: Flask) -> None:
    register, other = make_register(cash=100), make_register(cash=7)
    pay(make_contract(), "49.95", register=register)
    take_out(register, "20.05")
    assert cash.balance(register) == Decimal("129.90")
    assert cash.balances([register.id, other.id]) == {register.id: Decimal("129.90"), other.id: 7}


def test_an_empty_register_holds_nothing(app: Flask) -> None:
    register = make_register()
    assert cash.balance(register) == 0
    assert cash.balances([register.id]) == {register.id: 0}


def test_cash_belongs_to_the_business_unit_of_its_register(app: Flask) -> None:
    here, there = make_unit(), make_unit()
    paid = pay(make_contract(unit=there), 10, register=make_register(here))
    assert paid.business_unit is here


def test_no_more_goes_out_than_is_in_it(app: Flask) -> None:
    register = make_register(cash=50)
    with pytest.raises(Invalid) as refused:
        take_out(register, "50.01")
    assert (
        str(refused.value.fields["amount"]) == f"There is only €50.00 in cash register {register}."
    )
    take_out(register, 50)
    assert cash.balance(register) == 0


def test_what_came_later_cannot_have_gone_out_earlier(app: Flask) -> None:
    register = make_register()
    put_in(register, 10, at=now() - timedelta(hours=3))
    put_in(register, 90, at=now() - timedelta(hours=1))
    with pytest.raises(Invalid, match="amount"):
        take_out(register, 11, at=now() - timedelta(hours=2))
    take_out(register, 10, at=now() - timedelta(hours=2))


def test_what_goes_out_earlier_leaves_enough_for_what_went_out_later(app: Flask) -> None:
    register = make_register()
    put_in(register, 10, at=now() - timedelta(hours=3))
    take_out(register, 8, at=now() - timedelta(hours=1))
    put_in(register, 90)
    with pytest.raises(Invalid, match="amount"):
        take_out(register, 3, at=now() - timedelta(hours=2))


def test_a_payment_whose_cash_is_gone_cannot_be_undone(app: Flask) -> None:
    register = make_register()
    paid = pay(make_contract(), 80, register=register)
    take_out(register, 80)
    with pytest.raises(Invalid, match="amount"):
        transactions.reverse(paid, by=None)


def test_nothing_moves_before_the_last_count(app: Flask) -> None:
    register = make_register(cash=100)
    counts.count(register, Counted({10000: 1}), by=None)
    with pytest.raises(Invalid) as refused:
        put_in(register, 5, at=now() - timedelta(hours=1))
    assert "was counted on" in str(refused.value.fields["at"])
    put_in(register, 5)


def test_a_moment_typed_to_the_minute_comes_after_a_count_within_it(app: Flask) -> None:
    register = make_register(cash=100)
    made = counts.count(register, Counted({10000: 1}), by=None)
    booked = put_in(register, 5, at=made.at.replace(second=0, microsecond=0))
    assert booked.at >= made.at
    assert booked.at <= now()


def test_only_an_empty_register_is_closed(app: Flask) -> None:
    register = make_register(cash=5)
    with pytest.raises(Invalid, match="active"):
        registers.change_register(register, name="Desk", active=False)
    take_out(register, 5)
    registers.change_register(register, name="Desk", active=False)
    with pytest.raises(Invalid, match="register_id"):
        put_in(register, 5)


def test_cash_carried_to_the_bank_leaves_the_register(app: Flask) -> None:
    register = make_register(cash=500)
    to_bank = types.of_role(TypeRole.TO_BANK)
    booked = registers.book(register, to_bank, Entry(Decimal(400), voucher="Z12"), by=None)
    assert booked.amount == -400
    assert booked.voucher == "Z12"
    assert booked.customer is None
    assert cash.balance(register) == 100


@pytest.mark.parametrize("role", [TypeRole.PAYMENT, TypeRole.TRANSFER_OUT, TypeRole.WRITTEN_OFF])
def test_other_types_do_not_move_cash_by_themselves(app: Flask, role: TypeRole) -> None:
    with pytest.raises(Invalid, match="type_id"):
        registers.book(make_register(cash=9), types.of_role(role), Entry(Decimal(1)), by=None)


def test_a_transfer_has_two_halves_that_know_each_other(app: Flask) -> None:
    source, target = make_register(cash=100), make_register()
    leaves, arrives = registers.transfer(source, target, Entry(Decimal(60)), by=None)
    assert [leaves.amount, arrives.amount] == [Decimal(-60), Decimal(60)]
    assert leaves.counterpart is arrives
    assert arrives.counterpart is leaves
    assert leaves.at == arrives.at
    assert cash.balance(source) == 40
    assert cash.balance(target) == 60
    assert arrives.business_unit is target.business_unit


def test_a_transfer_is_undone_as_a_whole(app: Flask) -> None:
    source, target = make_register(cash=100), make_register()
    _leaves, arrives = registers.transfer(source, target, Entry(Decimal(60)), by=None)
    transactions.reverse(arrives, by=None)
    assert cash.balance(source) == 100
    assert cash.balance(target) == 0
    with pytest.raises(DomainError):
        transactions.reverse(_leaves, by=None)


def test_a_transfer_to_itself_or_of_too_much_is_refused(app: Flask) -> None:
    register = make_register(cash=100)
    with pytest.raises(Invalid, match="target_id"):
        registers.transfer(register, register, Entry(Decimal(1)), by=None)
    with pytest.raises(Invalid, match="amount"):
        registers.transfer(register, make_register(), Entry(Decimal(101)), by=None)


@pytest.mark.parametrize("amount", ["0", "-5", "0.005"])
def test_an_amount_is_above_zero_and_in_cents(app: Flask, amount: str) -> None:
    with pytest.raises(Invalid, match="amount"):
        put_in(make_register(), amount)


def test_two_people_cannot_take_the_same_cash(app: Flask) -> None:
    register_id = make_register(cash=100).id

    def take() -> object:
        register = db.session.get_one(CashRegister, register_id)
        return take_out(register, 60).id

    refused = [each for each in at_once(app, [take] * 6) if isinstance(each, Invalid)]
    assert len(refused) == 5
    db.session.expire_all()
    assert cash.balance(db.session.get_one(CashRegister, register_id)) == 40


def test_transfers_back_and_forth_at_once_do_not_wait_for_each_other(app: Flask) -> None:
    first, second = (make_register(cash=100).id for _each in range(2))

    def move(source: int, target: int) -> object:
        one, other = (db.session.get_one(CashRegister, key) for key in (source, target))
        return registers.transfer(one, other, Entry(Decimal(5)), by=None)[0].id

    tasks = [lambda: move(first, second), lambda: move(second, first)] * 4
    assert not [each for each in at_once(app, tasks) if isinstance(each, Exception)]
    db.session.expire_all()
    assert cash.balances([first, second]) == {first: 100, second: 100}
