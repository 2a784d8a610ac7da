"""Drafts get their numbers and PDFs: one, several, two people at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from threading import Barrier

import pytest
import time_machine
from flask import Flask
from pypdf import PdfReader

from ppplanner.blueprints.invoices import confirming
from ppplanner.clock import today
from ppplanner.documents import read_then_print
from ppplanner.extensions import db
from ppplanner.models import Invoice, InvoiceDocument, NumberSeries
from ppplanner.services.invoices import drafts
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.written import written_communication
from tests.blueprints.invoice_pages import DIALOG, HTMX, dates, draft, get, words
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_invoice,
    make_unit,
    number_of_year,
)


def test_confirming_asks_first_and_says_what_it_does(app: Flask, login: Login) -> None:
    invoice_id = draft()
    text = words(login().get(f"/invoices/{invoice_id}/confirm", headers=DIALOG))
    assert "Confirm this invoice?" in text
    assert "nobody can change it" in text
    assert "€363.00" in text
    assert get(invoice_id).is_draft


def test_a_confirmed_invoice_has_a_number_and_its_pdf_at_once(app: Flask, login: Login) -> None:
    invoice_id = draft()
    browser = login()
    browser.post(f"/invoices/{invoice_id}/confirm")
    text = words(browser.get(f"/invoices/{invoice_id}"))
    assert f"The invoice is confirmed as {number_of_year()}." in text
    assert f"Open {number_of_year()}.pdf" in text
    pdf = browser.get(f"/invoices/{invoice_id}/pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.headers["Content-Disposition"] == f"inline; filename={number_of_year()}.pdf"
    text = " ".join(PdfReader(BytesIO(pdf.data)).pages[0].extract_text().split())
    assert number_of_year() in text
    assert "Bakkerij Peeters" in text


def test_the_pdf_is_the_same_each_time(app: Flask, login: Login) -> None:
    invoice_id = draft()
    browser = login()
    browser.post(f"/invoices/{invoice_id}/confirm")
    first, second = (browser.get(f"/invoices/{invoice_id}/pdf") for _ in range(2))
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]
    again = {"If-None-Match": first.headers["ETag"]}
    assert browser.get(f"/invoices/{invoice_id}/pdf", headers=again).status_code == 304


def test_no_shared_cache_keeps_a_pdf(app: Flask, login: Login) -> None:
    invoice_id = draft()
    browser = login()
    browser.post(f"/invoices/{invoice_id}/confirm")
    answer = browser.get(f"/invoices/{invoice_id}/pdf")
    assert "private" in answer.headers["Cache-Control"]


def test_the_second_of_two_people_hears_that_it_is_confirmed(app: Flask, login: Login) -> None:
    invoice_id = draft()
    first, second = login(), login()
    first.post(f"/invoices/{invoice_id}/confirm")
    answer = second.post(f"/invoices/{invoice_id}/confirm")
    text = words(second.get(answer.location))
    assert f"This invoice is confirmed already: it is number {number_of_year()}." in text
    assert get(invoice_id).number == 1


@pytest.mark.both_databases
def test_two_people_at_the_same_moment_use_one_number(app: Flask, login: Login) -> None:
    invoice_id, browsers = draft(), [login(), login()]
    start = Barrier(len(browsers))
    db.session.commit()

    def press(browser: Browser) -> int:
        with app.app_context():
            start.wait()
            return browser.post(f"/invoices/{invoice_id}/confirm").status_code

    with ThreadPoolExecutor() as people:
        assert list(people.map(press, browsers)) == [303, 303]
    series = db.session.query(NumberSeries).one()
    assert (get(invoice_id).number, series.next_number) == (1, 2)
    assert db.session.query(InvoiceDocument).count() == 1


@pytest.mark.parametrize("path", ["dates", "discard", "confirm"])
def test_nothing_of_a_confirmed_invoice_changes(app: Flask, login: Login, path: str) -> None:
    invoice_id = draft()
    confirm_invoice(get(invoice_id))
    browser = login()
    for answer in (
        browser.get(f"/invoices/{invoice_id}/{path}"),
        browser.post(f"/invoices/{invoice_id}/{path}", data=dates(days=-1)),
    ):
        assert answer.location == f"/invoices/{invoice_id}"
    assert get(invoice_id).invoice_date == today()


def test_a_line_without_account_stops_it_with_a_sentence(app: Flask, login: Login) -> None:
    invoice_id = draft()
    line = get(invoice_id).lines[0]
    assert line.gl_account
    line.gl_account.active, line.gl_account = False, None
    answer = login().post(f"/invoices/{invoice_id}/confirm")
    assert answer.status_code == 422
    assert "Line 1 has no GL account" in words(answer)
    assert get(invoice_id).is_draft


def test_a_date_out_of_order_stops_it_with_a_sentence(app: Flask, login: Login) -> None:
    invoice_id = draft()
    invoice = get(invoice_id)
    earlier = make_invoice(
        make_contract(unit=invoice.business_unit),
        confirmed=False,
        invoice_date=today() - timedelta(days=1),
    )
    earlier_id = earlier.id
    browser = login()
    browser.post(f"/invoices/{invoice_id}/confirm")
    answer = browser.post(f"/invoices/{earlier_id}/confirm")
    assert answer.status_code == 422
    assert "choose that day or a later one" in words(answer)


def test_when_printing_fails_the_invoice_is_confirmed_and_a_job_makes_the_pdf(
    app: Flask, login: Login, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice_id = draft()
    browser = login()
    with monkeypatch.context() as patch:
        patch.setattr(read_then_print, "print_pdf", _out_of_ink)
        browser.post(f"/invoices/{invoice_id}/confirm")
    text = words(browser.get(f"/invoices/{invoice_id}"))
    assert f"The invoice is confirmed as {number_of_year()}." in text
    assert "Is being made and appears here by itself." in text
    waiting = browser.get(f"/invoices/{invoice_id}/document", headers=HTMX)
    assert "every 2s" in waiting.text
    assert run_jobs() == 1
    ready = browser.get(f"/invoices/{invoice_id}/document", headers=HTMX)
    assert ready.headers["HX-Refresh"] == "true"
    assert f"Open {number_of_year()}.pdf" in words(browser.get(f"/invoices/{invoice_id}"))


def _out_of_ink(html: str) -> bytes:
    raise OSError("no fonts")


def test_a_pdf_that_is_not_there_is_made_and_the_page_says_so(
    app: Flask, login: Login, run_jobs: Callable[[], int]
) -> None:
    invoice_id = draft()
    confirm_invoice(get(invoice_id))
    browser = login("invoices.view")
    answer = browser.get(f"/invoices/{invoice_id}/pdf")
    assert answer.status_code == 409
    assert "The PDF is being made. Try again in a moment." in words(answer)
    assert run_jobs() == 1
    assert browser.get(f"/invoices/{invoice_id}/pdf").status_code == 200


def test_a_draft_has_no_pdf(app: Flask, login: Login) -> None:
    answer = login().get(f"/invoices/{draft()}/pdf")
    assert answer.status_code == 409
    assert "confirm it first" in words(answer)


@pytest.mark.parametrize("path", ["", "/pdf", "/document", "/confirm", "/dates", "/discard"])
def test_an_invoice_that_is_not_there_is_not_found(app: Flask, login: Login, path: str) -> None:
    browser = login()
    assert browser.get(f"/invoices/999{path}").status_code == 404
    assert browser.get(f"/invoices/{2**63}{path}").status_code == 404


def test_confirming_a_selection_tells_first_what_will_happen(app: Flask, login: Login) -> None:
    ids = [draft(), draft(), make_invoice().id]
    answer = login().post("/invoices/confirm", data={"ids": ids}, headers=DIALOG)
    text = words(answer)
    assert "Confirm 2 invoices?" in text
    assert "Together €726.00 with VAT." in text
    assert "1 of your selection is confirmed already" in text
    assert get(ids[0]).is_draft


@time_machine.travel(datetime(2026, 6, 15, 9, tzinfo=UTC))  # all in one year
def test_a_selection_gets_numbers_in_the_order_of_its_dates(
    app: Flask, login: Login, run_jobs: Callable[[], int]
) -> None:
    unit = make_unit()
    drafts = [
        make_invoice(
            make_contract(unit=unit), confirmed=False, invoice_date=today() - timedelta(days=days)
        ).id
        for days in (1, 3, 2)
    ]
    browser = login()
    answer = browser.post("/invoices/confirm", data={"ids": drafts, "sure": "yes"}, headers=DIALOG)
    assert answer.headers["HX-Refresh"] == "true"
    assert "3 invoices are confirmed." in words(browser.get("/invoices/"))
    assert [get(invoice_id).number for invoice_id in drafts] == [3, 1, 2]
    assert run_jobs() == 3
    assert db.session.query(InvoiceDocument).count() == 3


def test_one_refused_draft_keeps_none_of_the_others_from_its_number(
    app: Flask, login: Login
) -> None:
    good, bad = draft(), draft()
    tomorrow = today() + timedelta(days=1)
    drafts.set_dates(get(bad), tomorrow, tomorrow)
    browser = login()
    browser.post("/invoices/confirm", data={"ids": [bad, good], "sure": "yes"}, headers=DIALOG)
    text = words(browser.get("/invoices/"))
    assert "1 invoice is confirmed." in text
    assert "Not confirmed: Draft for Bakkerij Peeters. The invoice date lies in the future" in text
    assert not get(good).is_draft
    assert get(bad).is_draft


def test_a_draft_that_a_colleague_discards_meanwhile_stops_none_of_the_others(
    app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, gone = draft(), draft()
    confirm = confirming.confirm_one

    def confirm_and_discard(invoice: Invoice) -> str:
        number = confirm(invoice)
        drafts.discard_draft(db.session.get_one(Invoice, gone))
        return number

    monkeypatch.setattr(confirming, "confirm_one", confirm_and_discard)
    answer = login().post(
        "/invoices/confirm", data={"ids": [first, gone], "sure": "yes"}, follow_redirects=True
    )
    assert "1 invoice is confirmed." in words(answer)
    assert "There is nothing here (any more)." in words(answer)
    assert not get(first).is_draft


def test_a_selection_without_drafts_says_so(app: Flask, login: Login) -> None:
    answer = login().post(
        "/invoices/confirm", data={"ids": [make_invoice().id, "x", 2**70]}, headers=DIALOG
    )
    assert "There is no draft among your selection." in words(answer)


def test_the_question_tells_at_once_what_stands_in_the_way(app: Flask, login: Login) -> None:
    invoice_id = draft()
    invoice = get(invoice_id)
    invoice.invoice_date = invoice.due_date = today() + timedelta(days=3)
    line = invoice.lines[0]
    assert line.gl_account
    line.gl_account.active, line.gl_account = False, None
    invoice.customer.street = ""
    db.session.commit()
    answer = login().get(f"/invoices/{invoice_id}/confirm", headers=DIALOG)
    text = words(answer)
    assert answer.status_code == 200
    assert "The invoice date lies in the future" in text
    assert "Line 1 has no GL account" in text
    assert "has no full address" in text
    assert f"/invoices/{invoice_id}/dates" in answer.text
    assert f"/invoices/{invoice_id}/lines/{line.id}/edit" in answer.text
    assert f"/customers/{invoice.customer_id}/edit" in answer.text
    assert 'type="submit"' not in answer.text
    assert "First invoice number" not in text


def test_a_draft_says_on_its_page_what_confirming_it_would_say(app: Flask, login: Login) -> None:
    invoice_id = draft()
    first_id = make_invoice(make_contract(unit=get(invoice_id).business_unit), confirmed=False).id
    get(invoice_id).invoice_date = today() - timedelta(days=1)
    db.session.commit()
    browser = login()
    assert "This cannot be confirmed" not in words(browser.get(f"/invoices/{invoice_id}"))
    browser.post(f"/invoices/{first_id}/confirm")
    text = words(browser.get(f"/invoices/{invoice_id}"))
    assert "This cannot be confirmed as it is now" in text
    assert "choose that day or a later one. Change the dates" in text


def test_a_draft_below_zero_says_so(app: Flask, login: Login) -> None:
    invoice_id = draft()
    invoice = get(invoice_id)
    invoice.net = invoice.gross = -invoice.gross
    db.session.commit()
    text = words(login().get(f"/invoices/{invoice_id}"))
    assert "This invoice comes to less than zero: credit an earlier invoice instead." in text


def test_an_empty_draft_is_offered_its_first_line_before_confirming(
    app: Flask, login: Login
) -> None:
    invoice_id = draft()
    invoice = get(invoice_id)
    invoice.lines.clear()
    db.session.commit()
    answer = login().get(f"/invoices/{invoice_id}/confirm", headers=DIALOG)
    assert "An invoice needs at least one line. Add a line" in words(answer)


def test_the_history_writes_the_communication_as_banks_do(app: Flask, login: Login) -> None:
    invoice_id = draft()
    browser = login()
    browser.post(f"/invoices/{invoice_id}/confirm")
    digits = get(invoice_id).payment_reference
    page = browser.get(f"/invoices/{invoice_id}")
    assert words(page).count(written_communication(digits)) >= 1
    assert digits not in words(page)
