"""The list of invoices and the page of one: what an accountant looks at."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.models import (
    Invoice,
    PaymentState,
)
from ppplanner.services.invoices import confirming, crediting
from tests.blueprints.invoice_pages import words
from tests.conftest import Login
from tests.factories import (
    make_contract,
    make_customer,
    make_invoice,
    make_price_range,
    make_resource,
    make_unit,
    make_user,
    number_of_year,
)


def test_the_list_shows_what_an_accountant_needs(app: Flask, login: Login) -> None:
    customer = make_customer(company_name="Bakkerij Peeters")
    make_invoice(make_contract(make_resource(price_range=make_price_range(100)), customer))
    text = words(login("invoices.view").get("/invoices/"))
    for expected in (number_of_year(), "Bakkerij Peeters", "€300.00", "€363.00", "Not paid"):
        assert expected in text


def test_late_payments_say_how_late_they_are(app: Flask, login: Login) -> None:
    invoice = make_invoice(confirmed=False)
    invoice.invoice_date, invoice.due_date = today() - timedelta(days=42), today() - timedelta(12)
    db.session.flush()
    confirming.confirm_invoice(invoice)
    browser = login("invoices.view")
    assert "12 days late" in words(browser.get("/invoices/"))
    assert "12 days late" in words(browser.get(f"/invoices/{invoice.id}"))


@time_machine.travel(datetime(2026, 6, 15, 9, tzinfo=UTC))  # last year is long past
@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        ("", {"draft", "paid", "late", "credit"}),
        ("?state=draft", {"draft"}),
        ("?state=confirmed", {"paid", "late", "credit"}),
        ("?kind=credit_note", {"credit"}),
        ("?payment=fully_paid", {"paid"}),
        ("?payment=late", {"late"}),
        ("?payment=not_paid", {"late"}),
        ("?payment=credited", {"credit"}),
        ("?payment=settled", {"credit"}),
        ("?period=year", {"draft", "paid", "credit", "late"}),
        ("?period=last-year", set()),
        ("?q=Customer-paid", {"paid"}),
        ("?q=nobody", set()),
    ],
)
def test_filters_and_search_narrow_the_list(
    app: Flask, login: Login, filters: str, shown: set[str]
) -> None:
    make_one_of_each()
    text = words(login("invoices.view").get(f"/invoices/{filters}"))
    assert set(re.findall(r"Customer-(\w+)", text)) - {"x"} == shown


def make_one_of_each() -> None:
    def one(name: str) -> Invoice:
        return make_invoice(
            make_contract(customer=make_customer(company_name=f"Customer-{name}")),
            confirmed=False,
            invoice_date=today() - timedelta(days=10),
        )

    one("draft")
    paid, late, credit = one("paid"), one("late"), one("credit")
    late.due_date = today() - timedelta(days=1)
    db.session.flush()
    for each in (late, paid, credit):
        confirming.confirm_invoice(each)
    paid.payment_state = PaymentState.FULLY_PAID
    confirming.confirm_invoice(crediting.credit_in_full(credit, on=today()))


def test_the_chosen_business_unit_limits_the_list(app: Flask, login: Login) -> None:
    ghent, liege = make_unit(name="Gent"), make_unit(name="Luik")
    make_invoice(make_contract(unit=ghent, customer=make_customer(company_name="Ghent firm")))
    make_invoice(make_contract(unit=liege, customer=make_customer(company_name="Liege firm")))
    user = make_user(permissions=["invoices.view"], business_unit=ghent)
    text = words(login(user=user).get("/invoices/"))
    assert "Ghent firm" in text
    assert "Liege firm" not in text


def test_an_empty_list_says_what_would_stand_here(app: Flask, login: Login) -> None:
    text = words(login().get("/invoices/"))
    assert "Here stand the invoices of your contracts." in text
    assert "New invoice" in text


def test_who_may_not_see_the_history_does_not_see_it_here(app: Flask, login: Login) -> None:
    url = f"/invoices/{make_invoice().id}"
    assert "Made this record." in login("invoices.view", "history.view").get(url).text
    assert "Made this record." not in login("invoices.view").get(url).text
