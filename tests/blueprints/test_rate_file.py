"""Changing prices with a spreadsheet, on its pages."""

from __future__ import annotations

import re
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import Workbook
from werkzeug.test import TestResponse

from ppplanner.models import PriceRange, RateType
from tests.blueprints.pages import words
from tests.conftest import Browser, Login
from tests.factories import (
    make_cost_centre,
    make_gl_account,
    make_price_range,
    make_rate,
    make_user,
)

URL = "/settings/rates/import"


@pytest.fixture
def vans(login: Login) -> PriceRange:
    vans = make_price_range(50, name="Vans", gl_code="700000")
    make_rate(vans, "week", 280)
    return vans


def sheet(*rows: tuple[object, ...]) -> BytesIO:
    book, file = Workbook(), BytesIO()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(file)
    file.seek(0)
    return file


def send(browser: Browser, file: BytesIO, name: str = "prices.xlsx") -> TestResponse:
    return browser.post(URL, data={"file": (file, name)})


def prices(vans: PriceRange) -> dict[RateType, Decimal]:
    return {rate.rate_type: rate.price for rate in vans.rates if rate.active}


def agree(browser: Browser, preview: str) -> TestResponse:
    seen = re.search(r'name="seen" value="(\w+)"', browser.get(preview).text)
    assert seen
    return browser.post(preview, data={"seen": seen.group(1)})


def test_a_file_changes_prices_after_a_look(login: Login, vans: PriceRange) -> None:
    browser = login()
    file = sheet(("Name", "Day", "Week", "Month"), ("Vans", 55.125, None, 900), ("Ships", 1, 2, 3))
    answer = send(browser, file)
    preview = words(browser.get(answer.location))
    assert "Day: €50.00 becomes €55.125" in preview
    assert "Week: €280.00 becomes –" in preview
    assert "Ships There is no price range of this name" in preview
    assert prices(vans) == {RateType.DAY: 50, RateType.WEEK: 280}
    assert agree(browser, answer.location).status_code == 303
    assert prices(vans) == {RateType.DAY: Decimal("55.125"), RateType.MONTH: Decimal(900)}
    assert {rate.gl_code for rate in vans.rates if rate.active} == {"700000"}


def test_a_file_says_where_the_rates_of_a_price_range_are_booked(
    login: Login, vans: PriceRange
) -> None:
    browser = login()
    make_gl_account(code="700100"), make_cost_centre(code="VANS")
    file = sheet(("Name", "Revenue account", "Cost centre"), ("Vans", 700100, "VANS"))
    answer = send(browser, file)
    preview = words(browser.get(answer.location))
    assert "Revenue account: -, 700000 becomes 700100 Cost centre: – becomes VANS" in preview
    assert agree(browser, answer.location).status_code == 303
    assert {(each.gl_code, each.cost_centre_code) for each in vans.rates} == {("700100", "VANS")}
    emptied = send(browser, sheet(("Name", "Cost centre"), ("Vans", None)))
    assert agree(browser, emptied.location).status_code == 303
    assert {(each.gl_code, each.cost_centre_code) for each in vans.rates} == {("700100", None)}


@pytest.mark.parametrize("heading", ["Revenue account", "Cost centre", "Cost carrier"])
def test_a_code_that_the_ledger_does_not_know_refuses_its_row(
    login: Login, vans: PriceRange, heading: str
) -> None:
    browser = login()
    answer = send(browser, sheet(("Name", heading), ("Vans", "GONE")))
    assert "There is no “GONE” in the ledger." in words(browser.get(answer.location))


def test_an_exported_list_with_all_its_columns_changes_nothing(
    login: Login, vans: PriceRange
) -> None:
    vans.rates[0].gl_code = None
    browser = login()
    url = "/settings/rates/?columns=name,day,gl_code,cost_centre_code,cost_carrier_code"
    page = browser.get(url).text
    export = next(each for each in re.findall(r'href="([^"]*xlsx[^"]*)"', page))
    with browser.get(export.replace("&amp;", "&")) as exported:
        content = exported.data
    answer = send(browser, BytesIO(content))
    assert "The file changes no price." in words(browser.get(answer.location))


@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
@pytest.mark.parametrize("price", ["50.1275", "0.125", "1234.5"])
def test_the_exported_list_changes_nothing(
    login: Login, vans: PriceRange, kind: str, language: str, price: str
) -> None:
    vans.rates[0].price = Decimal(price)
    user = make_user(language=language)
    browser = login(user=user)
    page = browser.get("/settings/rates/").text
    export = next(url for url in re.findall(rf'href="([^"]*{kind}[^"]*)"', page))
    with browser.get(export.replace("&amp;", "&")) as exported:
        content = exported.data
    user.language = "en"
    answer = send(browser, BytesIO(content), f"prices.{kind}")
    assert "The file changes no price." in words(browser.get(answer.location))


def test_headings_may_be_in_another_language(login: Login, vans: PriceRange) -> None:
    browser = login(user=make_user(language="en"))
    answer = send(browser, BytesIO(b"Naam;Day\nVans;60,5\n"), "prijzen.csv")
    assert "becomes €60.50" in words(browser.get(answer.location))


@pytest.mark.parametrize("price", ["-1", "100001", "dear", "=1+1", "12.345,67891"])
def test_an_impossible_price_refuses_its_row(login: Login, vans: PriceRange, price: str) -> None:
    browser = login()
    answer = send(browser, sheet(("Name", "Day"), ("Vans", price)))
    page = browser.get(answer.location)
    assert "Refused" in words(page)
    assert 'name="seen"' not in page.text


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 no zip", b"Name;Colour\nVans;red"])
def test_a_file_that_holds_no_prices_goes_no_further(
    login: Login, vans: PriceRange, content: bytes
) -> None:
    assert send(login(), BytesIO(content)).status_code == 422


def test_prices_that_changed_meanwhile_are_looked_at_again(login: Login, vans: PriceRange) -> None:
    browser = login()
    answer = send(browser, sheet(("Name", "Day"), ("Vans", 60)))
    stale = browser.post(answer.location, data={"seen": "0"})
    assert stale.status_code == 409
    assert "look again" in words(stale)
    assert prices(vans)[RateType.DAY] == 50


def test_the_file_of_somebody_else_is_not_there(login: Login, vans: PriceRange) -> None:
    answer = send(login(), sheet(("Name", "Day"), ("Vans", 60)))
    assert login().get(answer.location).status_code == 404
