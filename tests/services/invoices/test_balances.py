"""What is open of an invoice, and how its payment state follows credit notes and collections."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select

from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.models import Invoice, PaymentState, Transaction
from ppplanner.services.collections.transactions import reverse
from ppplanner.services.invoices.balances import (
    are_even,
    credit_notes,
    mark_even,
    set_payment_state,
    settle,
)
from ppplanner.services.invoices.confirming import confirm_invoice
from tests.parallel import at_once
from tests.services.collections.payments import pay, refund
from tests.services.invoices.credits import draft_credit, make_bill, make_credit

pytestmark = pytest.mark.usefixtures("app")

UNKNOWN, NOT_PAID, PARTIALLY, FULLY, NEVER = PaymentState
NOTHING = Decimal(0)


@pytest.fixture
def invoice(app: Flask) -> Invoice:
    """A confirmed one over 121.00 with VAT."""
    return make_bill(("100.00", "21"))


def standing(invoice: Invoice) -> tuple[Decimal, PaymentState]:
    return invoice.balance, invoice.payment_state


def test_a_confirmed_invoice_is_open_for_its_total(invoice: Invoice) -> None:
    assert standing(invoice) == (Decimal("121.00"), NOT_PAID)


def test_nothing_is_open_of_a_draft() -> None:
    draft = make_bill(("100.00", "21"), confirmed=False)
    settle(draft)
    assert draft.balance == 0


def test_an_invoice_of_nothing_is_paid() -> None:
    assert standing(make_bill(("0.00", "21"))) == (NOTHING, FULLY)


def test_the_state_follows_the_money(invoice: Invoice) -> None:
    pay(invoice, "21.00")
    assert standing(invoice) == (Decimal("100.00"), PARTIALLY)
    last = pay(invoice, "100.00")
    assert standing(invoice) == (NOTHING, FULLY)
    reverse(last, by=None)
    assert standing(invoice) == (Decimal("100.00"), PARTIALLY)


def test_what_is_undone_leaves_nothing_paid(invoice: Invoice) -> None:
    reverse(pay(invoice, "121.00"), by=None)
    assert standing(invoice) == (Decimal("121.00"), NOT_PAID)


def test_who_pays_too_much_has_paid(invoice: Invoice) -> None:
    pay(invoice, "130.00")
    assert standing(invoice) == (Decimal("-9.00"), FULLY)
    refund(invoice, "9.00")
    assert standing(invoice) == (NOTHING, FULLY)


def test_a_credit_note_lowers_the_balance_of_its_invoice(invoice: Invoice) -> None:
    note = make_credit(invoice, "40.00")
    assert standing(invoice) == (Decimal("72.60"), NOT_PAID)
    assert note.balance == 0


def test_a_draft_credit_note_changes_nothing_yet(invoice: Invoice) -> None:
    draft_credit(invoice, "40.00")
    settle(invoice)
    assert invoice.balance == Decimal("121.00")


def test_the_rest_after_a_credit_note_pays_both(invoice: Invoice) -> None:
    note = make_credit(invoice, "40.00")
    pay(invoice, "72.60")
    assert standing(invoice) == (NOTHING, FULLY)
    assert note.payment_state is FULLY


def test_a_credit_note_can_pay_the_rest(invoice: Invoice) -> None:
    pay(invoice, "72.60")
    note = make_credit(invoice, "40.00")
    assert standing(invoice) == (NOTHING, FULLY)
    assert note.payment_state is FULLY


def test_a_credit_on_a_paid_invoice_is_owed_to_the_customer(invoice: Invoice) -> None:
    pay(invoice, "121.00")
    note = make_credit(invoice, "40.00")
    assert standing(invoice) == (Decimal("-48.40"), FULLY)
    assert note.payment_state is NOT_PAID
    refund(note, "48.40")
    assert standing(invoice) == (NOTHING, FULLY)
    assert standing(note) == (NOTHING, FULLY)


def test_a_full_credit_leaves_both_to_be_marked_as_paid(invoice: Invoice) -> None:
    note = make_credit(invoice)
    assert standing(invoice) == (NOTHING, NOT_PAID)
    assert are_even(invoice)
    assert are_even(note)
    mark_even(note)
    assert (invoice.payment_state, note.payment_state) == (FULLY, FULLY)
    assert not are_even(invoice)
    with pytest.raises(DomainError):
        mark_even(invoice)


def test_what_leaves_something_open_is_not_even(invoice: Invoice) -> None:
    assert not are_even(invoice)
    make_credit(invoice, "40.00")
    assert not are_even(invoice)
    with pytest.raises(DomainError):
        mark_even(invoice)


@pytest.mark.parametrize("state", [FULLY, UNKNOWN])
def test_a_word_by_hand_holds_until_the_next_money(invoice: Invoice, state: PaymentState) -> None:
    set_payment_state(invoice, state)
    make_credit(invoice, "40.00")
    assert standing(invoice) == (Decimal("72.60"), state)
    pay(invoice, "2.60")
    assert standing(invoice) == (Decimal("70.00"), PARTIALLY)


def test_what_is_never_paid_stays_so(invoice: Invoice) -> None:
    set_payment_state(invoice, NEVER)
    pay(invoice, "121.00")
    assert standing(invoice) == (NOTHING, NEVER)


def test_a_draft_has_no_payment(invoice: Invoice) -> None:
    with pytest.raises(DomainError):
        set_payment_state(draft_credit(invoice), FULLY)


def test_payments_at_the_same_moment_are_all_counted(app: Flask, invoice: Invoice) -> None:
    invoice_id = invoice.id
    pay(invoice, "1.00")

    def pay_some() -> int:
        return pay(db.session.get_one(Invoice, invoice_id), "10.00").id

    results = at_once(app, [pay_some] * 6)
    assert all(isinstance(result, int) for result in results), results
    db.session.refresh(invoice)
    assert standing(invoice) == (Decimal("60.00"), PARTIALLY)


def test_a_credit_note_confirmed_while_money_comes_in_leaves_no_wrong_balance(
    app: Flask, invoice: Invoice
) -> None:
    pay(invoice, "1.00")
    invoice_id, note_id = invoice.id, draft_credit(invoice, "40.00").id

    def confirm() -> None:
        confirm_invoice(db.session.get_one(Invoice, note_id))

    def pay_some() -> None:
        pay(db.session.get_one(Invoice, invoice_id), "10.00")

    assert at_once(app, [confirm, pay_some, pay_some, pay_some]) == [None] * 4
    db.session.refresh(invoice)
    assert invoice.balance == Decimal("41.60")


def test_all_balances_are_what_was_charged_less_what_was_collected(invoice: Invoice) -> None:
    make_credit(invoice, "40.00")
    pay(invoice, "30.00")
    refund(make_credit(make_bill(("9.99", "6")), "5.00"), "5.30")
    pay(make_bill(("7.00", "12")), "7.84")
    charged, balance = db.session.execute(
        select(func.sum(Invoice.gross), func.sum(Invoice.balance))
    ).one()
    assert balance == charged - db.session.scalars(select(func.sum(Transaction.amount))).one()
    assert len(credit_notes(invoice)) == 1
