"""A month of the books as one story, told by somebody who is new to the demo firm.

An invoice run over 200 contracts, a credit note for a part, a deposit that is taken and given back,
and a day at the cash register that ends with a count; every paper is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Running
from tests.browser.past_contracts import make_past_contracts
from tests.documents.reading import words

pytestmark = pytest.mark.xdist_group("browser")  # one running product serves all of them

LogIn = Callable[[str], Page]

CONTRACTS = 200
#: Milliseconds that a worker may take: for a run over all contracts, and for a paper after it.
WORK = 120_000
#: The same words in the languages of the demo's customers.
INVOICE = re.compile("Factuur|Facture|Invoice|Rechnung")
CREDIT_NOTE = re.compile("Creditnota|Note de crédit|Credit note|Gutschrift")
CONTRACT = re.compile("Huurcontract|Contrat de location|Rental contract|Mietvertrag")


def test_a_month_is_invoiced(log_in: LogIn, running: Running) -> None:
    until = make_past_contracts(running.instance, CONTRACTS)
    page = log_in("Accountant")
    page.goto(running.url)
    invoice_what_waits(page, f"{until}")
    credit_a_part(page, open_first_invoice(page))
    contract = open_contract(page)
    take_and_give_back_a_deposit(page)
    register = pay_in_cash(page)
    read_contract(page, contract)
    count_the_cash(page, register)
    read_day_sheet(page, register, contract)


def invoice_what_waits(page: Page, until: str) -> None:
    """Calculate what there is to invoice until a day, and make confirmed invoices of all of it."""
    choose(page, "Invoices")
    page.get_by_role("link", name="Invoice runs").click()
    page.get_by_role("link", name="New invoice run").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Invoice up to and including").fill(until)
    dialog.get_by_role("button", name="Calculate").click()
    make = page.get_by_role("link", name=f"Make all {CONTRACTS} invoices")
    expect(make).to_be_visible(timeout=WORK)
    make.click()
    dialog.get_by_label("Confirmed invoices").check()
    dialog.get_by_role("button", name="Make invoices").click()
    expect(head(page)).to_contain_text("Done", timeout=WORK)
    expect(page.get_by_role("link", name=f"Invoiced {CONTRACTS}")).to_be_visible()
    assert violations(page) == []


def open_first_invoice(page: Page) -> str:
    """From the run to an invoice and its paper; gives its number."""
    page.get_by_role("link", name=re.compile(r"^\d{4}-\d{5}$")).first.click()
    expect(head(page)).to_contain_text("Not paid")
    reference = title(page)
    text = paper(page, page.get_by_role("link", name="PDF", exact=True))
    assert INVOICE.search(text)
    assert reference in text
    assert fact(page, "Structured communication").inner_text() in text
    return reference


def credit_a_part(page: Page, invoice: str) -> None:
    """Ten euro of the first line go back, with 21 % VAT."""
    page.get_by_role("link", name="Credit", exact=True).click()
    dialog = page.get_by_role("dialog")
    amounts = dialog.get_by_role("table").get_by_role("textbox")
    amounts.first.fill("10")
    for amount in amounts.all()[1:]:
        amount.fill("")
    dialog.get_by_role("button", name="Make a draft").click()
    page.get_by_role("link", name="Confirm").click()
    expect(dialog).to_contain_text("Confirm this credit note?")
    dialog.get_by_role("button", name="Confirm").click()
    expect(page.locator("main")).to_contain_text("-€12.10")
    text = paper(page, page.get_by_role("link", name="PDF", exact=True))
    assert CREDIT_NOTE.search(text)
    assert title(page) in text
    assert invoice in text
    page.get_by_role("link", name=invoice).first.click()
    expect(page.locator("#payments")).to_contain_text("-€12.10")


def open_contract(page: Page) -> str:
    """The page of a contract that has not begun; gives its number."""
    choose(page, "Contracts")
    page.locator("summary", has_text="Status:").click()
    page.get_by_role("link", name="Confirmed", exact=True).click()
    expect(page).to_have_url(re.compile("status=confirmed"))
    page.locator(".list-link").first.click()
    expect(head(page)).to_contain_text("Confirmed")
    return title(page)


def take_and_give_back_a_deposit(page: Page) -> None:
    tile, dialog = page.locator("#contract-collections"), page.get_by_role("dialog")
    tile.get_by_role("link", name="Take a deposit").click()
    dialog.get_by_label("Amount").fill("150")
    dialog.get_by_label("Method").select_option(label="Cash")
    dialog.get_by_role("button", name="Register").click()
    expect(fact(page, "Deposit held")).to_have_text("€150.00")
    tile.locator("summary", has_text="Give back").click()
    tile.get_by_role("link", name="The deposit").click()
    expect(dialog).to_contain_text("€150.00 of the deposit can go back.")
    expect(dialog.get_by_label("How")).to_have_value("CASH")  # as it came
    dialog.get_by_role("button", name="Give back").click()
    expect(fact(page, "Deposit held")).to_have_text("€0.00")


def pay_in_cash(page: Page) -> str:
    """Gives the code of the register that takes the money."""
    tile, dialog = page.locator("#contract-collections"), page.get_by_role("dialog")
    tile.get_by_role("link", name="Register a payment").click()
    dialog.get_by_label("Amount").fill("60")
    register = dialog.get_by_label("Cash register").locator("option:checked").inner_text()
    dialog.get_by_role("button", name="Register").click()
    expect(tile.get_by_role("row").filter(has_text="Payment")).to_contain_text("€60.00")
    return register.split()[0]


def read_contract(page: Page, contract: str) -> None:
    page.locator("main summary", has_text="More").click()
    text = paper(page, page.get_by_role("link", name="PDF", exact=True))
    assert CONTRACT.search(text)
    assert contract in text


def count_the_cash(page: Page, register: str) -> None:
    """Two notes of 100 euro: less than the demo's registers ever hold. The rest is written off."""
    choose(page, "Collections")
    page.get_by_role("link", name="Cash registers").click()
    page.get_by_role("link", name=register).click()
    page.get_by_role("link", name="Count the cash").click()
    page.get_by_label("€ 100", exact=True).fill("2")
    missing = page.locator("[data-difference]").inner_text().removeprefix("-")
    page.get_by_label("Book a difference as a correction").check()
    page.get_by_role("button", name="Keep the count").click()
    expect(head(page)).to_contain_text(f"{missing} missing")


def read_day_sheet(page: Page, register: str, contract: str) -> None:
    """What the browser prints of it: the sheet is a page for paper."""
    page.get_by_role("link", name="Day sheet").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Cash register {register}")
    pdf = page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF-")
    text = words(pdf)
    assert register in text
    assert contract in text
    for word in ("Deposit given back", "€60.00", "Cash correction, too little"):
        assert word in text
    assert "In it at the end €200.00" in text


def choose(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name=name).click()


def head(page: Page) -> Locator:
    return page.locator("main .record-head")


def title(page: Page) -> str:
    return page.locator("main h1").inner_text().split()[0]


def fact(page: Page, name: str) -> Locator:
    """What stands beside a word on the page of a record."""
    return page.locator(".facts div", has=page.get_by_text(name, exact=True)).locator("dd")


def paper(page: Page, link: Locator) -> str:
    """The words of the PDF that a link opens in a tab of its own."""
    expect(link).to_be_visible(timeout=WORK)
    with page.expect_popup() as tab:
        link.click()
    tab.value.close()
    address = link.get_attribute("href")
    assert address
    answer = page.request.get(urljoin(page.url, address))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")
    return words(answer.body())
