"""What goes wrong on an accountant's desk: each slip gets its sentence at its place, and the books
stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.models import (
    Base,
    CashCount,
    Contract,
    FinancialYear,
    Invoice,
    InvoiceDocument,
    InvoiceLine,
    InvoiceVat,
    NumberSeries,
    PaymentFile,
    RefundRequest,
    Transaction,
)
from ppplanner.services.collections import counts, transactions
from ppplanner.services.collections.counts import Counted
from ppplanner.services.firm.financial_years import close_year, find_year
from ppplanner.services.pricing.price_lines import PriceLineData, save_price_line
from tests.blueprints.invoice_pages import draft, get
from tests.blueprints.pages import error_at, over, value_of, words
from tests.conftest import Browser, Login
from tests.factories import make_company, make_contract, make_invoice, make_unit, make_vat_code
from tests.services.invoices.credits import make_bill, make_credit
from tests.till import make_register, make_request, pay

#: All that a slip could leave half done.
BOOKS: tuple[type[Base], ...] = (
    Contract,
    FinancialYear,
    Invoice,
    InvoiceLine,
    InvoiceVat,
    InvoiceDocument,
    NumberSeries,
    Transaction,
    CashCount,
    RefundRequest,
    PaymentFile,
)
#: More digits than any number in the books has.
ENDLESS = "9" * 40


@pytest.fixture
def accountant(login: Login) -> Browser:
    return login()


def books() -> dict[str, list[Any]]:
    """Every row of the books as it stands in the database."""
    db.session.commit()
    tables = (each.__table__ for each in BOOKS)
    return {
        str(table): [tuple(row) for row in db.session.execute(select(table))] for table in tables
    }


@contextmanager
def nothing_written() -> Iterator[None]:
    before = books()
    yield
    assert books() == before


def moment() -> str:
    return f"{today() - timedelta(days=1)}T10:00"


# ---- Days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30", "soon"])
def test_a_day_that_cannot_be_is_refused_at_its_field(accountant: Browser, day: str) -> None:
    bill, contract, unit = make_bill(("9.00", "21")), make_contract(), make_unit()
    whom = {"customer_id": contract.customer_id, "business_unit_id": unit.id, "due_date": ""}
    run = {"until": today().isoformat(), "business_unit_id": "", "periodicity": ""}
    forms: list[tuple[str, dict[str, Any]]] = [
        (f"/invoices/{bill.id}/credit", {f"line_{bill.lines[0].id}": "9.00"}),
        (f"/invoices/new?contract_id={contract.id}", {"due_date": day}),
        ("/invoices/new/free", whom),
        ("/invoices/runs/new", run),
    ]
    for url, data in forms:
        with nothing_written():
            answer = accountant.post(url, data={**data, "invoice_date": day})
        assert answer.status_code == 422, url
        assert error_at(answer, "invoice_date"), url


def a_year() -> tuple[str, str, dict[str, Any]]:
    data = {
        "owner": f"company_id-{make_unit().company_id}",
        "ends_on": "9999-12-31",
        "name": "LATE",
    }
    return "/settings/financial-years/new", "starts_on", data


def a_period() -> tuple[str, str, dict[str, Any]]:
    url = f"/contracts/{make_contract().id}/periodicity"
    return url, "next_invoice_date", {"periodicity": "monthly"}


def a_payment_file() -> tuple[str, str, dict[str, Any]]:
    unit = make_unit(make_company(iban="BE71 0961 2345 6769"))
    request = make_request(make_contract(unit=unit))
    return "/collections/refunds/payment-file", "day", {"ids": request.id, "sure": "yes"}


@pytest.mark.parametrize("form", [a_year, a_period, a_payment_file])
def test_a_year_that_is_a_slip_is_refused_at_its_field(accountant: Browser, form: Any) -> None:
    url, field, data = form()
    with nothing_written():
        answer = accountant.post(url, data={**data, field: "9999-01-01"})
    assert answer.status_code == 422
    assert "heck the year." in error_at(answer, field)


def test_the_last_day_there_is_has_a_due_date(accountant: Browser) -> None:
    customer_id = make_contract().customer_id
    answer = accountant.get(f"/invoices/due?customer_id={customer_id}&invoice_date=9999-12-31")
    assert value_of(answer, "due_date") == "9999-12-31"


# ---- A credit above the rest --------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["40.01", "100", "1000000000"])
def test_no_more_is_credited_than_is_left(accountant: Browser, typed: str) -> None:
    invoice = make_bill(("100.00", "21"))
    make_credit(invoice, "60.00")
    field = f"line_{invoice.lines[0].id}"
    with nothing_written():
        data = {"invoice_date": today().isoformat(), field: typed}
        answer = accountant.post(f"/invoices/{invoice.id}/credit", data=data)
    assert answer.status_code == 422
    assert error_at(answer, field) == "Of this line €40.00 is left to credit."
    assert value_of(answer, field) == typed


# ---- Drafts that cannot be confirmed ------------------------------------------------------------


def without_account(invoice: Invoice) -> None:
    line = invoice.lines[0]
    assert line.gl_account
    line.gl_account.active, line.gl_account = False, None


def without_reason_for_no_vat(invoice: Invoice) -> None:
    free = make_vat_code("0")
    invoice.customer.vat_code, free.legal_text = free, ""
    invoice.lines[0].vat_code, invoice.lines[0].vat_percentage = free, free.percentage


def in_a_closed_year(invoice: Invoice) -> None:
    year = find_year(invoice.business_unit, invoice.invoice_date)
    assert year
    close_year(year)


def in_a_missing_year(invoice: Invoice) -> None:
    for year in db.session.scalars(select(FinancialYear)):
        db.session.delete(year)


def in_the_future(invoice: Invoice) -> None:
    invoice.invoice_date = invoice.due_date = today() + timedelta(days=2)


def to_nowhere(invoice: Invoice) -> None:
    invoice.customer.street = invoice.customer.city = ""


def of_another_price(invoice: Invoice) -> None:
    assert invoice.contract
    toll = PriceLineData("Toll", Decimal(1), Decimal(4), make_vat_code())
    save_price_line(invoice.contract, toll)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (without_account, "Line 1 has no GL account"),
        (without_reason_for_no_vat, "charges no VAT, and does not say why"),
        (in_a_closed_year, "is closed"),
        (in_a_missing_year, "No financial year holds"),
        (in_the_future, "The invoice date lies in the future"),
        (to_nowhere, "has no full address: fill in street, postcode and city"),
        (of_another_price, "The contract has changed since this draft was made"),
    ],
)
def test_a_draft_that_is_not_fit_gets_no_number(accountant: Browser, spoil: Any, says: str) -> None:
    invoice_id = draft()
    spoil(get(invoice_id))
    with nothing_written():
        answer = accountant.post(f"/invoices/{invoice_id}/confirm")
    assert answer.status_code == 422
    assert says in words(answer)
    assert get(invoice_id).is_draft


def test_what_a_contract_has_otherwise_now_is_shown_before_confirming(
    accountant: Browser,
) -> None:
    invoice_id = draft()
    of_another_price(get(invoice_id))
    with nothing_written():
        answer = accountant.post(f"/invoices/{invoice_id}/confirm")
    assert "Toll" in words(answer)
    assert "Confirm it as it is" in words(answer)


def test_a_line_without_vat_code_is_refused_at_its_field(accountant: Browser) -> None:
    invoice_id = draft()
    with nothing_written():
        data = {"description": "Toll", "units": "1", "unit_price": "4", "vat_code_id": ""}
        answer = accountant.post(f"/invoices/{invoice_id}/lines/new", data=data)
    assert answer.status_code == 422
    assert "Choose which VAT is due." in error_at(answer, "vat_code_id")


# ---- Two people, and tabs that are old ----------------------------------------------------------


def test_the_second_who_confirms_changes_nothing(login: Login) -> None:
    invoice_id = draft()
    first, second = login(), login()
    assert "Confirm this invoice?" in words(second.get(f"/invoices/{invoice_id}/confirm"))
    first.post(f"/invoices/{invoice_id}/confirm")
    with nothing_written():
        answer = second.post(f"/invoices/{invoice_id}/confirm", follow_redirects=True)
    assert "This invoice is confirmed already: it is number" in words(answer)


@pytest.mark.parametrize("end", ["dates", "discard", "refresh", "lines/new", "credited"])
def test_an_old_tab_changes_nothing_of_what_was_confirmed(accountant: Browser, end: str) -> None:
    invoice_id = draft()
    accountant.post(f"/invoices/{invoice_id}/confirm")
    day = today().isoformat()
    with nothing_written():
        data = {"invoice_date": day, "due_date": day, "description": "Toll", "units": "1"}
        answer = accountant.post(f"/invoices/{invoice_id}/{end}", data=data)
    assert answer.status_code in {303, 409}


def test_what_is_done_once_is_not_done_again_by_going_back(accountant: Browser) -> None:
    payment, request, bill = pay(make_contract(), 80), make_request(), make_bill(("9.00", "21"))
    register = make_register(cash=5)
    made = counts.count(register, Counted({100: 1}), by=None)
    line = f"line_{bill.lines[0].id}"
    deeds: list[tuple[str, dict[str, str]]] = [
        (f"/collections/{payment.id}/reverse", {}),
        (f"/collections/counts/{made.id}/book", {}),
        (f"/collections/refunds/{request.id}/process", {"at": moment(), "method": "BANK"}),
        (f"/invoices/{bill.id}/credit", {"invoice_date": today().isoformat(), line: "9.00"}),
    ]
    for url, data in deeds:
        assert accountant.post(url, data=data).status_code == 303, url
        with nothing_written():
            again = accountant.post(url, data=data, headers=over("/"))
        assert len(words(again)) > 20 or "HX-Redirect" in again.headers, url


def test_an_undone_payment_is_not_undone_in_turn(accountant: Browser) -> None:
    undone = transactions.reverse(pay(make_contract(), 80), by=None)
    with nothing_written():
        answer = accountant.post(f"/collections/{undone.id}/reverse")
    assert answer.status_code == 422
    assert "This transaction undoes another" in words(answer)


def test_money_for_an_invoice_that_a_colleague_has_booked_becomes_no_advance(
    accountant: Browser,
) -> None:
    invoice = make_invoice(make_contract())
    pay(invoice=invoice, amount=invoice.gross)
    data = {"type": "PAY", "method": "BANK", "amount": str(invoice.gross), "at": moment()}
    data["invoice_id"] = str(invoice.id)
    with nothing_written():
        url = f"/collections/new?contract_id={invoice.contract_id}"
        answer = accountant.post(url, data=data)
    assert answer.status_code == 422
    assert "Choose one from the list." in error_at(answer, "invoice_id")


# ---- Cash ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", [{}, {"register_id": ""}, {"register_id": "0"}])
def test_cash_goes_into_no_register_that_nobody_chose(
    accountant: Browser, chosen: dict[str, str]
) -> None:
    contract = make_contract()
    make_register(contract.business_unit)
    data = {"type": "PAY", "method": "CASH", "amount": "100", "at": moment(), **chosen}
    with nothing_written():
        answer = accountant.post(f"/collections/new?contract_id={contract.id}", data=data)
    assert answer.status_code == 422
    assert "Choose one from the list." in error_at(answer, "register_id")


@pytest.mark.parametrize("pieces", ["-1", "2.5", "1000000", "ten", ENDLESS])
def test_nobody_counts_a_part_of_a_coin(accountant: Browser, pieces: str) -> None:
    register = make_register(cash=5)
    with nothing_written():
        url = f"/collections/registers/{register.id}/count"
        answer = accountant.post(url, data={"pieces_100": pieces, "book": "y"})
    assert answer.status_code == 422
    assert error_at(answer, "pieces_100")
    assert value_of(answer, "pieces_100") == pieces


def test_no_cash_goes_from_a_register_to_itself(accountant: Browser) -> None:
    register = make_register(cash=5)
    make_register(register.business_unit)
    url = f"/collections/registers/{register.id}/transfer"
    with nothing_written():
        answer = accountant.post(url, data={"target_id": register.id, "amount": "1"})
    assert answer.status_code == 422
    assert error_at(answer, "target_id")


# ---- Amounts ------------------------------------------------------------------------------------


def crediting() -> tuple[str, str, dict[str, str]]:
    bill = make_bill(("100.00", "21"))
    data = {"invoice_date": today().isoformat()}
    return f"/invoices/{bill.id}/credit", f"line_{bill.lines[0].id}", data


def paying() -> tuple[str, str, dict[str, str]]:
    data = {"type": "PAY", "method": "BANK", "at": moment()}
    return f"/collections/new?contract_id={make_contract().id}", "amount", data


def giving_back() -> tuple[str, str, dict[str, str]]:
    contract = make_contract()
    pay(contract, 80)
    return f"/collections/refunds/new?contract_id={contract.id}", "amount", {"method": ""}


def moving_cash() -> tuple[str, str, dict[str, str]]:
    register = make_register(cash=5)
    other = make_register(register.business_unit)
    url = f"/collections/registers/{register.id}/transfer"
    return url, "amount", {"target_id": str(other.id)}


def correcting_cash() -> tuple[str, str, dict[str, str]]:
    url = f"/collections/registers/{make_register(cash=5).id}/entry"
    return url, "amount", {"type": "CASHPLUS", "at": moment()}


def asking_a_deposit() -> tuple[str, str, dict[str, str]]:
    url = f"/collections/contracts/{make_contract().id}/terms"
    return url, "deposit", {"deposit_moment": "", "payment_moment": ""}


def pricing() -> tuple[str, str, dict[str, str]]:
    code = make_vat_code()
    data = {"description": "Toll", "units": "1", "discount": "0", "vat_code_id": str(code.id)}
    return f"/invoices/{draft()}/lines/new", "unit_price", data


@pytest.mark.parametrize("typed", ["0.005", "0,005", "NaN", "1e9", "1.234,5,6", ENDLESS])
@pytest.mark.parametrize(
    "form",
    [crediting, paying, giving_back, moving_cash, correcting_cash, asking_a_deposit, pricing],
)
def test_an_amount_that_is_none_is_refused_at_its_field(
    accountant: Browser, form: Any, typed: str
) -> None:
    url, field, data = form()
    with nothing_written():
        answer = accountant.post(url, data={**data, field: typed})
    assert answer.status_code == 422
    assert error_at(answer, field)
    assert value_of(answer, field) == typed


@pytest.mark.parametrize("units", ["-1", "0", "-0", "0.0004", ENDLESS])
def test_a_quantity_is_above_zero(accountant: Browser, units: str) -> None:
    url, _price, data = pricing()
    with nothing_written():
        answer = accountant.post(url, data={**data, "unit_price": "4", "units": units})
    assert answer.status_code == 422
    assert error_at(answer, "units")
    assert value_of(answer, "units") == units


@pytest.mark.parametrize("chosen", [ENDLESS, "2147483648", "0", "-1", "1e3", "700000"])
def test_an_account_that_is_none_is_refused_at_its_field(accountant: Browser, chosen: str) -> None:
    url, _price, data = pricing()
    with nothing_written():
        answer = accountant.post(url, data={**data, "unit_price": "4", "gl_account_id": chosen})
    assert answer.status_code == 422
    assert error_at(answer, "gl_account_id") == "Choose one from the list."
