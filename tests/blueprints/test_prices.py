"""The price lists: price ranges with their rates, the catalogue, price line types."""

from __future__ import annotations

from decimal import Decimal
from html.parser import HTMLParser

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from ppplanner.extensions import db
from ppplanner.models import CatalogueItem, ItemKind, LineRole, PriceLineType, PriceRange, RateType
from ppplanner.services.firm.organisation import the_group
from ppplanner.services.pricing.catalogue import save_item
from ppplanner.services.pricing.line_types import type_for
from tests.blueprints.pages import error_at, words
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_gl_account,
    make_price_range,
    make_rate,
    make_resource,
    make_unit,
    make_user,
    make_vat_code,
)


class FormReader(HTMLParser):
    """What a browser would send of the form on a page."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        name, kind = own.get("name", ""), own.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in own or self._select not in self.values):
            self.values[self._select] = [own["value"]]
        elif tag == "input" and name and (kind != "checkbox" or "checked" in own):
            self.values.setdefault(name, []).append(own.get("value", ""))


def filled(page: TestResponse, **typed: object) -> dict[str, object]:
    """The values of the form on the page, with what a person types over them."""
    reader = FormReader()
    reader.feed(page.text)
    reader.values.pop("csrf_token", None)
    return {**reader.values, **typed}


def post(browser: Browser, url: str, **typed: object) -> TestResponse:
    """Open the form, type, and save."""
    return browser.post(url, data=filled(browser.get(url), **typed))


def surcharge(name: str = "Cleaning", active: bool = True) -> CatalogueItem:
    return save_item(
        group_id=the_group().id,
        kind=ItemKind.SURCHARGE,
        name=name,
        price=Decimal(15),
        vat_code=make_vat_code(),
        active=active,
    )


def the_range() -> PriceRange:
    return db.session.scalars(select(PriceRange)).one()


# ---- Price ranges ----


def test_a_price_range_is_made_with_all_its_rates_at_once(login: Login) -> None:
    make_unit()
    codes = make_vat_code("21"), make_vat_code("6")
    cleaning = surcharge()
    answer = post(
        login(),
        "/settings/rates/new",
        name="Vans",
        vat_code_id=codes[0].id,
        gl_code="700000",
        hour_price="12",
        day_price="50.125",
        week_price="280",
        week_vat_code_id=codes[1].id,
        week_gl_code="-",
        day_rolls_up="y",
        day_surcharges=[cleaning.id],
        day_text_nl="Huur {resource}",
        km_per_day="200",
        km_price="0.25",
    )
    assert answer.status_code == 303
    vans = the_range()
    rates = {rate.rate_type: rate for rate in vans.rates}
    assert set(rates) == {RateType.HOUR, RateType.DAY, RateType.WEEK}
    day, week = rates[RateType.DAY], rates[RateType.WEEK]
    assert (day.price, day.rolls_up, day.gl_code) == (Decimal("50.125"), True, "700000")
    assert (day.vat_code, week.vat_code, week.gl_code) == (*codes, None)
    assert (day.surcharges, week.surcharges) == ([cleaning], [])
    assert day.invoice_text == {"nl": "Huur {resource}"}
    assert (vans.km_per_day, vans.km_price, vans.fuel_price) == (200, Decimal("0.25"), Decimal(0))


def test_a_price_range_comes_back_as_it_was_saved(login: Login) -> None:
    make_unit()
    vans = make_price_range(50, gl_code="700000", km_per_day=150, km_price=Decimal("0.3"))
    make_rate(vans, "week", 280, make_vat_code("6"), surcharges=[surcharge()], rolls_up=True)
    url = f"/settings/rates/{vans.id}"
    before = filled(login().get(url))
    assert post(login(), url).status_code == 303
    after = filled(login().get(url))
    assert after == before
    assert db.session.scalar(select(PriceRange.km_per_day)) == 150


def test_a_rate_without_price_is_no_longer_offered(login: Login) -> None:
    vans = make_price_range(50)
    make_rate(vans, "week", 280)
    assert post(login(), f"/settings/rates/{vans.id}", week_price="").status_code == 303
    assert [rate.rate_type for rate in vans.rates if rate.active] == [RateType.DAY]


def test_a_price_is_read_as_the_person_writes_it(login: Login) -> None:
    make_vat_code()
    browser = login(user=make_user(language="nl"))
    post(browser, "/settings/rates/new", name="Van", day_price="1.049,5")
    assert the_range().rates[0].price == Decimal("1049.5")


def test_a_price_keeps_its_decimals_in_the_list(login: Login) -> None:
    make_price_range(Decimal("0.1275"))
    assert "€0.1275" in login().get("/settings/rates/").text


@pytest.mark.parametrize("price", ["", "-1", "abc", "100001", "1.23456", "1e12"])
def test_a_price_that_cannot_be_is_refused_at_its_field(login: Login, price: str) -> None:
    make_vat_code()
    answer = post(login(), "/settings/rates/new", name="Van", day_price=price)
    assert answer.status_code == 422
    assert error_at(answer, "day_price")


def test_a_text_with_an_unknown_word_in_braces_is_refused_at_its_field(login: Login) -> None:
    make_vat_code()
    answer = post(login(), "/settings/rates/new", name="Van", day_price="5", day_text_fr="{plaque}")
    assert answer.status_code == 422
    assert "{plaque}" in error_at(answer, "day_text_fr")


def test_a_rate_offers_each_revenue_account_once(login: Login) -> None:
    make_unit(), make_unit()
    page = login().get("/settings/rates/new").text
    assert page.count('<option value="700000">') == 1 + len(RateType)


def test_a_price_range_keeps_an_archived_vat_code(login: Login) -> None:
    vans = make_price_range(40)
    vans.rates[0].vat_code.active = False
    make_vat_code("6")
    assert post(login(), f"/settings/rates/{vans.id}", name="Big van").status_code == 303
    assert (vans.name, vans.rates[0].vat_code.code) == ("Big van", "21")


def test_an_archived_surcharge_stays_with_the_rates_that_name_it(login: Login) -> None:
    old = surcharge(active=False)
    vans = make_price_range(None)
    make_rate(vans, "day", 50, surcharges=[old])
    make_rate(vans, "week", 280)
    assert post(login(), f"/settings/rates/{vans.id}").status_code == 303
    assert [rate.surcharges for rate in vans.rates] == [[old], []]


def test_a_copy_begins_with_all_of_the_original(login: Login) -> None:
    vans = make_price_range(50, name="Vans", km_per_day=150)
    make_rate(vans, "week", 280)
    answer = post(login(), f"/settings/rates/{vans.id}/copy", day_price="60")
    assert answer.status_code == 303
    copy = db.session.scalars(select(PriceRange).where(PriceRange.id != vans.id)).one()
    assert (copy.name, copy.km_per_day) == ("Vans (copy)", 150)
    assert [rate.price for rate in copy.rates] == [60, 280]


def test_a_copy_needs_a_name_of_its_own(login: Login) -> None:
    vans = make_price_range(50, name="Vans")
    answer = post(login(), f"/settings/rates/{vans.id}/copy", name="Vans")
    assert answer.status_code == 422
    assert error_at(answer, "name")


def test_a_price_range_in_use_can_only_be_archived(login: Login) -> None:
    vans = make_price_range(50)
    contract = make_contract(make_resource(price_range=vans))
    contract.resource.price_range = None  # type: ignore[union-attr]
    answer = login().post(f"/settings/rates/{vans.id}/delete")
    assert answer.status_code == 409
    assert "is in use" in words(answer)
    assert login().post(f"/settings/rates/{make_price_range().id}/delete").status_code == 303


# ---- The catalogue ----


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("articles", ItemKind.ARTICLE),
        ("surcharges", ItemKind.SURCHARGE),
        ("extra-charges", ItemKind.EXTRA_CHARGE),
    ],
)
def test_an_item_is_made_and_changed(login: Login, path: str, kind: ItemKind) -> None:
    make_vat_code()
    typed = {"name": "Ketting", "price": "12.5", "name_fr": " Chaîne "}
    assert post(login(), f"/settings/{path}/new", **typed).status_code == 303
    item = db.session.scalars(select(CatalogueItem)).one()
    assert (item.kind, item.price, item.names) == (kind, Decimal("12.5"), {"fr": "Chaîne"})
    assert post(login(), f"/settings/{path}/{item.id}", price="13").status_code == 303
    assert (item.price, item.names) == (Decimal(13), {"fr": "Chaîne"})
    assert "Ketting" in words(login().get(f"/settings/{path}/"))


def test_only_surcharges_are_counted_for_each_unit(login: Login) -> None:
    make_vat_code()
    assert "per_unit" in login().get("/settings/surcharges/new").text
    assert "per_unit" not in login().get("/settings/articles/new").text
    post(login(), "/settings/surcharges/new", name="Toll", price="3", per_unit="y")
    assert "For each unit" in words(login().get("/settings/surcharges/"))


@pytest.mark.parametrize("price", ["", "-1", "1e12"])
def test_an_item_with_an_impossible_price_is_refused(login: Login, price: str) -> None:
    make_vat_code()
    answer = post(login(), "/settings/articles/new", name="Chain", price=price)
    assert answer.status_code == 422
    assert error_at(answer, "price")


def test_two_articles_cannot_have_one_name(login: Login) -> None:
    make_vat_code()
    post(login(), "/settings/articles/new", name="Chain", price="1")
    answer = post(login(), "/settings/articles/new", name="Chain", price="1")
    assert "has this already" in error_at(answer, "name")
    assert post(login(), "/settings/extra-charges/new", name="Chain", price="1").status_code == 303


def test_a_surcharge_that_a_rate_names_can_only_be_archived(login: Login) -> None:
    cleaning = surcharge()
    make_rate(make_price_range(None), "day", 50, surcharges=[cleaning])
    answer = login().post(f"/settings/surcharges/{cleaning.id}/delete")
    assert answer.status_code == 409
    assert login().post(f"/settings/surcharges/{surcharge('Toll').id}/delete").status_code == 303


@pytest.mark.parametrize("path", ["articles/new", "extra-charges/", "rates/new", "line_types"])
def test_prices_are_for_those_who_maintain_them(login: Login, path: str) -> None:
    path = path.replace("line_types", "price-line-types/")
    assert login("contracts.edit").get(f"/settings/{path}").status_code == 403
    assert login("rates.edit").get(f"/settings/{path}").status_code == 200


# ---- Price line types ----


def test_a_price_line_type_is_made_with_its_books(login: Login) -> None:
    make_gl_account(code="741000")
    code = make_vat_code("0")
    typed = {"name": "Boete", "vat_code_id": code.id, "gl_code": "741000", "name_fr": "Amende"}
    assert post(login(), "/settings/price-line-types/new", **typed).status_code == 303
    made = db.session.scalars(select(PriceLineType)).one()
    assert (made.vat_code, made.gl_code, made.name_in("fr")) == (code, "741000", "Amende")


def test_a_type_that_the_application_charges_with_stays_in_use(login: Login) -> None:
    fuel = type_for(LineRole.FUEL)
    values = filled(login().get(f"/settings/price-line-types/{fuel.id}"))
    values.pop("active")
    answer = login().post(f"/settings/price-line-types/{fuel.id}", data=values)
    assert answer.status_code == 422
    assert error_at(answer, "active")


def test_a_gl_account_that_an_article_or_a_type_books_on_stays(login: Login) -> None:
    account = make_gl_account(code="741000")
    type_for(LineRole.FUEL).gl_code = "741000"
    answer = login().post(f"/ledger/gl-accounts/{account.id}/delete")
    assert answer.status_code == 409
    assert "“Fuel” books on" in words(answer)
