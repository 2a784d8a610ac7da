"""The life of a contract on its page: the next step first, check-out, check-in, mistakes."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ppplanner.clock import day_starts, now
from ppplanner.extensions import db
from ppplanner.models import Contract, ContractStatus, LineKind, PriceBasis
from ppplanner.services.renting.contracts import confirm_contract
from ppplanner.services.renting.handover_rules import HandoverData
from ppplanner.services.renting.handovers import check_in, check_out
from tests.blueprints.pages import HTMX, cost_of, error_at, main, over, value_of, words
from tests.conftest import Browser, Login
from tests.factories import (
    make_company,
    make_contract,
    make_customer,
    make_invoice,
    make_price_range,
    make_resource,
    make_unit,
)
from tests.statements import counted

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def browser(login: Login) -> Browser:
    return login()


def confirmed(**fields: object) -> Contract:
    """Began two days ago at nine, ended yesterday; EUR 50 a day with 100 km."""
    start = day_starts(-2) + 9 * HOUR
    prices = make_price_range(50, km_per_day=100, km_price=Decimal("0.25"))
    van = make_resource(make_unit(), prices, tank_litres=80, **fields)
    contract = make_contract(van, starts_at=start, ends_at=start + DAY)
    confirm_contract(contract)
    return contract


def is_out() -> Contract:
    contract = confirmed()
    check_out(contract, HandoverData(contract.starts_at, 1000, 8), None)
    return contract


def local(moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo('Europe/Brussels')):%Y-%m-%dT%H:%M}"


def the(contract: Contract) -> Contract:
    db.session.expire_all()
    return db.session.get_one(Contract, contract.id)


# ---- The next step ------------------------------------------------------------------------------


def primary(browser: Browser, contract: Contract) -> str:
    """The words of the primary button."""
    page = browser.get(f"/contracts/{contract.id}").text
    return page.split("btn btn-primary")[1].split("</svg>")[1].split("<")[0].strip()


def test_the_likely_next_step_is_the_primary_button(browser: Browser) -> None:
    contract = make_contract(starts_at=now() - 2 * DAY, ends_at=now() - DAY)
    shown = [primary(browser, contract)]
    confirm_contract(contract)
    shown.append(primary(browser, contract))
    check_out(contract, HandoverData(contract.starts_at), None)
    shown.append(primary(browser, contract))
    check_in(contract, HandoverData(contract.ends_at), None)
    shown.append(primary(browser, contract))
    make_invoice(contract)
    shown.append(primary(browser, contract))
    assert shown == ["Confirm", "Check out", "Check in", "Make invoice", "Complete"]


def test_a_contract_without_resource_is_to_get_one_first(browser: Browser) -> None:
    contract = confirmed()
    contract.resource = None
    assert primary(browser, contract) == "Find a resource"


def test_who_may_only_look_finds_no_steps(login: Login) -> None:
    contract = confirmed()
    page = main(login("contracts.view").get(f"/contracts/{contract.id}"))
    assert "Check out" not in page
    assert "Cancel contract" not in page
    assert "PDF" in page


@pytest.mark.parametrize("path", ["check-out", "check-in", "take-back", "complete", "cancel"])
def test_who_may_only_look_does_nothing(login: Login, path: str) -> None:
    browser = login("contracts.view")
    contract = confirmed()
    assert browser.post(f"/contracts/{contract.id}/{path}").status_code == 403


# ---- Check-out ----------------------------------------------------------------------------------


def test_the_check_out_starts_with_sensible_values(browser: Browser) -> None:
    van = confirmed().resource
    earlier = make_contract(van, starts_at=now() - 9 * DAY, ends_at=now() - 8 * DAY)
    confirm_contract(earlier)
    check_out(earlier, HandoverData(now() - 9 * DAY, 4321, 8), None)
    check_in(earlier, HandoverData(now() - 8 * DAY, 4700, 5), None)
    contract = make_contract(van)
    confirm_contract(contract)
    dialog = browser.get(f"/contracts/{contract.id}/check-out", headers=over("/contracts/"))
    assert value_of(dialog, "mileage") == "4700"
    assert value_of(dialog, "at")[:10] == local(now())[:10]
    assert 'selected value="5"' in dialog.text


def test_a_tank_that_came_back_empty_is_not_proposed_as_full(browser: Browser) -> None:
    earlier = is_out()
    check_in(earlier, HandoverData(earlier.ends_at, 1100, 0), None)
    contract = make_contract(earlier.resource)
    confirm_contract(contract)
    dialog = browser.get(f"/contracts/{contract.id}/check-out", headers=over("/contracts/"))
    assert 'selected value="0"' in dialog.text


def test_a_check_out_is_written_down_with_who_did_it(browser: Browser) -> None:
    contract = confirmed()
    answer = browser.post(
        f"/contracts/{contract.id}/check-out",
        data={
            "at": local(contract.starts_at),
            "mileage": "12.345",
            "fuel": "7",
            "remarks": "Spare key.",
        },
    )
    assert answer.status_code == 422  # twelve kilometres and a bit: nobody drives those
    answer = browser.post(
        f"/contracts/{contract.id}/check-out",
        data={
            "at": local(contract.starts_at),
            "mileage": "12,345",
            "fuel": "7",
            "remarks": "Spare key.",
        },
    )
    assert answer.status_code == 303
    page = main(browser.get(f"/contracts/{contract.id}"))
    assert "12,345 km" in page
    assert "7/8" in page
    assert "Spare key." in page
    handover = the(contract).check_out
    assert handover
    assert handover.recorded_by
    assert f"Recorded by {handover.recorded_by.name}" in page


def test_what_has_no_tank_is_not_asked_for_fuel(browser: Browser) -> None:
    contract = confirmed()
    assert contract.resource
    contract.resource.tank_litres = None
    dialog = browser.get(f"/contracts/{contract.id}/check-out")
    assert 'name="fuel"' not in dialog.text


def test_a_resource_that_is_still_out_is_told_before_and_after_the_click(browser: Browser) -> None:
    late = is_out()
    following = make_contract(late.resource)
    confirm_contract(following)
    url = f"/contracts/{following.id}/check-out"
    for answer in (browser.get(url), browser.post(url, data={"at": local(now())})):
        assert f"is still out on contract {late}" in words(answer)
    assert the(following).status is ContractStatus.CONFIRMED


# ---- Check-in -----------------------------------------------------------------------------------


def test_a_late_check_in_proposes_to_charge_what_it_took(browser: Browser) -> None:
    contract = is_out()
    dialog = browser.get(f"/contracts/{contract.id}/check-in")
    assert 'checked class="form-check-input" id="actual"' in dialog.text
    answer = browser.post(
        f"/contracts/{contract.id}/check-in",
        data={"at": local(now()), "mileage": "1500", "fuel": "8", "actual": "y"},
    )
    assert answer.status_code == 303
    done = the(contract)
    assert done.status is ContractStatus.CHECKED_IN
    assert done.price_basis is PriceBasis.ACTUAL
    assert {line.kind: line.net for line in done.lines} == {
        LineKind.RENT: Decimal(150),
        LineKind.KILOMETRES: Decimal(50),
    }
    page = main(browser.get(f"/contracts/{contract.id}"))
    assert "500 km driven. 300 km were included." in page
    assert "As it went" in page


def test_the_check_in_shows_live_what_it_costs(browser: Browser) -> None:
    contract = is_out()
    asked = {"at": local(now()), "mileage": "1500", "fuel": "8", "actual": "y"}
    url = f"/contracts/{contract.id}/check-in/price"
    shown = words(browser.get(url, query_string=asked, headers=HTMX))
    assert "This is later than agreed." in shown
    assert "Without VAT €200.00" in shown
    assert "Change, without VAT +€100.00" in shown
    asked.pop("actual")
    assert "Without VAT €175.00" in words(browser.get(url, query_string=asked, headers=HTMX))
    assert the(contract).status is ContractStatus.OPEN
    assert the(contract).check_in is None


def test_the_live_price_writes_nothing(browser: Browser) -> None:
    contract = is_out()
    van = contract.resource
    make_contract(van, starts_at=now() - HOUR, ends_at=now() + DAY)
    asked = {"at": local(now()), "mileage": "1500", "actual": "y"}
    url = f"/contracts/{contract.id}/check-in/price"
    db.session.commit()
    with counted() as statements:
        browser.get(url, query_string=asked)
    verbs = {each.split()[0].upper() for each in statements}
    assert verbs <= {"BEGIN", "SELECT"}
    assert "Without VAT €200.00" in words(browser.get(url, query_string=asked))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"mileage": "900"}, "cannot be below that at check-out"),
        ({"at": "nonsense"}, "Fill in a day and a time."),
        ({"at": "2020-01-01T08:00"}, "cannot lie before the check-out"),
        ({"mileage": ""}, "Fill in the mileage"),
    ],
)
def test_the_live_price_says_what_is_missing(
    browser: Browser, change: dict[str, str], sentence: str
) -> None:
    contract = is_out()
    asked = {"at": local(now()), "mileage": "1500", **change}
    answer = browser.get(f"/contracts/{contract.id}/check-in/price", query_string=asked)
    assert answer.status_code == 200
    assert sentence in words(answer)


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(browser: Browser) -> None:
    contract = is_out()
    answer = browser.post(
        f"/contracts/{contract.id}/check-in",
        data={"at": local(now()), "mileage": "900", "fuel": "3", "remarks": "Dent."},
    )
    assert answer.status_code == 422
    assert "cannot be below" in error_at(answer, "mileage")
    assert value_of(answer, "mileage") == "900"
    assert "Dent." in answer.text


def test_a_waiting_contract_is_told_and_the_check_in_goes_on(browser: Browser) -> None:
    contract = is_out()
    following = make_contract(
        contract.resource, make_customer(company_name="Peeters"), now() - HOUR, now() + DAY
    )
    asked = {"at": local(now()), "mileage": "1100"}
    url = f"/contracts/{contract.id}/check-in"
    shown = words(browser.get(f"{url}/price", query_string=asked, headers=HTMX))
    assert f"Contract {following} of Peeters waits for it since" in shown
    assert browser.post(url, data=asked).status_code == 303


# ---- Marks and mistakes -------------------------------------------------------------------------


def test_ready_for_check_in_is_marked_and_unmarked(browser: Browser) -> None:
    contract = is_out()
    browser.post(f"/contracts/{contract.id}/ready")
    told = '<p class="notice">'
    assert told in browser.get(f"/contracts/{contract.id}").text
    browser.post(f"/contracts/{contract.id}/not-ready")
    assert told not in browser.get(f"/contracts/{contract.id}").text


def test_a_late_contract_says_so(browser: Browser) -> None:
    assert "It should have come back at" in main(browser.get(f"/contracts/{is_out().id}"))


def test_a_handover_is_corrected(browser: Browser) -> None:
    contract = is_out()
    url = f"/contracts/{contract.id}/out/correct"
    dialog = browser.get(url)
    assert value_of(dialog, "mileage") == "1000"
    seen = value_of(dialog, "seen")
    sent = {"at": value_of(dialog, "at"), "mileage": "1010", "fuel": "8", "seen": seen}
    assert browser.post(url, data=sent).status_code == 303
    handover = the(contract).check_out
    assert handover
    assert (handover.mileage, handover.at) == (1010, contract.starts_at)
    again = browser.post(url, data={**sent, "mileage": "1020"})
    assert again.status_code == 409
    assert "1010" in again.text


def test_a_check_out_is_taken_back_after_a_question(browser: Browser) -> None:
    contract = is_out()
    url = f"/contracts/{contract.id}/take-back"
    assert "Undo the check-out?" in words(browser.get(url))
    browser.post(url)
    assert the(contract).status is ContractStatus.CONFIRMED


def test_of_two_who_undo_a_check_in_the_second_does_not_undo_the_check_out(
    browser: Browser,
) -> None:
    contract = is_out()
    check_in(contract, HandoverData(now(), 1000, 8), None)
    db.session.commit()
    url = f"/contracts/{contract.id}/take-back"
    seen = value_of(browser.get(url), "seen")
    assert browser.post(url, data={"seen": seen}).status_code == 303
    answer = browser.post(url, data={"seen": seen})
    assert answer.status_code == 422
    assert "meanwhile" in words(answer)
    assert the(contract).status is ContractStatus.OPEN


def test_what_cannot_be_corrected_says_why(browser: Browser) -> None:
    contract = is_out()
    make_invoice(contract, confirmed=False)
    for path in ("out/correct", "take-back"):
        answer = browser.post(f"/contracts/{contract.id}/{path}", data={"at": local(now())})
        assert answer.status_code in {409, 422}
        assert "its handovers stay as they are" in words(answer)
    assert browser.get(f"/contracts/{confirmed().id}/back/correct").status_code == 409


def test_a_contract_is_completed_after_a_question(browser: Browser) -> None:
    contract = is_out()
    check_in(contract, HandoverData(now(), 1000, 8), None)
    url = f"/contracts/{contract.id}/complete"
    assert "has not been invoiced" in words(browser.get(url))
    browser.post(url)
    assert the(contract).status is ContractStatus.COMPLETED


def test_of_an_open_contract_only_the_end_is_asked(browser: Browser) -> None:
    contract = is_out()
    form = browser.get(f"/contracts/{contract.id}/edit")
    assert 'name="ends_at"' in form.text
    for name in ("starts_at", "customer_id", "resource_id", "business_unit_id"):
        assert f'name="{name}"' not in form.text
    longer = contract.ends_at + 5 * DAY
    answer = browser.post(f"/contracts/{contract.id}/edit", data={"ends_at": local(longer)})
    assert answer.status_code == 303
    assert the(contract).ends_at == longer


def test_a_new_contract_like_this_one_has_its_customer_resource_and_length(
    browser: Browser,
) -> None:
    contract = confirmed()
    form = browser.get("/contracts/new", query_string={"like": contract.id})
    assert value_of(form, "customer_id") == str(contract.customer_id)
    assert value_of(form, "resource_id") == str(contract.resource_id)
    start, end = (datetime.fromisoformat(value_of(form, name)) for name in ("starts_at", "ends_at"))
    assert end - start == DAY
    assert start > datetime.fromisoformat(local(now()))


# ---- History, times, cost -----------------------------------------------------------------------


def test_the_history_tells_of_handovers_in_words(browser: Browser) -> None:
    contract = is_out()
    contract.check_out.fuel = 4  # type: ignore[union-attr]
    page = main(browser.get(f"/contracts/{contract.id}"))
    assert "Check-out Fuel: Full" in page.replace("  ", " ")
    assert "check_out" not in page


def test_moments_are_shown_in_the_time_zone_of_the_contracts_own_unit(browser: Browser) -> None:
    abroad = make_unit(make_company(timezone="America/New_York"))
    home = make_unit()
    at = (now() + DAY).replace(hour=18, minute=0, second=0, microsecond=0)
    zones = {"Europe/Brussels": home, "America/New_York": abroad}
    for zone, unit in zones.items():
        contract = make_contract(make_resource(unit), starts_at=at, ends_at=at + HOUR)
        here = f"{at.astimezone(ZoneInfo(zone)):%H:%M}"
        assert here in main(browser.get(f"/contracts/{contract.id}"))
        assert here in main(browser.get("/contracts/", query_string={"q": str(contract)}))
        assert here in value_of(browser.get(f"/contracts/{contract.id}/edit"), "starts_at")


def test_a_contract_with_handovers_costs_no_query_more_for_each_line(browser: Browser) -> None:
    contract = is_out()
    check_in(contract, HandoverData(now(), 1500, 8), None)
    assert cost_of(browser, f"/contracts/{contract.id}") <= 32


# ---- On paper -----------------------------------------------------------------------------------


def test_the_pdf_comes_under_the_contracts_number(browser: Browser) -> None:
    contract = confirmed()
    answer = browser.get(f"/contracts/{contract.id}/pdf")
    assert answer.mimetype == "application/pdf"
    assert f"{contract}.pdf" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"%PDF")
