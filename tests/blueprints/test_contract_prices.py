"""The price of a contract on its page: what follows, what is locked, what the catalogue adds."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import CatalogueItem, Contract, ItemKind, PriceBasis, RateType
from ppplanner.services.firm.organisation import the_group
from ppplanner.services.pricing.catalogue import save_item
from ppplanner.services.pricing.line_types import save_line_type
from tests.blueprints.pages import HTMX, error_at, main, over, words
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_customer,
    make_invoice,
    make_price_range,
    make_rate,
    make_resource,
    make_vat_code,
)


@pytest.fixture
def browser(login: Login) -> Browser:
    return login()


@pytest.fixture
def contract(browser: Browser) -> Contract:
    """Three days at 100.00; a week costs 500.00."""
    vans = make_price_range(100)
    make_rate(vans, "week", 500)
    return make_contract(make_resource(price_range=vans), make_customer(language="en"))


def the_contract() -> Contract:
    return db.session.scalars(select(Contract)).one()


def make_item(**values: object) -> CatalogueItem:
    fields = {"kind": ItemKind.EXTRA_CHARGE, "name": "Fetching", "price": Decimal(45), **values}
    return save_item(group_id=the_group().id, vat_code=make_vat_code("6"), **fields)  # type: ignore[arg-type]


def page_of(contract: Contract) -> str:
    return f"/contracts/{contract.id}"


# ---- Lines that follow ----


def test_a_typed_price_of_the_rent_is_locked_and_says_so(
    browser: Browser, contract: Contract
) -> None:
    url = f"{page_of(contract)}/lines/{contract.lines[0].id}/edit"
    browser.post(url, data={"units": "3", "unit_price": "90", "discount": "0"})
    assert the_contract().lines[0].price_locked
    assert "Price locked €90.00" in main(browser.get(page_of(contract)))
    browser.post(url, data={"units": "3", "unit_price": "90", "discount": "0"})
    assert the_contract().lines[0].unit_price == 100


@pytest.mark.parametrize(
    ("field", "value"),
    [("units", "0"), ("unit_price", ""), ("unit_price", "9999999"), ("discount", "101")],
)
def test_a_mistake_in_a_line_that_follows_is_told_at_its_field(
    browser: Browser, contract: Contract, field: str, value: str
) -> None:
    typed = {"units": "3", "unit_price": "90", "discount": "0", field: value}
    url = f"{page_of(contract)}/lines/{contract.lines[0].id}/edit"
    answer = browser.post(url, data=typed, headers=HTMX)
    assert answer.status_code == 422
    assert error_at(answer, field)


def test_only_lines_that_people_add_can_be_removed(browser: Browser, contract: Contract) -> None:
    assert "Remove " not in main(browser.get(page_of(contract)))
    browser.post(
        f"{page_of(contract)}/lines/add-item", data={"item_id": make_item().id, "units": "1"}
    )
    assert "Remove Fetching" in main(browser.get(page_of(contract)))


# ---- Price line types ----


def test_a_line_takes_the_vat_of_its_type(browser: Browser, contract: Contract) -> None:
    fine = save_line_type(name="Fine", vat_code=make_vat_code("0"))
    typed = {"description": "Speeding", "units": "1", "unit_price": "58", "line_type_id": fine.id}
    answer = browser.post(f"{page_of(contract)}/lines/new", data={**typed, "vat_code_id": ""})
    assert answer.status_code == 303
    line = the_contract().lines[-1]
    assert (line.line_type, line.vat_code.code) == (fine, "0")


def test_a_type_that_is_archived_is_offered_to_its_own_lines_only(
    browser: Browser, contract: Contract
) -> None:
    save_line_type(name="Fine", active=False)
    assert "Fine" not in browser.get(f"{page_of(contract)}/lines/new").text


# ---- From the price list ----


def test_an_item_comes_with_its_price_and_vat(browser: Browser, contract: Contract) -> None:
    item = make_item(names={"en": "Fetching the van"})
    page = page_of(contract)
    assert "Add from the price list" in main(browser.get(page))
    answer = browser.post(
        f"{page}/lines/add-item", data={"item_id": item.id, "units": "2"}, headers=over(page)
    )
    assert "contract-changed" in answer.headers["HX-Trigger"]
    line = the_contract().lines[-1]
    assert (line.description, line.units, line.unit_price) == (
        "Fetching the van",
        Decimal(2),
        Decimal(45),
    )
    assert line.vat_code.code == "6"


def test_an_item_can_be_given_another_price(browser: Browser, contract: Contract) -> None:
    typed = {"item_id": make_item().id, "units": "1", "unit_price": "40", "discount": "5"}
    browser.post(f"{page_of(contract)}/lines/add-item", data=typed)
    line = the_contract().lines[-1]
    assert (line.unit_price, line.discount) == (Decimal(40), Decimal(5))


def test_the_picker_offers_what_can_be_added(browser: Browser) -> None:
    make_item()
    make_item(kind=ItemKind.ARTICLE, name="Fetch rope")
    make_item(kind=ItemKind.SURCHARGE, name="Fetch fee")
    make_item(name="Fetch of old", active=False)
    text = words(browser.get("/contracts/items/pick?q=fetch"))
    assert "Fetching €45.00 · Extra charge" in text
    assert "Fetch rope" in text
    assert "fee" not in text
    assert "of old" not in text


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"item_id": "999"}, "item_id"), ({}, "item_id"), ({"units": "-1"}, "units")],
)
def test_what_cannot_be_added_is_told_at_its_field(
    browser: Browser, contract: Contract, typed: dict[str, str], field: str
) -> None:
    known = {"item_id": make_item().id} if field == "units" else {}
    data = {"units": "1", **known, **typed}
    answer = browser.post(f"{page_of(contract)}/lines/add-item", data=data, headers=HTMX)
    assert answer.status_code == 422
    assert error_at(answer, field)


# ---- Counting ----


def test_the_contract_says_what_it_counts(browser: Browser, contract: Contract) -> None:
    url = f"{page_of(contract)}/terms"
    assert "Automatically" in words(browser.get(url))
    typed = {"rate_type": "week", "price_basis": "actual"}
    assert browser.post(url, data=typed).status_code == 303
    changed = the_contract()
    assert (changed.rate_type, changed.price_basis) == (RateType.WEEK, PriceBasis.ACTUAL)
    assert "€500.00" in main(browser.get(page_of(contract)))
    browser.post(url, data={"rate_type": "", "price_basis": "planned"})
    assert the_contract().rate_type is None


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"rate_type": "month", "price_basis": "planned"}, "rate_type"),
        ({"rate_type": "year", "price_basis": "planned"}, "rate_type"),
        ({"rate_type": "", "price_basis": "never"}, "price_basis"),
    ],
)
def test_only_what_the_price_range_has_can_be_counted(
    browser: Browser, contract: Contract, typed: dict[str, str], field: str
) -> None:
    answer = browser.post(f"{page_of(contract)}/terms", data=typed, headers=HTMX)
    assert answer.status_code == 422
    assert error_at(answer, field)


def test_a_contract_with_an_invoice_is_not_counted_anew(
    browser: Browser, contract: Contract
) -> None:
    make_invoice(contract)
    typed = {"rate_type": "week", "price_basis": "planned"}
    answer = browser.post(f"{page_of(contract)}/terms", data=typed, headers=HTMX)
    assert answer.status_code == 422
    assert "has an invoice" in words(answer)


def test_two_people_who_change_the_counting_are_told(browser: Browser, contract: Contract) -> None:
    url = f"{page_of(contract)}/terms"
    seen = browser.get(url).text.split('name="seen"')[1].split('value="')[1].split('"')[0]
    browser.post(url, data={"rate_type": "week", "price_basis": "planned"})
    seen = seen.replace("&#34;", '"')
    typed = {"rate_type": "day", "price_basis": "planned", "seen": seen}
    assert browser.post(url, data=typed, headers=HTMX).status_code == 409


@pytest.mark.parametrize("path", ["terms", "lines/add-item"])
def test_prices_change_only_with_the_right(login: Login, contract: Contract, path: str) -> None:
    reader = login("contracts.view")
    assert reader.get(f"{page_of(contract)}/{path}").status_code == 403
    assert "price list" not in main(reader.get(page_of(contract)))
