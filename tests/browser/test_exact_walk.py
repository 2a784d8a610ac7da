"""A newcomer's first hour with Exact, from the README's run command: a customer who is known there
rents a van, gets an invoice and pays it in cash, and all of it stands in the books.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Running

pytestmark = pytest.mark.xdist_group("browser")  # one running product serves all of them

LogIn = Callable[[str], Page]

MOST = 25
ADMINISTRATION = "Vanderlinden Verhuur BV"
CUSTOMER = "Algemene Bouwonderneming"
NUMBER = re.compile(r"^T\d+$")


@dataclass
class Newcomer:
    """Somebody at the screen, and what they had to decide.

    A decision is whatever a person has to choose, to type, or to say yes to: one of several ways,
    what goes into a field, the button that makes it so. What only leads to such a question is none:
    the menu, a link to a page, a button that opens a dialog, the login. Nor is looking.
    """

    page: Page
    decisions: list[str] = field(default_factory=list)

    def open(self, name: str | re.Pattern[str], among: Locator | None = None) -> None:
        """Follow a link or a button that asks nothing yet."""
        (among or self.page).get_by_role("link", name=name).first.click()

    def press(self, button: Locator) -> None:
        """Say yes to what a button does, or to what it stands for among others."""
        self.decisions.append(f"press {button.inner_text().strip()}")
        button.click()

    def type(self, box: Locator, text: str) -> None:
        self.decisions.append(f"type {text}")
        box.press_sequentially(text, delay=20)

    def tick(self, box: Locator) -> None:
        self.decisions.append("tick")
        box.check()

    def select(self, box: Locator, label: str) -> None:
        self.decisions.append(f"select {label}")
        box.select_option(label=label)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def answer(self, button: str) -> None:
        """Send off the dialog that is open."""
        self.press(self.dialog.get_by_role("button", name=button, exact=True))
        expect(self.dialog).to_have_count(0)


def test_a_newcomer_gets_an_invoice_and_cash_into_the_books_with_few_decisions(
    log_in: LogIn, running: Running
) -> None:
    newcomer = Newcomer(log_in("Administrator"))
    newcomer.page.goto(running.url)
    connect(newcomer)
    choose_journals(newcomer)
    import_customer(newcomer)
    rent_a_van(newcomer)
    contract = newcomer.page.url
    invoice = make_invoice(newcomer)
    forward(newcomer, "invoice")
    expect(newcomer.page.locator("#exact-invoice")).to_contain_text("Booked in Exact")
    invoice_stands_in_exact(newcomer.page, running, invoice)

    newcomer.page.goto(contract)
    payment = pay_in_cash(newcomer)
    forward_payment(newcomer, payment)
    payment_stands_in_exact(newcomer.page, running, invoice, payment)
    assert len(newcomer.decisions) <= MOST, newcomer.decisions


def connect(newcomer: Newcomer) -> None:
    """Log in with Exact and say where to book."""
    newcomer.open("Settings")
    newcomer.open(re.compile("Exact Online"))
    newcomer.open("Log in with Exact")
    newcomer.press(newcomer.page.get_by_role("button", name="Allow"))
    newcomer.tick(newcomer.page.get_by_label(ADMINISTRATION))
    newcomer.press(newcomer.page.get_by_role("button", name="Choose", exact=True))


def choose_journals(newcomer: Newcomer) -> None:
    """What Exact has several of: where sales are booked, and the cash of Antwerpen."""
    newcomer.open("Choose the sales journal")
    newcomer.select(newcomer.dialog.get_by_label("Sales journal"), "70 Verkopen")
    newcomer.answer("Save")
    newcomer.open("Set up the business units")
    newcomer.open("Antwerpen", newcomer.page.get_by_role("table"))
    newcomer.open("Change", newcomer.page.locator("#branch-journals"))
    newcomer.select(newcomer.dialog.get_by_label("Journal for cash"), "10 Kas hoofdzetel")
    newcomer.answer("Save")
    expect(newcomer.page.locator("#branch-journals")).to_contain_text("10 Kas hoofdzetel")


def import_customer(newcomer: Newcomer) -> None:
    newcomer.open("Customers")
    newcomer.open("Add customer")
    newcomer.press(newcomer.page.get_by_role("link", name=re.compile("in Exact, as business")))
    newcomer.type(newcomer.page.get_by_label("Name, VAT number, code or e-mail"), "bouwonderneming")
    newcomer.press(newcomer.page.get_by_role("button", name=re.compile(CUSTOMER)))
    expect(newcomer.page.locator("main h1")).to_contain_text(CUSTOMER)


def rent_a_van(newcomer: Newcomer) -> None:
    """Period and customer stand there already, and what is free stands first."""
    newcomer.open("New contract", newcomer.page.get_by_role("main"))
    newcomer.page.get_by_role("combobox", name="Resource").click()
    offered = newcomer.page.get_by_role("listbox", name="Resource").get_by_role("option")
    newcomer.press(offered.filter(has_text="free").first)
    newcomer.press(newcomer.page.get_by_role("button", name="Save"))
    expect(newcomer.page.locator("main h1")).to_contain_text(re.compile(r"C\d+"))


def make_invoice(newcomer: Newcomer) -> str:
    """Gives its number."""
    newcomer.open("Make invoice")
    newcomer.answer("Make a draft")
    newcomer.open("Confirm")
    newcomer.answer("Confirm")
    expect(newcomer.page.get_by_role("link", name="PDF", exact=True)).to_be_visible()
    return newcomer.page.locator("main h1").inner_text().split()[0]


def forward(newcomer: Newcomer, what: str) -> None:
    """From a record, or from a list in which one is ticked."""
    newcomer.page.get_by_role("button", name="Forward to Exact").click()
    newcomer.answer(f"Forward 1 {what}")


def invoice_stands_in_exact(page: Page, running: Running, invoice: str) -> None:
    page.goto(running.exact)
    page.locator(".card").filter(has_text=invoice).get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text(CUSTOMER)
    address = page.get_by_role("link", name=re.compile(r"\.pdf")).first.get_attribute("href")
    assert address
    assert page.request.get(f"{running.exact}{address}").body().startswith(b"%PDF-")


def pay_in_cash(newcomer: Newcomer) -> str:
    """What is open stands there already. Gives the number of the transaction."""
    tile = newcomer.page.locator("#contract-collections")
    newcomer.open("Register a payment", tile)
    newcomer.select(newcomer.dialog.get_by_label("Method"), "Cash")
    newcomer.answer("Register")
    return tile.get_by_role("link", name=NUMBER).inner_text()


def forward_payment(newcomer: Newcomer, payment: str) -> None:
    """At once, instead of with the next interval."""
    newcomer.open("Collections")
    newcomer.tick(newcomer.page.get_by_label(f"Select {payment}"))
    forward(newcomer, "transaction")
    expect(newcomer.page.get_by_role("row", name=payment)).to_contain_text("booked")


def payment_stands_in_exact(page: Page, running: Running, invoice: str, payment: str) -> None:
    page.goto(running.exact)
    page.get_by_role("link", name="Other entries").click()
    entry = page.locator(".card").filter(has_text=payment)
    expect(entry).to_contain_text(f"{date.today():%Y}")
    expect(entry).to_contain_text("400000")
    expect(entry).to_contain_text(CUSTOMER)
    expect(entry).to_contain_text(invoice)
