"""The pages of credit notes: taking back, changing the draft, marking both as paid."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from flask import Flask

from ppplanner.extensions import db
from ppplanner.models import Invoice, PaymentState
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.crediting import draft_of
from tests.blueprints.pages import error_at, over, value_of, words
from tests.conftest import Browser, Login
from tests.factories import make_contract, make_invoice
from tests.services.invoices.credits import draft_credit, make_bill, make_credit


@pytest.fixture
def invoice(app: Flask) -> Invoice:
    """Confirmed: 100.00 with 21 % VAT and 10.00 with 6 %."""
    return make_bill(("100.00", "21"), ("10.00", "6"))


@pytest.fixture
def accountant(login: Login) -> Browser:
    return login("invoices.view", "invoices.edit")


def amounts(invoice: Invoice, *typed: str) -> dict[str, str]:
    fields = {f"line_{line.id}": text for line, text in zip(invoice.lines, typed, strict=True)}
    return {"invoice_date": invoice.invoice_date.isoformat(), **fields}


def test_all_that_is_left_stands_ready(accountant: Browser, invoice: Invoice) -> None:
    make_credit(invoice, "60.00", "10.00")
    page = accountant.get(f"/invoices/{invoice.id}/credit")
    first, second = invoice.lines
    assert value_of(page, f"line_{first.id}") == "40.00"
    assert f'name="line_{second.id}"' not in page.text


def test_a_credit_note_is_made_of_what_is_typed(accountant: Browser, invoice: Invoice) -> None:
    answer = accountant.post(f"/invoices/{invoice.id}/credit", data=amounts(invoice, "25.00", ""))
    note = draft_of(invoice)
    assert note
    assert answer.location == f"/invoices/{note.id}"
    assert note.net == Decimal("-25.00")


def test_too_much_is_said_at_its_line_and_nothing_is_made(
    accountant: Browser, invoice: Invoice
) -> None:
    answer = accountant.post(
        f"/invoices/{invoice.id}/credit", data=amounts(invoice, "100.01", "0.005")
    )
    first, second = invoice.lines
    assert answer.status_code == 422
    assert "2 decimals" in error_at(answer, f"line_{second.id}")
    answer = accountant.post(f"/invoices/{invoice.id}/credit", data=amounts(invoice, "100.01", "1"))
    assert error_at(answer, f"line_{first.id}") == "Of this line €100.00 is left to credit."
    assert value_of(answer, f"line_{first.id}") == "100.01"
    assert draft_of(invoice) is None


def test_nothing_typed_says_what_to_do(accountant: Browser, invoice: Invoice) -> None:
    answer = accountant.post(f"/invoices/{invoice.id}/credit", data=amounts(invoice, "", ""))
    assert answer.status_code == 422
    assert "credit an amount above zero" in words(answer)


@pytest.mark.parametrize("typed", ["9" * 40, "-1", "NaN", "1e3"])
def test_odd_amounts_are_refused_in_words(
    accountant: Browser, invoice: Invoice, typed: str
) -> None:
    answer = accountant.post(f"/invoices/{invoice.id}/credit", data=amounts(invoice, typed, ""))
    assert answer.status_code == 422
    assert error_at(answer, f"line_{invoice.lines[0].id}")


def test_only_a_contract_can_be_invoiced_again(accountant: Browser, invoice: Invoice) -> None:
    of_contract = make_invoice(make_contract())
    assert "Can be invoiced again" in words(accountant.get(f"/invoices/{of_contract.id}/credit"))
    assert "Can be invoiced again" not in words(accountant.get(f"/invoices/{invoice.id}/credit"))


def test_the_draft_that_is_there_opens_instead_of_a_second(
    accountant: Browser, invoice: Invoice
) -> None:
    note = draft_credit(invoice, "1.00", "0")
    assert accountant.get(f"/invoices/{invoice.id}/credit").location == f"/invoices/{note.id}"
    text = words(accountant.get(f"/invoices/{invoice.id}"))
    assert "A draft credit note over €1.21 waits to be confirmed." in text


def test_what_cannot_be_credited_says_why(accountant: Browser, invoice: Invoice) -> None:
    note = make_credit(invoice)
    draft = make_bill(("1.00", "21"), confirmed=False)
    for each, why in (
        (invoice, "All of this invoice has been credited."),
        (note, "A credit note cannot be credited"),
        (draft, "A draft needs no credit note"),
    ):
        answer = accountant.get(f"/invoices/{each.id}/credit")
        assert answer.status_code == 409
        assert why in words(answer)


def test_the_draft_of_a_credit_note_can_be_changed(accountant: Browser, invoice: Invoice) -> None:
    note = draft_credit(invoice, "25.00", "0")
    address = f"/invoices/{note.id}/credited"
    page = accountant.get(address)
    assert value_of(page, f"line_{invoice.lines[0].id}") == "25.00"
    answer = accountant.post(address, data=amounts(invoice, "100.00", "10.00"))
    assert answer.location == f"/invoices/{note.id}"
    db.session.expire_all()
    assert note.gross == -invoice.gross


def test_two_people_who_change_one_draft_are_told(accountant: Browser, invoice: Invoice) -> None:
    note = draft_credit(invoice, "25.00", "0")
    address = f"/invoices/{note.id}/credited"
    seen = value_of(accountant.get(address), "seen")
    accountant.post(address, data=amounts(invoice, "30.00", ""))
    answer = accountant.post(address, data={**amounts(invoice, "20.00", ""), "seen": seen})
    assert answer.status_code == 409
    assert draft_of(invoice) is note


def test_confirming_speaks_of_a_credit_note(accountant: Browser, invoice: Invoice) -> None:
    note = draft_credit(invoice, "5", "0")
    question = words(accountant.get(f"/invoices/{note.id}/confirm"))
    assert "Confirm this credit note?" in question
    assert "Due date" not in question
    accountant.post(f"/invoices/{note.id}/confirm")
    page = words(accountant.get(f"/invoices/{note.id}"))
    assert f"The credit note is confirmed as {note}." in page
    assert "Structured communication" not in page


def test_only_a_draft_of_a_credit_note_is_changed_here(
    accountant: Browser, invoice: Invoice
) -> None:
    note = make_credit(invoice)
    for each in (invoice, note):
        assert accountant.get(f"/invoices/{each.id}/credited").status_code == 409


def test_invoice_and_credit_note_name_each_other(accountant: Browser, invoice: Invoice) -> None:
    note = make_credit(invoice, "1.00", "0")
    for page, other in ((invoice, note), (note, invoice)):
        text = accountant.get(f"/invoices/{page.id}").text
        assert re.search(rf'href="/invoices/{other.id}">\s*{other.reference}', text)


def test_after_a_full_credit_both_can_be_marked_as_paid(
    accountant: Browser, invoice: Invoice
) -> None:
    note = draft_credit(invoice)
    accountant.post(f"/invoices/{note.id}/confirm", data={"sure": "yes"})
    page = words(accountant.get(f"/invoices/{note.id}"))
    assert "leave nothing open" in page
    assert "Mark as paid" in page
    assert "Mark all of them as paid?" in words(accountant.get(f"/invoices/{note.id}/even"))
    answer = accountant.post(f"/invoices/{note.id}/even", headers=over(f"/invoices/{note.id}"))
    assert answer.headers["HX-Refresh"] == "true"
    db.session.expire_all()
    assert {invoice.payment_state, note.payment_state} == {PaymentState.FULLY_PAID}
    assert accountant.post(f"/invoices/{note.id}/even").status_code == 422


def test_who_may_only_look_is_offered_nothing(login: Login, invoice: Invoice) -> None:
    accountant = login("invoices.view")
    note = draft_credit(invoice, "1.00", "0")
    assert "/credit" not in accountant.get(f"/invoices/{invoice.id}").text
    for path in (f"{invoice.id}/credit", f"{note.id}/credited", f"{invoice.id}/even"):
        assert accountant.get(f"/invoices/{path}").status_code == 403
    confirm_invoice(note)
    assert "Set by hand" not in words(accountant.get(f"/invoices/{invoice.id}"))
