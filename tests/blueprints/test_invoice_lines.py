"""The dialogs for the lines of a draft."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.models import VatCode
from ppplanner.services.firm.organisation import save_company_group, the_group
from ppplanner.services.invoices.drafts import draft_for_customer
from tests.blueprints.invoice_pages import DIALOG, HTMX, draft, get, words
from tests.blueprints.pages import error_at, value_of
from tests.conftest import Browser, Login
from tests.factories import make_customer, make_gl_account, make_invoice, make_unit, make_vat_code


@pytest.fixture
def browser(app: Flask, login: Login) -> Browser:
    return login()


def free_draft() -> int:
    """The id of an empty draft without a contract."""
    invoice = draft_for_customer(make_customer(), make_unit(), invoice_date=today())
    make_vat_code()
    db.session.commit()
    return invoice.id


def tyres(**typed: str) -> dict[str, str]:
    code = db.session.query(VatCode).filter_by(code="21").one()
    values = {"description": "Tyres", "units": "4", "unit_price": "89.90", "discount": ""}
    return {**values, "vat_code_id": str(code.id), **typed}


def test_an_empty_draft_asks_for_its_first_line(browser: Browser) -> None:
    page = browser.get(f"/invoices/{free_draft()}")
    assert "add its first line" in words(page)
    assert "Final invoice" not in words(page)


def test_a_line_is_added_and_changed_and_removed(browser: Browser) -> None:
    invoice_id = free_draft()
    url = f"/invoices/{invoice_id}/lines"
    assert value_of(browser.get(f"{url}/new"), "units") == "1.00"
    assert browser.post(f"{url}/new", data=tyres()).status_code == 303
    [line] = get(invoice_id).lines
    assert line.net == Decimal("359.60")
    assert value_of(browser.get(f"{url}/{line.id}/edit"), "description") == "Tyres"
    browser.post(f"{url}/{line.id}/edit", data=tyres(units="2"))
    assert get(invoice_id).net == Decimal("179.80")
    assert "Remove this line?" in words(browser.get(f"{url}/{line.id}/remove"))
    browser.post(f"{url}/{line.id}/remove")
    assert get(invoice_id).lines == []


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"units": "-1"}, "units"),
        ({"units": "much"}, "units"),
        ({"unit_price": "0.005", "units": "1"}, "unit_price"),
        ({"unit_price": "1.00005"}, "unit_price"),
        ({"vat_code_id": ""}, "vat_code_id"),
        ({"description": " "}, "description"),
        ({"discount": "101"}, "discount"),
    ],
)
def test_what_makes_no_line_is_said_at_its_field(
    browser: Browser, typed: dict[str, str], field: str
) -> None:
    invoice_id = free_draft()
    answer = browser.post(f"/invoices/{invoice_id}/lines/new", data=tyres(**typed))
    assert answer.status_code == 422
    assert error_at(answer, field)
    assert get(invoice_id).lines == []


def test_a_line_of_a_contract_says_where_its_amount_comes_from(browser: Browser) -> None:
    invoice_id = draft()
    line_id = get(invoice_id).lines[0].id
    url = f"/invoices/{invoice_id}/lines/{line_id}/edit"
    page = browser.get(url)
    assert "follows from the contract" in words(page)
    assert 'name="units"' not in page.text
    browser.post(url, data={"description": "The van", "units": "9"})
    line = get(invoice_id).lines[0]
    assert [line.description, line.net] == ["The van", 300]


def test_a_line_goes_to_another_account_of_the_same_unit_only(browser: Browser) -> None:
    invoice_id = draft()
    invoice = get(invoice_id)
    line_id, unit = invoice.lines[0].id, invoice.business_unit
    damage = make_gl_account(unit, code="705000", name="Damage")
    closed = make_gl_account(unit, code="709000", name="Old", active=False)
    foreign = make_gl_account(code="799000", name="Elsewhere")
    damage_id, others = damage.id, [closed.id, foreign.id]
    db.session.commit()
    options = words(browser.get(f"/invoices/{invoice_id}/accounts"))
    assert options == "700000 Rental income 705000 Damage"
    url = f"/invoices/{invoice_id}/lines/{line_id}/edit"
    for other in others:
        answer = browser.post(url, data={"description": "Van", "gl_account_id": other})
        assert answer.status_code == 422
        assert "Choose a GL account of this invoice" in error_at(answer, "gl_account_id")
    answer = browser.post(url, data={"description": "Van", "gl_account_id": damage_id})
    assert answer.status_code == 303
    assert get(invoice_id).lines[0].gl_account_id == damage_id


def test_costs_that_are_not_used_leave_no_field(browser: Browser) -> None:
    invoice_id = draft()
    cost_centre_id = get(invoice_id).lines[0].cost_centre_id
    save_company_group(the_group(), name="Group", uses_cost_centres=False, uses_cost_carriers=False)
    db.session.commit()
    line_id = get(invoice_id).lines[0].id
    url = f"/invoices/{invoice_id}/lines/{line_id}/edit"
    assert "Cost c" not in words(browser.get(url))
    browser.post(url, data={"description": "The van"})
    assert cost_centre_id
    assert get(invoice_id).lines[0].cost_centre_id == cost_centre_id


def test_a_line_of_another_invoice_is_not_found(browser: Browser) -> None:
    first, second = draft(), draft()
    line_id = get(second).lines[0].id
    for deed in ("edit", "remove"):
        assert browser.get(f"/invoices/{first}/lines/{line_id}/{deed}").status_code == 404


def test_lines_of_a_confirmed_invoice_stay(browser: Browser) -> None:
    invoice = make_invoice()
    line_id = invoice.lines[0].id
    invoice_id = invoice.id
    db.session.commit()
    for path in ("lines/new", f"lines/{line_id}/edit", f"lines/{line_id}/remove"):
        answer = browser.post(f"/invoices/{invoice_id}/{path}", data=tyres(), headers=HTMX)
        assert answer.status_code == 409
        assert "never changes" in words(answer)
    assert "Add a line" not in words(browser.get(f"/invoices/{invoice_id}"))


def test_a_colleague_who_saved_the_line_meanwhile_is_not_overwritten(browser: Browser) -> None:
    invoice_id = free_draft()
    browser.post(f"/invoices/{invoice_id}/lines/new", data=tyres())
    url = f"/invoices/{invoice_id}/lines/{get(invoice_id).lines[0].id}/edit"
    seen = value_of(browser.get(url), "seen")
    browser.post(url, data=tyres(units="2"))
    answer = browser.post(url, data=tyres(units="3", seen=seen), headers=DIALOG)
    assert answer.status_code == 409
    assert get(invoice_id).lines[0].units == 2


def test_who_may_only_look_changes_no_line(app: Flask, login: Login) -> None:
    invoice_id = draft()
    line_id = get(invoice_id).lines[0].id
    reader = login("invoices.view")
    for path in ("lines/new", f"lines/{line_id}/edit", f"lines/{line_id}/remove", "refresh"):
        assert reader.post(f"/invoices/{invoice_id}/{path}").status_code == 403


def test_a_line_tells_all_its_faults_at_once(browser: Browser) -> None:
    url = f"/invoices/{free_draft()}/lines/new"
    answer = browser.post(url, data=tyres(description="", units="0", vat_code_id=""))
    for field in ("description", "units", "vat_code_id"):
        assert error_at(answer, field), field


def test_a_new_line_goes_where_the_others_go(browser: Browser) -> None:
    invoice_id = draft()
    [line] = get(invoice_id).lines
    page = browser.get(f"/invoices/{invoice_id}/lines/new")
    assert f'<option selected value="{line.cost_centre_id}">' in page.text
    assert "None: it is booked without a cost centre." in words(page)
