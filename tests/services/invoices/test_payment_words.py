"""What is told of the payment of documents, and which of them queries find by it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import Invoice, PaymentState
from ppplanner.services.invoices.balances import mark_even, set_payment_state
from ppplanner.services.invoices.payment_words import (
    PaymentWord,
    is_told,
    payment_word,
    payment_words,
)
from tests.services.collections.payments import pay, refund
from tests.services.invoices.credits import draft_credit, make_bill, make_credit
from tests.statements import counted

pytestmark = pytest.mark.both_databases


@pytest.fixture
def invoice(app: Flask) -> Invoice:
    """Over 121.00 with VAT."""
    return make_bill(("100.00", "21"))


def told(*documents: Invoice) -> list[str | None]:
    """What is told of each; queries find each of them by that, and by nothing else."""
    db.session.flush()
    words = payment_words(documents)
    for document in documents:
        query = select(Invoice.id).where(Invoice.id == document.id)
        found = [word for word in PaymentWord if db.session.scalar(query.where(is_told(word)))]
        assert found == [words[document.id]] if document.id in words else found == []
    return [payment_word(document) for document in documents]


def test_a_draft_asks_nobody_for_money(app: Flask) -> None:
    assert told(make_bill(("100.00", "21"), confirmed=False)) == [None]


def test_an_invoice_is_told_by_its_state(invoice: Invoice) -> None:
    assert told(invoice) == ["not_paid"]
    pay(invoice, "21.00")
    assert told(invoice) == ["partially_paid"]
    pay(invoice, "100.00")
    assert told(invoice) == ["fully_paid"]


def test_what_was_wholly_credited_asks_nobody_to_pay(invoice: Invoice) -> None:
    first = make_credit(invoice, "40.00")
    assert told(invoice, first) == ["not_paid", "settled"]
    second = make_credit(invoice, "60.00")
    assert told(invoice, first, second) == ["credited", "settled", "settled"]
    mark_even(invoice)
    assert told(invoice, first) == ["fully_paid", "fully_paid"]


def test_a_draft_credit_note_takes_nothing_back_yet(invoice: Invoice) -> None:
    note = draft_credit(invoice, "100.00")
    assert told(invoice, note) == ["not_paid", None]


def test_a_credit_note_on_what_was_paid_waits_for_its_refund(invoice: Invoice) -> None:
    pay(invoice, "121.00")
    note = make_credit(invoice, "100.00")
    assert told(invoice, note) == ["fully_paid", "not_paid"]
    refund(invoice, "121.00")
    assert told(invoice, note) == ["fully_paid", "fully_paid"]


@pytest.mark.parametrize("state", [PaymentState.UNKNOWN, PaymentState.NEVER_PAID])
def test_what_a_person_chose_is_told(invoice: Invoice, state: PaymentState) -> None:
    make_credit(invoice, "100.00")
    set_payment_state(invoice, state)
    assert told(invoice) == [state.value]


def test_not_paid_is_told_where_money_closed_it_and_a_person_says_so(invoice: Invoice) -> None:
    pay(invoice, "121.00")
    set_payment_state(invoice, PaymentState.NOT_PAID)
    assert told(invoice) == ["not_paid"]


def test_many_cost_no_more_questions_than_one(app: Flask) -> None:
    bills = [make_bill(("100.00", "21")) for _each in range(5)]
    for bill in bills[:3]:
        make_credit(bill, "100.00")
    with counted() as statements:
        words = payment_words(bills)
    assert list(words.values()) == ["credited"] * 3 + ["not_paid"] * 2
    assert len(statements) == 2
