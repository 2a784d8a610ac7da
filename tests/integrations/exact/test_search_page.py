"""The dialog in which somebody looks for a customer in Exact while adding one."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from ppplanner.extensions import db
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import NAMUR, RunningSimulator
from ppplanner.integrations.exact.simulator.faults import KINDS
from ppplanner.models import BusinessUnit, Company, Customer, CustomerKind
from tests.blueprints.pages import HTMX, main, over, words
from tests.conftest import Browser, Login
from tests.factories import make_company, make_customer, make_unit, make_user
from tests.integrations.exact.conftest import Connect

pytestmark = pytest.mark.one_database

SEARCH = "/exact/customers/search?kind=business"
IMPORT = "/exact/customers/import?kind=business"
RIGHTS = ("exact.search", "customers.view", "customers.edit", "contracts.edit")


@pytest.fixture
def planner(connection: ExactConnection, login: Login) -> Browser:
    """Somebody who adds customers in a firm that is linked with Exact."""
    return login(*RIGHTS)


def account_ids(page: str) -> list[str]:
    return re.findall(r'name="account_id" value="([^"]+)"', page)


def first_hit(page: str) -> str:
    found = re.search(r'name="first_hit" value="([^"]*)"', page)
    assert found
    return found[1]


def customers() -> int:
    return db.session.scalar(select(func.count()).select_from(Customer)) or 0


# --- searching --------------------------------------------------------------------------------


def test_hits_tell_enough_to_choose(planner: Browser, simulator: RunningSimulator) -> None:
    account = simulator.accounts(simulator.division, Status="C", Blocked=False)[0]

    page = words(planner.get(f"{SEARCH}&q={account['Name']}"))

    for detail in (account["Name"], account["Code"].strip(), account["City"], "Import"):
        assert detail in page


def test_for_htmx_a_search_is_the_hits_only(planner: Browser) -> None:
    dialog = planner.get(SEARCH, headers=over("/customers/"))
    hits = planner.get(f"{SEARCH}&q=van", headers=over("/customers/"))

    assert 'name="q"' in dialog.text
    assert 'name="q"' not in hits.text
    assert len(account_ids(hits.text)) > 3


def test_a_hit_that_is_blocked_or_no_customer_says_so(
    planner: Browser, simulator: RunningSimulator
) -> None:
    (blocked, *_others) = simulator.accounts(simulator.division, Blocked=True)

    assert "blocked in Exact" in words(planner.get(f"{SEARCH}&q={blocked['Name']}"))
    assert "not a customer in Exact" in words(planner.get(f"{SEARCH}&q=Garage Van Hove"))


def test_a_hit_that_is_known_here_says_so(planner: Browser) -> None:
    page = planner.get(f"{SEARCH}&q=podiumbouw").text
    planner.post(IMPORT, data={"account_id": account_ids(page)[0]})

    assert "known here" in words(planner.get(f"{SEARCH}&q=podiumbouw"))


def test_nobody_found_offers_to_add_by_hand(planner: Browser) -> None:
    page = planner.get(f"{SEARCH}&q=zzzzzz")

    assert "Exact knows nobody like that" in main(page)
    assert 'href="/customers/new/business"' in page.text or "kind=business" in page.text


@pytest.mark.parametrize(
    "text", ["x" * 3000, "'; drop table", "%", "<b>x</b>", "é" * 200, "a\tb\nc", "🚐", "   "]
)
def test_whatever_is_typed_searches_or_finds_nothing(planner: Browser, text: str) -> None:
    answer = planner.get(SEARCH.split("?")[0], query_string={"q": text, "kind": "business"})

    assert answer.status_code == 200
    assert "<b>x</b>" not in answer.text


def test_a_nul_is_refused(planner: Browser) -> None:
    assert planner.get(f"{SEARCH}&q=a%00b").status_code == 400


@pytest.mark.parametrize("kind", ["bogus", "", "PRIVATE", "business'"])
def test_a_hit_becomes_private_or_business_and_nothing_else(planner: Browser, kind: str) -> None:
    assert planner.get(f"/exact/customers/search?kind={kind}").status_code == 404
    assert planner.post(f"/exact/customers/import?kind={kind}").status_code == 404


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"slow", "slow_after", "revoked"}))
def test_whatever_exact_does_one_can_go_on_by_hand(
    planner: Browser, simulator: RunningSimulator, kind: str
) -> None:
    simulator.fail_next(kind, "crm/Accounts", times=3)

    page = planner.get(f"{SEARCH}&q=van", headers=over("/customers/"))

    assert page.status_code == 200
    assert "Go on by hand" in words(page)
    assert "Error" not in words(page)


def test_an_exact_that_cannot_be_reached_says_so_and_offers_to_go_on_by_hand(
    planner: Browser, connection: ExactConnection
) -> None:
    connection.base_url = "http://127.0.0.1:9"

    page = words(planner.get(f"{SEARCH}&q=van"))

    assert "Exact cannot be reached just now." in page
    assert "Go on by hand" in page


def test_a_slow_exact_is_given_up_after_a_while(
    planner: Browser, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ppplanner.integrations.exact.pages.finder.TIMEOUT", (1.0, 0.2))
    simulator.fail_next("slow", "crm/Accounts", seconds=1.0)

    page = words(planner.get(f"{SEARCH}&q=van"))

    assert "Exact does not answer just now." in page


# --- importing --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(CustomerKind))
def test_the_choice_decides_what_a_hit_becomes(planner: Browser, kind: CustomerKind) -> None:
    (found, *_others) = account_ids(planner.get(f"{SEARCH}&q=podiumbouw").text)

    answer = planner.post(
        f"/exact/customers/import?kind={kind.value}",
        data={"account_id": found},
        follow_redirects=True,
    )

    assert "is imported from Exact" in words(answer)
    (customer,) = db.session.scalars(select(Customer))
    assert customer.kind is kind


def test_importing_twice_opens_the_record(planner: Browser) -> None:
    (found, *_others) = account_ids(planner.get(f"{SEARCH}&q=podiumbouw").text)
    first = planner.post(IMPORT, data={"account_id": found})

    again = planner.post(IMPORT, data={"account_id": found})

    assert again.location == first.location
    assert customers() == 1


def test_enter_takes_the_first_hit_of_what_is_typed(planner: Browser) -> None:
    page = planner.get(f"{SEARCH}&q=van").text
    sent = {"q": "van", "found_by": "van", "first_hit": first_hit(page)}

    answer = planner.post(IMPORT, data=sent)

    assert first_hit(page) == account_ids(page)[0]
    assert "/customers/" in answer.location
    assert customers() == 1


def test_enter_before_the_hits_of_what_is_typed_are_there_searches(planner: Browser) -> None:
    stale = first_hit(planner.get(f"{SEARCH}&q=van").text)

    answer = planner.post(IMPORT, data={"q": "podium", "found_by": "van", "first_hit": stale})

    assert answer.status_code == 303
    assert "q=podium" in answer.location
    assert customers() == 0


def test_an_import_beside_a_picker_fills_it(planner: Browser) -> None:
    (found, *_others) = account_ids(planner.get(f"{SEARCH}&q=podiumbouw").text)

    answer = planner.post(
        f"{IMPORT}&field=customer_id", data={"account_id": found}, headers=over("/contracts/new")
    )

    (customer,) = db.session.scalars(select(Customer))
    picked = json.loads(answer.headers["HX-Trigger"])["picked"]
    assert picked == {"field": "customer_id", "value": customer.id, "text": customer.full_name}


def test_the_dialog_of_a_picker_hands_its_name_on(planner: Browser) -> None:
    page = planner.get(f"{SEARCH}&field=driver_id&q=zzzz").text

    assert page.count("field=driver_id") >= 3
    assert "<script" not in planner.get(f"{SEARCH}&field=<script>").text.split("</head>")[1]


@pytest.mark.parametrize("account_id", ["bogus", "1", "x" * 5000])
def test_what_is_no_hit_cannot_be_imported(planner: Browser, account_id: str) -> None:
    assert planner.post(IMPORT, data={"account_id": account_id}).status_code == 404


def test_a_hit_that_is_gone_meanwhile_is_told(planner: Browser) -> None:
    answer = planner.post(IMPORT, data={"account_id": str(uuid4())})

    assert answer.status_code == 404
    assert "no longer in Exact. Search again." in words(answer)


def test_an_import_that_exact_does_not_answer_is_told_in_the_dialog(
    planner: Browser, simulator: RunningSimulator
) -> None:
    (found, *_others) = account_ids(planner.get(f"{SEARCH}&q=podiumbouw").text)
    simulator.fail_next("unavailable", "crm/Accounts", times=3)

    answer = planner.post(IMPORT, data={"account_id": found}, headers=over("/customers/"))

    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#problem"
    assert "Exact does not answer just now." in words(answer)
    assert customers() == 0


# --- where it is offered ----------------------------------------------------------------------


def ways(visitor: Browser, query: str = "") -> str:
    return words(visitor.get(f"/customers/add{query}", headers=HTMX))


def test_whoever_adds_a_customer_is_offered_both_searches(planner: Browser) -> None:
    assert "Search in Exact, as private" in ways(planner)
    assert "Search in Exact, as business" in ways(planner)


def test_for_a_driver_only_private_persons_are_searched(planner: Browser) -> None:
    offered = ways(planner, "?purpose=driver&field=driver_id")

    assert "Search in Exact, as private" in offered
    assert "as business" not in offered


def test_without_the_right_no_search_is_offered_or_opened(
    login: Login, connection: ExactConnection
) -> None:
    visitor = login("customers.view", "customers.edit")

    assert "Search in Exact" not in ways(visitor)
    assert visitor.get(SEARCH).status_code == 403
    assert visitor.post(IMPORT).status_code == 403


@pytest.mark.parametrize("switch", ["customers_search", "enabled"])
def test_a_search_that_is_switched_off_is_not_offered_and_says_why(
    planner: Browser, company: Company, switch: str
) -> None:
    exact_settings.save(company.id, **{switch: False})

    assert "Search in Exact" not in ways(planner)
    answer = planner.get(SEARCH)
    assert answer.status_code == 409
    assert "Finding customers in Exact is switched off" in main(answer)


def test_without_a_login_or_an_administration_the_search_says_what_to_do(
    planner: Browser, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    connection.division = None
    assert "No administration is chosen yet" in main(planner.get(SEARCH))

    connection.division = simulator.division
    simulator.revoke()
    assert "The login with Exact has ended" in words(planner.get(f"{SEARCH}&q=van"))
    assert "Nobody is logged in with Exact" in main(planner.get(SEARCH))


def test_without_any_link_the_search_says_what_to_do(login: Login, unit: BusinessUnit) -> None:
    assert "has no link with Exact yet" in main(login(*RIGHTS).get(SEARCH))


def test_the_company_of_the_chosen_business_unit_is_searched(
    login: Login, connection: ExactConnection, connect: Connect, simulator: RunningSimulator
) -> None:
    unit = make_unit(make_company(name="Verhuur Namen"))
    connect(unit.company, division=NAMUR, user="joris")
    visitor = login(user=make_user(business_unit=unit))
    here = {account["ID"] for account in simulator.accounts(NAMUR)}

    found = account_ids(visitor.get(f"{SEARCH}&q=van").text)

    assert found
    assert set(found) <= here


def test_a_customer_made_by_hand_before_is_recognised(planner: Browser) -> None:
    page = planner.get(f"{SEARCH}&q=podiumbouw")
    vat_number = re.findall(r"BE\d{10}", page.text)[0]
    make_customer(kind="business", company_name="Podiumbouw", vat_number=vat_number)

    answer = planner.post(
        IMPORT, data={"account_id": account_ids(page.text)[0]}, follow_redirects=True
    )

    assert "is known here by this VAT number" in words(answer)
    assert customers() == 1
