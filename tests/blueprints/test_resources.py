"""The pages of resources: the list, the form, the record, the picker, the types."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import ContractStatus, Handover, HandoverKind, Resource, ResourceType
from ppplanner.services.renting.contracts import cancel_contract
from tests.blueprints.pages import HTMX, cost_of, error_at, main, value_of, words
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_cost_carrier,
    make_pool,
    make_price_range,
    make_rate,
    make_resource,
    make_resource_type,
    make_unit,
    make_user,
)


@pytest.fixture
def browser(login: Login) -> Browser:
    return login()


def form(**values: object) -> dict[str, object]:
    """What somebody types to add a van."""
    return {
        "code": "VAN1",
        "licence_plate": "1-abc-234",
        "brand": "Ford",
        "model": "Transit",
        "type_id": make_resource_type().id,
        "pool_id": make_pool(make_unit()).id,
        "price_range_id": make_price_range(79).id,
        **values,
    }


def the_resource() -> Resource:
    return db.session.scalars(select(Resource)).one()


# ---- The list -----------------------------------------------------------------------------------


@pytest.mark.parametrize("q", ["1-abc", "1abc234", "1 abc 234", "VAN1", "ford", "crafter ford"])
def test_a_resource_is_found_by_plate_code_brand_and_model(browser: Browser, q: str) -> None:
    make_resource(licence_plate="1-ABC-234", code="VAN1", brand="Ford", model="Crafter")
    make_resource(licence_plate="2-XYZ-999", code="CAR2", brand="Opel", model="Vivaro")
    page = main(browser.get("/resources/", query_string={"q": q}))
    assert "1-ABC-234" in page
    assert "2-XYZ-999" not in page


def test_the_list_narrows_to_a_type_and_a_pool(browser: Browser) -> None:
    unit = make_unit()
    machines = make_pool(unit, "Machines")
    make_resource(unit, code="CRANE", pool=machines, type=make_resource_type("Crane"))
    make_resource(unit, code="VAN1")
    for query in (f"type={make_resource_type('Crane').id}", f"pool={machines.id}"):
        page = main(browser.get(f"/resources/?{query}"))
        assert "CRANE" in page
        assert "VAN1" not in page


def test_what_is_out_of_use_is_left_out_at_first(browser: Browser) -> None:
    make_resource(code="OLD", active=False)
    make_resource(code="NEW")
    assert "OLD" not in main(browser.get("/resources/"))
    assert "OLD" in main(browser.get("/resources/?use="))


def test_the_list_follows_the_business_unit_of_the_top_bar(login: Login) -> None:
    here, there = make_unit(), make_unit()
    make_resource(here, code="HERE")
    make_resource(there, code="THERE")
    page = main(login(user=make_user(business_unit_id=here.id)).get("/resources/"))
    assert "HERE" in page
    assert "THERE" not in page


@pytest.mark.both_databases
def test_the_list_tells_what_is_taken_now(browser: Browser) -> None:
    make_contract(starts_at=now() - timedelta(hours=1), ends_at=now() + timedelta(days=1))
    assert "Taken" in main(browser.get("/resources/"))


def test_what_should_be_back_and_is_not_is_taken(browser: Browser) -> None:
    late = make_contract(starts_at=now() - timedelta(days=3), ends_at=now() - timedelta(days=1))
    assert "Free" in main(browser.get("/resources/"))
    late.status = ContractStatus.OPEN
    assert "Taken" in main(browser.get("/resources/"))
    assert "1 of 1" in main(browser.get("/"))


def test_the_list_costs_the_same_for_three_and_for_thirty_resources(browser: Browser) -> None:
    unit, pool = make_unit(), make_pool(make_unit())
    for _each in range(3):
        make_contract(make_resource(unit), starts_at=now() - timedelta(hours=1))
    few = cost_of(browser, "/resources/")
    for _each in range(27):
        make_contract(make_resource(pool=pool), starts_at=now() - timedelta(hours=1))
    assert cost_of(browser, "/resources/") == few


# ---- The form -----------------------------------------------------------------------------------


def test_a_new_resource_opens_on_its_own_page(browser: Browser) -> None:
    carrier = make_cost_carrier(code="VAN1")
    answer = browser.post("/resources/new", data=form(cost_carrier_id=carrier.id))
    resource = the_resource()
    assert answer.location == f"/resources/{resource.id}"
    assert resource.licence_plate == "1-ABC-234"
    assert resource.cost_carrier.id == carrier.id  # type: ignore[union-attr]
    assert "€79.00" in main(browser.get(answer.location))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("deposit", "-1", "A deposit lies between 0 and 100,000 euro."),
        ("deposit", "1000000000000", "A deposit lies between 0 and 100,000 euro."),
        ("deposit", "1e12", "Type a number"),
        ("deposit", "12.345", "Type at most 2 decimals."),
        ("tank_litres", "0", "A tank holds between 1 and 5,000 litres."),
        ("tank_litres", "12.5", "Type a whole number."),
        ("brand", "x" * 10_000, "Use at most 40 characters."),
        ("code", "x" * 21, "Use at most 20 characters."),
        ("type_id", "", "Choose a type."),
        ("pool_id", "999", "Choose one from the list."),
        ("pool_id", "nonsense", "Choose one from the list."),
        ("price_range_id", "99999999999999999999", "Choose one from the list."),
        ("active_from", "31-31-2026", "Type a day that exists"),
    ],
)
def test_wrong_input_is_told_at_its_field_and_keeps_the_rest(
    browser: Browser, field: str, value: str, message: str
) -> None:
    page = browser.post("/resources/new", data=form(**{field: value}))
    assert page.status_code == 422
    assert message in error_at(page, field)
    assert value_of(page, "model") == "Transit"
    assert db.session.scalar(select(Resource)) is None


@pytest.mark.parametrize("typed", ["1-abc-234", "1ABC234", "1 abc 234"])
def test_a_plate_belongs_to_one_resource(browser: Browser, typed: str) -> None:
    make_resource(licence_plate="1-ABC-234")
    page = browser.post("/resources/new", data=form(licence_plate=typed))
    assert page.status_code == 422
    assert error_at(page, "licence_plate")


def test_a_change_keeps_a_rate_that_is_no_longer_offered(browser: Browser) -> None:
    price_range = make_price_range(50)
    resource = make_resource(price_range=price_range)
    price_range.active = False
    url = f"/resources/{resource.id}/edit"
    data = form(price_range_id=price_range.id, seen=value_of(browser.get(url), "seen"))
    assert browser.post(url, data=data).status_code == 303
    assert the_resource().price_range_id == price_range.id


def test_a_change_leaves_an_archived_resource_archived(browser: Browser) -> None:
    resource = make_resource(active=False)
    assert browser.post(f"/resources/{resource.id}/edit", data=form()).status_code == 303
    assert the_resource().active is False


def test_deposit_and_tank_are_kept_and_shown(browser: Browser) -> None:
    answer = browser.post("/resources/new", data=form(deposit="1250.50", tank_litres="80"))
    resource = the_resource()
    assert (resource.deposit, resource.tank_litres) == (Decimal("1250.50"), 80)
    page = main(browser.get(answer.location))
    assert "€1,250.50" in page
    assert "80 litres" in page
    edit = browser.get(f"{answer.location}/edit")
    assert (value_of(edit, "deposit"), value_of(edit, "tank_litres")) == ("1250.50", "80")


def test_the_plate_gives_the_code_when_none_is_typed(browser: Browser) -> None:
    browser.post("/resources/new", data=form(code=""))
    assert the_resource().code == "1ABC234"


def test_moving_to_another_business_unit_tells_which_contracts_stay(browser: Browser) -> None:
    contract = make_contract()
    unit = contract.business_unit.name
    pool = make_pool(make_unit(), "Elsewhere")
    url = f"/resources/{contract.resource_id}"
    browser.post(f"{url}/edit", data=form(pool_id=pool.id))
    said = words(browser.get(url))
    assert f"1 contract that is not finished stays with {unit}." in said
    assert "Elsewhere" in said


# ---- Archiving ----------------------------------------------------------------------------------


def test_archiving_says_how_many_contracts_are_not_finished(browser: Browser) -> None:
    contract = make_contract()
    url = f"/resources/{contract.resource_id}"
    assert "1 contract on it is not finished." in main(browser.get(f"{url}/archive"))
    browser.post(f"{url}/archive")
    assert the_resource().active is False
    assert "Out of use" in main(browser.get(url))
    browser.post(f"{url}/restore")
    assert the_resource().active is True


def test_archiving_what_nobody_needs_says_nothing_of_contracts(browser: Browser) -> None:
    resource = make_resource()
    assert "not finished" not in main(browser.get(f"/resources/{resource.id}/archive"))


# ---- The record ---------------------------------------------------------------------------------


def test_the_record_tells_running_coming_and_past_contracts(browser: Browser) -> None:
    van = make_resource()
    past = make_contract(
        van, starts_at=now() - timedelta(days=9), ends_at=now() - timedelta(days=8)
    )
    running = make_contract(
        van, starts_at=now() - timedelta(days=1), ends_at=now() + timedelta(hours=1)
    )
    coming = make_contract(van)
    page = main(browser.get(f"/resources/{van.id}"))
    page = page[page.index("Use in the last twelve months") :]
    order = ["Running", str(running), "Coming", str(coming), "Past", str(past)]
    assert sorted(order, key=page.index) == order


def test_the_record_shows_the_mileage_and_the_prices(browser: Browser) -> None:
    price_range = make_price_range(79, km_per_day=200, km_price=Decimal("0.15"))
    make_rate(price_range, "week", 400)
    contract = make_contract(make_resource(price_range=price_range))
    contract.handovers.append(Handover(kind=HandoverKind.CHECK_OUT, at=now(), mileage=41250))
    page = main(browser.get(f"/resources/{contract.resource_id}"))
    assert "41,250 km on" in page
    assert "€79.00 a day €400.00 a week" in page
    assert "200 a day, then €0.15 each" in page


def test_the_record_costs_the_same_with_many_contracts(browser: Browser) -> None:
    van = make_resource()
    make_contract(van)
    few = cost_of(browser, f"/resources/{van.id}")
    for day in range(4, 24, 3):
        start = now() + timedelta(days=day)
        make_contract(van, starts_at=start, ends_at=start + timedelta(days=1))
    assert cost_of(browser, f"/resources/{van.id}") == few


def test_a_colleagues_change_is_not_overwritten_unseen(browser: Browser) -> None:
    resource = make_resource(model="Transit")
    url = f"/resources/{resource.id}/edit"
    seen = value_of(browser.get(url), "seen")
    resource.model = "Transit Custom"
    page = browser.post(url, data=form(model="Tourneo", seen=seen))
    assert page.status_code == 409
    assert "Yours: Tourneo" in words(page)
    assert "Your colleague's: Transit Custom" in words(page)


def test_the_record_shows_the_days_that_are_taken(browser: Browser) -> None:
    start = now().replace(hour=8, minute=0) + timedelta(days=3)
    contract = make_contract(starts_at=start, ends_at=start + timedelta(hours=30))
    page = browser.get(f"/resources/{contract.resource_id}")
    assert page.text.count("day-taken") == 2
    assert main(page).count(f": contract {contract}") == 2


def test_a_cancelled_contract_leaves_its_days_free(browser: Browser) -> None:
    contract = make_contract()
    cancel_contract(contract)
    page = browser.get(f"/resources/{contract.resource_id}")
    assert "day-taken" not in page.text
    assert str(contract) not in main(page)


def test_all_contracts_of_a_resource_are_its_own(browser: Browser) -> None:
    mine, other = make_contract(), make_contract()
    page = main(browser.get(f"/resources/{mine.resource_id}/contracts"))
    assert str(mine) in page
    assert str(other) not in page


@pytest.mark.parametrize("number", ["999", "99999999999999999999"])
def test_an_unknown_resource_is_a_page_that_says_so(browser: Browser, number: str) -> None:
    for path in ("", "/edit", "/contracts"):
        assert browser.get(f"/resources/{number}{path}").status_code == 404


# ---- The picker ---------------------------------------------------------------------------------


def typed(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M")


@pytest.mark.both_databases
def test_the_picker_offers_free_ones_first_with_their_price(browser: Browser) -> None:
    unit = make_unit()
    contract = make_contract(make_resource(unit, make_price_range(79), code="A"))
    make_resource(unit, make_price_range(49), code="B", licence_plate="2-FREE-22")
    period = {
        "starts_at": typed(contract.starts_at),
        "ends_at": typed(contract.ends_at),
        "business_unit_id": unit.id,
    }
    page = words(browser.get("/resources/pick", query_string=period, headers=HTMX))
    assert page.index("2-FREE-22") < page.index("1-VAN")
    assert "€49.00 a day · free" in page
    assert f"by {contract}" in page


def test_a_contract_does_not_stand_in_its_own_way(browser: Browser) -> None:
    contract = make_contract()
    page = words(browser.get(f"/resources/pick?contract={contract.id}", headers=HTMX))
    assert "free" in page
    assert "taken" not in page


def test_ids_beyond_all_bounds_are_nobodys(browser: Browser) -> None:
    resource = make_resource()
    query = dict.fromkeys(("contract", "besides", "business_unit_id"), "9" * 20)
    page = browser.get("/resources/pick", query_string=query, headers=HTMX)
    assert resource.title in words(page)


@pytest.mark.parametrize("starts_at", ["", "tomorrow", "0001-01-01T00:00", "99999-01-01T00:00"])
def test_a_period_of_nonsense_is_left_out(browser: Browser, starts_at: str) -> None:
    resource = make_resource()
    unit = resource.pool.business_unit_id
    query = {"starts_at": starts_at, "ends_at": "2026-01-01T10:00", "business_unit_id": unit}
    page = browser.get("/resources/pick", query_string=query, headers=HTMX)
    assert resource.title in words(page)


# ---- Types --------------------------------------------------------------------------------------


def test_a_type_is_added_changed_and_deleted(browser: Browser) -> None:
    browser.post("/resources/types/new", data={"name": "Van"})
    kind = db.session.scalars(select(ResourceType)).one()
    browser.post(f"/resources/types/{kind.id}", data={"name": "Lorry"})
    assert "Lorry" in main(browser.get("/resources/types/"))
    browser.post(f"/resources/types/{kind.id}/delete")
    assert "Lorry" not in main(browser.get("/resources/types/"))


def test_a_type_that_is_in_use_stays(browser: Browser) -> None:
    resource = make_resource()
    page = browser.post(f"/resources/types/{resource.type_id}/delete")
    assert page.status_code == 409
    assert "is in use" in words(page)


def test_two_types_cannot_share_a_name(browser: Browser) -> None:
    make_resource_type("Van")
    page = browser.post("/resources/types/new", data={"name": "Van"})
    assert page.status_code == 422


# ---- Rights -------------------------------------------------------------------------------------


def test_those_who_may_only_look_get_no_button_and_no_form(login: Login) -> None:
    resource = make_resource()
    visitor = login("resources.view")
    assert "Add resource" not in main(visitor.get("/resources/"))
    assert "Change" not in main(visitor.get(f"/resources/{resource.id}"))
    for path in ("new", f"{resource.id}/edit", "types/new"):
        assert visitor.get(f"/resources/{path}").status_code == 403
