"""What hardly anybody types, and some program or slip does: it is told, and nothing breaks."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from openpyxl import Workbook

from tests.blueprints.pages import error_at, value_of
from tests.conftest import Browser, Login
from tests.factories import make_contract, make_vat_code


@pytest.fixture
def browser(login: Login) -> Browser:
    return login()


@pytest.mark.parametrize("name", ["days-from", "days-until"])
@pytest.mark.parametrize("day", ["0001-01-01", "0202-03-04", "9999-12-31"])
def test_a_year_that_is_half_typed_narrows_no_list(browser: Browser, name: str, day: str) -> None:
    contract = make_contract()
    for url in (
        "/contracts/",
        f"/customers/{contract.customer_id}/contracts",
        f"/resources/{contract.resource_id}/contracts",
    ):
        answer = browser.get(f"{url}?{name}={day}")
        assert answer.status_code == 200
        assert str(contract) in answer.text


@pytest.mark.parametrize("field", ["units", "unit_price"])
def test_a_number_of_spaces_is_asked_for(browser: Browser, field: str) -> None:
    typed = {"description": "Cleaning", "units": "1", "unit_price": "5", "discount": "0"}
    typed |= {"vat_code_id": str(make_vat_code().id), field: "   "}
    answer = browser.post(f"/contracts/{make_contract().id}/lines/new", data=typed)
    assert answer.status_code == 422
    assert "Fill in" in error_at(answer, field)
    assert value_of(answer, "description") == "Cleaning"


def test_a_choice_of_spaces_is_asked_for(browser: Browser) -> None:
    answer = browser.post("/invoices/new", data={"contract_id": "  "})
    assert answer.status_code == 422
    assert "Choose a contract" in error_at(answer, "contract_id")


@pytest.mark.parametrize("url", ["/resources/import", "/settings/rates/import"])
def test_a_spreadsheet_with_nothing_in_it_is_refused(browser: Browser, url: str) -> None:
    file = BytesIO()
    Workbook().save(file)
    file.seek(0)
    answer = browser.post(url, data={"file": (file, "new.xlsx")})
    assert answer.status_code == 422
    assert "This file is empty." in answer.text


def test_a_file_of_one_line_that_names_no_column_is_told_so(browser: Browser) -> None:
    answer = browser.post("/resources/import", data={"file": (BytesIO(b"{}"), "resources.json")})
    assert answer.status_code == 422
    assert "The first row must name the columns." in answer.text


def test_no_search_takes_more_than_an_address_can_hold(browser: Browser) -> None:
    for page in ("/contracts/", "/contracts/new", "/search/", "/planning/"):
        tags = re.findall(r"<input[^>]*>", browser.get(page).text)
        boxes = [tag for tag in tags if 'name="q"' in tag or 'role="combobox"' in tag]
        assert boxes
        assert all("maxlength" in tag for tag in boxes), page
