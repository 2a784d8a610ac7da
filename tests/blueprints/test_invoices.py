"""The pages of invoices: from a contract to a draft, to a number, to a PDF."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from werkzeug.test import TestResponse

from ppplanner.clock import today
from ppplanner.documents import invoice_pdf
from ppplanner.extensions import db
from ppplanner.models import (
    Contract,
    Invoice,
    InvoiceDocument,
    InvoiceKind,
    PaymentState,
    PriceLine,
)
from ppplanner.services import invoicing
from tests.conftest import Login
from tests.factories import (
    make_contract,
    make_cost_centre,
    make_customer,
    make_gl_account,
    make_invoice,
    make_rate,
    make_resource,
    make_unit,
    make_user,
)

HTMX = {"HX-Request": "true"}
#: What htmx says when the answer goes into a dialog over the list.
DIALOG = {**HTMX, "HX-Current-URL": "http://localhost/invoices/"}


def words(response: TestResponse) -> str:
    """What a person reads: no tags, single spaces."""
    text = re.sub(r"<(script|style|head)\b.*?</\1>|<[^>]+>", " ", response.text, flags=re.DOTALL)
    return " ".join(text.split())


def dates(days: int = 0) -> dict[str, str]:
    on = today() + timedelta(days=days)
    return {"invoice_date": on.isoformat(), "due_date": (on + timedelta(days=30)).isoformat()}


def draft(day_price: int = 100) -> int:
    """The id of a draft over three days."""
    unit = make_unit(name="Gent")
    resource = make_resource(unit, make_rate(day_price), cost_centre=make_cost_centre(name="Rental"))
    customer = make_customer(company_name="Bakkerij Peeters")
    invoice = make_invoice(make_contract(resource, customer), confirmed=False)
    db.session.commit()
    return invoice.id


def get(invoice_id: int) -> Invoice:
    db.session.expire_all()
    return db.session.get_one(Invoice, invoice_id)


# ---- The list -----------------------------------------------------------------------------------


def test_the_list_shows_what_an_accountant_needs(app: Flask, login: Login) -> None:
    customer = make_customer(company_name="Bakkerij Peeters")
    make_invoice(make_contract(make_resource(rate=make_rate(100)), customer))
    text = words(login("invoices.view").get("/invoices/"))
    for expected in ("2026-00001", "Bakkerij Peeters", "€300.00", "€363.00", "Not paid"):
        assert expected in text


def test_late_payments_say_how_late_they_are(app: Flask, login: Login) -> None:
    invoice = make_invoice(confirmed=False)
    invoice.invoice_date, invoice.due_date = today() - timedelta(days=42), today() - timedelta(12)
    db.session.flush()
    invoicing.confirm_invoice(invoice)
    browser = login("invoices.view")
    assert "12 days late" in words(browser.get("/invoices/"))
    assert "12 days late" in words(browser.get(f"/invoices/{invoice.id}"))


@pytest.mark.parametrize(
    ("filters", "shown"),
    [
        ("", {"draft", "paid", "late", "credit"}),
        ("?state=draft", {"draft"}),
        ("?state=confirmed", {"paid", "late", "credit"}),
        ("?kind=credit_note", {"credit"}),
        ("?payment=fully_paid", {"paid"}),
        ("?payment=late", {"late"}),
        ("?payment=not_paid", {"late", "credit"}),
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
            invoice_date=today().replace(month=max(today().month, 3), day=1),
        )

    one("draft")
    paid, late, credit = one("paid"), one("late"), one("credit")
    credit.kind = InvoiceKind.CREDIT_NOTE
    db.session.flush()
    for each in (late, paid, credit):
        invoicing.confirm_invoice(each)
    paid.payment_state = PaymentState.FULLY_PAID
    late.due_date = today() - timedelta(days=1)


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


# ---- A new one ----------------------------------------------------------------------------------


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


# ---- A draft ------------------------------------------------------------------------------------


def test_the_page_of_a_draft_shows_lines_accounts_and_totals(app: Flask, login: Login) -> None:
    text = words(login().get(f"/invoices/{draft()}"))
    for expected in (
        "Draft for Bakkerij Peeters",
        "700000 Rental income",
        "Rental",
        "VAT 21 % on €300.00 (21) €63.00",
        "With VAT €363.00",
        "It gets both when it is confirmed.",
        "Confirm",
    ):
        assert expected in text


def test_who_may_only_look_is_offered_no_change(app: Flask, login: Login) -> None:
    invoice_id = draft()
    browser = login("invoices.view")
    page = browser.get(f"/invoices/{invoice_id}").text
    for path in ("confirm", "dates", "discard", "account"):
        assert f"/{path}" not in page
    for path in ("confirm", "dates", "discard"):
        assert browser.post(f"/invoices/{invoice_id}/{path}").status_code == 403


def test_the_dates_of_a_draft_can_change(app: Flask, login: Login) -> None:
    invoice_id = draft()
    answer = login().post(f"/invoices/{invoice_id}/dates", data=dates(days=-1))
    assert answer.status_code == 303
    assert get(invoice_id).invoice_date == today() - timedelta(days=1)


def test_a_line_goes_to_another_account_of_the_same_unit_only(app: Flask, login: Login) -> None:
    invoice_id = draft()
    invoice = get(invoice_id)
    line_id, unit = invoice.lines[0].id, invoice.business_unit
    damage = make_gl_account(unit, code="705000", name="Damage")
    closed = make_gl_account(unit, code="709000", name="Old", active=False)
    foreign = make_gl_account(code="799000", name="Elsewhere")
    damage_id, others = damage.id, [closed.id, foreign.id]
    browser = login()
    options = words(browser.get(f"/invoices/{invoice_id}/accounts"))
    assert options == "700000 Rental income 705000 Damage"
    url = f"/invoices/{invoice_id}/lines/{line_id}/account"
    for other in others:
        answer = browser.post(url, data={"gl_account_id": other})
        assert answer.status_code == 422
        assert "Choose a GL account of this invoice" in answer.text
    assert browser.post(url, data={"gl_account_id": damage_id}).status_code == 303
    assert get(invoice_id).lines[0].gl_account_id == damage_id


def test_a_line_of_another_invoice_is_not_found(app: Flask, login: Login) -> None:
    first, second = draft(), draft()
    line_id = get(second).lines[0].id
    assert login().get(f"/invoices/{first}/lines/{line_id}/account").status_code == 404


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
    assert len(invoicing.uninvoiced_lines(contract)) == 1


# ---- Confirming ---------------------------------------------------------------------------------


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
    assert "The invoice is confirmed as 2026-00001." in text
    assert "Open 2026-00001.pdf" in text
    pdf = browser.get(f"/invoices/{invoice_id}/pdf")
    assert pdf.mimetype == "application/pdf"
    assert pdf.headers["Content-Disposition"] == "inline; filename=2026-00001.pdf"
    text = " ".join(PdfReader(BytesIO(pdf.data)).pages[0].extract_text().split())
    assert "2026-00001" in text
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


def test_a_browser_may_show_the_pdf_in_its_own_viewer(app: Flask, login: Login) -> None:
    invoice_id = draft()
    browser = login()
    browser.post(f"/invoices/{invoice_id}/confirm")
    answer = browser.get(f"/invoices/{invoice_id}/pdf")
    assert "object-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "private" in answer.headers["Cache-Control"]


def test_the_second_of_two_people_hears_that_it_is_confirmed(app: Flask, login: Login) -> None:
    invoice_id = draft()
    first, second = login(), login()
    first.post(f"/invoices/{invoice_id}/confirm")
    answer = second.post(f"/invoices/{invoice_id}/confirm")
    text = words(second.get(answer.location))
    assert "This invoice is confirmed already: it is number 2026-00001." in text
    assert get(invoice_id).number == 1


@pytest.mark.parametrize("path", ["dates", "discard", "confirm"])
def test_nothing_of_a_confirmed_invoice_changes(app: Flask, login: Login, path: str) -> None:
    invoice_id = draft()
    invoicing.confirm_invoice(get(invoice_id))
    browser = login()
    for answer in (
        browser.get(f"/invoices/{invoice_id}/{path}"),
        browser.post(f"/invoices/{invoice_id}/{path}", data=dates(days=-1)),
    ):
        assert answer.location == f"/invoices/{invoice_id}"
    assert get(invoice_id).invoice_date == today()


def test_a_line_without_account_stops_it_with_a_sentence(app: Flask, login: Login) -> None:
    invoice_id = draft()
    invoice = get(invoice_id)
    invoice.lines[0].gl_account = None
    account = invoice.business_unit
    for each in db.session.query(PriceLine):
        each.gl_account = None
    default = invoicing.revenue_account(account, None)
    assert default
    default.active = False
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
        patch.setattr(invoice_pdf, "print_pdf", _out_of_ink)
        browser.post(f"/invoices/{invoice_id}/confirm")
    text = words(browser.get(f"/invoices/{invoice_id}"))
    assert "The invoice is confirmed as 2026-00001." in text
    assert "Is being made and appears here by itself." in text
    waiting = browser.get(f"/invoices/{invoice_id}/document", headers=HTMX)
    assert "every 2s" in waiting.text
    assert run_jobs() == 1
    ready = browser.get(f"/invoices/{invoice_id}/document", headers=HTMX)
    assert ready.headers["HX-Refresh"] == "true"
    assert "Open 2026-00001.pdf" in words(browser.get(f"/invoices/{invoice_id}"))


def _out_of_ink(html: str) -> bytes:
    raise OSError("no fonts")


def test_a_pdf_that_is_not_there_is_made_and_the_page_says_so(
    app: Flask, login: Login, run_jobs: Callable[[], int]
) -> None:
    invoice_id = draft()
    invoicing.confirm_invoice(get(invoice_id))
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


# ---- Several at once ----------------------------------------------------------------------------


def test_confirming_a_selection_tells_first_what_will_happen(app: Flask, login: Login) -> None:
    ids = [draft(), draft(), make_invoice().id]
    answer = login().post("/invoices/confirm", data={"ids": ids}, headers=DIALOG)
    text = words(answer)
    assert "Confirm 2 invoices?" in text
    assert "Together €726.00 with VAT." in text
    assert "1 of your selection is confirmed already" in text
    assert get(ids[0]).is_draft


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
    invoicing.set_dates(get(bad), tomorrow, tomorrow)
    browser = login()
    browser.post("/invoices/confirm", data={"ids": [bad, good], "sure": "yes"}, headers=DIALOG)
    text = words(browser.get("/invoices/"))
    assert "1 invoice is confirmed." in text
    assert "Not confirmed: Draft for Bakkerij Peeters. The invoice date lies in the future" in text
    assert not get(good).is_draft
    assert get(bad).is_draft


def test_a_selection_without_drafts_says_so(app: Flask, login: Login) -> None:
    answer = login().post(
        "/invoices/confirm", data={"ids": [make_invoice().id, "x", 2**70]}, headers=DIALOG
    )
    assert "There is no draft among your selection." in words(answer)
