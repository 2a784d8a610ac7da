"""The search over everything: what it finds, and for whom."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_customer,
    make_invoice,
    make_resource,
    make_user,
)

HTMX = {"HX-Request": "true"}
HIT = re.compile(r'<a class="palette-hit"[^>]*href="([^"]+)"[^>]*>.*?<span>(.*?)</span>', re.DOTALL)


def found(browser: Browser, q: str, headers: dict[str, str] | None = HTMX) -> list[str]:
    """The titles of what was found, in their order."""
    page = browser.get("/search/", query_string={"q": q}, headers=headers).text
    return [unescape(title) for _url, title in HIT.findall(page)]


def test_a_customer_is_found_by_words_in_any_order(login: Login) -> None:
    make_customer(company_name="Verhuur De Smet", city="Gent")
    make_customer(company_name="Smeets", city="Aalst")
    assert found(login(), "gent smet") == ["Verhuur De Smet"]


def test_a_customer_is_found_by_vat_number_however_it_is_written(login: Login) -> None:
    make_customer(company_name="Aerts", vat_number="BE 0403.019.261")
    browser = login()
    assert found(browser, "BE 0403.019.261") == ["Aerts"]
    assert found(browser, "0403019261") == ["Aerts"]


def test_a_contract_is_found_by_its_number_or_the_beginning_of_it(login: Login) -> None:
    for number in (104, 1042, 1043, 2104):
        make_contract().number = number
    browser = login()
    assert found(browser, "c1042") == ["C1042"]
    assert found(browser, "C104") == ["C104", "C1042", "C1043"]


@pytest.mark.parametrize("typed", ["1-ABC-234", "1abc234", "abc-2", "1 ABC 234"])
def test_a_resource_is_found_by_its_plate_with_or_without_signs(login: Login, typed: str) -> None:
    make_resource(code="VAN1", licence_plate="1-ABC-234")
    make_resource(code="VAN2", licence_plate="1-XYZ-999")
    assert found(login(), typed) == ["VAN1"]


def test_an_invoice_is_found_by_its_number_with_or_without_the_year(login: Login) -> None:
    invoice = make_invoice(confirmed=True)
    browser = login()
    for typed in (invoice.reference, str(invoice.number), f"{invoice.number:05}"):
        assert invoice.reference in found(browser, typed)
    assert invoice.reference not in found(browser, f"CN{invoice.reference}")


def test_screens_are_found_by_name_and_by_what_they_are_for(login: Login) -> None:
    browser = login()
    assert "Invoices" in found(browser, "invoi")
    assert "Roles" in found(browser, "rights")


def test_without_words_the_screens_are_offered(login: Login) -> None:
    make_customer(company_name="Aerts")
    titles = found(login(), "")
    assert {"Home", "Contracts", "Users", "My account"} <= set(titles)
    assert "Aerts" not in titles


def test_nobody_finds_what_they_may_not_open(login: Login) -> None:
    make_customer(company_name="Aerts")
    make_resource(code="AERTS", licence_plate="1-ABC-234")
    assert found(login("resources.view"), "aerts") == ["AERTS"]
    assert found(login("customers.view"), "aerts") == ["Aerts"]
    assert "Users" not in found(login("customers.view"), "users")


def test_it_is_a_page_of_its_own_without_scripts(login: Login) -> None:
    for _each in range(7):
        make_customer(company_name="Aerts & co")
    page = login().get("/search/?q=aerts").text
    assert "Aerts &amp; co" in page
    assert 'href="/customers/?q=aerts"' in page
    assert '<form class="palette-box" method="get" action="/search/">' in page


def test_what_people_typed_is_never_taken_for_html(login: Login) -> None:
    make_customer(company_name="<script>alert(1)</script>")
    page = login().get("/search/?q=<script>", headers=HTMX).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "typed", ["9" * 30, "c" + "9" * 9, "999999999", "%", "_", "''", "2026-0", "🚐", "x" * 500]
)
def test_nothing_that_can_be_typed_breaks_it(login: Login, typed: str) -> None:
    assert login().get("/search/", query_string={"q": typed}).status_code == 200


def test_a_person_without_any_right_finds_their_account(login: Login) -> None:
    assert found(login(user=make_user(permissions=[])), "account") == ["My account"]
