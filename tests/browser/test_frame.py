"""Lists, dialogs and forms by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.conftest import Running

pytestmark = pytest.mark.xdist_group("browser")  # one running product serves all of them

LogIn = Callable[[str], Page]


@pytest.fixture
def customers(log_in: LogIn, running: Running) -> Page:
    """The list of the demo's 300 customers."""
    page = log_in("Administrator")
    page.goto(f"{running.url}/customers/")
    return page


def rows(page: Page) -> list[str]:
    """What stands in the rows, in their order."""
    return page.locator(".list-table tbody tr").all_inner_texts()


def test_typing_narrows_the_list_without_losing_the_place_in_the_box(customers: Page) -> None:
    box = customers.get_by_role("searchbox", name="Search this list")
    box.press_sequentially("bakkerij", delay=30)
    expect(customers.locator("#list-count")).not_to_have_text("300")
    expect(customers).to_have_url(re.compile(r"\?q=bakkerij$"))
    expect(box).to_be_focused()
    assert all("Bakkerij" in row for row in rows(customers))


def test_the_back_button_returns_to_the_list_as_it_was(customers: Page) -> None:
    customers.get_by_role("searchbox", name="Search this list").fill("bakkerij")
    expect(customers).to_have_url(re.compile("q=bakkerij"))
    customers.get_by_role("link", name="City").click()
    expect(customers).to_have_url(re.compile("sort=city"))
    before = rows(customers)
    customers.locator(".list-link").first.click()
    expect(customers).to_have_url(re.compile(r"/customers/\d+$"))
    customers.go_back()
    expect(customers.get_by_role("searchbox")).to_have_value("bakkerij")
    assert rows(customers) == before


def test_next_and_previous_walk_through_the_pages(customers: Page) -> None:
    first = rows(customers)
    customers.get_by_role("link", name="Next").click()
    expect(customers).to_have_url(re.compile(r"after=\d+"))
    assert not set(first) & set(rows(customers))
    customers.get_by_role("link", name="Previous").click()
    expect(customers).to_have_url(re.compile(r"before=\d+"))
    assert rows(customers) == first


def test_keys_walk_through_rows_and_open_one(customers: Page) -> None:
    customers.keyboard.press("j")
    customers.keyboard.press("j")
    customers.keyboard.press("k")
    first = customers.locator(".list-link").first
    expect(first).to_be_focused()
    customers.keyboard.press("Enter")
    expect(customers).to_have_url(re.compile(r"/customers/\d+$"))


def test_a_click_anywhere_on_a_row_opens_it(customers: Page) -> None:
    customers.locator(".list-table tbody tr").nth(3).locator("td").nth(2).click()
    expect(customers).to_have_url(re.compile(r"/customers/\d+$"))


def test_ticked_rows_open_one_bar_and_count(log_in: LogIn, running: Running) -> None:
    page = log_in("Accountant")
    page.goto(f"{running.url}/invoices/")
    ticks = page.locator("[data-tick]")
    ticks.nth(1).check()
    expect(page.locator("#bulk")).to_contain_text("1 selected")
    ticks.nth(4).click(modifiers=["Shift"])
    expect(page.locator("#bulk")).to_contain_text("4 selected")
    page.get_by_label("Select all rows of this page").check()
    expect(page.locator("#bulk")).to_contain_text("50 selected")
    page.get_by_role("button", name="Select none").click()
    expect(page.locator("#bulk")).to_be_hidden()


def test_escape_closes_a_dialog_and_returns_to_where_one_was(customers: Page) -> None:
    opener = customers.get_by_role("link", name="Add customer")
    opener.focus()
    customers.keyboard.press("Enter")
    dialog = customers.get_by_role("dialog", name="Add customer")
    expect(dialog).to_be_visible()
    assert customers.evaluate("document.querySelector('#dialog').contains(document.activeElement)")
    customers.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_dialog_keeps_what_is_wrong_and_what_was_typed(log_in: LogIn, running: Running) -> None:
    page = log_in("Administrator")
    page.goto(f"{running.url}/ledger/vat-codes/?q=2")
    page.get_by_role("link", name="New VAT code").click()
    dialog = page.get_by_role("dialog", name="New VAT code")
    dialog.get_by_label("Name").fill("Half typed")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator("[data-summary]")).to_be_focused()
    expect(dialog.get_by_label("Name")).to_have_value("Half typed")

    asked = []

    def stay(question: Dialog) -> None:
        asked.append(question.message)
        question.dismiss()

    page.once("dialog", stay)
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    assert "not saved" in asked[0]

    page.once("dialog", lambda question: question.accept())
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(re.compile(r"\?q=2$"))


def test_a_record_saved_in_a_dialog_leaves_the_list_as_it_was(
    log_in: LogIn, running: Running
) -> None:
    page = log_in("Administrator")
    page.goto(f"{running.url}/ledger/vat-codes/?q=2")
    page.locator(".list-link").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("is saved.")
    expect(page).to_have_url(re.compile(r"\?q=2$"))


def test_on_a_small_screen_the_menu_waits_behind_a_button(customers: Page) -> None:
    customers.set_viewport_size({"width": 820, "height": 1100})
    menu = customers.get_by_role("navigation", name="Main menu")
    expect(menu).to_be_hidden()
    customers.get_by_role("button", name="Menu").click()
    expect(menu).to_be_visible()
    customers.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    assert customers.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_lists_and_forms_work_without_scripts(
    running: Running, browser: Browser, log_in: LogIn
) -> None:
    login = log_in("Administrator").context.storage_state()
    context = browser.new_context(java_script_enabled=False, storage_state=login)
    page = context.new_page()
    page.goto(f"{running.url}/customers/")
    page.get_by_role("searchbox").fill("bakkerij")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=bakkerij"))
    assert all("Bakkerij" in row for row in rows(page))
    page.goto(f"{running.url}/ledger/vat-codes/new")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field-error").first).to_be_visible()
    context.close()
