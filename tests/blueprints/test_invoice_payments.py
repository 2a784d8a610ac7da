"""How an invoice was paid: the tile that adds it up, and saying it by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from ppplanner.extensions import db
from ppplanner.models import Invoice, PaymentState, Transaction
from tests.blueprints.pages import cost_of, error_at, over, words
from tests.conftest import Browser, Login
from tests.factories import make_limited_user, make_unit
from tests.services.collections.payments import pay, refund
from tests.services.invoices.credits import make_bill, make_credit

RIGHTS = ("invoices.view", "invoices.edit", "collections.view", "collections.edit")


@pytest.fixture
def invoice(app: Flask) -> Invoice:
    """Confirmed, over 121.00 with VAT."""
    return make_bill(("100.00", "21"))


@pytest.fixture
def accountant(login: Login) -> Browser:
    return login(*RIGHTS)


def of_payments(page: TestResponse) -> str:
    """What the tile says."""
    text = words(page)
    return text[text.index("Payments Register") : text.index("Lines Description")]


def test_the_tile_adds_up_to_what_is_open(accountant: Browser, invoice: Invoice) -> None:
    pay(invoice, "21.00")
    note = make_credit(invoice, "40.00")
    text = of_payments(accountant.get(f"/invoices/{invoice.id}"))
    for expected in (invoice.reference, "€121.00", note.reference, "-€48.40", "-€21.00"):
        assert expected in text
    assert text.strip().endswith("Still open €51.60")


def test_what_the_customer_has_too_much_is_said(accountant: Browser, invoice: Invoice) -> None:
    pay(invoice, "130.00")
    assert "too much -€9.00" in words(accountant.get(f"/invoices/{invoice.id}"))
    refund(invoice, "9.00")
    assert "Still open €0.00" in words(accountant.get(f"/invoices/{invoice.id}"))


def test_a_draft_has_no_payments(accountant: Browser) -> None:
    draft = make_bill(("1.00", "21"), confirmed=False)
    assert "Still open" not in words(accountant.get(f"/invoices/{draft.id}"))


def test_many_transactions_cost_no_more_questions(accountant: Browser, invoice: Invoice) -> None:
    pay(invoice, "1.00")
    before = cost_of(accountant, f"/invoices/{invoice.id}")
    for _each in range(5):
        pay(invoice, "2.00")
    assert cost_of(accountant, f"/invoices/{invoice.id}") == before


def test_a_state_is_set_by_hand_without_touching_the_balance(
    accountant: Browser, invoice: Invoice
) -> None:
    answer = accountant.post(
        f"/invoices/{invoice.id}/payment",
        data={"payment_state": "never_paid"},
        headers=over(f"/invoices/{invoice.id}"),
    )
    assert answer.headers["HX-Refresh"] == "true"
    db.session.expire_all()
    assert invoice.payment_state is PaymentState.NEVER_PAID
    assert invoice.balance == Decimal("121.00")


def test_the_balance_goes_to_zero_when_asked(accountant: Browser, invoice: Invoice) -> None:
    assert "Bring what is open to zero" in words(accountant.get(f"/invoices/{invoice.id}/payment"))
    data = {"payment_state": "fully_paid", "to_zero": "y"}
    accountant.post(f"/invoices/{invoice.id}/payment", data=data)
    db.session.expire_all()
    assert invoice.balance == 0
    text = of_payments(accountant.get(f"/invoices/{invoice.id}"))
    assert "Balance written off" in text
    assert "No money moved" in text


def test_what_somebody_waits_for_is_not_brought_to_zero(
    accountant: Browser, invoice: Invoice
) -> None:
    data = {"payment_state": "not_paid", "to_zero": "y"}
    answer = accountant.post(f"/invoices/{invoice.id}/payment", data=data)
    assert answer.status_code == 422
    assert "can be brought to zero" in error_at(answer, "to_zero")
    assert db.session.scalars(select(Transaction)).all() == []


def test_without_the_right_to_register_money_nothing_is_written_off(
    login: Login, invoice: Invoice
) -> None:
    accountant = login("invoices.view", "invoices.edit")
    assert "to zero" not in words(accountant.get(f"/invoices/{invoice.id}/payment"))
    data = {"payment_state": "fully_paid", "to_zero": "y"}
    accountant.post(f"/invoices/{invoice.id}/payment", data=data)
    db.session.expire_all()
    assert (invoice.balance, invoice.payment_state) == (Decimal("121.00"), "fully_paid")


def ask(accountant: Browser, *ids: int, **data: str) -> TestResponse:
    return accountant.post("/invoices/payment", data={"ids": list(map(str, ids)), **data})


def test_many_are_asked_about_before_anything_happens(
    accountant: Browser, invoice: Invoice
) -> None:
    second, draft = make_bill(("50.00", "21")), make_bill(("1.00", "21"), confirmed=False)
    text = words(ask(accountant, invoice.id, second.id, draft.id))
    assert "For 2 documents, of which €181.50 is open." in text
    assert "1 of your selection is a draft" in text
    db.session.expire_all()
    assert invoice.payment_state is PaymentState.NOT_PAID


def test_many_are_set_at_once(accountant: Browser, invoice: Invoice) -> None:
    second, draft = make_bill(("50.00", "21")), make_bill(("1.00", "21"), confirmed=False)
    data = {"sure": "yes", "payment_state": "fully_paid", "to_zero": "y"}
    answer = ask(accountant, invoice.id, second.id, draft.id, **data)
    assert answer.location == "/invoices/"
    db.session.expire_all()
    for each in (invoice, second):
        assert (each.balance, each.payment_state) == (Decimal(0), PaymentState.FULLY_PAID)
    assert draft.payment_state is PaymentState.NOT_PAID
    assert "2 documents are now called: Paid." in words(accountant.get("/invoices/"))


def test_a_wrong_choice_for_many_comes_back(accountant: Browser, invoice: Invoice) -> None:
    answer = ask(accountant, invoice.id, sure="yes", payment_state="unknown", to_zero="y")
    assert answer.status_code == 422
    assert "can be brought to zero" in error_at(answer, "to_zero")
    assert f'value="{invoice.id}"' in answer.text


def test_drafts_alone_say_what_to_do(accountant: Browser) -> None:
    draft = make_bill(("1.00", "21"), confirmed=False)
    assert "confirm them first" in words(ask(accountant, draft.id))


def test_the_list_shows_what_is_open(accountant: Browser, invoice: Invoice) -> None:
    pay(invoice, "21.00")
    text = words(accountant.get("/invoices/"))
    assert "Still open" in text
    assert "€100.00" in text


def test_nobody_sets_what_lies_out_of_reach(login: Login, invoice: Invoice) -> None:
    elsewhere = make_unit()
    accountant = login(user=make_limited_user(elsewhere.pools[0], permissions=RIGHTS))
    assert accountant.post(f"/invoices/{invoice.id}/payment").status_code == 403
    ask(accountant, invoice.id, sure="yes", payment_state="never_paid")
    db.session.expire_all()
    assert invoice.payment_state is PaymentState.NOT_PAID


def test_the_dialog_begins_with_how_it_is_paid_now(accountant: Browser, invoice: Invoice) -> None:
    page = accountant.get(f"/invoices/{invoice.id}/payment")
    assert '<option selected value="not_paid">' in page.text


def test_never_paid_leaves_what_is_paid_and_credit_notes_alone(
    accountant: Browser, invoice: Invoice
) -> None:
    paid, credited = make_bill(("50.00", "21")), make_bill(("60.00", "21"))
    pay(paid, "60.50")
    note = make_credit(credited, "10.00")
    chosen = (invoice.id, paid.id, note.id)
    assert "leaves 2 of them alone" in words(ask(accountant, *chosen))
    ask(accountant, *chosen, sure="yes", payment_state="never_paid")
    db.session.expire_all()
    assert invoice.payment_state is PaymentState.NEVER_PAID
    assert paid.payment_state is PaymentState.FULLY_PAID
    assert note.payment_state is not PaymentState.NEVER_PAID
    assert "1 document is now called: Never paid." in words(accountant.get("/invoices/"))
