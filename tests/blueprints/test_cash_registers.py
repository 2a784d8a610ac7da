"""The pages of cash registers: keeping them, moving cash, counting it."""

from __future__ import annotations

import time
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.models import CashCount, CashRegister, Transaction, TypeRole
from ppplanner.services.collections import cash, counts, registers, types
from ppplanner.services.collections.counts import DENOMINATIONS, Counted
from ppplanner.services.locking import lock_all
from tests.blueprints.pages import cost_of, error_at, main, over, value_of, words
from tests.conftest import Browser, Login
from tests.factories import make_contract, make_limited_user, make_unit, make_user
from tests.parallel import at_once
from tests.till import make_register, pay, put_in

REGISTERS = "/collections/registers/"


def code_of(role: TypeRole) -> str:
    return types.of_role(role).code


def test_the_list_shows_what_is_in_each_register(login: Login) -> None:
    register = make_register(cash="1250.50", code="KAS1", name="Desk")
    counts.count(register, Counted({100: 1}), by=None)
    page = main(login().get(REGISTERS))
    assert "KAS1" in page
    assert "€1,250.50" in page
    assert "€1,249.50 missing" in page


def test_the_list_of_registers_takes_as_many_questions_for_many_as_for_one(login: Login) -> None:
    browser = login()
    counts.count(make_register(cash=5), Counted(), by=None)
    one = cost_of(browser, REGISTERS)
    for _each in range(5):
        counts.count(make_register(cash=5), Counted(), by=None)
    assert cost_of(browser, REGISTERS) <= one


def test_somebody_adds_a_register(login: Login) -> None:
    unit, clerk = make_unit(), make_user([])
    form = {"code": "KAS9", "name": "Till", "business_unit_id": unit.id, "user_id": clerk.id}
    answer = login().post("/collections/registers/new", data=form)
    made = db.session.scalars(select(CashRegister).filter_by(code="KAS9")).one()
    assert answer.location == f"/collections/registers/{made.id}"
    assert (made.business_unit, made.user) == (unit, clerk)


def test_two_registers_of_one_code_are_refused_at_the_field(login: Login) -> None:
    register = make_register(code="KAS1")
    form = {"code": "KAS1", "business_unit_id": register.business_unit_id, "user_id": 1}
    answer = login().post("/collections/registers/new", data=form)
    assert answer.status_code == 422
    assert "has this already" in error_at(answer, "code")


def test_unit_and_person_of_a_register_stay(login: Login) -> None:
    register, other = make_register(name="Old"), make_unit()
    url = f"/collections/registers/{register.id}/change"
    form = {"name": "New", "active": "y", "business_unit_id": other.id}
    login().post(url, data=form)
    db.session.refresh(register)
    assert register.name == "New"
    assert register.business_unit is not other


def test_a_register_with_cash_in_it_cannot_be_closed(login: Login) -> None:
    register = make_register(cash=5)
    answer = login().post(f"/collections/registers/{register.id}/change", data={"name": "x"})
    assert answer.status_code == 422
    assert "still €5.00 in it" in error_at(answer, "active")


def test_the_page_of_a_register_tells_of_its_cash(login: Login) -> None:
    register = make_register(cash=100)
    contract = make_contract()
    pay(contract, 40, register=register)
    page = main(login().get(f"/collections/registers/{register.id}"))
    assert "€140.00" in page
    assert str(contract) in page
    assert contract.customer.name in page


def test_an_entry_corrects_the_register(login: Login) -> None:
    register = make_register(cash=100)
    url = f"/collections/registers/{register.id}/entry"
    browser = login()
    at = value_of(browser.get(url), "at")
    form = {"type": code_of(TypeRole.TO_BANK), "amount": "60.00", "at": at, "voucher": "Z1"}
    assert browser.post(url, data=form).status_code == 303
    booked = db.session.scalars(select(Transaction).filter_by(voucher="Z1")).one()
    assert booked.amount == -60
    assert booked.created_by is not None
    form |= {"amount": "40.01"}
    assert "There is only €40.00" in error_at(browser.post(url, data=form), "amount")


@pytest.mark.parametrize("amount", ["0.005", "abc", "", "-3"])
def test_an_amount_that_is_none_is_refused_at_the_field(login: Login, amount: str) -> None:
    register = make_register(cash=100)
    url = f"/collections/registers/{register.id}/entry"
    browser = login()
    at = value_of(browser.get(url), "at")
    form = {"type": code_of(TypeRole.CORRECTION_IN), "amount": amount, "at": at}
    answer = browser.post(url, data=form)
    assert answer.status_code == 422
    assert error_at(answer, "amount")
    assert cash.balance(register) == 100


def test_a_transfer_moves_cash_to_another_register(login: Login) -> None:
    source, target = make_register(cash=100), make_register()
    url = f"/collections/registers/{source.id}/transfer"
    answer = login().post(url, data={"target_id": target.id, "amount": "30"})
    assert answer.status_code == 303
    assert cash.balances([source.id, target.id]) == {source.id: 70, target.id: 30}


