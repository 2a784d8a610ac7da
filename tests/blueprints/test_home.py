"""The first screen: what waits for this person, and nothing that they may not see."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ppplanner.clock import now, today
from ppplanner.models import Contract, ContractStatus, Invoice, PaymentState, Periodicity
from tests.blueprints.pages import cost_of, main
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_customer,
    make_invoice,
    make_resource,
    make_unit,
    make_user,
)
from tests.to_invoice import rented

PLANNER = ("contracts.view", "resources.view", "customers.view")


@pytest.fixture
def planner(login: Login) -> Browser:
    return login(*PLANNER)


@pytest.fixture
def accountant(login: Login) -> Browser:
    return login("invoices.view")


def tomorrow_for(name: str, **fields: object) -> Contract:
    customer = make_customer(company_name=name)
    return make_contract(customer=customer, **fields)  # type: ignore[arg-type]


def late_invoice(name: str, payment: PaymentState = PaymentState.NOT_PAID) -> Invoice:
    """An invoice that was due yesterday."""
    contract = tomorrow_for(name)
    invoice = make_invoice(
        contract,
        invoice_date=today() - timedelta(days=20),
        due_date=today() - timedelta(days=1),
    )
    invoice.payment_state = payment
    return invoice


# ---- A planner ----------------------------------------------------------------------------------


def test_a_planner_sees_what_leaves_tomorrow(planner: Browser) -> None:
    tomorrow_for("Peeters")
    page = main(planner.get("/"))
    assert "Leaving today and tomorrow 1" in page
    assert "Peeters" in page


def test_what_leaves_the_day_after_can_wait(planner: Browser) -> None:
    start = now() + timedelta(days=3)
    tomorrow_for("Peeters", starts_at=start, ends_at=start + timedelta(days=1))
    page = main(planner.get("/"))
    assert "Nothing leaves today or tomorrow." in page
    assert "Peeters" not in page


def test_what_is_out_already_does_not_leave_again(planner: Browser) -> None:
    tomorrow_for("Peeters").status = ContractStatus.OPEN
    assert "Nothing leaves today or tomorrow." in main(planner.get("/"))


def test_a_planner_sees_what_comes_back_tomorrow(planner: Browser) -> None:
    end = now().replace(hour=12) + timedelta(days=1)
    tomorrow_for("Peeters", starts_at=end - timedelta(days=4), ends_at=end)
    assert "Coming back today and tomorrow 1" in main(planner.get("/"))


def test_a_planner_sees_what_should_have_been_back_long_ago(planner: Browser) -> None:
    end = now() - timedelta(days=9)
    for status in (ContractStatus.OPEN, ContractStatus.CHECKED_IN, ContractStatus.CONFIRMED):
        tomorrow_for("Peeters", starts_at=end - timedelta(days=4), ends_at=end).status = status
    assert "Coming back today and tomorrow 1" in main(planner.get("/"))


def test_a_cancelled_contract_neither_leaves_nor_comes_back(planner: Browser) -> None:
    end = now() + timedelta(hours=1)
    contract = tomorrow_for("Peeters", starts_at=now() - timedelta(hours=1), ends_at=end)
    contract.status = ContractStatus.CANCELLED
    assert "Peeters" not in main(planner.get("/"))


def test_contracts_without_a_resource_ask_for_one(planner: Browser) -> None:
    contract = tomorrow_for("Peeters")
    contract.resource = None
    page = main(planner.get("/"))
    assert "Without a resource 1" in page
    assert "no resource yet" in page


@pytest.mark.both_databases
def test_a_tile_shows_eight_and_counts_the_rest(planner: Browser) -> None:
    for number in range(10):
        tomorrow_for(f"Firm {number}")
    page = main(planner.get("/"))
    assert "Leaving today and tomorrow 10" in page
    assert "See all 10" in page
    assert "Firm 9" not in page


def test_the_numbers_count_the_fleet(planner: Browser) -> None:
    make_resource(active=False)
    make_contract(starts_at=now() - timedelta(hours=1), ends_at=now() + timedelta(hours=1))
    make_contract()
    assert "Resources taken now 1 of 2" in main(planner.get("/"))


def test_the_business_unit_of_the_top_bar_narrows_the_desk(login: Login) -> None:
    here, there = make_unit(), make_unit()
    tomorrow_for("Here", unit=here)
    tomorrow_for("There", unit=there)
    page = main(login(user=make_user(PLANNER, business_unit_id=here.id)).get("/"))
    assert "Here" in page
    assert "There" not in page
    assert "0 of 1" in page


# ---- An accountant ------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_an_accountant_sees_drafts_and_late_payers(accountant: Browser) -> None:
    make_invoice(tomorrow_for("Draft Brothers"), confirmed=False)
    late_invoice("Late Sisters")
    page = main(accountant.get("/"))
    assert "Drafts to confirm 1" in page
    assert "Draft Brothers" in page
    assert "Overdue invoices 1" in page
    assert "Overdue €181.50" in page


def test_what_is_late_adds_up_to_the_figure_on_top(accountant: Browser) -> None:
    late_invoice("Not A Cent")
    late_invoice("Half Of It", PaymentState.PARTIALLY_PAID).balance = Decimal("81.50")
    page = main(accountant.get("/"))
    assert "Overdue €263.00" in page
    assert re.search(r"Not A Cent \S+ €181\.50", page)
    assert re.search(r"Half Of It \S+ €81\.50", page)


@pytest.mark.both_databases
def test_whoever_invoices_sees_how_many_contracts_wait_for_it(login: Login) -> None:
    periodic: dict[str, Any] = {"periodicity": Periodicity.WEEKLY, "next_invoice_date": today()}
    later: dict[str, Any] = {**periodic, "next_invoice_date": today() + timedelta(days=1)}
    unit = make_unit()
    rented(unit)
    rented(unit, days=30, status=ContractStatus.OPEN, **periodic)
    rented(unit, days=30, status=ContractStatus.OPEN)
    rented(unit, days=30, status=ContractStatus.OPEN, **later)
    rented(unit, status=ContractStatus.CANCELLED, **periodic)
    make_invoice(rented(unit))
    page = login("invoices.view", "invoices.edit").get("/")
    assert "Contracts to invoice 2" in main(page)
    assert 'hx-get="/invoices/runs/new" hx-target="#dialog-body"' in page.text
    assert "Contracts to invoice" not in main(login("invoices.view").get("/"))


@pytest.mark.parametrize("payment", [PaymentState.FULLY_PAID, PaymentState.NEVER_PAID])
def test_what_is_settled_is_not_overdue(accountant: Browser, payment: PaymentState) -> None:
    late_invoice("Peeters", payment)
    page = main(accountant.get("/"))
    assert "Nobody is late with paying." in page
    assert "Overdue €0.00" in page


def test_an_invoice_that_is_due_today_is_not_late(accountant: Browser) -> None:
    make_invoice(tomorrow_for("Peeters"), due_date=today())
    assert "Nobody is late with paying." in main(accountant.get("/"))


def test_each_sees_only_what_their_rights_allow(planner: Browser, accountant: Browser) -> None:
    make_invoice(tomorrow_for("Peeters"), confirmed=False)
    assert "Drafts" not in main(planner.get("/"))
    assert "Leaving" not in main(accountant.get("/"))


@pytest.mark.parametrize(
    ("work", "shown", "left_out"),
    [("contracts.edit", "Leaving", "Drafts"), ("invoices.edit", "Drafts", "Leaving")],
)
def test_the_desk_shows_a_persons_own_work(
    login: Login, work: str, shown: str, left_out: str
) -> None:
    make_contract()
    page = main(login("contracts.view", "invoices.view", work).get("/"))
    assert shown in page
    assert left_out not in page


def test_somebody_without_rights_has_a_first_screen_too(login: Login) -> None:
    make_contract()
    page = login("history.view").get("/")
    assert page.status_code == 200
    assert "Leaving" not in main(page)


def test_nobody_sees_it_without_logging_in(client: Browser) -> None:
    assert client.get("/").location.startswith("/login")


# ---- An empty installation ----------------------------------------------------------------------


def test_an_empty_installation_shows_the_first_steps(login: Login) -> None:
    make_unit()
    page = login().get("/")
    assert "Its first business unit done" in main(page)
    assert '<a href="/resources/new">Something to rent out</a>' in page.text


def test_steps_that_a_person_may_not_take_are_no_links(planner: Browser) -> None:
    page = planner.get("/")
    assert "Something to rent out" in main(page)
    assert "/resources/new" not in page.text


def test_with_the_first_contract_the_steps_are_over(planner: Browser) -> None:
    make_contract()
    assert "First steps" not in main(planner.get("/"))


# ---- Cost ---------------------------------------------------------------------------------------


def test_the_desk_costs_the_same_for_three_and_for_eight_contracts(login: Login) -> None:
    browser = login()
    for _each in range(3):
        make_invoice(make_contract(), confirmed=False)
    few = cost_of(browser, "/")
    for _each in range(5):
        make_invoice(make_contract(), confirmed=False)
    assert cost_of(browser, "/") == few
