"""What a customer asks back and waits for: it pays no invoice, and its money has to be there."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.clock import today
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.models import Contract, RefundRequest, RefundState, Transaction
from ppplanner.services.collections import refund_files, refunds, transactions
from ppplanner.services.collections.standing import not_linked, standing
from tests.factories import (
    make_company,
    make_contract,
    make_invoice,
    make_price_range,
    make_resource,
    make_unit,
)
from tests.till import by_bank, make_request, pay


@pytest.fixture
def contract(app: Flask) -> Contract:
    """One of 363 EUR with VAT: three days at 100 EUR."""
    return make_contract(make_resource(price_range=make_price_range(100)))


def ask_back(contract: Contract, amount: int) -> RefundRequest:
    """Of what was paid for no invoice."""
    return make_request(contract, amount, deposit=False, paid=False)


def test_an_advance_that_is_asked_back_pays_no_invoice(contract: Contract) -> None:
    advance = pay(contract, 100)
    request = ask_back(contract, 100)
    invoice = make_invoice(contract)
    assert (invoice.prepaid, invoice.balance) == (Decimal(0), Decimal(363))
    assert advance.invoice is None
    refunds.process(request, by_bank(), by=None)
    assert invoice.balance == standing(contract).open == 363
    assert not_linked(contract) == 0


def test_the_rest_of_an_advance_counts(contract: Contract) -> None:
    pay(contract, 100)
    request = ask_back(contract, 40)
    invoice = make_invoice(contract)
    assert (invoice.prepaid, invoice.balance) == (Decimal(60), Decimal(303))
    assert not_linked(contract) == 40
    refunds.process(request, by_bank(), by=None)
    assert invoice.balance == standing(contract).open == 303
    assert not_linked(contract) == 0


def test_whole_advances_count_before_parts(contract: Contract) -> None:
    first, second = pay(contract, 50), pay(contract, 100)
    ask_back(contract, 100)
    assert make_invoice(contract).prepaid == 50
    assert (first.invoice is None, second.invoice is None) == (False, True)


def test_what_went_back_already_is_not_kept_twice(contract: Contract) -> None:
    pay(contract, 100)
    refunds.process(ask_back(contract, 40), by_bank(), by=None)
    ask_back(contract, 30)
    assert make_invoice(contract).prepaid == 30


def test_a_part_invoice_leaves_what_is_asked_back(contract: Contract) -> None:
    pay(contract, 300)
    ask_back(contract, 250)
    first = make_invoice(contract, until=today() + timedelta(days=1))
    assert first.prepaid == min(first.gross, Decimal(50))
    last = make_invoice(contract)
    assert first.prepaid + last.prepaid == 50
    assert not_linked(contract) == 250


def test_a_withdrawn_request_lets_the_next_invoice_have_it(contract: Contract) -> None:
    pay(contract, 100)
    request = ask_back(contract, 40)
    make_invoice(contract, until=today() + timedelta(days=1))
    refunds.withdraw(request)
    make_invoice(contract)
    assert (not_linked(contract), standing(contract).open) == (Decimal(0), Decimal(263))


def test_what_is_too_much_on_an_invoice_is_kept_for_the_contract_as_well(
    contract: Contract,
) -> None:
    first = make_invoice(contract, until=today() + timedelta(days=1))
    pay(invoice=first, amount=first.gross + 60)
    ask_back(contract, 45)
    assert make_invoice(contract).prepaid == 15
    assert first.balance == -45


def paying_request(amount: int = 80) -> RefundRequest:
    """A request for what was paid, which a payment file can hold."""
    company = make_company(iban="BE71 0961 2345 6769", city="Antwerpen")
    contract = make_contract(unit=make_unit(company))
    return make_request(contract, amount, deposit=False)


def test_no_file_pays_what_is_not_there_any_more(app: Flask) -> None:
    request = paying_request()
    assert request.contract
    paid = pay(request.contract, 20)
    refund_files.make_payment_file([request], day=today(), by=None)
    refunds.reopen(request)
    transactions.reverse(paid, by=None)
    assert refund_files.why_not_payable(request) is None
    undo_payment_of(request)
    with pytest.raises(DomainError, match="There is nothing left to give back to"):
        refund_files.make_payment_file([request], day=today(), by=None)
    assert request.state is RefundState.OPEN


def test_it_is_said_how_much_is_still_there(app: Flask) -> None:
    request = paying_request()
    assert request.contract
    pay(request.contract, 30)
    undo_payment_of(request)
    said = refund_files.why_not_payable(request) or ""
    assert "€30.00 of the €80.00" in said
    assert "withdraw" in said


def test_what_the_bank_was_told_to_pay_is_booked_all_the_same(app: Flask) -> None:
    request = paying_request()
    refund_files.make_payment_file([request], day=today(), by=None)
    undo_payment_of(request)
    assert refunds.process(request, by_bank(), by=None).amount == -80


def undo_payment_of(request: RefundRequest) -> None:
    """The bank takes back what the customer had paid."""
    query = select(Transaction).filter_by(contract_id=request.contract_id, amount=request.amount)
    transactions.reverse(db.session.scalars(query).one(), by=None)
