"""Cost centres and cost carriers: on the pages of those who use them, and on no page of others."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from ppplanner.extensions import db
from ppplanner.models import (
    CatalogueItem,
    CompanyGroup,
    Contract,
    CostCarrier,
    CostCentre,
    Invoice,
    ItemKind,
    PriceRange,
    Resource,
)
from ppplanner.services.firm.organisation import save_company_group, the_group
from ppplanner.services.pricing.catalogue import save_item
from ppplanner.services.pricing.line_types import save_line_type
from tests.blueprints.pages import words
from tests.blueprints.test_prices import filled, post
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_cost_carrier,
    make_cost_centre,
    make_gl_account,
    make_invoice,
    make_price_range,
    make_resource,
    make_unit,
    make_user,
    make_vat_code,
)
from tests.installed import INSTALLED
from tests.test_routes import routes

CENTRES = re.compile(r"cost.?cent(re|er)|kostenplaats|centre[s]? de co[uû]t", re.IGNORECASE)
CARRIERS = re.compile(r"cost.?carrier|kostendrager|porteur[s]? de co[uû]t", re.IGNORECASE)
#: Where they are switched on and off.
SWITCHES = ("/settings/company-groups/1", "/settings/company-groups/new")


@pytest.fixture
def addons() -> tuple[str, ...]:
    return INSTALLED


@pytest.fixture
def records(app: Flask) -> Contract:
    """A firm in which everything that can name a cost centre and a cost carrier does."""
    centre, carrier = make_cost_centre(code="CC1"), make_cost_carrier(code="CV1")
    named: Any = {"cost_centre_code": "CC1", "cost_carrier_code": "CV1"}
    vans = make_price_range(50)
    for name, code in named.items():
        setattr(vans.rates[0], name, code)
    save_line_type(name="Fine", **named)
    vat_code = make_vat_code()
    for kind in ItemKind:
        save_item(
            group_id=the_group().id,
            kind=kind,
            name="Chain",
            price=Decimal(5),
            vat_code=vat_code,
            **named,
        )
    van = make_resource(price_range=vans, cost_centre=centre, cost_carrier=carrier)
    contract = make_contract(van)
    make_invoice(contract)
    centre.name, carrier.name = "Workplace", "Vehicle"
    db.session.commit()
    return contract


def switch(**switches: bool) -> None:
    """Past the history, which tells who switched what off."""
    db.session.execute(update(CompanyGroup).values(**switches))
    db.session.commit()


@pytest.fixture
def calm(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks is for other tests: the walk goes on."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


def traces(app: Flask, browser: Browser, *patterns: re.Pattern[str]) -> list[str]:
    """The pages, and parts of them, that speak of what these patterns find."""
    paths = {route.path for route in routes(app) if route.method == "GET"} - set(SWITCHES)
    found = []
    for path in sorted(paths):
        answer = browser.get(path)
        text = answer.text if (answer.mimetype or "").startswith("text/") else ""
        found += [f"{path}: {each.group()}" for p in patterns if (each := p.search(text))]
    return found


@pytest.mark.usefixtures("calm")
@pytest.mark.parametrize("language", ["nl", "fr"])
def test_no_page_has_a_trace_of_what_is_not_used(
    app: Flask, login: Login, records: Contract, language: str
) -> None:
    """Domain 14.2, S21. What was there before is kept and says nothing; only the history tells who
    switched it off.
    """
    browser = login(user=make_user(language=language))
    switch(uses_cost_centres=False, uses_cost_carriers=False)
    assert traces(app, browser, CENTRES, CARRIERS) == []


def test_a_bookmark_with_their_columns_shows_none(login: Login, records: Contract) -> None:
    browser = login()
    url = "/resources/?columns=code,cost_centre,cost_carrier"
    assert "CC1 Workplace" in words(browser.get(url))
    switch(uses_cost_centres=False, uses_cost_carriers=False)
    shown = words(browser.get(url))
    assert not CENTRES.search(shown)
    assert not CARRIERS.search(shown)
    assert "Workplace" not in shown


@pytest.mark.usefixtures("calm")
def test_one_goes_without_the_other(app: Flask, login: Login, records: Contract) -> None:
    browser = login()
    switch(uses_cost_centres=False)
    found = traces(app, browser, CENTRES, CARRIERS)
    assert len([each for each in found if CARRIERS.search(each)]) == len(found) > 8
    switch(uses_cost_centres=True, uses_cost_carriers=False)
    found = traces(app, browser, CENTRES, CARRIERS)
    assert len([each for each in found if CENTRES.search(each)]) == len(found) > 8


def test_the_group_of_the_chosen_business_unit_decides(login: Login, records: Contract) -> None:
    switch(uses_cost_centres=False)
    save_company_group(name="Others")
    browser = login(user=make_user(business_unit_id=records.business_unit_id))
    assert not CENTRES.search(browser.get("/ledger/gl-accounts/").text)
    assert CENTRES.search(login().get("/ledger/gl-accounts/").text)


def test_the_switches_are_in_the_form_of_the_company_group(login: Login) -> None:
    group = the_group()
    browser = login()
    url = f"/settings/company-groups/{group.id}"
    form = filled(browser.get(url))
    assert {"uses_cost_centres", "uses_cost_carriers"} <= form.keys()
    form.pop("uses_cost_centres")
    assert browser.post(url, data=form).status_code == 303
    assert (group.uses_cost_centres, group.uses_cost_carriers) == (False, True)


def test_saving_a_form_keeps_what_it_does_not_show(login: Login, records: Contract) -> None:
    browser = login()
    switch(uses_cost_centres=False, uses_cost_carriers=False)
    vans, van = db.session.scalars(select(PriceRange)).one(), db.session.scalars(select(Resource))
    item = db.session.scalars(select(CatalogueItem).filter_by(kind=ItemKind.ARTICLE)).one()
    assert post(browser, f"/settings/rates/{vans.id}", name="Vans").status_code == 303
    assert post(browser, f"/settings/articles/{item.id}", name="Net").status_code == 303
    resource = van.one()
    assert post(browser, f"/resources/{resource.id}/edit", brand="MAN").status_code == 303
    assert (vans.name, item.name, resource.brand) == ("Vans", "Net", "MAN")
    assert (vans.rates[0].cost_centre_code, item.cost_carrier_code) == ("CC1", "CV1")
    assert [str(resource.cost_centre), str(resource.cost_carrier)] == [
        "CC1 Workplace",
        "CV1 Vehicle",
    ]


def test_an_invoice_made_without_them_has_none(login: Login, records: Contract) -> None:
    switch(uses_cost_centres=False)
    contract = make_contract(
        make_resource(
            records.business_unit,
            cost_centre=db.session.scalars(select(CostCentre)).one(),
            cost_carrier=db.session.scalars(select(CostCarrier)).one(),
        )
    )
    switch(uses_cost_centres=True, uses_cost_carriers=False)
    line = make_invoice(contract).lines[0]
    assert (line.cost_centre, line.cost_carrier) == (None, None)


def test_a_price_line_is_put_on_costs_by_hand(login: Login) -> None:
    browser = login()
    centre = make_cost_centre(code="PROJ1", name="Harbour")
    contract = make_contract()
    url = f"/contracts/{contract.id}/lines/{contract.lines[0].id}/edit"
    assert post(browser, url, cost_centre_id=centre.id).status_code == 303
    line = contract.lines[0]
    assert (line.cost_centre, line.cost_centre_locked) == (centre, True)
    assert filled(browser.get(url))["cost_centre_id"] == [str(centre.id)]
    assert post(browser, url, cost_centre_id="").status_code == 303
    assert (line.cost_centre, line.cost_centre_locked) == (None, False)


def test_rates_of_a_price_range_name_costs_together_or_each_their_own(login: Login) -> None:
    browser = login()
    make_cost_centre(code="VANS"), make_cost_centre(code="DAYS"), make_cost_carrier(code="FLEET")
    vans = make_price_range(50, name="Vans")
    typed = {"cost_centre_code": "VANS", "cost_carrier_code": "FLEET", "week_price": "250"}
    url = f"/settings/rates/{vans.id}"
    assert post(browser, url, **typed).status_code == 303
    assert {(each.cost_centre_code, each.cost_carrier_code) for each in vans.rates} == {
        ("VANS", "FLEET")
    }
    own = {"week_cost_centre_code": "DAYS", "week_cost_carrier_code": "-"}
    assert post(browser, url, **own).status_code == 303
    week = next(each for each in vans.rates if each.rate_type == "week")
    assert (week.cost_centre_code, week.cost_carrier_code) == ("DAYS", None)
    form = filled(browser.get(url))
    assert form["week_cost_centre_code"] == ["DAYS"]
    assert form["week_cost_carrier_code"] == ["-"]


@pytest.mark.parametrize("path", ["articles", "surcharges", "extra-charges", "price-line-types"])
def test_what_is_sold_names_costs(login: Login, path: str) -> None:
    browser = login()
    make_unit(), make_vat_code(), make_gl_account(), make_cost_centre(code="SHOP")
    typed = {"name": "Chain", "price": "5", "cost_centre_code": "SHOP"}
    assert post(browser, f"/settings/{path}/new", **typed).status_code == 303
    page = browser.get(f"/settings/{path}/?columns=name,cost_centre_code")
    assert "SHOP" in words(page)


def test_a_cost_centre_that_a_rate_names_cannot_be_deleted(login: Login) -> None:
    centre = make_cost_centre(code="SHOP")
    make_price_range(name="Vans").rates[0].cost_centre_code = "SHOP"
    answer = login().post(f"/ledger/cost-centres/{centre.id}/delete")
    assert answer.status_code == 409
    assert "“Vans” books on" in words(answer)


def test_an_invoice_shows_the_costs_of_its_lines(login: Login, records: Contract) -> None:
    invoice = db.session.scalars(select(Invoice)).one()
    assert "CC1 Workplace" in words(login().get(f"/invoices/{invoice.id}"))
