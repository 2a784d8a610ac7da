"""The utilisation report, as a page and as a file."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook

from ppplanner.clock import now
from ppplanner.models import Contract, RoleGrant
from tests.blueprints.pages import cost_of, main
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_limited_user,
    make_resource,
    make_role,
    make_unit,
    make_user,
)

URL = "/reports/utilisation"


@pytest.fixture
def browser(login: Login) -> Browser:
    return login()


def make_rental(**fields: Any) -> Contract:
    """A day in June 2026, on a van."""
    start = now().replace(year=2026, month=6, day=9, hour=8, minute=0, second=0, microsecond=0)
    resource = make_resource(**fields)
    return make_contract(resource, starts_at=start, ends_at=start.replace(day=12))


@pytest.mark.both_databases
def test_the_report_says_how_much_each_resource_was_used(browser: Browser) -> None:
    make_rental(licence_plate="1-ABC-123")
    page = main(browser.get(f"{URL}?from=2026-06-15"))
    assert "1 Jun 2026 to 30 Jun 2026" in page
    assert "1-ABC-123 Ford Transit 10% 3 30 1 €200.00" in page
    assert "The lowest day had 0%, the highest 100%." in page


@pytest.mark.parametrize("ending", ["", "csv"])
def test_what_contracts_bring_in_is_for_those_who_may_see_contracts(
    login: Login, ending: str
) -> None:
    own = make_rental().resource
    make_rental()
    assert own
    url = f"{URL}?from=2026-06-15&as={ending}"
    assert "Revenue" not in login("resources.view").get(url).text
    assert "Revenue" in login("resources.view", "contracts.view").get(url).text
    user = make_limited_user(own.pool, permissions=["resources.view", "contracts.view"])
    assert "Revenue" in login(user=user).get(url).text
    user.grants.append(RoleGrant(role=make_role(["resources.view"])))
    assert "Revenue" not in login(user=user).get(url).text


@pytest.mark.parametrize("group", ["resource", "pool", "type"])
def test_the_report_adds_up_by_resource_pool_and_type(browser: Browser, group: str) -> None:
    contract = make_rental()
    assert contract.resource is not None
    make_resource(pool=contract.resource.pool, type=contract.resource.type)
    page = main(browser.get(f"{URL}?by={group}&from=2026-06-15"))
    assert "Together 5% 3 60 1 €200.00" in page


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("period=month&from=2026-02-10", "1 Feb 2026 to 28 Feb 2026"),
        ("period=quarter&from=2026-06-30", "1 Apr 2026 to 30 Jun 2026"),
        ("period=year&from=2026-06-30", "1 Jan 2026 to 31 Dec 2026"),
        ("period=own&from=2026-06-02&to=2026-06-09", "2 Jun 2026 to 9 Jun 2026"),
    ],
)
def test_the_period_can_be_chosen(browser: Browser, query: str, title: str) -> None:
    make_rental()
    assert title in main(browser.get(f"{URL}?{query}"))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("period=own&from=2026-06-09&to=2026-06-02", "lies before the first"),
        ("period=own&from=2001-06-09&to=2026-06-02", "three years at most"),
        ("from=yesterday", "Type days that exist"),
        ("from=0001-01-01", "Type days that exist"),
        ("from=9999-12-31&period=year", "Type days that exist"),
    ],
)
def test_a_period_that_makes_no_sense_is_told(browser: Browser, query: str, sentence: str) -> None:
    assert sentence in main(browser.get(f"{URL}?{query}"))


@pytest.mark.parametrize("query", ["by=<script>", "sort=--", "as=pdf", "period=century"])
def test_what_is_not_understood_is_left_out(browser: Browser, query: str) -> None:
    make_rental()
    page = browser.get(f"{URL}?{query}")
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_the_columns_sort(browser: Browser) -> None:
    make_rental(licence_plate="2-BBB-222")
    make_resource(licence_plate="1-AAA-111")
    for sort, first in (
        ("-share", "2-BBB"),
        ("share", "1-AAA"),
        ("name", "1-AAA"),
        ("-name", "2-BBB"),
    ):
        table = browser.get(f"{URL}?sort={sort}&from=2026-06-15").text.split("<tbody>")[2]
        assert first in table.split("</tr>")[0], sort


def test_the_report_follows_the_business_unit_of_the_top_bar(login: Login) -> None:
    here = make_unit()
    make_rental(licence_plate="1-AAA-111", unit=here)
    make_rental(licence_plate="2-BBB-222")
    page = main(login(user=make_user(business_unit_id=here.id)).get(f"{URL}?from=2026-06-15"))
    assert "1-AAA-111" in page
    assert "2-BBB-222" not in page
    assert "highest 100%" in page


def test_the_report_as_csv_and_as_workbook(browser: Browser) -> None:
    make_rental(licence_plate="1-ABC-123", brand="=1+1", model="")
    with browser.get(f"{URL}?from=2026-06-15&as=csv") as answer:
        rows = list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][:3] == ["Resource", "Utilisation", "Days rented"]
    assert rows[1] == ["1-ABC-123 =1+1", "0.10", "3.0", "30.0", "1", "200.00"]
    with browser.get(f"{URL}?from=2026-06-15&as=xlsx") as answer:
        [sheet] = load_workbook(BytesIO(answer.data)).worksheets
    values = [[cell.value for cell in row] for row in sheet.rows]
    assert values[1] == ["1-ABC-123 =1+1", 0.1, 3, 30, 1, 200]


def test_without_resources_the_page_says_what_to_do(browser: Browser) -> None:
    assert "No resource could be rented in this period." in main(browser.get(URL))


def test_the_report_costs_the_same_for_two_and_for_twenty_resources(browser: Browser) -> None:
    unit = make_unit()
    make_rental(unit=unit)
    few = cost_of(browser, f"{URL}?from=2026-06-15")
    for _each in range(20):
        make_rental(unit=unit)
    assert cost_of(browser, f"{URL}?from=2026-06-15") == few


def test_reports_need_the_right_to_see_resources(login: Login) -> None:
    assert login("customers.view").get(URL).status_code == 403
    assert login("resources.view").get("/reports/").location == URL
