"""The settings: organisation, rates, users and roles, one's own account, the history."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.blueprints.setting_words import NAMES
from ppplanner.blueprints.vocabulary import FIELDS, KINDS, field_name
from ppplanner.extensions import db
from ppplanner.models import (
    Base,
    BusinessUnit,
    Change,
    Company,
    CompanyGroup,
    Pool,
    Role,
    RoleGrant,
    User,
)
from ppplanner.models.base import Tracked
from ppplanner.services.collections.collection_settings import collection_settings
from ppplanner.services.firm import users
from ppplanner.services.firm.invoice_settings import invoice_settings
from ppplanner.settings import Settings
from tests.blueprints.pages import seen_in
from tests.conftest import Login
from tests.factories import (
    PASSWORD,
    make_company,
    make_contract,
    make_customer,
    make_limited_user,
    make_pool,
    make_resource,
    make_role,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.usefixtures("app")

COMPANY = {"name": "Verhuur BV", "country": "BE", "timezone": "Europe/Brussels"}
NEW_USER = {
    "username": "an@example.com",
    "name": "An",
    "language": "nl",
    "password": "a good password",
    "active": "y",
}


@dataclass(frozen=True)
class MoonSettings:
    landing: bool = False


def found(model: type[Base], **key: object) -> object:
    return db.session.scalar(select(model).filter_by(**key))


# ---- The first page ----


def test_somebody_without_rights_is_offered_only_their_own_account(login: Login) -> None:
    page = login("customers.view").get("/settings/").text
    links = re.findall(r'class="choice" href="([^"]+)"', page)
    assert links == ["/settings/account"]


def test_the_first_page_offers_what_the_rights_open(login: Login) -> None:
    page = login("rates.edit", "history.view").get("/settings/").text
    links = re.findall(r'class="choice" href="([^"]+)"', page)
    assert links == ["/settings/account", "/settings/rates/", "/settings/history"]


@pytest.mark.parametrize(
    "path",
    [
        "company-groups/",
        "companies/",
        "business-units/",
        "pools/",
        "rates/",
        "users/",
        "roles/",
        "history",
    ],
)
def test_each_page_is_closed_without_its_right(login: Login, path: str) -> None:
    assert login("customers.view").get(f"/settings/{path}").status_code == 403


# ---- Organisation ----


def test_a_company_is_added(login: Login) -> None:
    data = {**COMPANY, "vat_number": "BE 0999.010.027", "iban": "BE71 0961 2345 6769"}
    assert login().post("/settings/companies/new", data=data).status_code == 303
    assert found(Company, name="Verhuur BV")


def test_the_first_company_makes_a_group_of_its_own_name(login: Login) -> None:
    assert "named after the company" in login().get("/settings/companies/new").text
    login().post("/settings/companies/new", data=COMPANY)
    assert [group.name for group in db.session.scalars(select(CompanyGroup))] == ["Verhuur BV"]


def test_a_company_joins_the_group_that_is_chosen(login: Login) -> None:
    make_company()
    assert login().post("/settings/company-groups/new", data={"name": "Other"}).status_code == 303
    group = found(CompanyGroup, name="Other")
    assert isinstance(group, CompanyGroup)
    data = {**COMPANY, "group_id": group.id}
    assert login().post("/settings/companies/new", data=data).status_code == 303
    assert [company.name for company in group.companies] == ["Verhuur BV"]
    assert "Verhuur BV" in login().get("/settings/company-groups/").text


def test_a_company_group_with_companies_cannot_be_deleted(login: Login) -> None:
    group = make_company().group
    answer = login().post(f"/settings/company-groups/{group.id}/delete")
    assert answer.status_code == 409
    assert "is in use" in answer.text


def test_a_pool_is_moved_to_another_business_unit(login: Login) -> None:
    pool, unit = make_resource().pool, make_unit()
    data = {"business_unit_id": unit.id, "name": "Vans"}
    assert login().post(f"/settings/pools/{pool.id}", data=data).status_code == 303
    assert (pool.business_unit, pool.name) == (unit, "Vans")


def test_a_pool_in_which_somebody_has_a_role_cannot_be_deleted(login: Login) -> None:
    pool = make_pool(make_unit())
    make_limited_user(pool)
    assert login().post(f"/settings/pools/{pool.id}/delete").status_code == 409


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"name": ""}, "Fill in a name."),
        ({"vat_number": "BE 0999.010.008"}, "This is not a VAT number"),
        ({"iban": "BE00 0000"}, "This is not an IBAN"),
        ({"email": "nobody"}, "This is not an e-mail address"),
        ({"timezone": "Mars/Olympus"}, "There is no such time zone"),
        ({"country": "XX"}, "Choose one from the list."),
    ],
)
def test_what_is_wrong_with_a_company_is_said_and_kept(
    login: Login, typed: dict[str, str], message: str
) -> None:
    data = {**COMPANY, "street": "Kaai 12", **typed}
    answer = login().post("/settings/companies/new", data=data)
    assert answer.status_code == 422
    assert message in answer.text
    assert "Kaai 12" in answer.text


def test_a_vat_number_from_outside_the_union_is_taken_as_it_is(login: Login) -> None:
    data = {**COMPANY, "country": "GB", "vat_number": "GB123"}
    assert login().post("/settings/companies/new", data=data).status_code == 303


def test_a_company_with_business_units_cannot_be_deleted(login: Login) -> None:
    company = make_unit().company
    answer = login().post(f"/settings/companies/{company.id}/delete")
    assert answer.status_code == 409
    assert "is in use" in answer.text


def test_a_business_unit_comes_with_a_pool(login: Login) -> None:
    company = make_company()
    data = {"company_id": company.id, "code": "GNT", "name": "Gent"}
    assert login().post("/settings/business-units/new", data=data).status_code == 303
    unit = db.session.scalars(select(BusinessUnit).filter_by(code="GNT")).one()
    assert [pool.name for pool in unit.pools] == ["Gent"]


def test_a_business_unit_without_resources_is_deleted_with_its_pools(login: Login) -> None:
    company = make_company()
    browser = login()
    data = {"company_id": company.id, "code": "GNT", "name": "Gent"}
    browser.post("/settings/business-units/new", data=data)
    unit = db.session.scalars(select(BusinessUnit)).one()
    assert browser.post(f"/settings/business-units/{unit.id}/delete").status_code == 303
    assert found(Pool) is None


def test_a_business_unit_with_resources_cannot_be_deleted(login: Login) -> None:
    unit = make_resource().pool.business_unit
    assert login().post(f"/settings/business-units/{unit.id}/delete").status_code == 409
    assert found(BusinessUnit, id=unit.id)


def test_two_pools_of_a_unit_cannot_have_one_name(login: Login) -> None:
    unit = make_unit()
    make_pool(unit, "Vans")
    data = {"business_unit_id": unit.id, "name": " Vans "}
    answer = login().post("/settings/pools/new", data=data)
    assert answer.status_code == 422
    other = {**data, "business_unit_id": make_unit().id}
    assert login().post("/settings/pools/new", data=other).status_code == 303


# ---- Users and roles ----


def test_a_user_is_added_and_can_log_in(login: Login) -> None:
    role = make_role(["customers.view"])
    answer = login().post("/settings/users/new", data={**NEW_USER, "grants": [role.id]})
    assert answer.status_code == 303
    user = users.authenticate("an@example.com", "a good password")
    assert user is not None
    assert user.roles == [role]


def test_a_user_gets_a_role_in_a_group_and_in_pools(login: Login) -> None:
    role, unit = make_role(["contracts.view"], name="Planner"), make_unit(name="Gent")
    pool, group = make_pool(unit, "Vans"), unit.company.group
    boxes = [f"{role.id}:group:{group.id}", f"{role.id}:pool:{pool.id}"]
    answer = login().post("/settings/users/new", data={**NEW_USER, "grants": boxes})
    assert answer.status_code == 303
    user = db.session.scalars(select(User).filter_by(username="an@example.com")).one()
    page = login().get(f"/settings/users/{user.id}").text
    ticked = re.findall(r'<input[^>]*checked[^>]*value="([^"]+)"', page)
    assert set(boxes) <= set(ticked)
    assert str(role.id) not in ticked
    assert f"All of {group.name}, Gent · Vans" in page
    assert f"Planner ({group.name}), Planner (Gent · Vans)" in login().get("/settings/users/").text


def test_a_role_says_which_rights_a_pool_is_not_enough_for(login: Login) -> None:
    page = unescape(login().get("/settings/roles/new").text)
    assert page.count("only when the role is given everywhere") == 2
    assert page.count("not when the role is given in a pool") == 4


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"username": ""}, "Fill in a user name"),
        ({"name": ""}, "Fill in a name."),
        ({"password": ""}, "Fill in a first password."),
        ({"password": "short"}, "at least 10 characters"),
        ({"password": "x" * 501}, "at most 500 characters"),
        ({"email": "nobody"}, "This is not an e-mail address"),
        ({"grants": "999999"}, "choose again"),
        ({"grants": "1:abc"}, "choose again"),
        ({"language": "xx"}, "Choose one from the list."),
    ],
)
def test_what_is_wrong_with_a_user_is_said_at_the_field(
    login: Login, typed: dict[str, str], message: str
) -> None:
    answer = login().post("/settings/users/new", data={**NEW_USER, **typed})
    assert answer.status_code == 422
    assert message in answer.text
    assert found(User, username="an@example.com") is None


def test_a_user_name_that_is_taken_is_refused(login: Login) -> None:
    make_user(username="an@example.com")
    assert login().post("/settings/users/new", data=NEW_USER).status_code == 422


def test_a_user_keeps_name_and_password_unless_a_new_one_is_typed(login: Login) -> None:
    user = make_user(username="an@example.com")
    data = {"username": "other", "name": "Anna", "language": "fr", "active": "y", "password": ""}
    assert login().post(f"/settings/users/{user.id}", data=data).status_code == 303
    assert (user.username, user.name, user.language) == ("an@example.com", "Anna", "fr")
    assert users.authenticate("an@example.com", PASSWORD)


def test_a_password_never_comes_back_in_a_page(login: Login) -> None:
    answer = login().post("/settings/users/new", data={**NEW_USER, "name": ""})
    assert "a good password" not in answer.text


def test_a_user_who_is_stopped_is_logged_out(login: Login) -> None:
    user = make_user()
    theirs = login(user=user)
    data = {"name": user.name, "language": "en"}
    assert login().post(f"/settings/users/{user.id}", data=data).status_code == 303
    assert theirs.get("/settings/account").status_code == 302


def test_the_last_who_may_mend_rights_keeps_the_right(login: Login) -> None:
    user = make_user()
    data = {"name": user.name, "language": "en"}
    answer = login(user=user).post(f"/settings/users/{user.id}", data=data)
    assert answer.status_code == 422
    assert "Nobody would be left" in answer.text
    assert user.active


def test_users_are_never_deleted(login: Login) -> None:
    user = make_user()
    assert login().post(f"/settings/users/{user.id}/delete").status_code == 404


def test_two_people_who_change_the_roles_of_a_user_see_both_versions(login: Login) -> None:
    driver, planner, cleaner = (make_role([], name) for name in ("Driver", "Planner", "Cleaner"))
    user = make_user(roles=[driver])
    browser, url = login(), f"/settings/users/{user.id}"
    seen = seen_in(browser.get(url).text)
    user.grants = [*user.grants, RoleGrant(role=planner)]
    mine = {"name": user.name, "language": "en", "active": "y", "grants": [cleaner.id]}
    answer = browser.post(url, data={**mine, "seen": seen})
    assert answer.status_code == 409
    assert "Yours: Cleaner" in answer.text
    assert "Your colleague's: Driver, Planner" in answer.text
    again = {**mine, "seen": seen_in(answer.text), "version-grants": "theirs"}
    assert browser.post(url, data=again).status_code == 303
    assert user.roles == [driver, planner]


def test_a_role_is_made_of_ticked_rights(login: Login) -> None:
    data = {"name": "Desk", "permissions": ["customers.view", "contracts.view"]}
    assert login().post("/settings/roles/new", data=data).status_code == 303
    role = db.session.scalars(select(Role).filter_by(name="Desk")).one()
    assert role.permissions == ["contracts.view", "customers.view"]


def test_rights_are_grouped_by_what_they_are_about(login: Login) -> None:
    page = login().get("/settings/roles/new").text
    assert re.findall(r"<legend[^>]*>([^<]+)</legend>", page)[:3] == [
        "Customers",
        "Resources",
        "Contracts",
    ]


def test_a_right_that_does_not_exist_is_refused(login: Login) -> None:
    data = {"name": "Desk", "permissions": ["customers.view", "moon.visit"]}
    assert login().post("/settings/roles/new", data=data).status_code == 422


def test_a_role_keeps_the_rights_of_an_add_on_that_is_switched_off(login: Login) -> None:
    role = make_role(["moon.visit", "customers.view"], name="Desk")
    data = {"name": "Desk", "permissions": ["contracts.view"]}
    assert login().post(f"/settings/roles/{role.id}", data=data).status_code == 303
    assert role.permissions == ["contracts.view", "moon.visit"]


def test_a_role_that_somebody_has_cannot_be_deleted(login: Login) -> None:
    role = make_role([], name="Desk")
    make_user(name="An", roles=[role])
    answer = login().post(f"/settings/roles/{role.id}/delete")
    assert answer.status_code == 409
    assert "An has the role Desk" in answer.text


def test_a_role_that_nobody_has_is_deleted(login: Login) -> None:
    role = make_role([], name="Desk")
    assert login().post(f"/settings/roles/{role.id}/delete").status_code == 303
    assert found(Role, name="Desk") is None


# ---- One's own account ----


def test_everybody_can_change_their_own_account(login: Login) -> None:
    user = make_user([])
    data = {"name": "Zoë", "email": "zoe@example.com", "language": "fr"}
    assert login(user=user).post("/settings/account", data=data).status_code == 303
    assert (user.name, user.email, user.language) == ("Zoë", "zoe@example.com", "fr")


def test_nobody_sees_an_account_without_logging_in(app: Flask) -> None:
    assert app.test_client().get("/settings/account").status_code == 302


def test_a_mistake_in_the_account_is_said_at_the_field(login: Login) -> None:
    data = {"name": "", "email": "nobody", "language": "nl"}
    answer = login().post("/settings/account", data=data)
    assert answer.status_code == 422
    assert "Fill in a name." in answer.text
    assert "This is not an e-mail address" in answer.text


def test_a_new_password_ends_the_other_sessions_only(login: Login) -> None:
    user = make_user([])
    here, elsewhere = login(user=user), login(user=user)
    data = {"present": PASSWORD, "new": "a brand new one", "again": "a brand new one"}
    assert here.post("/settings/account/password", data=data).status_code == 303
    assert here.get("/settings/account").status_code == 200
    assert elsewhere.get("/settings/account").status_code == 302
    assert users.authenticate(user.username, "a brand new one")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"present": "a wrong guess"}, "This is not your present password."),
        ({"new": "short", "again": "short"}, "at least 10 characters"),
        ({"again": "something else"}, "This is not the same as above."),
    ],
)
def test_a_password_that_cannot_be_is_refused(
    login: Login, typed: dict[str, str], message: str
) -> None:
    user = make_user([])
    data = {"present": PASSWORD, "new": "a brand new one", "again": "a brand new one", **typed}
    answer = login(user=user).post("/settings/account/password", data=data)
    assert answer.status_code == 422
    assert message in answer.text
    assert users.authenticate(user.username, PASSWORD)


def test_guessing_the_present_password_is_slowed_down(login: Login) -> None:
    browser = login()
    data = {"present": "a wrong guess", "new": "a brand new one", "again": "a brand new one"}
    answers = [browser.post("/settings/account/password", data=data) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]


# ---- The history ----


def test_the_history_tells_who_changed_what_from_to(login: Login) -> None:
    customer = make_customer(city="Gent")
    admin = make_user(name="Amélie")
    browser = login(user=admin)
    customer_page = f"/customers/{customer.id}/edit"
    data = {
        "company_name": customer.company_name,
        "city": "Liège",
        "country": "BE",
        "language": "nl",
        "payment_days": "30",
        "status": "active",
        "email": customer.email,
    }
    assert browser.post(customer_page, data=data).status_code == 303
    page = browser.get(f"/settings/history?what=customers&who={admin.id}").text
    assert "Amélie" in page
    assert re.search(r"City: <del>Gent</del>.*<ins>Liège</ins>", page, re.DOTALL)
    assert f'href="/customers/{customer.id}"' in page


def test_the_history_names_records_that_fields_refer_to(login: Login) -> None:
    contract = make_contract()
    other = make_resource(contract.business_unit, brand="Renault", model="Master")
    db.session.commit()
    contract.resource = other
    page = login().get("/settings/history?what=contracts").text
    assert f"<ins>{other.title}</ins>" in page


def test_the_history_tells_rights_gained_and_lost_in_words(login: Login) -> None:
    role = make_role(["customers.view", "contracts.view"], name="Desk")
    db.session.commit()
    role.permissions = ["contracts.view", "rates.edit"]
    page = login().get("/settings/history?what=roles").text
    assert "Gained: Maintain prices. Lost: See customers." in page


def test_the_history_tells_of_a_new_password_but_not_which(login: Login) -> None:
    user = make_user()
    db.session.commit()
    users.set_password(user, "a brand new one")
    page = login().get("/settings/history?what=users").text
    assert "New password" in page


def test_the_history_shows_what_is_deleted_by_its_name(login: Login) -> None:
    role = make_role([], name="Gone soon")
    db.session.commit()
    db.session.delete(role)
    assert "Gone soon" in login().get("/settings/history?what=roles").text


def test_the_history_narrows_to_a_period(login: Login) -> None:
    make_role([], name="Old role")
    db.session.commit()
    change = db.session.scalars(select(Change).filter_by(entity="roles")).first()
    assert change is not None
    change.at = change.at.replace(year=change.at.year - 2)
    page = login().get("/settings/history?what=roles&period=year").text
    assert "Old role" not in page


def test_what_a_person_may_not_open_is_named_without_a_link(login: Login) -> None:
    customer = make_customer()
    page = login("history.view").get("/settings/history?what=customers").text
    assert customer.company_name in page
    assert f'href="/customers/{customer.id}"' not in page


def test_a_first_setting_is_told_from_its_default(login: Login) -> None:
    Settings("moon", MoonSettings).save(landing=True)
    db.session.commit()
    page = login().get("/settings/history?what=settings").text
    assert re.search(r"Landing: <del>off</del>.*<ins>on</ins>", page, re.DOTALL)


def test_the_history_calls_settings_and_their_values_as_their_pages_do(login: Login) -> None:
    company = make_company(name="Verhuur Peeters")
    invoice_settings.save(company.id, delivery="post")
    db.session.commit()
    page = login().get("/settings/history?what=settings").text
    assert "Setting <strong>Verhuur Peeters</strong>" in page
    told = r"Customers get invoices: <del>By e-mail</del>.*<ins>By post</ins>"
    assert re.search(told, page, re.DOTALL)


def test_every_setting_of_the_core_has_a_name() -> None:
    known = [
        f"{each.namespace}.{field.name}"
        for each in (invoice_settings, collection_settings)
        for field in fields(each.shape)
    ]
    assert set(known) == set(NAMES)


def test_every_field_of_every_record_of_the_core_has_a_name() -> None:
    tracked: list[Any] = [
        mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Tracked)
        and mapper.class_.__module__.startswith("ppplanner.models")
    ]
    assert {model.__tablename__ for model in tracked} == set(KINDS)
    for model in tracked:
        kind = KINDS[model.__tablename__]
        columns = {column.key for column in model.__mapper__.column_attrs}
        assert columns - model.untracked - {**FIELDS, **kind.fields}.keys() == set()


def test_a_field_of_an_add_on_is_told_by_its_own_name() -> None:
    assert str(field_name("moon_crater", "landing_site_id")) == "Landing site"
