"""Reading calendars without a login, and the pages that offer them."""

from __future__ import annotations

import re

import pytest

from ppplanner.blueprints.calendars import routes
from ppplanner.extensions import db
from ppplanner.models import CalendarFeed, Resource, RoleGrant
from ppplanner.services.planning import calendars
from tests.blueprints.pages import HTMX, main
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_limited_user,
    make_pool,
    make_resource,
    make_unit,
    make_user,
)
from tests.statements import counted


@pytest.fixture
def van(client: Browser) -> Resource:
    van = make_resource()
    make_contract(van)
    return van


def offer(owner: Resource) -> str:
    """The path of its calendar."""
    return f"/calendars/{calendars.offer(owner).secret}.ics"


def test_a_calendar_is_read_without_a_login(client: Browser, van: Resource) -> None:
    answer = client.get(offer(van))
    assert answer.status_code == 200
    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.text.startswith("BEGIN:VCALENDAR")
    assert answer.text.count("BEGIN:VEVENT") == 1
    assert "no-store" not in answer.headers["Cache-Control"]


def test_an_address_is_for_those_who_may_see_contracts(login: Login, van: Resource) -> None:
    path = offer(van).removeprefix("/calendars/")
    url = f"/calendars/resource/{van.id}/name"
    answer = login("resources.view", "resources.edit").post(url, headers=HTMX)
    assert answer.status_code == 403
    assert path not in answer.text
    browser = login("resources.view", "resources.edit", "contracts.view")
    assert path in browser.post(url, headers=HTMX).text


def test_many_pools_take_no_more_queries_than_few(login: Login, van: Resource) -> None:
    user = make_limited_user(van.pool)
    browser, counts = login(user=user), []
    for _round in range(2):
        db.session.commit()
        with counted() as statements:
            page = browser.get("/calendars/")
        counts.append((page.text.count('class="calendar-feed"'), len(statements)))
        for _pool in range(3):
            pool = make_pool(van.pool.business_unit)
            calendars.offer(pool)
            user.grants.append(RoleGrant(role=user.grants[0].role, pool=pool))
    assert [tiles for tiles, _count in counts] == [1, 4]
    assert counts[0][1] == counts[1][1]


def test_a_calendar_that_has_not_changed_is_not_sent_again(client: Browser, van: Resource) -> None:
    path = offer(van)
    tag = {"If-None-Match": client.get(path).headers["ETag"]}
    answer = client.get(path, headers=tag)
    assert (answer.status_code, answer.data) == (304, b"")
    make_contract(make_resource(pool=van.pool))
    assert client.get(path, headers=tag).status_code == 304
    calendars.name_customers(db.session.query(CalendarFeed).one(), names=False)
    assert client.get(path, headers=tag).status_code == 200


def test_an_old_address_and_a_guessed_one_are_not_there(client: Browser, van: Resource) -> None:
    path = offer(van)
    calendars.renew(db.session.query(CalendarFeed).one())
    assert client.get(path).status_code == 404
    assert client.get("/calendars/guess.ics").status_code == 404
    assert client.get(f"/calendars/{'x' * 5000}.ics").status_code == 404


def test_a_reader_in_a_hurry_is_slowed_down(
    client: Browser, van: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = offer(van)
    answers = [client.get(path).status_code for _each in range(61)]
    assert answers[:60] == [200] * 60
    assert answers[60] == 429
    assert routes.READS == "60 per minute"


def test_an_address_is_made_renewed_and_withdrawn_on_the_page_of_the_resource(
    login: Login, van: Resource
) -> None:
    browser = login()
    page = f"/resources/{van.id}"
    assert "Make an address" in main(browser.get(page))
    browser.post(f"/calendars/resource/{van.id}/offer")
    first = re.search(r'value="(http://localhost/calendars/[\w-]+\.ics)"', browser.get(page).text)
    assert first
    tile = browser.post(f"/calendars/resource/{van.id}/renew", headers=HTMX)
    assert first.group(1) not in tile.text
    assert "webcal://localhost/calendars/" in tile.text
    browser.post(f"/calendars/resource/{van.id}/hide")
    assert "Customers and cancelled contracts are left out." in main(browser.get(page))
    browser.post(f"/calendars/resource/{van.id}/withdraw")
    assert "Make an address" in main(browser.get(page))


def test_pools_have_calendars_on_a_page_of_their_own(login: Login, van: Resource) -> None:
    van.pool.name = "Vans"
    make_unit()
    browser = login()
    assert browser.post(f"/calendars/pool/{van.pool_id}/offer").location == "/calendars/"
    page = browser.get("/calendars/")
    assert "Vans" in main(page)
    assert page.text.count("/calendars/pool/") > 2


def test_a_deed_on_a_calendar_that_is_gone_shows_the_tile(login: Login, van: Resource) -> None:
    answer = login().post(f"/calendars/resource/{van.id}/renew", headers=HTMX)
    assert "Make an address" in answer.text


def test_who_may_not_see_contracts_sees_no_calendar(login: Login, van: Resource) -> None:
    offer(van)
    browser = login("resources.view")
    assert ".ics" not in browser.get(f"/resources/{van.id}").text
    assert ".ics" not in browser.get("/calendars/").text


def test_who_may_not_change_resources_changes_no_calendar(login: Login, van: Resource) -> None:
    offer(van)
    browser = login("resources.view", "contracts.view")
    page = browser.get(f"/resources/{van.id}")
    assert ".ics" in page.text
    assert "Renew" not in page.text
    assert browser.post(f"/calendars/resource/{van.id}/renew").status_code == 403


def test_the_page_of_calendars_follows_the_business_unit(login: Login, van: Resource) -> None:
    elsewhere = make_unit(name="Elsewhere")
    browser = login(user=make_user(business_unit_id=van.pool.business_unit_id))
    assert elsewhere.name not in main(browser.get("/calendars/"))
