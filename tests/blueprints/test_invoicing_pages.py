"""Invoices up to and including a day, without a contract, overtaken by their contract, and the
contracts that are invoiced again and again.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.models import Contract, Invoice, Periodicity
from ppplanner.services.invoices.periods import set_periodicity
from ppplanner.services.pricing.price_lines import PriceLineData, save_price_line
from tests.blueprints.invoice_pages import DIALOG, HTMX, dates, draft, get, words
from tests.blueprints.pages import error_at, main, value_of
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_customer,
    make_invoice,
    make_price_range,
    make_resource,
    make_unit,
    make_vat_code,
)


@pytest.fixture
def browser(app: Flask, login: Login) -> Browser:
    return login()


@pytest.fixture
def contract(app: Flask) -> Contract:
    """Three days at 50.00, from tomorrow on."""
    contract = make_contract(make_resource(price_range=make_price_range(50)))
    db.session.commit()
    return contract


def first_day(contract: Contract) -> date:
    return contract.local(contract.starts_at).date()


def add_toll(contract_id: int) -> None:
    contract = db.session.get_one(Contract, contract_id)
    toll = PriceLineData("Toll", 1, 4, make_vat_code())  # type: ignore[arg-type]
    save_price_line(contract, toll)
    db.session.commit()


def test_a_draft_goes_up_to_and_including_a_day(browser: Browser, contract: Contract) -> None:
    first = first_day(contract)
    url = f"/invoices/new?contract_id={contract.id}"
    browser.post(url, data={**dates(), "until": first.isoformat(), "final": "y"})
    invoice = db.session.query(Invoice).one()
    assert [invoice.net, invoice.invoiced_until, invoice.final] == [50, first, False]
    assert "Rent until" in words(browser.get(f"/invoices/{invoice.id}"))


def test_the_proposal_follows_the_day(browser: Browser, contract: Contract) -> None:
    url = f"/invoices/proposal?contract_id={contract.id}&until="
    whole = words(browser.get(url, headers=DIALOG))
    assert "€150.00" in whole
    assert "Final invoice" in whole
    part = words(browser.get(f"{url}{first_day(contract)}", headers=DIALOG))
    assert "€50.00" in part
    assert "More remains" in part
    assert "Final invoice" not in part
    before = words(browser.get(f"{url}{first_day(contract) - timedelta(days=9)}", headers=DIALOG))
    assert "nothing to invoice" in before


def test_a_day_with_nothing_is_said(browser: Browser, contract: Contract) -> None:
    url = f"/invoices/new?contract_id={contract.id}"
    answer = browser.post(url, data={**dates(), "until": "2020-01-01"})
    assert answer.status_code == 422
    assert "nothing to invoice" in words(answer)
    assert db.session.query(Invoice).count() == 0


def test_a_partly_invoiced_contract_says_so(browser: Browser, contract: Contract) -> None:
    make_invoice(contract, until=first_day(contract))
    db.session.commit()
    text = words(browser.get(f"/contracts/{contract.id}"))
    assert "Partly invoiced" in text
    assert "Make invoice" in text
    dialog = words(browser.get(f"/invoices/new?contract_id={contract.id}"))
    assert "Invoiced before €50.00" in dialog
    assert "€100.00" in dialog


def test_an_invoice_without_a_contract_is_made(browser: Browser) -> None:
    customer, unit = make_customer(payment_days=14), make_unit()
    customer_id, unit_id = customer.id, unit.id
    db.session.commit()
    assert "Without a contract" in words(browser.get("/invoices/new"))
    page = browser.get("/invoices/new/free")
    assert value_of(page, "invoice_date") == today().isoformat()
    typed = {"customer_id": customer_id, "business_unit_id": unit_id, **dates(), "due_date": ""}
    answer = browser.post("/invoices/new/free", data=typed)
    invoice = db.session.query(Invoice).one()
    assert answer.location == f"/invoices/{invoice.id}"
    assert [invoice.contract_id, invoice.due_date] == [None, today() + timedelta(days=14)]


def test_an_invoice_without_a_contract_needs_a_customer(browser: Browser) -> None:
    unit_id = make_unit().id
    db.session.commit()
    answer = browser.post("/invoices/new/free", data={"business_unit_id": unit_id, **dates()})
    assert answer.status_code == 422
    assert error_at(answer, "customer_id")


def test_a_draft_that_its_contract_overtook_is_brought_up_to_date(browser: Browser) -> None:
    invoice_id = draft()
    add_toll(get(invoice_id).contract_id or 0)
    assert "The contract has changed" in words(browser.get(f"/invoices/{invoice_id}"))
    question = words(browser.get(f"/invoices/{invoice_id}/confirm"))
    assert "The contract has changed" in question
    assert "Toll" in question
    answer = browser.post(f"/invoices/{invoice_id}/confirm", headers=HTMX)
    assert answer.status_code == 422
    assert get(invoice_id).is_draft
    assert browser.post(f"/invoices/{invoice_id}/refresh").status_code == 303
    assert get(invoice_id).net == 304
    assert "has changed" not in words(browser.get(f"/invoices/{invoice_id}/confirm"))


def test_a_draft_that_its_contract_overtook_is_confirmed_as_it_is(browser: Browser) -> None:
    invoice_id = draft()
    add_toll(get(invoice_id).contract_id or 0)
    address = f"/invoices/{invoice_id}/confirm"
    browser.post(address, data={"seen": value_of(browser.get(address), "seen")})
    invoice = get(invoice_id)
    assert [invoice.net, invoice.final] == [300, False]
    assert not invoice.is_draft


def test_what_changed_since_the_question_was_asked_is_asked_about_again(browser: Browser) -> None:
    invoice_id = draft()
    add_toll(get(invoice_id).contract_id or 0)
    address = f"/invoices/{invoice_id}/confirm"
    first = value_of(browser.get(address), "seen")
    add_toll(get(invoice_id).contract_id or 0)
    again = browser.post(address, data={"seen": first})
    assert again.status_code == 422
    assert words(again).count("Toll") == 2
    assert get(invoice_id).is_draft
    browser.post(address, data={"seen": value_of(again, "seen")})
    assert not get(invoice_id).is_draft


def test_a_selection_leaves_out_what_its_contract_overtook(browser: Browser) -> None:
    invoice_id = draft()
    add_toll(get(invoice_id).contract_id or 0)
    browser.post("/invoices/confirm", data={"ids": [invoice_id], "sure": "yes"}, headers=DIALOG)
    assert "The contract has changed since" in words(browser.get("/invoices/"))
    assert get(invoice_id).is_draft


def test_an_invoice_that_is_confirmed_already_is_not_brought_up_to_date(browser: Browser) -> None:
    invoice_id = make_invoice().id
    db.session.commit()
    assert browser.post(f"/invoices/{invoice_id}/refresh").location == f"/invoices/{invoice_id}"


def test_whether_a_draft_is_the_last_one_can_change(browser: Browser) -> None:
    invoice_id = draft()
    url = f"/invoices/{invoice_id}/dates"
    browser.post(url, data=dates())
    assert not get(invoice_id).final
    add_toll(get(invoice_id).contract_id or 0)
    answer = browser.post(url, data={**dates(), "final": "y"})
    assert answer.status_code == 422
    assert "remains to invoice" in error_at(answer, "final")


def test_a_contract_is_invoiced_every_month(browser: Browser, contract: Contract) -> None:
    url = f"/contracts/{contract.id}/periodicity"
    assert "Periodic invoicing" in words(browser.get(url))
    first = first_day(contract)
    browser.post(url, data={"periodicity": "weekly", "next_invoice_date": ""})
    db.session.expire_all()
    assert contract.next_invoice_date == first + timedelta(days=6)
    text = words(browser.get(f"/contracts/{contract.id}"))
    assert "Every week · next on" in text
    page = browser.get(f"/invoices/new?contract_id={contract.id}")
    assert value_of(page, "until") == contract.next_invoice_date.isoformat()
    early = {"periodicity": "weekly", "next_invoice_date": "2020-01-01"}
    assert "has not begun" in error_at(browser.post(url, data=early), "next_invoice_date")


def test_the_list_of_contracts_narrows_to_what_is_to_be_invoiced(browser: Browser) -> None:
    waiting, done, periodic = make_contract(), make_contract(), make_contract()
    make_invoice(done)
    make_invoice(periodic)
    set_periodicity(periodic, Periodicity.MONTHLY, first_day(periodic))
    names = {"waiting": str(waiting), "done": str(done), "periodic": str(periodic)}
    db.session.commit()

    def shown(invoicing: str) -> set[str]:
        text = main(browser.get(f"/contracts/?invoicing={invoicing}"))
        return {key for key, name in names.items() if name in text}

    assert shown("waiting") == {"waiting"}
    assert shown("periodic") == {"periodic"}
    assert shown("due") == set()


def test_an_invoice_for_a_customer_begins_at_the_customer(browser: Browser) -> None:
    customer_id = make_customer(company_name="Bakkerij Peeters").id
    make_unit()
    db.session.commit()
    url = f"/invoices/new/free?customer_id={customer_id}"
    assert url in browser.get(f"/customers/{customer_id}").text
    assert value_of(browser.get(url), "customer_id-text") == "Bakkerij Peeters"


def test_how_often_is_chosen_with_the_right_to_change_contracts(
    login: Login, contract: Contract
) -> None:
    reader = login("contracts.view", "invoices.view")
    assert reader.get(f"/contracts/{contract.id}/periodicity").status_code == 403
    assert "Periodic invoicing" not in words(reader.get(f"/contracts/{contract.id}"))
