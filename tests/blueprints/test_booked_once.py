"""A form that books is booked once, however often it is sent."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import CashRegister, Contract, MethodKind, RefundRequest, Transaction
from ppplanner.services.collections import types
from tests.blueprints.pages import error_at, main, over, value_of, words
from tests.conftest import Browser, Login
from tests.factories import make_contract, make_price_range, make_resource
from tests.parallel import at_once
from tests.till import make_register, pay

KEY = "form_key"


@pytest.fixture
def clerk(login: Login) -> Browser:
    return login()


@pytest.fixture
def contract(app: Flask) -> Contract:
    """One of 363 EUR with VAT, of which 100 EUR are paid, and 100 EUR deposit are held."""
    contract = make_contract(make_resource(price_range=make_price_range(100)))
    pay(contract, 100)
    pay(contract, 100, deposit=True)
    return contract


@pytest.fixture
def register(app: Flask) -> CashRegister:
    return make_register(cash=100)


def booked() -> int:
    """How many transactions and requests there are."""
    return sum(
        db.session.scalar(select(func.count()).select_from(each)) or 0
        for each in (Transaction, RefundRequest)
    )


def bank() -> str:
    return types.method_of(MethodKind.BANK).code


def forms(contract: Contract, register: CashRegister) -> dict[str, tuple[str, dict[str, Any]]]:
    """Each form that books: its address, and what somebody types into it."""
    at = now().strftime("%Y-%m-%dT%H:%M")
    new, refund = (
        f"/collections/{each}?contract_id={contract.id}" for each in ("new", "refunds/new")
    )
    moves = f"/collections/registers/{register.id}"
    return {
        "payment": (new, {"type": "PAY", "method": bank(), "amount": "10", "at": at}),
        "deposit": (
            f"{new}&family=deposit",
            {"type": "DEP", "method": bank(), "amount": "10", "at": at},
        ),
        "refund": (refund, {"amount": "10", "method": bank()}),
        "request": (refund, {"amount": "10", "method": ""}),
        "deposit back": (f"{refund}&deposit=1", {"amount": "10", "method": bank()}),
        "cash": (f"{moves}/entry", {"type": "CASHPLUS", "amount": "10", "at": at}),
        "transfer": (f"{moves}/transfer", {"target_id": make_register().id, "amount": "10"}),
    }


NAMES = ("payment", "deposit", "refund", "request", "deposit back", "cash", "transfer")


@pytest.mark.parametrize("name", NAMES)
def test_a_form_that_is_sent_twice_books_once(
    clerk: Browser, contract: Contract, register: CashRegister, name: str
) -> None:
    url, typed = forms(contract, register)[name]
    typed[KEY] = value_of(clerk.get(url), KEY)
    assert clerk.post(url, data=typed).status_code == 303
    done = booked()
    again = clerk.post(url, data=typed)
    assert booked() == done
    page = clerk.get(again.location)
    assert "This was booked already" in words(page)
    assert "10.00" in main(page), "it leads to what was booked"


def test_a_second_click_in_a_dialog_leads_to_what_was_booked(
    clerk: Browser, contract: Contract, register: CashRegister
) -> None:
    url, typed = forms(contract, register)["payment"]
    typed[KEY] = value_of(clerk.get(url), KEY)
    clerk.post(url, data=typed, headers=over("/contracts/"))
    again = clerk.post(url, data=typed, headers=over("/contracts/"))
    newest = db.session.scalars(select(Transaction).order_by(Transaction.id.desc())).first()
    assert newest
    assert again.headers["HX-Redirect"] == f"/collections/{newest.id}"


def test_what_was_asked_for_is_not_given_back_as_well(
    clerk: Browser, contract: Contract, register: CashRegister
) -> None:
    url, typed = forms(contract, register)["request"]
    typed[KEY] = value_of(clerk.get(url), KEY)
    clerk.post(url, data=typed)
    done = booked()
    clerk.post(url, data={**typed, "method": bank()})
    assert booked() == done


def test_each_form_that_is_drawn_books_once_more(
    clerk: Browser, contract: Contract, register: CashRegister
) -> None:
    url, typed = forms(contract, register)["payment"]
    before = booked()
    for _each in range(2):
        clerk.post(url, data={**typed, KEY: value_of(clerk.get(url), KEY)})
    assert booked() == before + 2


def test_after_a_slip_the_form_keeps_its_key(
    clerk: Browser, contract: Contract, register: CashRegister
) -> None:
    url, typed = forms(contract, register)["payment"]
    typed[KEY] = value_of(clerk.get(url), KEY)
    wrong = clerk.post(url, data={**typed, "amount": "-1"})
    assert error_at(wrong, "amount")
    assert value_of(wrong, KEY) == typed[KEY]
    before = booked()
    for _each in range(2):
        clerk.post(url, data=typed)
    assert booked() == before + 1


@pytest.mark.parametrize("key", ["", "short", "x" * 5000, "é" * 32, "' or 1=1 --"])
def test_a_form_with_a_wrong_key_is_like_a_fresh_one(
    clerk: Browser, contract: Contract, register: CashRegister, key: str
) -> None:
    url, typed = forms(contract, register)["payment"]
    before = booked()
    for _each in range(2):
        assert clerk.post(url, data={**typed, KEY: key}).status_code == 303
    assert booked() == before + 2


@pytest.mark.both_databases
def test_of_many_at_the_same_moment_one_books(app: Flask, login: Login, contract: Contract) -> None:
    register = make_register()
    clerk = login()
    url, typed = forms(contract, register)["payment"]
    typed[KEY] = value_of(clerk.get(url), KEY)
    before, cookie = booked(), clerk.get_cookie("session")
    assert cookie

    def send() -> int:
        browser = app.test_client()
        browser.set_cookie("session", cookie.value)
        return browser.post(url, data=typed).status_code

    assert at_once(app, [send] * 4) == [303] * 4
    assert booked() == before + 1
