"""The main job when something breaks on the way: booked all the same, and once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Running

pytestmark = pytest.mark.xdist_group("browser")  # one running product serves all of them

ENTRIES = "salesentry/SalesEntries"
#: Milliseconds until what waits has gone by itself: the clock looks every 15 s, and pauses grow.
GOES_BY_ITSELF = 90_000

LogIn = Callable[[str], Page]


def connect(page: Page, running: Running) -> None:
    """The administrator logs in with Exact and says where to book, unless that is done already."""
    page.goto(f"{running.url}/exact/")
    if page.get_by_role("link", name="Log in with Exact again").count():
        return
    page.get_by_role("link", name="Log in with Exact", exact=True).click()
    page.get_by_role("button", name="Allow").click()
    page.get_by_label("Vanderlinden Verhuur BV").check()
    page.get_by_role("button", name="Choose", exact=True).click()
    page.locator("#exact-mapping").get_by_role("link", name="Change").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Sales journal").select_option(label="70 Verkopen")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator("#exact-mapping")).to_contain_text("70")


def make_contract(page: Page, running: Running, days_from_now: int) -> None:
    """A contract for a van that is free; the customer is one of the demo's."""
    start = datetime.now().replace(hour=9, minute=0) + timedelta(days=days_from_now)
    page.goto(f"{running.url}/contracts/new")
    page.get_by_label("From").fill(start.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_label("Until").fill((start + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"))
    _pick(page, "Customer", "appelmans karel")
    _pick(page, "Resource", "transit")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main h1")).to_contain_text(re.compile("C?[0-9]+"))


def _pick(page: Page, label: str, text: str) -> None:
    box = page.get_by_role("combobox", name=label)
    box.click()
    box.press_sequentially(text, delay=40)
    page.get_by_role("listbox", name=label).get_by_role("option").first.click()


def make_invoice(page: Page) -> None:
    """From the contract's page to a confirmed invoice."""
    page.get_by_role("link", name="Make invoice").first.click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Make")).click()
    page.get_by_role("link", name="Confirm").click()
    page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("link", name="PDF", exact=True)).to_be_visible()


def forward(page: Page) -> None:
    """From the invoice's page to Exact."""
    page.get_by_role("button", name="Forward to Exact").click()
    page.get_by_role("dialog").get_by_role("button", name="Forward 1 invoice").click()


def booked(page: Page, running: Running, reference: str) -> Locator:
    """What Exact's own screen shows of the booking."""
    page.goto(running.exact)
    return page.locator(".card").filter(has_text=reference)


def test_a_worker_killed_in_the_middle_of_a_forward_books_once(
    log_in: LogIn, running: Running
) -> None:
    page = log_in("Administrator")
    connect(page, running)
    make_contract(page, running, days_from_now=500)
    make_invoice(page)
    reference = page.locator("main h1").inner_text().strip()
    slow = {"kind": "slow_after", "method": "POST", "resource": ENTRIES, "seconds": 20}
    page.request.post(f"{running.exact}/controls/faults", data=slow)
    forward(page)
    look = page.context.new_page()
    while not booked(look, running, reference).count():
        look.wait_for_timeout(200)  # Exact has booked it and is slow to say so

    running.kill("links")

    tile = page.locator("#exact-invoice")
    expect(tile).to_contain_text("Booked in Exact", timeout=GOES_BY_ITSELF)
    expect(booked(page, running, reference)).to_have_count(1)


def test_while_exact_is_away_an_invoice_waits_and_goes_when_it_is_back(
    log_in: LogIn, running: Running
) -> None:
    page = log_in("Administrator")
    connect(page, running)
    make_contract(page, running, days_from_now=600)
    make_invoice(page)
    reference = page.locator("main h1").inner_text().strip()
    tile = page.locator("#exact-invoice")
    with running.without("exact-simulator"):
        forward(page)
        expect(tile).to_contain_text("waiting")
        expect(tile).to_contain_text("Exact cannot be reached")
    expect(tile).to_contain_text("Booked in Exact", timeout=GOES_BY_ITSELF)
    expect(booked(page, running, reference)).to_have_count(1)
