"""What is free, asked from every page; and resources for contracts that have none."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import Contract, Resource
from ppplanner.services.renting.contracts import cancel_contract, data_of, save_contract
from tests.blueprints.pages import HTMX, cost_of, error_at, main, over, value_of, words
from tests.conftest import Browser, Login
from tests.factories import (
    make_company,
    make_contract,
    make_customer,
    make_price_range,
    make_resource,
    make_resource_type,
    make_unit,
)

DAY = timedelta(days=1)
PERIOD = {"starts_at": "2030-07-01T09:00", "ends_at": "2030-07-03T17:00"}


@pytest.fixture
def browser(login: Login) -> Browser:
    return login()


def taken(van: Resource) -> Contract:
    """Takes the resource for all of July 2030."""
    zone = now().tzinfo
    start = datetime(2030, 7, 1, tzinfo=zone)
    return make_contract(van, starts_at=start, ends_at=start + 31 * DAY)


def free(browser: Browser, **asked: Any) -> str:
    return main(browser.get("/free/", query_string={**PERIOD, **asked}))


def without_resource(van: Resource, **fields: Any) -> Contract:
    contract = make_contract(van, **fields)
    db.session.flush()
    return save_contract(replace(data_of(contract), resource=None), contract)


# ---- What is free -------------------------------------------------------------------------------


def test_every_page_offers_to_find_what_is_free(browser: Browser, login: Login) -> None:
    assert "Find free" in words(browser.get("/customers/"))
    assert "Find free" not in words(login("customers.view").get("/customers/"))


def test_the_dialog_opens_with_a_sensible_period(browser: Browser) -> None:
    make_resource(licence_plate="1-ABC-234")
    dialog = browser.get("/free/", headers=over("/customers/"))
    assert "<main" not in dialog.text
    start, end = (
        datetime.fromisoformat(value_of(dialog, name)) for name in ("starts_at", "ends_at")
    )
    assert end - start == DAY
    assert "1-ABC-234" in words(dialog)


def test_what_is_free_stands_there_with_its_price_and_leads_to_a_contract(
    browser: Browser,
) -> None:
    van = make_resource(price_range=make_price_range(50), licence_plate="1-ABC-234")
    gone = make_resource(licence_plate="2-XYZ-999")
    taken(gone)
    page = browser.get("/free/", query_string=PERIOD)
    assert "€150.00 €181.50 Make the contract" in main(page)
    assert "2-XYZ-999" not in page.text
    [link] = [part for part in page.text.split('"') if f"resource_id={van.id}&" in part]
    url = unescape(link)
    form = browser.get(url)
    assert value_of(form, "starts_at") == PERIOD["starts_at"]
    assert value_of(form, "resource_id") == str(van.id)


def test_type_and_pool_narrow_it(browser: Browser) -> None:
    van = make_resource(code="VAN1", licence_plate="")
    car = make_resource(code="CAR1", licence_plate="", type=make_resource_type("Car"))
    assert "CAR1" not in free(browser, type=van.type_id)
    assert "VAN1" not in free(browser, pool=car.pool_id)
    assert "CAR1" in free(browser, pool=car.pool_id, type=car.type_id)


def test_when_nothing_is_free_the_nearest_dates_are_offered(browser: Browser) -> None:
    taken(make_resource())
    page = browser.get("/free/", query_string=PERIOD)
    assert "Nothing is free in that period." in main(page)
    assert "01/08/2030, 02:00 until 03/08/2030, 10:00" in main(page)
    assert "starts_at=2030-08-01T02%3A00" in page.text or "2030-08-01T02:00" in page.text


def test_without_any_such_resource_the_page_says_what_to_try(browser: Browser) -> None:
    assert "Try another type or pool" in free(browser)


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"ends_at": "2030-06-01T09:00"}, "free-until", "The end must lie after the start."),
        ({"ends_at": "2040-07-01T09:00"}, "free-until", "at most five years"),
        ({"starts_at": "nonsense"}, "free-from", "Fill in a day and a time."),
        ({"starts_at": "9999-07-01T09:00"}, "free-from", "Check the year."),
        ({"type": "999"}, "free-type", "Choose one from the list."),
        ({"pool": "x"}, "free-pool", "Choose one from the list."),
    ],
)
def test_a_period_that_is_none_is_told_at_its_field(
    browser: Browser, change: dict[str, str], field: str, sentence: str
) -> None:
    answer = browser.get("/free/", query_string={**PERIOD, **change})
    assert answer.status_code == 422
    assert sentence in error_at(answer, field)


def test_changing_the_search_loads_the_results_alone(browser: Browser) -> None:
    make_resource()
    headers = {**HTMX, "HX-Target": "free-results"}
    part = browser.get("/free/", query_string=PERIOD, headers=headers)
    assert part.text.lstrip().startswith('<div id="free-results"')


def test_two_units_in_different_time_zones_get_the_same_moments(browser: Browser) -> None:
    abroad = make_resource(make_unit(make_company(timezone="America/New_York")))
    make_resource()
    page = browser.get("/free/", query_string=PERIOD).text
    [link] = [part for part in page.split('"') if f"resource_id={abroad.id}&" in part]
    assert "2030-07-01T03" in link


def test_the_page_costs_the_same_for_one_and_for_many(browser: Browser) -> None:
    make_resource(price_range=make_price_range(50))
    url = "/free/?starts_at=2030-07-01T09:00&ends_at=2030-07-03T17:00"
    one = cost_of(browser, url)
    for _number in range(4):
        make_resource(price_range=make_price_range(50))
    assert cost_of(browser, url) == one


# ---- A resource for one contract ----------------------------------------------------------------


def test_candidates_are_offered_and_one_click_takes_one(browser: Browser) -> None:
    unit = make_unit()
    van = make_resource(unit, make_price_range(80), licence_plate="1-OLD-001")
    other = make_resource(unit, make_price_range(50), licence_plate="1-NEW-002")
    contract = make_contract(van)
    url = f"/contracts/{contract.id}/resource/find"
    dialog = words(browser.get(url))
    assert "1-NEW-002" in dialog
    assert "-€90.00" in dialog
    assert "1-OLD-001" not in dialog
    browser.post(url, data={"resource_id": other.id})
    db.session.expire_all()
    assert db.session.get_one(Contract, contract.id).resource_id == other.id


def test_what_was_taken_meanwhile_is_told_in_the_dialog(browser: Browser) -> None:
    van = make_resource()
    contract = without_resource(van)
    make_contract(van)
    answer = browser.post(f"/contracts/{contract.id}/resource/find", data={"resource_id": van.id})
    assert answer.status_code == 422
    assert "taken by contract" in words(answer)


@pytest.mark.parametrize("chosen", ["", "x", "999999", "99999999999999999999"])
def test_a_resource_that_does_not_exist_is_not_taken(browser: Browser, chosen: str) -> None:
    contract = without_resource(make_resource())
    answer = browser.post(f"/contracts/{contract.id}/resource/find", data={"resource_id": chosen})
    assert answer.status_code in {404, 422}


def test_candidates_can_be_of_another_type(browser: Browser) -> None:
    unit = make_unit()
    contract = without_resource(make_resource(unit, licence_plate="1-VAN-111"))
    car = make_resource(unit, licence_plate="1-CAR-222", type=make_resource_type("Car"))
    url = f"/contracts/{contract.id}/resource/find"
    shown = words(browser.get(url, query_string={"type": car.type_id}))
    assert "1-CAR-222" in shown
    assert "1-VAN-111" not in shown


# ---- All that wait ------------------------------------------------------------------------------


def test_the_list_says_how_many_wait_and_shows_them(browser: Browser) -> None:
    van = make_resource()
    waiting, placed = without_resource(van), make_contract(make_resource())
    cancel_contract(without_resource(van))
    page = browser.get("/contracts/")
    assert "1 contract still waits for a resource." in main(page)
    shown = main(browser.get("/contracts/", query_string={"resource": "waiting"}))
    assert str(waiting) in shown
    assert str(placed) not in shown
    assert "waits for a resource" not in main(browser.get("/customers/"))


def test_all_that_wait_are_placed_after_a_preview(browser: Browser) -> None:
    van = make_resource(licence_plate="1-ABC-234")
    customer = make_customer(company_name="Peeters")
    first, second = (without_resource(van, customer=customer) for _number in range(2))
    preview = browser.get("/contracts/place")
    assert "1-ABC-234" in words(preview)
    assert "No Van is free." in words(preview)
    assert "Place 1 contract" in words(preview)
    answer = browser.post("/contracts/place", data={"ids": [first.id, second.id], "sure": "yes"})
    assert answer.status_code == 303
    db.session.expire_all()
    found = [db.session.get_one(Contract, each.id).resource_id for each in (first, second)]
    assert found == [van.id, None]


def test_ticked_contracts_are_previewed_first(browser: Browser) -> None:
    van = make_resource()
    waiting, placed = without_resource(van), make_contract(make_resource())
    preview = browser.post("/contracts/place", data={"ids": [waiting.id, placed.id]})
    assert "Place 1 contract" in words(preview)
    assert "1 of your selection does not wait" in words(preview)
    db.session.expire_all()
    assert db.session.get_one(Contract, waiting.id).resource_id is None


def test_what_never_had_a_resource_asks_for_a_type(browser: Browser) -> None:
    van = make_resource()
    contract = make_contract(van)
    waiting = save_contract(replace(data_of(contract), resource=None))
    cancel_contract(contract)
    assert "Choose a type first." in words(browser.get("/contracts/place"))
    asked = {"ids": waiting.id, "type": van.type_id}
    assert "Place 1 contract" in words(browser.post("/contracts/place", data=asked))
    browser.post("/contracts/place", data={**asked, "sure": "yes"})
    db.session.expire_all()
    assert db.session.get_one(Contract, waiting.id).resource_id == van.id


def test_when_nothing_waits_the_dialog_says_so(browser: Browser) -> None:
    assert "No contract waits for a resource." in words(browser.get("/contracts/place"))


def test_who_may_only_look_places_nothing(login: Login) -> None:
    without_resource(make_resource())
    browser = login("contracts.view")
    assert "Find resources" not in main(browser.get("/contracts/"))
    assert browser.get("/contracts/place").status_code == 403
    assert browser.post("/contracts/place").status_code == 403


# ---- The form in a dialog -----------------------------------------------------------------------


def test_the_form_of_a_contract_opens_over_another_page(browser: Browser) -> None:
    make_unit()
    dialog = browser.get("/contracts/new", headers=over("/free/"))
    assert 'class="dialog-content' in dialog.text
    assert "<main" not in dialog.text
    refused = browser.post("/contracts/new", data=PERIOD, headers=over("/free/"))
    assert refused.status_code == 422
    assert 'class="dialog-content' in refused.text
