"""Money that goes back: at once, or asked for and paid later."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import Contract, MethodKind, RefundRequest, RefundState, TypeRole
from ppplanner.services.collections import (
    cash,
    deposits,
    refund_limits,
    refunds,
    transactions,
    types,
)
from ppplanner.services.collections.refunds import Refund, Way
from ppplanner.services.collections.standing import standing
from tests.factories import make_contract, make_invoice
from tests.parallel import at_once
from tests.till import IBAN, by_bank, make_register, make_request, pay


def test_a_deposit_goes_back_at_once(app: Flask) -> None:
    contract = make_contract()
    pay(contract, 250, deposit=True)
    refund = Refund(Decimal(250), contract, deposit=True)
    booked = refunds.give_back(refund, by_bank(), by=None)
    assert booked.amount == -250
    assert booked.type.role is TypeRole.DEPOSIT_REFUND
    assert booked.customer is contract.customer
    assert deposits.held(contract) == 0


def test_cash_that_goes_back_comes_out_of_a_register(app: Flask) -> None:
    contract, register = make_contract(), make_register(cash=100)
    pay(contract, 60)
    way = Way(types.method_of(MethodKind.CASH), register)
    refunds.give_back(Refund(Decimal(60), contract), way, by=None)
    assert cash.balance(register) == 40
    pay(contract, 60)
    with pytest.raises(Invalid, match="amount"):
        refunds.give_back(Refund(Decimal(60), contract), way, by=None)


def test_a_request_is_no_money_yet(app: Flask) -> None:
    contract = make_contract()
    request = make_request(contract, 250)
    assert deposits.held(contract) == 250
    assert request.state is RefundState.OPEN
    assert request.iban == "BE68539007547034"
    assert request.business_unit is contract.business_unit


def test_a_processed_request_has_its_transaction(app: Flask) -> None:
    contract = make_contract()
    request = make_request(contract, 250)
    booked = refunds.process(request, by_bank(), by=None)
    assert request.transaction is booked
    assert request.state is RefundState.PROCESSED
    assert booked.amount == -250
    assert booked.iban == "BE68539007547034"
    assert deposits.held(contract) == 0


def test_nothing_happens_twice_to_a_request(app: Flask) -> None:
    request = make_request()
    refunds.process(request, by_bank(), by=None)
    with pytest.raises(DomainError, match="has been paid"):
        refunds.process(request, by_bank(), by=None)
    with pytest.raises(DomainError, match="has been paid"):
        refunds.withdraw(request)


def test_a_withdrawn_request_makes_room_for_another(app: Flask) -> None:
    contract = make_contract()
    request = make_request(contract, 250)
    assert refund_limits.refundable(contract, deposit=True) == 0
    with pytest.raises(Invalid, match="amount"):
        make_request(contract, 1, paid=False)
    refunds.withdraw(request)
    assert make_request(contract, 250, paid=False).amount == 250
    with pytest.raises(DomainError, match="withdrawn"):
        refunds.process(request, by_bank(), by=None)


def test_only_an_open_request_is_changed(app: Flask) -> None:
    request = make_request()
    refunds.change(request, iban="NL91 ABNA 0417 1643 00", remark="Moved")
    assert (request.iban, request.remark) == ("NL91ABNA0417164300", "Moved")
    with pytest.raises(Invalid, match="iban"):
        refunds.change(request, iban="NL91 ABNA 0417 1643 01", remark="")
    refunds.withdraw(request)
    with pytest.raises(DomainError, match="open request"):
        refunds.change(request, iban="", remark="")


def test_a_wrong_iban_is_noticed_before_anything_is_asked(app: Flask) -> None:
    with pytest.raises(Invalid, match="iban"):
        make_request(iban="BE68 5390 0754 7035")


@pytest.mark.parametrize("amount", ["0", "-1", "0.005"])
def test_a_refund_is_above_zero_and_in_cents(app: Flask, amount: str) -> None:
    contract = make_contract()
    pay(contract, 100)
    with pytest.raises(Invalid, match="amount"):
        refunds.ask(Refund(Decimal(amount), contract), by=None)


def test_a_refund_says_what_was_paid(app: Flask) -> None:
    with pytest.raises(Invalid, match="contract_id"):
        refunds.ask(Refund(Decimal(1)), by=None)
    invoice = make_invoice()
    with pytest.raises(Invalid, match="invoice_id"):
        refunds.ask(Refund(Decimal(1), invoice.contract, invoice, deposit=True), by=None)


def test_no_more_goes_back_than_was_paid(app: Flask) -> None:
    contract = make_contract()
    pay(contract, 100)
    pay(contract, 500, deposit=True)
    with pytest.raises(Invalid) as refused:
        refunds.give_back(Refund(Decimal("100.01"), contract), by_bank(), by=None)
    assert "€100.00" in str(refused.value.fields["amount"])
    refunds.give_back(Refund(Decimal(100), contract), by_bank(), by=None)
    assert refund_limits.refundable(contract) == 0


def test_what_was_paid_on_an_invoice_is_asked_back_once(app: Flask) -> None:
    invoice = make_invoice()
    contract = invoice.contract
    assert contract
    pay(invoice=invoice, amount=80)
    assert refund_limits.refundable(invoice=invoice) == 80
    make_request(contract, 80, deposit=False, paid=False)
    assert refund_limits.refundable(invoice=invoice) == 0, "asked for on its contract already"


def test_what_was_paid_too_much_is_proposed(app: Flask) -> None:
    invoice = make_invoice()
    pay(invoice=invoice, amount=invoice.gross + 25)
    assert refund_limits.proposed(invoice=invoice) == 25
    pay(invoice.contract, 40)
    assert refund_limits.proposed(invoice.contract) == 40
    pay(invoice.contract, 300, deposit=True)
    assert refund_limits.proposed(invoice.contract, deposit=True) == 300
    assert refund_limits.proposed() == 0


def test_money_that_goes_back_on_an_invoice_opens_it_again(app: Flask) -> None:
    invoice = make_invoice()
    pay(invoice=invoice, amount=invoice.gross)
    assert invoice.balance == 0
    refunds.give_back(Refund(Decimal(30), invoice=invoice), by_bank(), by=None)
    assert invoice.balance == 30


def test_an_advance_that_an_invoice_took_meanwhile_goes_back_from_that_invoice(app: Flask) -> None:
    contract = make_contract()
    advance = pay(contract, 40)
    request = make_request(contract, 40, deposit=False, paid=False)
    invoice = make_invoice(contract)
    transactions.change(advance, remark="", voucher="", invoice=invoice)
    assert invoice.balance == invoice.gross - 40
    assert refunds.process(request, by_bank(), by=None).invoice is invoice
    assert invoice.balance == invoice.gross
    assert standing(contract).open == invoice.gross


def test_what_is_too_much_on_one_invoice_goes_back_first(app: Flask) -> None:
    contract = make_contract()
    first = make_invoice(contract, until=contract.local(contract.starts_at).date())
    second = make_invoice(contract)
    pay(invoice=first, amount=first.gross + 25)
    pay(invoice=second, amount=second.gross)
    refunds.give_back(Refund(Decimal(25), contract), by_bank(), by=None)
    assert first.balance == second.balance == 0


def test_an_open_request_is_not_paid_when_the_payment_was_undone(app: Flask) -> None:
    contract = make_contract()
    paid = pay(contract, 100)
    request = make_request(contract, 80, deposit=False, paid=False)
    transactions.reverse(paid, by=None)
    with pytest.raises(Invalid) as refused:
        refunds.process(request, by_bank(), by=None)
    assert refused.value.fields["amount"] == "There is nothing to give back."


def test_only_what_is_in_a_file_can_be_opened_again(app: Flask) -> None:
    with pytest.raises(DomainError, match="in no payment file"):
        refunds.reopen(make_request())


def test_two_people_cannot_give_the_same_money_back(app: Flask) -> None:
    contract = make_contract()
    pay(contract, 100, deposit=True)
    contract_id = contract.id

    def ask() -> object:
        refund = Refund(Decimal(60), db.session.get_one(Contract, contract_id), deposit=True)
        return refunds.ask(refund, by=None).id

    refused = [each for each in at_once(app, [ask] * 4) if isinstance(each, Invalid)]
    assert len(refused) == 3


def test_two_people_cannot_process_one_request(app: Flask) -> None:
    request_id = make_request(amount=60, iban=IBAN).id

    def process() -> object:
        request = db.session.get_one(RefundRequest, request_id)
        return refunds.process(request, by_bank(), by=None).id

    types.make_usual_lists()
    refused = [each for each in at_once(app, [process] * 4) if isinstance(each, DomainError)]
    assert len(refused) == 3
