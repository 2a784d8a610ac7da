"""The pages of contracts: the list, the form, the tiles, the price lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import Contract, ContractStatus, CustomerStatus, LineKind, PriceLine
from ppplanner.services.pricing.price_lines import PriceLineData, remove_price_line, save_price_line
from ppplanner.services.renting.contracts import cancel_contract, confirm_contract
from tests.blueprints.pages import HTMX, cost_of, error_at, main, over, value_of, words
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_customer,
    make_invoice,
    make_price_range,
    make_resource,
    make_unit,
    make_user,
    make_vat_code,
)

SUMMER = {"starts_at": "2026-07-01T09:00", "ends_at": "2026-07-03T17:00"}


@pytest.fixture
def browser(login: Login) -> Browser:
    return login()


def form(**values: object) -> dict[str, object]:
    """What somebody types for a van in the first days of July."""
    return {
        "customer_id": values.pop("customer_id", None) or make_customer().id,
        "business_unit_id": values.pop("business_unit_id", None) or make_unit().id,
        "resource_id": "",
        **SUMMER,
        **values,
    }


def the_contract() -> Contract:
    return db.session.scalars(select(Contract)).one()


def van(day_price: int = 79) -> dict[str, object]:
    """A van and its business unit, as form values."""
    resource = make_resource(make_unit(), make_price_range(day_price))
    return {"resource_id": resource.id, "business_unit_id": resource.pool.business_unit_id}


# ---- The list -----------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_contract_is_found_by_number_customer_and_plate(browser: Browser) -> None:
    contract = make_contract(
        make_resource(licence_plate="1-ABC-234"), make_customer(company_name="Peeters")
    )
    other = make_contract()
    for q in (str(contract), str(contract.number), "peeters", "1-abc", "peeters 1-abc-234"):
        page = main(browser.get("/contracts/", query_string={"q": q}))
        assert str(contract) in page
        assert str(other) not in page


def test_the_list_starts_with_the_latest(browser: Browser) -> None:
    early = make_contract()
    late = make_contract(starts_at=now() + timedelta(days=30))
    page = main(browser.get("/contracts/"))
    assert page.index(str(late)) < page.index(str(early))


@pytest.mark.parametrize(
    ("period", "seen"),
    [
        ("now", "out"),
        ("today", "out"),
        ("week", "out soon"),
        ("month", "out soon"),
        ("coming", "soon"),
        ("past", "back"),
        ("recent", "back"),
    ],
)
def test_the_list_narrows_to_a_period(browser: Browser, period: str, seen: str) -> None:
    day = timedelta(days=1)
    for name, start in (("back", -3 * day), ("out", -day), ("soon", 3 * day)):
        customer = make_customer(company_name=f"Firm {name}")
        make_contract(None, customer, now() + start, now() + start + 2 * day)
    page = main(browser.get(f"/contracts/?period={period}"))
    shown = [name for name in ("out", "soon", "back") if f"Firm {name}" in page]
    assert shown == seen.split()


def test_the_list_narrows_to_a_status_and_to_what_lacks_a_resource(browser: Browser) -> None:
    made, lacking = make_contract(), make_contract()
    confirm_contract(made)
    lacking.resource = None
    assert str(lacking) not in main(browser.get("/contracts/?status=confirmed"))
    assert str(made) not in main(browser.get("/contracts/?resource=none"))
    assert str(lacking) not in main(browser.get("/contracts/?resource=some"))


def test_the_list_follows_the_business_unit_of_the_top_bar(login: Login) -> None:
    here, there = make_contract(), make_contract()
    user = make_user(business_unit_id=here.business_unit_id)
    page = main(login(user=user).get("/contracts/"))
    assert str(here) in page
    assert str(there) not in page


def test_the_list_costs_the_same_for_three_and_for_thirty_contracts(browser: Browser) -> None:
    for _each in range(3):
        make_contract()
    few = cost_of(browser, "/contracts/")
    for _each in range(27):
        make_contract()
    assert cost_of(browser, "/contracts/") == few


# ---- Making one ---------------------------------------------------------------------------------


def test_moments_are_typed_in_the_time_of_the_business(browser: Browser) -> None:
    answer = browser.post("/contracts/new", data=form(**van()))
    contract = the_contract()
    assert answer.location == f"/contracts/{contract.id}"
    assert contract.starts_at == datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
    assert contract.ends_at == datetime(2026, 7, 3, 15, 0, tzinfo=UTC)
    assert contract.status is ContractStatus.IN_PREPARATION
    page = main(browser.get(answer.location))
    assert "9:00" in page
    assert "€237.00" in page
    assert "€286.77" in page


def test_a_contract_can_wait_for_its_resource(browser: Browser) -> None:
    answer = browser.post("/contracts/new", data=form())
    page = main(browser.get(answer.location))
    assert "No resource yet" in page
    assert "Nothing is charged yet." in page


@pytest.mark.both_databases
def test_a_taken_resource_is_refused_at_its_field_with_the_reason(browser: Browser) -> None:
    taken = make_contract(
        starts_at=datetime(2026, 7, 2, 6, tzinfo=UTC), ends_at=datetime(2026, 7, 9, tzinfo=UTC)
    )
    page = browser.post("/contracts/new", data=form(resource_id=taken.resource_id))
    assert page.status_code == 422
    assert f"is taken by contract {taken}" in error_at(page, "resource_id")
    assert value_of(page, "starts_at") == SUMMER["starts_at"]
    assert value_of(page, "resource_id") == str(taken.resource_id)
    assert the_contract().id == taken.id


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("customer_id", "", "Choose a customer."),
        ("customer_id", "999", "Choose one from the list."),
        ("customer_id", "99999999999999999999", "Choose one from the list."),
        ("driver_id", "999", "Choose one from the list."),
        ("starts_at", "", "Fill in a day and a time."),
        ("starts_at", "tomorrow", "Fill in a day and a time."),
        ("starts_at", "0026-07-01T09:00", "Check the year."),
        ("starts_at", "2026-03-29T02:30", "The clock skips this hour on that day"),
        ("ends_at", "2026-06-30T09:00", "The end must lie after the start."),
        ("ends_at", "2036-07-03T09:00", "A contract lasts at most five years"),
        ("business_unit_id", "999", "Choose one from the list."),
        ("business_unit_id", "here", "Choose one from the list."),
        ("resource_id", "999", "Choose one from the list."),
        ("remarks", "x" * 1001, "Use at most 1000 characters."),
    ],
)
def test_wrong_input_is_told_at_its_field_and_keeps_the_rest(
    browser: Browser, field: str, value: str, message: str
) -> None:
    typed = form(remarks="Call first.") | {field: value}
    page = browser.post("/contracts/new", data=typed)
    assert page.status_code == 422
    assert message in error_at(page, field)
    if field != "remarks":
        assert "Call first." in page.text
    assert db.session.scalar(select(Contract)) is None


def test_a_name_that_was_typed_but_not_chosen_stays_in_the_field(browser: Browser) -> None:
    typed = form() | {"customer_id": "", "customer_id-text": "peete"}
    page = browser.post("/contracts/new", data=typed)
    assert error_at(page, "customer_id")
    assert value_of(page, "customer_id-text") == "peete"


def test_a_blocked_customer_is_refused(browser: Browser) -> None:
    blocked = make_customer(company_name="Peeters", status=CustomerStatus.BLOCKED)
    page = browser.post("/contracts/new", data=form(customer_id=blocked.id))
    assert error_at(page, "customer_id") == "Peeters is blocked."


def test_the_form_starts_with_what_the_address_says(browser: Browser) -> None:
    resource, customer = make_resource(), make_customer(company_name="Peeters")
    query = {"resource_id": resource.id, "customer_id": customer.id, **SUMMER}
    page = browser.get("/contracts/new", query_string=query)
    assert value_of(page, "customer_id-text") == "Peeters"
    assert value_of(page, "resource_id-text") == resource.title
    assert value_of(page, "starts_at") == SUMMER["starts_at"]
    unit = resource.pool.business_unit_id
    assert f'<option selected value="{unit}">' in page.text


def test_an_address_of_nonsense_still_gives_a_form(browser: Browser) -> None:
    make_unit()
    query = {"resource_id": "x", "customer_id": "99999999999999999999", "starts_at": "now"}
    assert browser.get("/contracts/new", query_string=query).status_code == 200


def test_without_a_business_unit_the_page_says_what_to_do_first(browser: Browser) -> None:
    page = browser.get("/contracts/new")
    assert page.status_code == 409
    assert "A contract needs a business unit" in words(page)


# ---- The price, as one types --------------------------------------------------------------------


def test_the_price_is_told_before_anything_is_saved(browser: Browser) -> None:
    page = words(browser.get("/contracts/price", query_string={**van(100), **SUMMER}, headers=HTMX))
    assert "3 days at €100.00" in page
    assert "€300.00" in page
    assert "€363.00" in page


def test_a_clash_is_told_before_anything_is_saved(browser: Browser) -> None:
    asked = {**van(), **SUMMER}
    browser.post("/contracts/new", data=form(**asked))
    contract = the_contract()
    page = words(browser.get("/contracts/price", query_string=asked, headers=HTMX))
    assert f"is taken by contract {contract}" in page
    asked["besides"] = contract.id
    page = words(browser.get("/contracts/price", query_string=asked, headers=HTMX))
    assert "taken" not in page


@pytest.mark.parametrize("missing", ["starts_at", "ends_at", "resource_id", "business_unit_id"])
def test_without_all_of_it_there_is_no_price(browser: Browser, missing: str) -> None:
    asked = {**van(), **SUMMER, missing: ""}
    page = words(browser.get("/contracts/price", query_string=asked, headers=HTMX))
    assert "Choose a period and a resource to see the price." in page


def test_ids_beyond_all_bounds_are_nobodys(browser: Browser) -> None:
    asked = {**van(), **SUMMER, "besides": "9" * 20}
    page = browser.get("/contracts/price", query_string=asked, headers=HTMX)
    assert "€237.00" in words(page)


def test_a_resource_without_a_rate_is_told(browser: Browser) -> None:
    asked = {**van(), **SUMMER}
    contract = make_contract()
    assert contract.resource
    contract.resource.price_range = None
    asked |= {"resource_id": contract.resource_id}
    page = words(browser.get("/contracts/price", query_string=asked, headers=HTMX))
    assert "has no price range" in page


# ---- Changing it --------------------------------------------------------------------------------


def test_a_tile_is_changed_where_it_stands(browser: Browser) -> None:
    contract, driver = make_contract(), make_customer("private", last_name="Jansen")
    page = browser.get(
        f"/contracts/{contract.id}/driver", headers=over(f"/contracts/{contract.id}")
    )
    assert page.text.lstrip().startswith("<section")
    assert 'id="tile-driver"' in page.text
    answer = browser.post(f"/contracts/{contract.id}/driver", data={"driver_id": driver.id})
    assert answer.location == f"/contracts/{contract.id}"
    assert the_contract().driver_id == driver.id


def test_a_tile_leaves_the_others_alone(browser: Browser) -> None:
    contract = make_contract(remarks="Call first.")
    before = (contract.starts_at, contract.customer_id, contract.resource_id)
    browser.post(f"/contracts/{contract.id}/driver", data={"driver_id": ""})
    contract = the_contract()
    assert (contract.starts_at, contract.customer_id, contract.resource_id) == before
    assert contract.remarks == "Call first."


@pytest.mark.parametrize("part", ["reservation", "customer", "driver", "resource"])
def test_each_tile_is_a_whole_page_too(browser: Browser, part: str) -> None:
    contract = make_contract()
    page = browser.get(f"/contracts/{contract.id}/{part}")
    assert "<html" in page.text
    assert str(contract) in main(page)


def test_a_wrong_period_in_a_tile_is_told_there(browser: Browser) -> None:
    contract = make_contract()
    data = {
        "starts_at": "2026-07-03T09:00",
        "ends_at": "2026-07-01T09:00",
        "business_unit_id": contract.business_unit_id,
    }
    page = browser.post(f"/contracts/{contract.id}/reservation", data=data, headers=HTMX)
    assert page.status_code == 422
    assert error_at(page, "ends_at") == "The end must lie after the start."


def test_a_resource_that_is_taken_in_the_new_period_is_told_on_top_of_the_tile(
    browser: Browser,
) -> None:
    first = make_contract()
    later = make_contract(first.resource, starts_at=first.ends_at + timedelta(days=1))
    data = {
        "starts_at": "2026-01-01T09:00",
        "ends_at": (later.ends_at + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "business_unit_id": first.business_unit_id,
    }
    page = browser.post(f"/contracts/{first.id}/reservation", data=data, headers=HTMX)
    assert page.status_code == 422
    assert f"is taken by contract {later}" in words(page)


def test_a_moment_that_is_not_touched_keeps_its_seconds(browser: Browser) -> None:
    """Forms show minutes; saving another field must not shift a period by seconds."""
    start = now().replace(second=42) + timedelta(days=1)
    contract = make_contract(starts_at=start)
    page = browser.get(f"/contracts/{contract.id}/edit")
    data = {
        name: value_of(page, name)
        for name in ("customer_id", "resource_id", "starts_at", "ends_at", "seen")
    }
    data |= {"business_unit_id": str(contract.business_unit_id), "remarks": "Call first."}
    assert browser.post(f"/contracts/{contract.id}/edit", data=data).status_code == 303
    assert the_contract().starts_at == start
    assert the_contract().remarks == "Call first."


def test_a_longer_period_costs_more(browser: Browser) -> None:
    browser.post("/contracts/new", data=form(**van(100)))
    contract = the_contract()
    data = {**SUMMER, "ends_at": "2026-07-10T09:00", "business_unit_id": contract.business_unit_id}
    browser.post(f"/contracts/{contract.id}/reservation", data=data)
    assert "€1,000.00" in main(browser.get(f"/contracts/{contract.id}"))


def test_a_colleagues_change_of_the_same_tile_is_shown(browser: Browser) -> None:
    contract = make_contract()
    url = f"/contracts/{contract.id}/customer"
    seen = value_of(browser.get(url), "seen")
    contract.customer = make_customer(company_name="Claes")
    mine = make_customer(company_name="Peeters")
    page = browser.post(url, data={"customer_id": mine.id, "seen": seen}, headers=HTMX)
    assert page.status_code == 409
    assert "Yours: Peeters" in words(page)
    assert "Your colleague's: Claes" in words(page)


# ---- Its life -----------------------------------------------------------------------------------


def test_a_contract_is_confirmed_once(browser: Browser) -> None:
    contract = make_contract()
    assert "Confirm" in main(browser.get(f"/contracts/{contract.id}"))
    browser.post(f"/contracts/{contract.id}/confirm")
    assert the_contract().status is ContractStatus.CONFIRMED
    again = browser.post(f"/contracts/{contract.id}/confirm", headers=HTMX)
    assert again.status_code == 409
    assert "Only a contract in preparation can be confirmed." in words(again)


def test_cancelling_asks_first(browser: Browser) -> None:
    contract = make_contract()
    assert "Cancel contract" in words(browser.get(f"/contracts/{contract.id}/cancel", headers=HTMX))
    assert the_contract().status is ContractStatus.IN_PREPARATION
    browser.post(f"/contracts/{contract.id}/cancel")
    assert the_contract().status is ContractStatus.CANCELLED


def test_a_cancelled_contract_can_no_longer_be_changed(browser: Browser) -> None:
    contract = make_contract()
    cancel_contract(contract)
    page = main(browser.get(f"/contracts/{contract.id}"))
    assert "Change" not in page
    assert "Confirm" not in page
    assert "Make invoice" not in page
    for path in ("edit", "driver", "lines/new"):
        assert browser.get(f"/contracts/{contract.id}/{path}").status_code == 409


def test_a_contract_with_an_invoice_is_not_cancelled(browser: Browser) -> None:
    contract = make_contract()
    make_invoice(contract, confirmed=False)
    answer = browser.post(f"/contracts/{contract.id}/cancel")
    assert answer.status_code == 422
    assert "This contract has an invoice" in words(answer)


def test_what_an_invoice_repeats_stays_and_the_form_keeps_what_was_typed(browser: Browser) -> None:
    contract = make_contract()
    make_invoice(contract, confirmed=False)
    other = make_customer(company_name="Peeters")
    page = browser.post(f"/contracts/{contract.id}/customer", data={"customer_id": other.id})
    assert page.status_code == 422
    assert "This contract has an invoice" in words(page)
    assert value_of(page, "customer_id-text") == "Peeters"


# ---- Price lines --------------------------------------------------------------------------------


def line(**values: object) -> dict[str, object]:
    typed = {"description": "Extra kilometres", "units": "120", "unit_price": "0.255"}
    return {**typed, "discount": "0", "vat_code_id": make_vat_code().id, **values}


def extra(contract: Contract) -> PriceLine:
    data = PriceLineData("Cleaning", Decimal(1), Decimal(50), make_vat_code())
    return save_price_line(contract, data)


def test_a_line_is_added_and_the_totals_follow(browser: Browser) -> None:
    contract = make_contract(make_resource(price_range=make_price_range(100)))
    page = f"/contracts/{contract.id}"
    answer = browser.post(f"{page}/lines/new", data=line(), headers=over(page))
    told = json.loads(answer.headers["HX-Trigger"])
    assert {"dialog-close", "contract-changed"} <= told.keys()
    tiles = words(browser.get(f"{page}/pricing", headers=HTMX))
    assert "Extra kilometres" in tiles
    assert "€30.60" in tiles
    assert "Total without VAT €330.60" in tiles
    assert "VAT 21 % on €330.60 €69.43" in tiles
    assert "Total with VAT €400.03" in tiles


def test_without_scripts_a_new_line_leads_back_to_the_contract(browser: Browser) -> None:
    contract = make_contract()
    answer = browser.post(f"/contracts/{contract.id}/lines/new", data=line())
    assert answer.location == f"/contracts/{contract.id}"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("description", " ", "Say what the customer pays for."),
        ("units", "0", "Fill in a number above zero"),
        ("units", "a few", "Type a number"),
        ("unit_price", "", "Fill in a price."),
        ("unit_price", "0.12345", "Type at most 4 decimals."),
        ("unit_price", "9999999", "That is more than a million euro"),
        ("discount", "101", "A discount lies between 0 and 100 per cent."),
        ("vat_code_id", "999", "Choose one from the list."),
        ("gl_account_id", "999", "Choose one from the list."),
    ],
)
def test_a_wrong_line_is_told_at_its_field(
    browser: Browser, field: str, value: str, message: str
) -> None:
    contract = make_contract()
    data = line(**{field: value})
    page = browser.post(f"/contracts/{contract.id}/lines/new", data=data, headers=HTMX)
    assert page.status_code == 422
    assert message in error_at(page, field)
    assert len(the_contract().lines) == 1


def test_numbers_are_typed_the_way_the_language_does(login: Login) -> None:
    contract = make_contract()
    dutch = login(user=make_user(language="nl"))
    url = f"/contracts/{contract.id}/lines/new"
    dutch.post(url, data=line(units="1.250,5", unit_price="0,25", discount="2,5"))
    typed = the_contract().lines[-1]
    assert (typed.units, typed.unit_price, typed.discount) == (
        Decimal("1250.500"),
        Decimal("0.2500"),
        Decimal("2.50"),
    )


def test_a_line_is_changed_and_removed(browser: Browser) -> None:
    contract = make_contract()
    url = f"/contracts/{contract.id}/lines/{extra(contract).id}"
    browser.post(f"{url}/edit", data=line(description="Cleaning inside"))
    assert the_contract().lines[-1].description == "Cleaning inside"
    assert "Cleaning inside" in words(browser.get(f"{url}/remove", headers=HTMX))
    browser.post(f"{url}/remove")
    assert [each.kind for each in the_contract().lines] == [LineKind.RENT]


def test_of_the_rent_units_price_and_discount_are_asked(browser: Browser) -> None:
    contract = make_contract(make_resource(price_range=make_price_range(100)))
    url = f"/contracts/{contract.id}/lines/{contract.lines[0].id}"
    page = browser.get(f"{url}/edit")
    assert 'name="description"' not in page.text
    assert "its units are counted anew" in words(page)
    browser.post(f"{url}/edit", data={"units": "3", "unit_price": "100", "discount": "10"})
    rent = the_contract().lines[0]
    assert (rent.discount, rent.unit_price) == (Decimal(10), Decimal(100))
    assert not rent.price_locked
    assert "€270.00" in main(browser.get(f"/contracts/{contract.id}"))


def test_the_rent_is_not_removed(browser: Browser) -> None:
    contract = make_contract()
    url = f"/contracts/{contract.id}/lines/{contract.lines[0].id}/remove"
    assert browser.post(url).status_code == 409
    assert len(the_contract().lines) == 1


def test_a_line_that_is_on_an_invoice_stays(browser: Browser) -> None:
    contract = make_contract()
    line_id = extra(contract).id
    make_invoice(contract, confirmed=False)
    assert "On an invoice" in main(browser.get(f"/contracts/{contract.id}"))
    answer = browser.post(f"/contracts/{contract.id}/lines/{line_id}/remove")
    assert answer.status_code == 409
    page = browser.post(f"/contracts/{contract.id}/lines/{line_id}/edit", data=line())
    assert page.status_code == 422
    assert "This line is on an invoice" in words(page)
    assert value_of(page, "description") == "Extra kilometres"


def test_a_line_of_another_contract_is_not_there(browser: Browser) -> None:
    contract, other = make_contract(), make_contract()
    for path in ("edit", "remove"):
        url = f"/contracts/{contract.id}/lines/{other.lines[0].id}/{path}"
        assert browser.get(url).status_code == 404
        assert browser.post(url, data=line()).status_code == 404


def test_a_new_line_takes_the_vat_of_the_rent(browser: Browser) -> None:
    six = make_vat_code("6")
    contract = make_contract(make_resource(price_range=make_price_range(vat_code=six)))
    browser.post(f"/contracts/{contract.id}/lines/new", data=line(vat_code_id=""))
    assert the_contract().lines[-1].vat_code == six


# ---- Invoices -----------------------------------------------------------------------------------


def test_the_contract_leads_to_its_invoices_and_to_a_new_one(browser: Browser) -> None:
    contract = make_contract()
    page = browser.get(f"/contracts/{contract.id}")
    assert f"/invoices/new?contract_id={contract.id}" in page.text
    invoice = make_invoice(contract)
    page = browser.get(f"/contracts/{contract.id}")
    assert invoice.reference in main(page)
    assert "Make invoice" not in main(page)


# ---- Rights and strangers -----------------------------------------------------------------------


@pytest.mark.parametrize("number", ["999", "99999999999999999999"])
def test_an_unknown_contract_is_a_page_that_says_so(browser: Browser, number: str) -> None:
    for path in ("", "/edit", "/driver", "/cancel", "/pricing", "/lines/new", "/lines/1/edit"):
        assert browser.get(f"/contracts/{number}{path}").status_code == 404
    assert browser.post(f"/contracts/{number}/confirm").status_code == 404


def test_those_who_may_only_look_get_no_button_and_no_form(login: Login) -> None:
    contract = make_contract()
    visitor = login("contracts.view")
    page = main(visitor.get(f"/contracts/{contract.id}"))
    for word in ("Change", "Confirm", "Cancel", "Add a line", "Make invoice", "History"):
        assert word not in page
    for path in ("edit", "driver", "cancel", "lines/new"):
        assert visitor.get(f"/contracts/{contract.id}/{path}").status_code == 403
    assert visitor.get("/contracts/new").status_code == 403
    assert visitor.post(f"/contracts/{contract.id}/confirm").status_code == 403


def test_records_that_a_person_may_not_see_are_named_but_no_links(login: Login) -> None:
    contract = make_contract()
    page = login("contracts.view").get(f"/contracts/{contract.id}")
    assert contract.customer.full_name in main(page)
    assert "/customers/" not in page.text
    assert "/resources/" not in page.text


def test_the_history_names_people_and_moments_in_words(browser: Browser) -> None:
    contract = make_contract(customer=make_customer(company_name="Claes"))
    other = make_customer(company_name="Peeters")
    browser.post(f"/contracts/{contract.id}/customer", data={"customer_id": other.id})
    browser.post(f"/contracts/{contract.id}/confirm")
    page = main(browser.get(f"/contracts/{contract.id}"))
    assert "Customer: Claes became Peeters" in page
    assert "Status: In preparation became Confirmed" in page


def test_the_history_tells_of_the_price_lines(browser: Browser) -> None:
    contract, other = make_contract(), make_contract()
    fuel = save_price_line(contract, price_line("Fuel", 2))
    wash = save_price_line(contract, price_line("Wash", 1))
    save_price_line(contract, price_line("Petrol", 3), fuel)
    remove_price_line(wash)
    page = main(browser.get(f"/contracts/{contract.id}"))
    assert "Price line Petrol Units: 2 became 3" in page
    assert "Price line Petrol Made" in page
    assert "Price line Wash Deleted" in page
    assert "Petrol" not in main(browser.get(f"/contracts/{other.id}"))


def price_line(description: str, units: int) -> PriceLineData:
    return PriceLineData(description, Decimal(units), Decimal(10), make_vat_code())
