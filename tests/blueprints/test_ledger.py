"""The bookkeeper's lists."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.addons.manifest import AddOn, Elsewhere
from ppplanner.addons.registry import Registry
from ppplanner.extensions import db
from ppplanner.models import BusinessUnit, CostCentre, GLAccount, VatCode, VatTreatment
from tests.blueprints.pages import words
from tests.conftest import Login
from tests.factories import (
    make_contract,
    make_cost_carrier,
    make_cost_centre,
    make_gl_account,
    make_price_range,
    make_unit,
    make_user,
    make_vat_code,
)

pytestmark = pytest.mark.usefixtures("app")

LISTS = ("gl-accounts", "vat-codes", "cost-centres", "cost-carriers")


def account_of(unit_id: int, code: str) -> GLAccount:
    query = select(GLAccount).filter_by(business_unit_id=unit_id, code=code)
    return db.session.scalars(query).one()


def test_the_ledger_opens_with_its_gl_accounts(login: Login) -> None:
    answer = login("ledger.view").get("/ledger/")
    assert answer.headers["Location"] == "/ledger/gl-accounts/"


@pytest.mark.parametrize("name", LISTS)
def test_each_list_shows_the_way_to_the_others(login: Login, name: str) -> None:
    page = login("ledger.view").get(f"/ledger/{name}/").text
    assert all(f"/ledger/{other}/" in page for other in LISTS)
    assert page.count('aria-current="page"') == 2  # its tab, and the ledger in the side bar


@pytest.mark.parametrize(
    "url",
    [
        *(f"/ledger/{name}/" for name in LISTS),
        "/settings/business-units/",
        "/settings/transaction-types/",
        "/settings/transaction-methods/",
        "/settings/terminals/",
    ],
)
def test_the_code_stands_before_the_name(login: Login, url: str) -> None:
    with login().get(f"{url}?as=csv") as answer:
        titles = re.split("[;,]", answer.get_data(as_text=True).splitlines()[0].lstrip("\ufeff"))
    assert titles.index("Code") + 1 == titles.index("Name")


def test_a_form_without_a_business_unit_to_choose_says_who_adds_one(login: Login) -> None:
    hint = "There is no business unit yet: an administrator adds the first one"
    browser = login()
    assert hint in words(browser.get("/ledger/gl-accounts/new"))
    make_unit()
    assert hint not in words(browser.get("/ledger/gl-accounts/new"))


@pytest.mark.parametrize("name", LISTS)
def test_who_may_only_look_is_offered_no_change(login: Login, name: str) -> None:
    make_gl_account(), make_vat_code(), make_cost_centre(), make_cost_carrier()
    browser = login("ledger.view")
    page = browser.get(f"/ledger/{name}/").text
    assert f"/ledger/{name}/new" not in page
    assert "/edit" not in page
    assert browser.get(f"/ledger/{name}/new").status_code == 403
    assert browser.post(f"/ledger/{name}/1", data={"code": "X"}).status_code == 403
    assert browser.post(f"/ledger/{name}/1/delete").status_code == 403


def test_without_the_right_the_ledger_is_closed(login: Login) -> None:
    assert login("customers.view").get("/ledger/gl-accounts/").status_code == 403


def test_gl_accounts_are_those_of_the_chosen_business_unit(login: Login) -> None:
    ghent, liege = make_unit(), make_unit()
    make_gl_account(ghent, code="700100", name="Vans in Ghent")
    make_gl_account(liege, code="700100", name="Vans in Liège")
    user = make_user(["ledger.view"], business_unit_id=ghent.id)
    page = login(user=user).get("/ledger/gl-accounts/").text
    assert "Vans in Ghent" in page
    assert "Vans in Liège" not in page


def test_without_a_chosen_unit_the_list_narrows_to_one_by_its_filter(login: Login) -> None:
    ghent, liege = make_unit(), make_unit()
    make_gl_account(ghent, name="Vans in Ghent")
    make_gl_account(liege, name="Vans in Liège")
    page = login("ledger.view").get(f"/ledger/gl-accounts/?unit={liege.id}").text
    assert "Vans in Liège" in page
    assert "Vans in Ghent" not in page


def test_a_gl_account_is_added(login: Login) -> None:
    unit = make_unit()
    data = {"business_unit_id": unit.id, "code": " 700300 ", "name": "Machines", "active": "y"}
    answer = login().post("/ledger/gl-accounts/new", data=data)
    assert answer.status_code == 303
    account = account_of(unit.id, "700300")
    assert (account.name, account.active, account.origin) == ("Machines", True, "manual")


def test_a_gl_account_that_becomes_the_default_takes_that_from_the_other(login: Login) -> None:
    unit = make_unit()
    account = make_gl_account(unit, code="700100")
    data = {
        "business_unit_id": unit.id,
        "code": "700100",
        "name": "Vans",
        "default_revenue": "y",
        "active": "y",
    }
    assert login().post(f"/ledger/gl-accounts/{account.id}", data=data).status_code == 303
    assert account.default_revenue
    assert not account_of(unit.id, "700000").default_revenue


def test_the_default_account_cannot_be_archived(login: Login) -> None:
    unit = make_unit()
    account = account_of(unit.id, "700000")
    data = {
        "business_unit_id": unit.id,
        "code": "700000",
        "name": "Rental",
        "default_revenue": "y",
    }
    answer = login().post(f"/ledger/gl-accounts/{account.id}", data=data)
    assert answer.status_code == 422
    assert "Make another account the default" in answer.text


def test_a_gl_account_stays_in_its_business_unit(login: Login) -> None:
    unit, other = make_unit(), make_unit()
    account = make_gl_account(unit, code="700100")
    data = {"business_unit_id": other.id, "code": "700100", "name": "Vans", "active": "y"}
    answer = login().post(f"/ledger/gl-accounts/{account.id}", data=data)
    assert answer.status_code == 422
    assert "stays in its business unit" in answer.text


def test_a_code_that_the_unit_has_already_is_refused_and_the_input_kept(login: Login) -> None:
    unit = make_unit()
    data = {"business_unit_id": unit.id, "code": "700000", "name": "Typed by me", "active": "y"}
    answer = login().post("/ledger/gl-accounts/new", data=data)
    assert answer.status_code == 422
    assert "has this already" in answer.text
    assert "Typed by me" in answer.text


def test_two_units_may_use_one_code(login: Login) -> None:
    make_gl_account(make_unit(), code="700100")
    other = make_unit()
    data = {"business_unit_id": other.id, "code": "700100", "name": "Vans", "active": "y"}
    assert login().post("/ledger/gl-accounts/new", data=data).status_code == 303


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"code": ""}, "Fill in a code."),
        ({"code": "x" * 21}, "at most 20 characters"),
        ({"name": " "}, "Fill in a name."),
        ({"name": "x" * 61}, "at most 60 characters"),
        ({"business_unit_id": "999999"}, "Choose a business unit from the list."),
        ({"business_unit_id": "abc"}, "Choose a business unit from the list."),
    ],
)
def test_what_is_wrong_with_a_gl_account_is_said_at_the_field(
    login: Login, typed: dict[str, str], message: str
) -> None:
    unit = make_unit()
    data = {"business_unit_id": str(unit.id), "code": "1", "name": "Vans", "active": "y", **typed}
    answer = login().post("/ledger/gl-accounts/new", data=data)
    assert answer.status_code == 422
    assert message in answer.text


def test_a_gl_account_that_a_rate_books_on_cannot_be_deleted(login: Login) -> None:
    account = make_gl_account(code="700100")
    make_price_range(gl_code="700100", name="Van")
    answer = login().post(f"/ledger/gl-accounts/{account.id}/delete")
    assert answer.status_code == 409
    assert "“Van” books on" in answer.text


def test_a_gl_account_that_nobody_uses_is_deleted(login: Login) -> None:
    account = make_gl_account(code="700100")
    assert login().post(f"/ledger/gl-accounts/{account.id}/delete").status_code == 303
    assert db.session.scalar(select(GLAccount).filter_by(code="700100")) is None


def test_a_vat_code_in_use_cannot_be_deleted_but_archived(login: Login) -> None:
    make_contract()
    vat_code = make_vat_code("21")
    browser = login()
    answer = browser.post(f"/ledger/vat-codes/{vat_code.id}/delete")
    assert answer.status_code == 409
    assert "is in use" in answer.text
    data = {"code": "21", "name": "High", "percentage": "21"}
    assert browser.post(f"/ledger/vat-codes/{vat_code.id}", data=data).status_code == 303
    assert not vat_code.active
    row = f'href="/ledger/vat-codes/{vat_code.id}"'
    assert row not in browser.get("/ledger/vat-codes/").text
    assert row in browser.get("/ledger/vat-codes/?state=archived").text


def test_a_vat_code_is_added_with_its_text_for_the_invoice(login: Login) -> None:
    data = {
        "code": "EU",
        "name": "Intra-community",
        "percentage": "0",
        "legal_text": "Verlegging van heffing",
        "active": "y",
    }
    assert login().post("/ledger/vat-codes/new", data=data).status_code == 303
    vat_code = db.session.scalars(select(VatCode).filter_by(code="EU")).one()
    assert (vat_code.percentage, vat_code.legal_text) == (Decimal(0), "Verlegging van heffing")


def test_the_treatment_of_a_vat_code_is_chosen_and_shown(login: Login) -> None:
    browser = login()
    data = {"code": "EU", "name": "Services", "percentage": "0", "treatment": "intra_community"}
    refused = browser.post("/ledger/vat-codes/new", data=data)
    assert refused.status_code == 422
    assert "Fill in the article of the law" in refused.text
    data |= {"legal_text": "Article 196", "active": "y"}
    assert browser.post("/ledger/vat-codes/new", data=data).status_code == 303
    vat_code = db.session.scalars(select(VatCode).filter_by(code="EU")).one()
    assert vat_code.treatment is VatTreatment.INTRA_COMMUNITY
    assert "the customer pays the VAT" in browser.get("/ledger/vat-codes/").text


@pytest.mark.parametrize("percentage", ["", "abc", "-1", "101", "1.234", "NaN"])
def test_a_percentage_that_cannot_be_is_refused(login: Login, percentage: str) -> None:
    data = {"code": "X", "name": "Odd", "percentage": percentage, "active": "y"}
    answer = login().post("/ledger/vat-codes/new", data=data)
    assert answer.status_code == 422
    assert db.session.scalar(select(VatCode).filter_by(code="X")) is None


@pytest.mark.parametrize("path", ["cost-centres", "cost-carriers"])
def test_a_code_of_the_analytic_accounts_has_at_most_8_characters(login: Login, path: str) -> None:
    browser = login()
    long = {"code": "123456789", "name": "Van", "active": "y"}
    assert browser.post(f"/ledger/{path}/new", data=long).status_code == 422
    good = {**long, "code": "12345678"}
    assert browser.post(f"/ledger/{path}/new", data=good).status_code == 303


def test_a_colleague_who_saved_meanwhile_is_not_overwritten(login: Login) -> None:
    centre = make_cost_centre(code="GENT", name="Ghent")
    browser = login()
    page = browser.get(f"/ledger/cost-centres/{centre.id}").text
    seen = page.split('name="seen" type="hidden" value="')[1].split('"')[0].replace("&#34;", '"')
    centre.name = "Ghent harbour"
    data = {"seen": seen, "code": "GENT", "name": "Ghent station", "active": "y"}
    answer = browser.post(f"/ledger/cost-centres/{centre.id}", data=data)
    assert answer.status_code == 409
    assert "Ghent harbour" in answer.text
    assert "Ghent station" in answer.text
    assert db.session.scalars(select(CostCentre.name)).one() == "Ghent harbour"


def test_a_dialog_answers_htmx_with_itself_only(login: Login) -> None:
    make_unit()
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/ledger/gl-accounts/"}
    fragment = login().get("/ledger/gl-accounts/new", headers=headers).text
    assert "dialog-content" in fragment
    assert "<html" not in fragment


# --- from elsewhere -----------------------------------------------------------------------------


@pytest.fixture
def from_elsewhere(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets an add-on say that accounts come from elsewhere: everywhere, or in one unit."""

    def bring(only: int | None = None) -> None:
        def why(unit: BusinessUnit | None) -> str:
            here = only is None or (unit is not None and unit.id == only)
            return "They come from the books." if here else ""

        books = AddOn("books", "Books", "books", elsewhere=[Elsewhere("gl_accounts", why)])
        monkeypatch.setitem(app.extensions, "addons", Registry([books]))

    return bring


