"""The pages of the planning board."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from ppplanner.blueprints.planning import bars, page
from ppplanner.blueprints.planning.bars import beyond, unused
from ppplanner.extensions import db
from ppplanner.models import ContractStatus, Resource
from ppplanner.services.planning.board import Booking
from tests.conftest import Browser, Login
from tests.factories import (
    PASSWORD,
    make_contract,
    make_customer,
    make_price_range,
    make_resource,
    make_unit,
    make_user,
)

WEEK = "/planning/?day=2026-11-25"
TUESDAY = datetime(2026, 11, 24, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://localhost/planning/"}


@pytest.fixture
def van(app: Flask) -> Resource:
    """A van that Jansen has from Tuesday to Thursday of the last week of November 2026."""
    van = make_resource(licence_plate="1-VAN-777")
    customer = make_customer(company_name="Jansen NV", phone="+32 3 555 00 00")
    make_contract(van, customer, starts_at=TUESDAY, ends_at=TUESDAY + 2 * DAY)
    return van


def booking(**fields: object) -> Booking:
    """A contract for all of Tuesday's working day, confirmed."""
    values = {
        "id": 1,
        "number": 1001,
        "resource_id": 1,
        "business_unit_id": 1,
        "customer": "Jansen",
        "phone": "",
        "starts_at": TUESDAY,
        "ends_at": TUESDAY + 10 * HOUR,
        "status": ContractStatus.CONFIRMED,
        "ready_for_check_in_at": None,
        "out_at": None,
        "in_at": None,
        "chosen": True,
    }
    return Booking(**{**values, **fields})  # type: ignore[arg-type]


def bar_of(html: str) -> str:
    [bar] = re.findall(r'<a class="booking.*?</a>', html)
    return str(bar)


def test_a_bar_says_who_when_and_in_which_state(login: Login, van: Resource) -> None:
    bar = bar_of(login().get(WEEK).text)
    assert "Jansen NV · C" in bar
    assert 'data-starts="2026-11-24T09:00"' in bar
    assert 'data-ends="2026-11-26T09:00"' in bar
    assert 'data-status="in_preparation"' in bar
    assert re.search(r'aria-label="Jansen NV · C\d+, Tue 24 Nov 09:00 – Thu 26 Nov 09:00', bar)
    assert "In preparation" in bar


def test_a_bar_stands_at_its_place_in_the_window(login: Login, van: Resource) -> None:
    left, width = round(33 / 168 * 1000), round(81 / 168 * 1000) - round(33 / 168 * 1000)
    assert f"booking l{left} w{width}" in bar_of(login().get(WEEK).text)
    assert "booking l375 w625 after" in bar_of(login().get(f"{WEEK[:-2]}24&view=day").text)
    assert "booking l0 w375 before" in bar_of(login().get(f"{WEEK[:-2]}26&view=day").text)


def test_texts_of_people_are_only_text(login: Login, van: Resource) -> None:
    customer = make_customer(company_name='<b>"Jan"</b>')
    make_contract(van, customer, starts_at=TUESDAY + 3 * DAY, ends_at=TUESDAY + 4 * DAY)
    html = login().get(WEEK).text
    assert "<b>&#34;" not in html
    assert "&lt;b&gt;&#34;Jan&#34;" in html


def test_pages_of_the_board_carry_no_inline_styles_or_scripts(login: Login, van: Resource) -> None:
    person = login()
    for path in (WEEK, "/planning/print", "/planning/print?view=day"):
        html = person.get(path).text
        assert not re.search(r"\s(style|on[a-z]+)=|<style|<script(?![^>]*\ssrc=)", html)


def test_rows_beyond_the_first_come_when_they_are_asked_for(
    login: Login, van: Resource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "CHUNK", 1)
    monkeypatch.setattr(page, "AT_ONCE", 1)
    unit, prices = van.pool.business_unit, make_price_range()
    last = make_resource(unit, prices, licence_plate="9-VAN-999")
    person = login()
    html = person.get(WEEK).text
    assert "1-VAN-777" in html
    assert "9-VAN-999" not in html
    assert f'data-resources="{last.id}"' in html
    rows = person.get(
        f"/planning/rows?day=2026-11-25&first=5&resource={last.id}", headers=HTMX
    ).text
    assert "9-VAN-999" in rows
    assert 'aria-rowindex="5"' in rows


def test_a_row_is_drawn_anew_even_when_the_filter_no_longer_finds_it(
    login: Login, van: Resource
) -> None:
    path = f"/planning/rows?day=2026-11-25&q=nobody&strip=1&resource={van.id}"
    html = login().get(path, headers=HTMX).text
    assert f'id="track-{van.id}"' in html
    assert 'id="board-strip"' in html
    assert html.count('hx-swap-oob="true"') == 2
    assert " other" in bar_of(html)


def test_the_address_holds_all_and_the_next_visit_begins_there(login: Login, van: Resource) -> None:
    person = login()
    asked = f"/planning/?view=month&day=2026-11-02&group=type&type={van.type_id}&state=open&q=x"
    answer = person.get(asked, headers=HTMX)
    assert parse_qs(urlsplit(answer.headers["HX-Push-Url"]).query) == parse_qs(
        urlsplit(asked).query
    )
    again = person.get("/planning/")
    assert again.status_code == 302
    remembered = parse_qs(urlsplit(again.location).query)
    assert remembered["view"] == ["month"]
    assert "day" not in remembered


