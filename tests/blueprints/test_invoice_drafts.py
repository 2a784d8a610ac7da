"""Making a draft of a contract, and changing it."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from flask import Flask

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.formats import day
from ppplanner.i18n import in_language
from ppplanner.models import (
    Contract,
    Invoice,
)
from ppplanner.services.pricing.invoiced import uninvoiced_lines
from tests.blueprints.invoice_pages import DIALOG, dates, draft, get, words
from tests.conftest import Login
from tests.factories import (
    make_contract,
    make_customer,
    make_invoice,
    make_user,
)


def test_the_dialog_proposes_today_and_the_term_of_the_customer(app: Flask, login: Login) -> None:
    contract = make_contract(customer=make_customer(payment_days=14))
    page = login().get(f"/invoices/new?contract_id={contract.id}").text
    assert f'value="{today()}"' in page
    assert f'value="{today() + timedelta(days=14)}"' in page
    assert "Ford Transit" in page


def test_a_draft_is_made_and_opened(app: Flask, login: Login) -> None:
    contract = make_contract()
    url = f"/invoices/new?contract_id={contract.id}"
    answer = login().post(url, data={**dates(), "final": "y"})
    invoice = db.session.query(Invoice).one()
    assert answer.status_code == 303
    assert answer.location == f"/invoices/{invoice.id}"
    assert invoice.is_draft
    assert invoice.final


def test_in_a_dialog_the_browser_is_sent_on_by_htmx(app: Flask, login: Login) -> None:
    contract = make_contract()
    url = f"/invoices/new?contract_id={contract.id}"
    answer = login().post(url, data=dates(), headers=DIALOG)
    assert answer.headers["HX-Redirect"].startswith("/invoices/")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"invoice_date": ""}, "Fill in a day."),
        ({"invoice_date": "2026-02-31"}, "Type a day that exists"),
        ({"invoice_date": "1999-01-01"}, "That is more than a year away"),
        ({"due_date": "2001-01-01"}, "The due date cannot lie before the invoice date."),
        ({"due_date": "9999-12-31"}, "more than a year"),
        ({"due_date": "soon"}, "Type a day that exists"),
    ],
)
def test_wrong_dates_are_told_at_the_field(
    app: Flask, login: Login, typed: dict[str, str], said: str
) -> None:
    contract = make_contract()
    url = f"/invoices/new?contract_id={contract.id}"
    answer = login().post(url, data={**dates(), **typed})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'class="field-error"' in answer.text
    assert db.session.query(Invoice).count() == 0


def test_the_due_date_follows_the_invoice_date(app: Flask, login: Login) -> None:
    customer = make_customer(payment_days=10)
    browser = login()
    url = f"/invoices/due?customer_id={customer.id}&invoice_date="
    assert 'value="2026-12-11"' in browser.get(f"{url}2026-12-01").text
    assert 'value=""' in browser.get(f"{url}nonsense").text


def test_a_contract_without_anything_left_says_so(app: Flask, login: Login) -> None:
    contract = make_contract()
    make_invoice(contract)
    browser = login()
    url = f"/invoices/new?contract_id={contract.id}"
    assert "Everything on this contract has been invoiced" in words(browser.get(url))
    answer = browser.post(url, data=dates())
    assert answer.status_code == 422
    assert "Everything on this contract has been invoiced" in words(answer)


def test_without_a_contract_the_dialog_asks_for_one(app: Flask, login: Login) -> None:
    waiting, done = make_contract(), make_contract()
    make_invoice(done)
    browser = login()
    assert "Contract" in words(browser.get("/invoices/new"))
    options = words(browser.get("/invoices/contracts"))
    assert str(waiting) in options
    assert str(done) not in options
    answer = browser.post("/invoices/new", data={"contract_id": waiting.id})
    assert answer.location == f"/invoices/new?contract_id={waiting.id}"
    assert browser.post("/invoices/new", data={}).status_code == 422


@pytest.mark.parametrize("contract_id", [999, 0, 2**63])
def test_an_unknown_contract_is_not_found(app: Flask, login: Login, contract_id: int) -> None:
    assert login().get(f"/invoices/new?contract_id={contract_id}").status_code == 404


def test_the_page_of_a_draft_shows_lines_accounts_and_totals(app: Flask, login: Login) -> None:
    text = words(login().get(f"/invoices/{draft()}"))
    for expected in (
        "Draft for Bakkerij Peeters",
        "700000 Rental income",
        "Rental",
        "VAT 21 % on €300.00 €63.00",
        "With VAT €363.00",
        "It gets both when it is confirmed.",
        "Confirm",
    ):
        assert expected in text


def test_who_may_only_look_is_offered_no_change(app: Flask, login: Login) -> None:
    invoice_id = draft()
    browser = login("invoices.view")
    page = browser.get(f"/invoices/{invoice_id}").text
    for path in ("confirm", "dates", "discard", "lines"):
        assert f"/{invoice_id}/{path}" not in page
    for path in ("confirm", "dates", "discard"):
        assert browser.post(f"/invoices/{invoice_id}/{path}").status_code == 403


def test_the_dates_of_a_draft_can_change(app: Flask, login: Login) -> None:
    invoice_id = draft()
    answer = login().post(f"/invoices/{invoice_id}/dates", data=dates(days=-1))
    assert answer.status_code == 303
    assert get(invoice_id).invoice_date == today() - timedelta(days=1)


def test_the_history_tells_who_moved_the_date_from_when_to_when(app: Flask, login: Login) -> None:
    invoice_id = draft()
    user = make_user(name="Sofie Claes")
    browser = login(user=user)
    browser.post(f"/invoices/{invoice_id}/dates", data=dates(days=-1))
    text = words(browser.get(f"/invoices/{invoice_id}"))
    assert "Sofie Claes" in text
    with in_language("en"):
        before, after = day(today()), day(today() - timedelta(days=1))
    assert f"Invoice date: {before} became {after}" in text


def test_a_colleague_who_moved_the_dates_meanwhile_is_not_overwritten_unawares(
    app: Flask, login: Login
) -> None:
    invoice_id = draft()
    browser = login()
    page = browser.get(f"/invoices/{invoice_id}/dates").text
    seen = html.unescape(re.findall(r'name="seen"[^>]* value="([^"]*)"', page)[0])
    browser.post(f"/invoices/{invoice_id}/dates", data=dates(days=-1))
    mine = {**dates(days=-2), "seen": seen}
    answer = browser.post(f"/invoices/{invoice_id}/dates", data=mine)
    assert answer.status_code == 409
    assert "A colleague saved this while you were changing it." in words(answer)
    assert get(invoice_id).invoice_date == today() - timedelta(days=1)


def test_a_discarded_draft_is_gone_and_its_contract_can_be_invoiced(
    app: Flask, login: Login
) -> None:
    invoice_id = draft()
    contract_id = get(invoice_id).contract_id
    browser = login()
    assert "Discard this draft?" in words(browser.get(f"/invoices/{invoice_id}/discard"))
    assert browser.post(f"/invoices/{invoice_id}/discard").status_code == 303
    assert browser.get(f"/invoices/{invoice_id}").status_code == 404
    contract = db.session.get_one(Contract, contract_id)
    assert len(uninvoiced_lines(contract)) == 1