@pytest.mark.both_databases
def test_two_people_move_cash_to_and_fro_at_once(
    app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = [make_register(cash=100).id for _each in range(2)]
    browsers = [login(), login()]

    def slow_lock_all(*args: Any) -> None:
        time.sleep(0.3)
        lock_all(*args)

    def move(browser: Browser, source: int, target: int) -> int:
        url = f"/collections/registers/{source}/transfer"
        return browser.post(url, data={"target_id": target, "amount": "30"}).status_code

    monkeypatch.setattr(registers, "lock_all", slow_lock_all)
    moves = zip(browsers, keys, reversed(keys), strict=True)
    assert at_once(app, [partial(move, *each) for each in moves]) == [303, 303]
    assert set(cash.balances(keys).values()) == {100}


def test_a_closed_register_is_no_place_for_cash(login: Login) -> None:
    source, closed = make_register(cash=100), make_register(name="Attic")
    closed.active = False
    browser = login()
    url = f"/collections/registers/{source.id}/transfer"
    assert "no other cash register" in words(browser.get(url))
    answer = browser.post(url, data={"target_id": closed.id, "amount": "30"})
    assert answer.status_code == 422


def test_a_count_is_kept_with_all_that_was_typed(login: Login) -> None:
    register = make_register(cash="185.50")
    url = f"/collections/registers/{register.id}/count"
    form = {"pieces_10000": "1", "pieces_2000": "4", "pieces_50": " 3 ", "vouchers": "4,00"}
    answer = login().post(url, data=form)
    made = db.session.scalars(select(CashCount)).one()
    assert answer.location == f"/collections/counts/{made.id}"
    assert made.total == Decimal("185.50")
    assert made.difference == 0
    assert made.pieces == {"10000": 1, "2000": 4, "50": 3}
    assert made.counted_by is not None
    page = main(login().get(answer.location))
    assert "Agrees" in page
    assert "€185.50" in page


def test_a_difference_is_booked_when_asked(login: Login) -> None:
    register = make_register(cash=100)
    url = f"/collections/registers/{register.id}/count"
    login().post(url, data={"pieces_5000": "1", "book": "y"})
    made = db.session.scalars(select(CashCount)).one()
    assert made.transaction is not None
    assert cash.balance(register) == 50


def test_a_count_that_agrees_needs_no_booking_even_when_asked(login: Login) -> None:
    register = make_register(cash=50)
    answer = login().post(
        f"/collections/registers/{register.id}/count", data={"pieces_5000": "1", "book": "y"}
    )
    assert answer.status_code == 303


def test_a_difference_can_be_booked_later(login: Login) -> None:
    made = counts.count(make_register(cash=100), Counted({5000: 1}), by=None)
    browser, url = login(), f"/collections/counts/{made.id}/book"
    assert "Book the difference" in words(browser.get(f"/collections/counts/{made.id}"))
    assert browser.post(url).status_code == 303
    db.session.refresh(made)
    assert made.transaction is not None
    again = browser.post(url, headers=over(f"/collections/counts/{made.id}"))
    assert "booked already" in words(again)


@pytest.mark.parametrize("typed", ["-1", "1.5", "x", "1e3"])
def test_what_is_no_number_of_pieces_is_refused_and_kept(login: Login, typed: str) -> None:
    register = make_register()
    url = f"/collections/registers/{register.id}/count"
    answer = login().post(url, data={"pieces_500": typed, "pieces_200": "7"})
    assert answer.status_code == 422
    assert error_at(answer, "pieces_500")
    assert value_of(answer, "pieces_500") == typed
    assert value_of(answer, "pieces_200") == "7"
    assert not db.session.scalars(select(CashCount)).all()


def test_the_page_of_a_count_has_a_field_for_each_denomination(login: Login) -> None:
    page = login().get(f"/collections/registers/{make_register().id}/count")
    for cents in DENOMINATIONS:
        assert f'data-cents="{cents}"' in page.text


def test_the_day_sheet_can_be_printed(login: Login) -> None:
    register = make_register()
    contract = make_contract()
    pay(contract, 40, register=register, remark="Advance")
    counts.count(register, Counted({2000: 2}), by=None)
    url = f"/collections/registers/{register.id}/day"
    sheet = words(login().get(url))
    assert "In it at the end €40.00" in sheet
    assert "Advance" in sheet
    assert "Counted €40.00" in sheet
    day = today(register.business_unit.company.timezone)
    assert "No cash has moved" in words(login().get(f"{url}?day=2020-01-01"))
    assert words(login().get(f"{url}?day=nonsense")) == words(login().get(f"{url}?day={day}"))


def test_counts_are_listed_and_filtered_by_register(login: Login) -> None:
    first, second = make_register(code="AAA", cash=1), make_register(code="BBB", cash=2)
    for register in (first, second):
        counts.count(register, Counted({100: 1}), by=None)
    page = main(login().get(f"/collections/counts/?register={second.id}"))
    assert "€1.00 missing" in page
    assert "Agrees" not in page


def test_who_may_only_look_moves_no_cash(login: Login) -> None:
    register = make_register(cash=5)
    browser = login("collections.view")
    page = browser.get(f"/collections/registers/{register.id}")
    assert "Count the cash" not in re_buttons(page.text)
    for end in ("count", "entry", "transfer", "change"):
        assert browser.get(f"/collections/registers/{register.id}/{end}").status_code == 403


def re_buttons(text: str) -> str:
    return text[text.index('class="record-actions"') : text.index('class="tiles"')]


def test_a_register_elsewhere_is_out_of_reach(app: Flask, login: Login) -> None:
    here, there = make_unit(), make_unit()
    register, other = make_register(here, cash=5), make_register(there, code="SECRET")
    clerk = make_limited_user(here.pools[0])
    browser = login(user=clerk)
    assert "SECRET" not in browser.get(REGISTERS).text
    assert browser.get(f"/collections/registers/{other.id}").status_code == 403
    url = f"/collections/registers/{register.id}/transfer"
    assert browser.post(url, data={"target_id": other.id, "amount": "1"}).status_code == 422
    assert cash.balance(other) == 0


def test_a_transaction_of_a_register_is_found_from_its_page(login: Login) -> None:
    register = make_register()
    booked = put_in(register, 5)
    page = login().get(f"/collections/registers/{register.id}")
    assert f"/collections/{booked.id}" in page.text
    assert f"/collections/?register={register.id}" in page.text
