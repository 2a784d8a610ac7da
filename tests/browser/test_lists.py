"""Lists as people use them: chosen rows over pages, own columns and views, the search over all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Running

pytestmark = pytest.mark.xdist_group("browser")  # one running product serves all of them

LogIn = Callable[[str], Page]


@pytest.fixture
def invoices(log_in: LogIn, running: Running) -> Page:
    """The list of the demo's invoices, more than a page of them."""
    page = log_in("Accountant")
    page.goto(f"{running.url}/invoices/")
    return page


def settled(page: Page) -> None:
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


# ---- Chosen rows --------------------------------------------------------------------------------


def test_rows_stay_chosen_over_pages_searches_and_a_visit_to_a_record(invoices: Page) -> None:
    count = invoices.locator("#bulk-count")
    invoices.locator("[data-tick]").nth(0).check()
    invoices.locator("[data-tick]").nth(2).click(modifiers=["Shift"])
    expect(count).to_have_text("3 selected")
    invoices.get_by_role("link", name="Next").click()
    expect(invoices).to_have_url(re.compile("after="))
    invoices.locator("[data-tick]").nth(1).check()
    expect(count).to_have_text("4 selected")
    expect(invoices.locator("#bulk-unseen")).to_have_text("3 of them are not on this page")
    invoices.locator(".list-link").nth(1).click()
    expect(invoices).to_have_url(re.compile(r"/invoices/\d+$"))
    invoices.go_back()
    expect(count).to_have_text("4 selected")
    expect(invoices.locator("[data-tick]").nth(1)).to_be_checked()
    invoices.get_by_role("searchbox").fill("nobodyhasthisname")
    expect(invoices.get_by_text("Nothing matches.")).to_be_visible()
    expect(count).to_have_text("4 selected")
    invoices.get_by_role("button", name="Select none").click()
    expect(invoices.locator("#bulk")).to_be_hidden()


def test_all_that_match_are_chosen_on_all_pages_and_acted_upon(invoices: Page) -> None:
    total = invoices.locator("#list-count").inner_text()
    invoices.locator("[data-tick]").nth(0).check()
    invoices.get_by_role("button", name=f"Select all {total} that match").click()
    expect(invoices.locator("#bulk-count")).to_have_text(f"{total} selected")
    invoices.locator("[data-tick]").nth(0).uncheck()
    left = f"{int(total) - 1} selected"
    expect(invoices.locator("#bulk-count")).to_have_text(left)
    invoices.get_by_role("button", name="Confirm").click()
    dialog = invoices.get_by_role("dialog")
    dialog.get_by_role("button", name="Confirm").wait_for()
    drafts = dialog.locator("input[name=ids]").count()
    others = int(total) - 1 - drafts
    expect(dialog).to_contain_text(f"{others} of your selection are confirmed already")
    invoices.keyboard.press("Escape")
    expect(invoices.locator("#bulk-count")).to_have_text(left)


def test_whoever_confirms_at_the_bottom_of_a_list_sees_what_was_refused(invoices: Page) -> None:
    invoices.goto("/invoices/?state=draft")
    invoices.locator(".list-link").first.click()
    date_to_come(invoices)
    invoices.goto("/invoices/?state=draft")
    invoices.set_viewport_size({"width": 1440, "height": 400})
    invoices.locator("[data-tick]").first.check()
    invoices.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    assert invoices.evaluate("scrollY > 100")
    invoices.locator("#bulk").get_by_role("button", name="Confirm").click()
    invoices.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    refused = invoices.locator("main").get_by_role("alert").filter(has_text="Not confirmed")
    expect(refused).to_be_in_viewport(ratio=1)
    expect(refused).to_be_focused()


def date_to_come(page: Page) -> None:
    """Give the draft on the screen a date at which nobody can confirm it yet."""
    page.get_by_role("link", name="Change", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="Change the dates")
    soon = date.today() + timedelta(days=3)
    dialog.get_by_label("Invoice date").fill(f"{soon}")
    dialog.get_by_label("Due date").fill(f"{soon}")
    settled(page)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()


def test_a_new_visit_begins_with_nothing_chosen(invoices: Page, running: Running) -> None:
    invoices.locator("[data-tick]").nth(0).check()
    invoices.goto(f"{running.url}/customers/")
    invoices.goto(f"{running.url}/invoices/")
    expect(invoices.locator("#bulk")).to_be_hidden()


# ---- Columns and views --------------------------------------------------------------------------


def test_columns_are_hidden_and_moved_by_keyboard_and_come_back(invoices: Page) -> None:
    headings = invoices.locator("thead th:not(.tick)")
    before = headings.all_inner_texts()
    invoices.get_by_role("link", name="Columns").press("Enter")
    dialog = invoices.get_by_role("dialog")
    dialog.get_by_role("button", name="Move Date down").press("Enter")
    expect(dialog.locator("li").nth(3)).to_contain_text("Date")
    expect(dialog.get_by_role("button", name="Move Date down")).to_be_focused()
    dialog.get_by_role("checkbox", name="Kind").uncheck()
    dialog.get_by_role("button", name="Show these").press("Enter")
    expect(headings.nth(1)).to_have_text("Customer")
    expect(headings.nth(2)).to_have_text("Date")
    invoices.get_by_role("link", name="Columns").press("Enter")
    dialog.get_by_role("button", name="As they were at first").press("Enter")
    expect(headings.nth(1)).to_have_text(before[1])


