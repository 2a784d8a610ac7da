"""A cash day: somebody counts with the keyboard alone, and the difference is booked."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.axe import violations
from tests.browser.conftest import Running, hurry

pytestmark = pytest.mark.xdist_group("browser")  # one running product serves all of them

LogIn = Callable[[str], Page]


@pytest.fixture
def register(log_in: LogIn, running: Running) -> Page:
    """The page of a new cash register with 150 euro in it."""
    page = log_in("Administrator")
    page.goto(f"{running.url}/collections/registers/")
    page.get_by_role("link", name="New cash register").click()
    code = f"T{page.evaluate('Date.now() % 1e9')}"
    page.get_by_label("Code").fill(code)
    page.get_by_role("dialog").get_by_label("Name", exact=True).fill("Till")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name=code).click()
    page.get_by_role("link", name="Correct, or to the bank").click()
    page.get_by_role("dialog").get_by_label("Amount").fill("150")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_text("€150.00").first).to_be_visible()
    return page


def test_a_count_is_typed_with_the_keyboard_and_adds_up_meanwhile(register: Page) -> None:
    register.get_by_role("link", name="Count the cash").click()
    expect(register.get_by_label("€ 500")).to_be_focused()
    counted = register.locator("[data-counted]")
    difference = register.locator("[data-difference]")
    expect(difference).to_have_text("-€150.00")
    for key in ("Enter", "Enter", "Enter", "2", "Enter", "2"):
        register.keyboard.press(key)
    expect(counted).to_have_text("€140.00")
    expect(difference).to_have_text("-€10.00")
    register.keyboard.press("ArrowUp")
    register.keyboard.type("1")
    expect(counted).to_have_text("€90.00")
    register.get_by_label("Cheques and vouchers").fill("60,00")
    expect(difference).to_have_text("€0.00")
    assert violations(register) == []
    register.get_by_label("Cheques and vouchers").fill("50.00")
    register.get_by_label("Book a difference as a correction").check()
    register.get_by_label("Remark").press("Enter")
    expect(register.get_by_role("button", name="Keep the count")).to_be_focused()
    register.keyboard.press("Enter")
    expect(register.get_by_role("heading", level=1)).to_contain_text("Cash count of")
    expect(register.locator("main")).to_contain_text("€10.00 missing")
    expect(register.locator("main")).to_contain_text("€140.00")
    register.get_by_role("link", name="Day sheet").click()
    expect(register.get_by_role("row", name="In it at the end")).to_contain_text("€140.00")
    assert violations(register) == []


def test_what_was_typed_survives_an_error(register: Page) -> None:
    register.get_by_role("link", name="Count the cash").click()
    register.get_by_label("€ 50", exact=True).fill("3")
    register.get_by_label("€ 20", exact=True).fill("x")
    register.get_by_role("button", name="Keep the count").click()
    expect(register.get_by_role("alert").first).to_contain_text("Type a whole number")
    expect(register.get_by_label("€ 50", exact=True)).to_have_value("3")
    expect(register.locator("[data-counted]")).to_have_text("€150.00")


def test_who_types_before_the_scripts_have_come_stays_in_the_field(register: Page) -> None:
    held: list[Route] = []
    register.route(re.compile(r"/cash\b.*js"), lambda route: held.append(route))
    hurry(register)
    register.get_by_role("link", name="Count the cash").click()
    fifties = register.get_by_label("€ 50", exact=True)
    fifties.focus()
    held[0].continue_()
    expect(register.locator("[data-difference]")).to_have_text("-€150.00")
    expect(fifties).to_be_focused()