@pytest.mark.parametrize(
    "query", ["view=year&day=x", "day=9999-12-31", "day=2026-02-30&type=x&pool=-1&group=colour"]
)
def test_what_an_address_says_wrong_is_left_out(login: Login, query: str) -> None:
    answer = login().get(f"/planning/?{query}")
    assert answer.status_code == 200
    assert 'aria-current="true">Week' in answer.text


def test_the_unit_that_is_switched_to_narrows_the_board(login: Login, van: Resource) -> None:
    other = make_unit()
    person = login(user=make_user(business_unit_id=other.id))
    assert "1-VAN-777" not in person.get(WEEK).text


def test_an_empty_board_leads_on(login: Login, van: Resource) -> None:
    person = login()
    assert "Nothing on the board matches." in person.get(f"{WEEK}&q=nobody").text
    van.active = False
    db.session.flush()
    assert "Add the first one." in person.get("/planning/?day=2027-01-11").text


def test_the_panel_and_the_card_tell_of_the_contract(login: Login, van: Resource) -> None:
    person = login()
    key = re.findall(r'data-contract="(\d+)"', person.get(WEEK).text)[0]
    panel = person.get(f"/planning/contracts/{key}", headers=HTMX).text
    card = person.get(f"/planning/contracts/{key}/card").text
    for words in ("Jansen NV", "24/11/2026, 09:00", "+32 3 555 00 00", "1-VAN-777"):
        assert words in panel
        assert words in card
    assert "/move" in panel
    assert "/move" not in login("contracts.view").get(f"/planning/contracts/{key}").text


@pytest.mark.parametrize(
    ("status", "moves"),
    [(ContractStatus.CONFIRMED, True), (ContractStatus.OPEN, True)]
    + [(ContractStatus.CHECKED_IN, False), (ContractStatus.CANCELLED, False)],
)
def test_the_panel_offers_to_move_what_may_move(
    login: Login, status: ContractStatus, moves: bool
) -> None:
    contract = make_contract()
    contract.status = status
    panel = login().get(f"/planning/contracts/{contract.id}", headers=HTMX).text
    assert ("/move" in panel) is moves


def test_who_may_only_look_gets_no_way_to_change_anything(login: Login, van: Resource) -> None:
    html = login("contracts.view").get(WEEK).text
    assert "data-move" not in html
    assert "board-new" not in html
    assert "data-changes" in html


def test_a_day_prints_as_a_list_and_a_week_as_a_table(login: Login, van: Resource) -> None:
    person = login()
    day = person.get("/planning/print?view=day&day=2026-11-24").text
    assert "from 09:00" in day
    assert "+32 3 555 00 00" in day
    week = person.get("/planning/print?view=week&day=2026-11-24").text
    assert week.count("Jansen NV") == 1
    assert week.count("→") == 2
    assert "until 09:00" in week


def test_a_planner_begins_on_the_board_once_something_is_planned(login: Login) -> None:
    planner = make_user(permissions=["contracts.view", "contracts.edit"])
    assert login(user=planner).get("/login").location == "/"
    make_contract()
    assert login(user=planner).get("/login").location == "/planning/"
    accountant = make_user(permissions=["contracts.view", "invoices.view", "invoices.edit"])
    assert login(user=accountant).get("/login").location == "/"


def test_the_bare_address_leads_a_planner_to_the_board_as_well(client: Browser) -> None:
    planner = make_user(permissions=["contracts.view", "contracts.edit"])
    make_contract()
    assert client.get("/").location == "/login?next=%2F"
    form = {"username": planner.username, "password": PASSWORD}
    assert client.post("/login?next=%2F", data=form).location == "/planning/"


def test_planned_time_that_was_not_used_is_told(app: Flask) -> None:
    late_out = booking(out_at=TUESDAY + HOUR)
    early_in = booking(out_at=TUESDAY, in_at=TUESDAY + 8 * HOUR)
    assert list(unused(late_out)) == [(TUESDAY, TUESDAY + HOUR)]
    assert list(unused(early_in)) == [(TUESDAY + 8 * HOUR, TUESDAY + 10 * HOUR)]
    assert list(unused(booking(out_at=TUESDAY + bars.PUNCTUAL))) == []


def test_time_beyond_the_plan_is_told_and_runs_on_while_it_is_out(app: Flask) -> None:
    end = TUESDAY + 10 * HOUR
    early = booking(out_at=TUESDAY - HOUR, in_at=end)
    back_late = booking(status=ContractStatus.CHECKED_IN, out_at=TUESDAY, in_at=end + HOUR)
    still_out = booking(status=ContractStatus.OPEN, out_at=TUESDAY)
    assert list(beyond(early, end)) == [((TUESDAY - HOUR, TUESDAY), False)]
    assert list(beyond(back_late, end + DAY)) == [((end, end + HOUR), False)]
    assert list(beyond(still_out, end + DAY)) == [((end, end + DAY), True)]
    assert list(beyond(still_out, end)) == []


def test_days_are_links_and_the_clock_change_is_told_to_the_script(login: Login) -> None:
    html = login().get("/planning/?view=week&day=2026-03-29").text
    assert 'data-minutes="10020"' in html
    assert 'data-clock-after="8760" data-clock-jump="60"' in html
    assert "/planning/?view=day&amp;day=2026-03-29" in html
