"""Pages that everybody can use: axe finds nothing against them, light and dark, also in Dutch."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Running

pytestmark = pytest.mark.xdist_group("browser")  # one running product serves all of them

LogIn = Callable[[str], Page]
PageOf = Callable[[str], Page]

PAGES = (
    "/",
    "/planning/",
    "/planning/?view=day",
    "/planning/?view=month",
    "/contracts/",
    "/contracts/?q=nobodyhasthisname",
    "/contracts/new",
    "/contracts/1",
    "/contracts/60",
    "/customers/",
    "/customers/1",
    "/customers/1/edit",
    "/resources/",
    "/resources/1",
    "/resources/new",
    "/resources/types/",
    "/invoices/",
    "/invoices/1",
    "/invoices/runs/",
    "/collections/",
    "/collections/1",
    "/collections/registers/",
    "/collections/registers/1",
    "/collections/registers/1/count",
    "/collections/registers/1/day",
    "/collections/counts/",
    "/collections/counts/1",
    "/collections/refunds/",
    "/collections/refunds/1",
    "/collections/payment-files/",
    "/mails/",
    "/ledger/gl-accounts/",
    "/ledger/vat-codes/",
    "/settings/",
    "/settings/history",
    "/settings/financial-years/",
    "/settings/invoicing/",
    "/settings/papers/",
    "/settings/collecting/",
    "/settings/companies/",
    "/settings/business-units/",
    "/settings/pools/",
    "/settings/users/",
    "/settings/roles/",
    "/exact/",
    "/exact/attention",
    "/exact/runs",
)
#: A page, and the name of the link on it that opens a dialog.
DIALOGS = (
    ("/customers/", "Add customer"),
    ("/ledger/vat-codes/", "New VAT code"),
    ("/invoices/", "New invoice"),
    ("/invoices/1", "Credit"),
    ("/invoices/runs/", "New invoice run"),
    ("/collections/refunds/", "New refund"),
    ("/collections/registers/1", "Transfer"),
    ("/settings/financial-years/", "New financial year"),
)


#: Those that are looked at in the dark and in Dutch, too: others are made of the same parts.
MAIN = ("/", "/planning/", "/contracts/", "/contracts/1", "/customers/", "/invoices/1")


@pytest.fixture
def page_of(log_in: LogIn, running: Running) -> PageOf:
    """Opens a page as the administrator, and waits until it rests."""
    page = log_in("Administrator")

    def open_page(path: str) -> Page:
        page.goto(f"{running.url}{path}")
        page.wait_for_load_state("networkidle")
        return page

    return open_page


def walk(page_of: PageOf, paths: tuple[str, ...] = PAGES) -> str:
    """What axe finds on each page, a line for each place; nothing when all is well."""
    found = ((path, violations(page_of(path))) for path in paths)
    return "\n".join(f"{path} {line}" for path, lines in found for line in lines)


def test_no_page_keeps_anybody_out(page_of: PageOf) -> None:
    assert walk(page_of) == ""


def test_no_page_keeps_anybody_out_when_it_is_dark(page_of: PageOf) -> None:
    page_of("/").get_by_role("button", name="Dark colours").click()
    try:
        assert walk(page_of, MAIN) == ""
    finally:
        page_of("/").get_by_role("button", name="Light colours").click()


def test_no_page_keeps_anybody_out_in_dutch(page_of: PageOf) -> None:
    speak(page_of("/"), "Nederlands", "nl")
    try:
        assert walk(page_of, MAIN) == ""
    finally:
        speak(page_of("/"), "English", "en")


def speak(page: Page, name: str, code: str) -> None:
    """Choose a language in the top bar."""
    page.locator("header summary").filter(has_text=re.compile("^\\s*(EN|NL)\\s*$")).click()
    page.get_by_role("button", name=name).click()
    expect(page.locator("html")).to_have_attribute("lang", code)


@pytest.mark.parametrize(("path", "opener"), DIALOGS)
def test_no_dialog_keeps_anybody_out(page_of: PageOf, path: str, opener: str) -> None:
    page = page_of(path)
    page.get_by_role("link", name=opener).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []


def test_a_form_with_faults_keeps_nobody_out(page_of: PageOf) -> None:
    page = page_of("/ledger/vat-codes/")
    page.get_by_role("link", name="New VAT code").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.locator("[data-summary]")).to_be_focused()
    assert violations(page) == []


def test_the_palette_keeps_nobody_out(page_of: PageOf) -> None:
    page = page_of("/")
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog")
    expect(palette).to_be_visible()
    assert violations(page) == []
    page.keyboard.type("bakkerij", delay=20)
    expect(palette.get_by_role("option").first).to_be_visible()
    assert violations(page) == []


def test_a_contract_beside_the_board_keeps_nobody_out(page_of: PageOf) -> None:
    page = page_of("/planning/")
    page.locator(".board-chunk .booking[data-contract]").first.click()
    expect(page.locator("#board-panel")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