def test_a_view_is_saved_opened_and_deleted(invoices: Page, running: Running) -> None:
    invoices.get_by_role("searchbox").fill("bakkerij")
    expect(invoices).to_have_url(re.compile("q=bakkerij"))
    settled(invoices)
    invoices.locator("#list-views summary").click()
    invoices.get_by_role("link", name="Save as a view…").click()
    dialog = invoices.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Bakers")
    dialog.get_by_role("button", name="Save").click()
    expect(invoices.locator("#list-views summary")).to_have_text(re.compile("Bakers"))
    invoices.goto(f"{running.url}/invoices/")
    invoices.locator("#list-views summary").click()
    invoices.get_by_role("link", name="Bakers").click()
    expect(invoices.get_by_role("searchbox")).to_have_value("bakkerij")
    invoices.locator("#list-views summary").click()
    invoices.get_by_role("link", name="Rename or delete “Bakers”…").click()
    dialog.get_by_role("button", name="Delete this view").click()
    expect(invoices.locator("#list-views summary")).to_have_text(re.compile("Views"))


def test_a_file_comes_with_what_the_filters_show(invoices: Page) -> None:
    invoices.get_by_text("Export").click()
    with invoices.expect_download() as download:
        invoices.get_by_role("link", name="Text (CSV)").click()
    assert re.fullmatch(r"Invoices \d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)
    total = int(invoices.locator("#list-count").inner_text())
    assert len(download.value.path().read_text(encoding="utf-8-sig").splitlines()) == total + 1


# ---- Filters ------------------------------------------------------------------------------------


#: The last letter and Enter at once: what is offered by then was found with fewer letters.
TOO_SOON = """box => {
  box.value += "j";
  const enter = { key: "Enter", bubbles: true, cancelable: true };
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.dispatchEvent(new KeyboardEvent("keydown", enter));
}"""


def test_contracts_are_narrowed_by_a_customer_found_by_typing(
    log_in: LogIn, running: Running
) -> None:
    page = log_in("Planner")
    page.goto(f"{running.url}/contracts/")
    page.locator("summary", has_text="Customer:").click()
    box = page.get_by_role("combobox", name="Customer")
    expect(box).to_be_focused()
    box.press_sequentially("Bakkeri", delay=60)
    box.evaluate(TOO_SOON)
    chosen = page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_contain_text("Bakkerij")
    name = chosen.get_attribute("data-text") or ""
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"\?customer=\d+$"))
    expect(page.locator("summary", has_text="Customer:")).to_contain_text(name)
    rows = page.locator("tbody tr td:nth-child(3)").all()
    assert {row.inner_text() for row in rows} <= {name}


# ---- The search over everything -----------------------------------------------------------------


@pytest.mark.parametrize("key", ["/", "Control+k"])
def test_the_search_over_everything_needs_no_mouse(
    log_in: LogIn, running: Running, key: str
) -> None:
    page = log_in("Administrator")
    page.goto(f"{running.url}/customers/")
    page.keyboard.press(key)
    box = page.get_by_role("combobox", name="Search over everything")
    expect(box).to_be_focused()
    box.press_sequentially("bakkerij", delay=20)
    group = page.get_by_role("group", name="Customers")
    expect(group.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    second = group.get_by_role("option").nth(1)
    box.press("ArrowDown")
    expect(second).to_have_attribute("aria-selected", "true")
    with page.expect_response(re.compile("search")):  # a late answer changes nothing
        box.evaluate("box => htmx.trigger(box, 'palette-open')")
    expect(second).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", second.get_attribute("id") or "")
    title = second.locator("span").inner_text()
    box.press("Enter")
    expect(page).to_have_url(re.compile(r"/customers/\d+$"))
    assert title in page.locator("h1").inner_text()


def test_the_search_begins_with_where_one_was_lately(log_in: LogIn, running: Running) -> None:
    page = log_in("Administrator")
    page.goto(f"{running.url}/customers/?q=bakkerij")
    page.goto(f"{running.url}/resources/")
    page.keyboard.press("/")
    lately = page.get_by_role("group", name="Where you were lately")
    expect(lately.get_by_role("option").first).to_have_text("Customers")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/customers/\?q=bakkerij$"))
    expect(page.get_by_role("searchbox", name="Search this list")).to_have_value("bakkerij")


def test_escape_closes_the_search_and_a_slash_in_a_field_is_a_slash(
    log_in: LogIn, running: Running
) -> None:
    page = log_in("Administrator")
    page.goto(f"{running.url}/customers/")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("f")
    box = page.get_by_role("searchbox", name="Search this list")
    expect(box).to_be_focused()
    page.keyboard.press("/")
    expect(box).to_have_value("/")
    expect(page.locator("#palette")).to_be_hidden()


def test_axe_finds_nothing_against_the_search_the_chips_and_the_columns(
    log_in: LogIn, running: Running
) -> None:
    page = log_in("Administrator")
    page.goto(f"{running.url}/contracts/")
    for opened in ("Customer:", "Days:"):
        page.locator("summary", has_text=opened).click()
        assert violations(page) == []
        page.keyboard.press("Escape")
    page.get_by_role("link", name="Columns").click()
    page.get_by_role("button", name="Show these").wait_for()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.get_by_role("group", name="Screens").wait_for()
    assert violations(page) == []
    page.keyboard.type("nobodyhasthisname")
    page.get_by_text("Nothing found for").wait_for()
    assert violations(page) == []