def test_what_comes_from_elsewhere_is_not_added_by_hand_but_changed(
    login: Login, from_elsewhere: Callable[..., None]
) -> None:
    account = make_gl_account()
    from_elsewhere()
    browser = login()
    data = {"business_unit_id": account.business_unit_id, "code": "7", "name": "New", "active": "y"}
    answer = browser.post("/ledger/gl-accounts/new", data=data)

    assert "/ledger/gl-accounts/new" not in browser.get("/ledger/gl-accounts/").text
    assert answer.status_code == 409
    assert "They come from the books." in answer.text
    data["code"] = account.code
    assert browser.post(f"/ledger/gl-accounts/{account.id}", data=data).status_code == 303
    assert account.name == "New"


def test_an_account_for_a_unit_that_has_its_from_elsewhere_is_refused_at_the_unit(
    login: Login, from_elsewhere: Callable[..., None]
) -> None:
    here, there = make_unit(), make_unit()
    from_elsewhere(there.id)
    browser = login()
    data = {"business_unit_id": there.id, "code": "700300", "name": "New", "active": "y"}
    refused = browser.post("/ledger/gl-accounts/new", data=data)
    made = browser.post("/ledger/gl-accounts/new", data={**data, "business_unit_id": here.id})

    assert "/ledger/gl-accounts/new" in browser.get("/ledger/gl-accounts/").text
    assert refused.status_code == 422
    assert "They come from the books." in refused.text
    assert made.status_code == 303
