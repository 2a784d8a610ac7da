"""People whose rights reach a part of the firm only: every page is walked with the rest's records.

What a person may not open is not shown and answers 403.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from flask import Flask
from flask_login import login_user
from sqlalchemy import select
from werkzeug.test import TestResponse

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.locales import timezone
from ppplanner.models import (
    BusinessUnit,
    Company,
    Contract,
    CostCarrier,
    CostCentre,
    Customer,
    GLAccount,
    Invoice,
    InvoiceLine,
    Pool,
    PriceLine,
    Resource,
    RoleGrant,
    User,
)
from ppplanner.reach import CONDITIONS, EVERYWHERE, lies_within, places, reach_of, within
from ppplanner.services.firm.organisation import save_company_group
from tests.conftest import Login
from tests.factories import (
    make_company,
    make_contract,
    make_customer,
    make_gl_account,
    make_invoice,
    make_limited_user,
    make_price_range,
    make_resource,
    make_role,
    make_unit,
    make_user,
)
from tests.installed import INSTALLED
from tests.statements import counted
from tests.test_routes import Route, routes, wrong

#: In the name of everything that lies out of reach, and of nothing else.
SECRET = "Verborgen"
OPEN = "Openbaar"


#: What business units of one company group share.
SHARED = re.compile("/customers/|/cost-|/companies/|/price-")

#: What belongs to one business unit.
PLACED = (Pool, BusinessUnit, Resource, Contract, PriceLine, Invoice, InvoiceLine, GLAccount)


@dataclass(frozen=True)
class World:
    """Two business units, the first of which the limited person may know nothing of."""

    secret: Invoice
    own: Invoice
    limited: User

    @property
    def one_group(self) -> bool:
        return self.secret.company.group_id == self.own.company.group_id


@pytest.fixture
def addons() -> tuple[str, ...]:
    return INSTALLED


@pytest.fixture(autouse=True)
def calm(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


@pytest.fixture(params=["two company groups", "one company group"])
def world(app: Flask, request: pytest.FixtureRequest) -> World:
    """What is secret comes first, so that it is the first record of each kind."""
    if request.param == "one company group":
        company = make_company("Samen BV")
        secret, own = _unit(company, SECRET, "Klant 1"), _unit(company, OPEN, "Klant 2")
    else:
        secret, own = (_unit(_company(name), name, f"{name} klant") for name in (SECRET, OPEN))
    limited = make_limited_user(_pool(own), name="Lea", username="lea")
    return World(secret, own, limited)


def _company(name: str) -> Company:
    group = save_company_group(name=f"{name} groep")
    centre = CostCentre(group_id=group.id, code="C1", name=f"{name} centre")
    carrier = CostCarrier(group_id=group.id, code="V1", name=f"{name} carrier")
    db.session.add_all([centre, carrier])
    return make_company(f"{name} BV", group=group)


def _unit(company: Company, name: str, customer_name: str) -> Invoice:
    """A business unit with a resource, contracts with and without one, and an invoice."""
    group, unit = company.group, make_unit(company, name=name, code=name[:8])
    make_gl_account(unit, name=f"{name} GL")
    price_range = make_price_range(group=group, name=f"Range of {customer_name}")
    customer = make_customer(group=group, company_name=customer_name)
    resource = make_resource(unit, price_range=price_range, model=name, code=name)
    _later(1, resource, customer).resource = None
    return make_invoice(make_contract(resource, customer))


def _later(years: int, resource: Resource, customer: Customer) -> Contract:
    start = now() + timedelta(days=365 * years)
    return make_contract(resource, customer, start, start + timedelta(days=1))


def _contract(invoice: Invoice) -> Contract:
    assert invoice.contract
    return invoice.contract


def _resource(invoice: Invoice) -> Resource:
    resource = _contract(invoice).resource
    assert resource
    return resource


def _pool(invoice: Invoice) -> Pool:
    return _resource(invoice).pool


def with_keys(app: Flask) -> Iterator[Route]:
    """The routes that lead to one record, here to the first of its kind, which is a secret one."""
    return (route for route in routes(app) if re.search(r"/1(/|$)", route.path))


def test_no_address_leads_to_what_is_out_of_reach(app: Flask, login: Login, world: World) -> None:
    browser = login(user=world.limited)
    assert len(list(with_keys(app))) > 50
    entered = {
        route: answer.status
        for route in with_keys(app)
        if route.permission
        and not (world.one_group and SHARED.search(route.path))
        and (answer := route.ask(browser)).status_code not in {403, 404}
    }
    assert wrong(entered) == []


@pytest.mark.parametrize("query", ["", f"?q={SECRET[:-2]}"], ids=["opened", "searched"])
def test_no_page_shows_what_is_out_of_reach(
    app: Flask, login: Login, world: World, query: str
) -> None:
    browser = login(user=world.limited)
    pages = [replace(route, path=route.path + query) for route in without_keys(app)]
    shown = {route: told for route in pages if (told := secrets(route.ask(browser)))}
    assert wrong(shown) == []


@pytest.mark.parametrize("key", [2, 4])
def test_no_page_of_one_s_own_shows_what_is_out_of_reach(
    app: Flask, login: Login, world: World, key: int
) -> None:
    """The first record of each kind is a secret one, the last one an own one."""
    browser = login(user=world.limited)
    pages = [each for each in routes(app, key) if each.method == "GET" and f"/{key}" in each.path]
    shown = {route: told for route in pages if (told := secrets(route.ask(browser)))}
    assert wrong(shown) == []


def test_somebody_with_rights_everywhere_sees_it_all(
    app: Flask, login: Login, world: World
) -> None:
    browser = login()
    shown = [route.path for route in without_keys(app) if secrets(route.ask(browser))]
    assert len(shown) > 20
    assert "/contracts/" in shown


def without_keys(app: Flask) -> Iterator[Route]:
    return (each for each in routes(app) if each.method == "GET" and "/1" not in each.path)


def secrets(answer: TestResponse) -> str:
    """What an answer tells of the secret firm."""
    text = answer.data.decode(errors="ignore")
    found = text.find(SECRET)
    return " ".join(text[max(found - 80, 0) : found + 40].split()) if found >= 0 else ""


@pytest.mark.both_databases
def test_each_kind_of_record_is_told_apart(world: World) -> None:
    """The condition of lists and the question about one record agree, and keep what is secret."""
    reach = reach_of(world.limited.grants, places)
    for model in CONDITIONS:
        records = list(db.session.scalars(select(model)))
        listed = set(db.session.scalars(select(model).where(within(model, reach))))
        assert listed == {record for record in records if lies_within(record, reach)}
        assert all(SECRET not in str(record) for record in listed)
        if model in PLACED:
            assert 0 < len(listed) < len(records), model


@pytest.mark.both_databases
def test_a_contract_without_a_resource_belongs_to_its_business_unit(world: World) -> None:
    waiting = select(Contract).where(Contract.resource_id.is_(None))
    reach = reach_of(world.limited.grants, places)
    found = db.session.scalars(waiting.where(within(Contract, reach))).all()
    assert [contract.business_unit for contract in found] == [world.own.business_unit]


@pytest.mark.both_databases
def test_a_grant_in_a_company_group_reaches_all_its_pools(world: World) -> None:
    user = make_limited_user(world.own.company.group)
    pools = set(db.session.scalars(select(Pool).where(within(Pool, reach_of(user.grants, places)))))
    assert (_pool(world.secret) in pools) is world.one_group
    assert _pool(world.own) in pools


def test_grants_add_up(world: World) -> None:
    user = make_limited_user(_pool(world.own), _pool(world.secret))
    reach = reach_of(user.grants, places)
    assert reach.pools == {_pool(world.own).id, _pool(world.secret).id}
    user.grants.append(RoleGrant(role=make_role()))
    assert reach_of(user.grants, places) == EVERYWHERE


# ---- What a form or an address brings along ----


def test_a_contract_is_not_made_of_what_is_out_of_reach(login: Login, world: World) -> None:
    browser = login(user=world.limited)
    contract, own = _contract(world.secret), _contract(world.own)
    assert browser.get(f"/contracts/new?resource_id={contract.resource_id}").status_code == 403
    data = {
        "customer_id": own.customer_id,
        "business_unit_id": own.business_unit_id,
        "starts_at": "2031-03-01T08:00",
        "ends_at": "2031-03-02T08:00",
    }
    elsewhere = {**data, "resource_id": contract.resource_id}
    assert browser.post("/contracts/new", data=elsewhere).status_code == 403
    answer = browser.post(
        "/contracts/new", data={**data, "business_unit_id": contract.business_unit_id}
    )
    assert answer.status_code == 422
    fine = {**data, "resource_id": own.resource_id}
    assert browser.post("/contracts/new", data=fine).status_code == 303


def test_a_contract_of_another_unit_on_one_s_own_resource_can_be_changed(
    app: Flask, login: Login
) -> None:
    company = make_company()
    theirs, own = make_unit(company, name="Theirs"), make_unit(company, name="Own")
    account = make_gl_account(theirs)
    contract = make_contract(make_resource(own), unit=theirs)
    browser, url = login(user=make_limited_user(own.pools[0])), f"/contracts/{contract.id}"
    driver = make_customer("private").id
    assert browser.post(f"{url}/driver", data={"driver_id": driver}).status_code == 303
    page = browser.get(f"{url}/reservation").text
    assert "Theirs" in page
    data = {
        "starts_at": "2031-03-01T08:00",
        "ends_at": "2031-03-02T08:00",
        "business_unit_id": theirs.id,
    }
    assert browser.post(f"{url}/reservation", data=data).status_code == 303
    line = {"description": "Towing", "unit_price": "80", "units": "1"}
    line |= {"gl_account_id": str(account.id)}
    assert browser.post(f"{url}/lines/new", data=line).status_code == 303
    asked = f"besides={contract.id}&business_unit_id={theirs.id}"
    assert browser.get(f"/contracts/price?{asked}").status_code == 200
    copy = browser.get(f"/contracts/new?like={contract.id}").text
    assert f'<option selected value="{own.id}"' in copy
    assert "Theirs" not in copy
    assert (contract.driver_id, contract.business_unit_id) == (driver, theirs.id)
    assert contract.lines[-1].gl_account_id == account.id


def test_an_open_board_hears_only_of_rows_within_reach(login: Login, world: World) -> None:
    browser = login(user=world.limited)
    token = browser.get("/planning/changes").get_json()["token"]
    own, secret = _resource(world.own), _resource(world.secret)
    own.model, secret.model = "Own", "Theirs"
    assert browser.get(f"/planning/changes?since={token}").get_json()["resources"] == [own.id]
    told = login().get(f"/planning/changes?since={token}").get_json()["resources"]
    assert set(told) == {own.id, secret.id}


def test_a_resource_does_not_leave_for_a_pool_out_of_reach(login: Login, world: World) -> None:
    browser, own = login(user=world.limited), _resource(world.own)
    page = browser.get(f"/resources/{own.id}/edit").text
    assert f'value="{_pool(world.own).id}"' in page
    data = {"code": "X", "type_id": own.type_id, "pool_id": _pool(world.secret).id}
    assert browser.post("/resources/new", data=data).status_code == 422


def test_the_drafts_of_others_are_not_confirmed_along(login: Login, world: World) -> None:
    drafts = [
        make_invoice(_later(2, _resource(each), each.customer), confirmed=False)
        for each in (world.secret, world.own)
    ]
    data = {"ids": [draft.id for draft in drafts], "sure": "y"}
    assert login(user=world.limited).post("/invoices/confirm", data=data).status_code == 303
    assert [draft.is_draft for draft in drafts] == [True, False]


def test_the_top_bar_offers_and_takes_only_units_within_reach(login: Login, world: World) -> None:
    browser, secret = login(user=world.limited), world.secret.business_unit_id
    choose = {"business_unit_id": secret}
    assert browser.post("/switch/unit", data=choose).status_code == 403
    assert world.limited.business_unit_id is None
    choose = {"business_unit_id": world.own.business_unit_id}
    assert browser.post("/switch/unit", data=choose).status_code == 303
    assert world.limited.business_unit_id == world.own.business_unit_id


# ---- Some rights here, others there ----


def test_a_right_reaches_as_far_as_its_own_grants(login: Login, world: World) -> None:
    """Sees contracts everywhere, and changes those of one pool."""
    user = make_limited_user(_pool(world.own), permissions=["contracts.edit"])
    user.grants.append(RoleGrant(role=make_role(["contracts.view"])))
    browser, contract = login(user=user), _contract(world.secret)
    page = browser.get(f"/contracts/{contract.id}")
    assert page.status_code == 200
    assert f"/contracts/{contract.id}/cancel" not in page.text
    assert browser.post(f"/contracts/{contract.id}/cancel").status_code == 403


def test_what_all_share_is_only_changed_by_people_with_the_right_everywhere(
    login: Login, world: World
) -> None:
    group = world.own.company.group
    browser = login(user=make_limited_user(group))
    for path in ("/ledger/vat-codes/", "/resources/types/"):
        page = browser.get(path)
        assert page.status_code == 200
        assert f"{path}new" not in page.text
        assert browser.get(f"{path}new").status_code == 403
    assert browser.get("/settings/users/").status_code == 403
    assert browser.get("/settings/history").status_code == 403
    assert browser.get("/settings/company-groups/").status_code == 403
    assert browser.get("/settings/companies/").status_code == 200


def test_somebody_without_any_right_is_told_whom_to_ask(login: Login) -> None:
    page = login(user=make_user(permissions=[])).get("/").text
    assert "Ask whoever maintains the users to give you a role." in page


@pytest.mark.parametrize("path", ["/", "/contracts/", "/invoices/", "/customers/", "/resources/"])
def test_the_reach_costs_one_query_however_much_there_is(
    login: Login, world: World, path: str
) -> None:
    everybody = login()
    with counted() as all_of_it:
        everybody.get(path)
    limited = login(user=world.limited)
    with counted() as a_part:
        limited.get(path)
    assert len(a_part) <= len(all_of_it) + 1


@pytest.mark.parametrize(
    ("zones", "shown"),
    [
        (("Europe/London", "Europe/London"), "Europe/London"),
        (("Europe/London", "Europe/Lisbon"), "Europe/Brussels"),
    ],
)
def test_all_business_units_together_are_in_their_common_time_zone(
    app: Flask, zones: tuple[str, str], shown: str
) -> None:
    for zone in zones:
        make_company(timezone=zone)
    user = make_user()
    with app.test_request_context():
        login_user(user)
        assert timezone() == shown
