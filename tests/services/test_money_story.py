"""Whatever people do with money, in whatever order: everything remains the sum of its parts."""

from __future__ import annotations

import os
from collections import defaultdict
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import (
    DocumentState,
    Invoice,
    InvoiceKind,
    PaymentState,
    Transaction,
    TransactionFamily,
)
from ppplanner.money import vat_amount
from ppplanner.services.collections import cash, deposits
from ppplanner.services.invoices.credited import left_of_lines
from tests.services.money_deeds import (
    DEEDS,
    Deed,
    Firm,
    credit,
    make_firm,
    mark_even,
    pay,
    say,
)

#: How many stories are told.
STORIES = int(os.environ.get("MONEY_STORIES", "200"))
#: Credits in part show what rounding does; they come more often than once in twenty deeds.
OFTEN = (credit, credit, credit, credit, pay)
#: Deeds that set the state of a payment by hand.
BY_HAND = (mark_even, say)

stories = st.lists(
    st.builds(
        Deed,
        what=st.sampled_from([*DEEDS, *OFTEN]),
        which=st.integers(0, 11),
        cents=st.integers(1, 60_000),
        share=st.integers(1, 110),
    ),
    min_size=3,
    max_size=7,
)


@pytest.mark.one_database
def test_everything_remains_the_sum_of_its_parts(app: Flask) -> None:
    firm = make_firm()
    db.session.commit()

    @settings(max_examples=STORIES)
    @given(stories)
    def tell(story: list[Deed]) -> None:
        try:
            for deed in story:
                firm.do(deed)
            firm.credit_the_rest()
            check(firm, by_hand=any(deed.what in BY_HAND for deed in story))
        finally:
            db.session.rollback()

    tell()


def check(firm: Firm, *, by_hand: bool) -> None:
    db.session.flush()
    db.session.expire_all()
    documents = list(db.session.scalars(select(Invoice)))
    money = list(db.session.scalars(select(Transaction)))
    for document in documents:
        _check_totals(document)
        if document.kind is InvoiceKind.INVOICE:
            notes = [each for each in documents if each.credited_invoice_id == document.id]
            _check_credits(document, notes)
            _check_balance(document, notes, money, by_hand)
    _check_series(documents)
    _check_cash(firm, money)
    _check_deposit(firm, money)
    _check_contract(firm, documents)


def _check_totals(document: Invoice) -> None:
    bases: dict[tuple[int, Decimal], Decimal] = defaultdict(Decimal)
    for line in document.lines:
        bases[line.vat_code_id, line.vat_percentage] += line.net
    stored = {(each.vat_code_id, each.percentage): each for each in document.vat_totals}
    assert {key: each.base for key, each in stored.items()} == dict(bases)
    assert document.net == sum(bases.values())
    assert document.vat == sum(each.vat for each in stored.values())
    assert document.gross == document.net + document.vat
    if document.kind is InvoiceKind.INVOICE:
        assert all(each.vat == vat_amount(each.base, each.percentage) for each in stored.values())


def _check_credits(invoice: Invoice, notes: list[Invoice]) -> None:
    """Nothing is credited twice; what is credited wholly leaves no cent of VAT behind."""
    left = left_of_lines(invoice)
    for line in invoice.lines:
        assert _lies_within(left[line.id], line.net)
    for share in invoice.vat_totals:
        back = [
            each
            for note in notes
            for each in note.vat_totals
            if (each.vat_code_id, each.percentage) == (share.vat_code_id, share.percentage)
        ]
        base = share.base + sum(each.base for each in back)
        vat = share.vat + sum(each.vat for each in back)
        assert _lies_within(vat, share.vat)
        assert base or not vat
    assert sum(note.state is DocumentState.DRAFT for note in notes) <= 1


def _lies_within(amount: Decimal, whole: Decimal) -> bool:
    return min(whole, Decimal(0)) <= amount <= max(whole, Decimal(0))


def _check_balance(
    invoice: Invoice, notes: list[Invoice], money: list[Transaction], by_hand: bool
) -> None:
    confirmed = [each for each in notes if each.state is DocumentState.CONFIRMED]
    documents = {invoice.id, *(each.id for each in confirmed)}
    collected = [each.amount for each in money if each.invoice_id in documents]
    due = invoice.gross + sum(note.gross for note in confirmed)
    assert all(note.balance == 0 for note in notes)
    if invoice.state is DocumentState.DRAFT:
        assert invoice.balance == 0
        assert collected == []
        return
    assert invoice.balance == due - sum(collected)
    if not by_hand:
        assert invoice.payment_state is _payment(invoice.balance, collected)


def _payment(balance: Decimal, collected: list[Decimal]) -> PaymentState:
    """How an invoice is paid of which nobody said anything."""
    if collected and balance <= 0:
        return PaymentState.FULLY_PAID
    return PaymentState.PARTIALLY_PAID if sum(collected) > 0 else PaymentState.NOT_PAID


def _check_series(documents: list[Invoice]) -> None:
    """Numbers without gaps, each once."""
    numbers: dict[object, list[int]] = defaultdict(list)
    for each in documents:
        if each.number:
            numbers[each.series_id].append(each.number)
    for given_numbers in numbers.values():
        assert sorted(given_numbers) == list(range(1, len(given_numbers) + 1))


def _check_cash(firm: Firm, money: list[Transaction]) -> None:
    for register in firm.registers:
        moved = [each.amount for each in money if each.register_id == register.id]
        assert cash.balance(register) == sum(moved) >= 0
    together = sum(cash.balances(each.id for each in firm.registers).values())
    assert together == sum(each.amount for each in money if each.register_id)
    for each in money:
        if each.counterpart:
            assert each.amount == -each.counterpart.amount


def _check_deposit(firm: Firm, money: list[Transaction]) -> None:
    taken = [each.amount for each in money if each.type.family is TransactionFamily.DEPOSIT]
    assert deposits.held(firm.contract) == sum(taken) >= 0


def _check_contract(firm: Firm, documents: list[Invoice]) -> None:
    """Of no price line more is invoiced than it comes to, and less what was given back."""
    held: dict[int | None, Decimal] = defaultdict(Decimal)
    for document in documents:
        if document.kind is InvoiceKind.INVOICE or document.state is DocumentState.CONFIRMED:
            for line in document.lines:
                held[line.price_line_id] += line.net
    for price_line in firm.contract.lines:
        assert 0 <= held[price_line.id] <= price_line.net
