"""Registering, changing and undoing transactions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from ppplanner import events
from ppplanner.clock import now
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import (
    CashRegister,
    Contract,
    MethodKind,
    PaymentState,
    Terminal,
    Transaction,
    TypeRole,
    User,
)
from ppplanner.services.collections import deposits, transactions, types
from ppplanner.services.collections.transactions import TransactionData
from ppplanner.services.renting.contracts import cancel_contract, data_of, save_contract
from tests.factories import make_contract, make_customer, make_invoice, make_unit, make_user
from tests.parallel import at_once

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def user() -> User:
    return make_user()


def pay(
    amount: Decimal | str | int = 100,
    role: TypeRole = TypeRole.PAYMENT,
    method: MethodKind = MethodKind.BANK,
    **more: Any,
) -> Transaction:
    data = TransactionData(
        type=types.of_role(role), amount=Decimal(amount), method=types.method_of(method), **more
    )
    return transactions.register(data, by=None)


def open_cash_register(**fields: Any) -> CashRegister:
    register = CashRegister(code="K1", user=make_user(), **fields)
    db.session.add(register)
    db.session.flush()
    return register


def refused(**data: Any) -> dict[str, object]:
    with pytest.raises(Invalid) as caught:
        pay(**data)
    return caught.value.fields


def test_the_usual_types_are_made_when_the_first_is_needed() -> None:
    assert not types.lists_are_made()
    assert types.of_role(TypeRole.DEPOSIT).name_in("nl") == "Waarborg"
    assert types.lists_are_made()
    assert types.of_role(TypeRole.DEPOSIT).name_in("de") == "Kaution"


def test_the_usual_types_are_made_once(user: User) -> None:
    first = types.of_role(TypeRole.PAYMENT)
    types.make_usual_lists()
    assert types.of_role(TypeRole.PAYMENT) is first


def test_looking_at_the_usual_lists_leaves_nothing_behind() -> None:
    assert {each.role for each in types.types_in_use()} == set(TypeRole)
    assert {each.kind for each in types.methods_in_use()} == set(MethodKind)
    db.session.flush()
    assert not types.lists_are_made()


def test_a_usual_type_takes_another_name_where_somebody_gave_its_own_away() -> None:
    types.save_type(code="PAY", name="Payment")
    assert str(types.of_role(TypeRole.PAYMENT)) == "Payment (2)"
    assert types.of_role(TypeRole.PAYMENT).code == "PAY (2)"


def test_a_payment_on_a_contract_is_positive_and_of_its_unit(user: User) -> None:
    contract = make_contract()
    paid = pay(100, contract=contract)
    assert (paid.amount, paid.customer) == (Decimal(100), contract.customer)
    assert paid.business_unit is contract.business_unit
    assert str(paid) == "T1"


def test_what_goes_out_is_negative() -> None:
    contract = make_contract()
    pay(100, TypeRole.DEPOSIT, contract=contract)
    assert pay(40, TypeRole.DEPOSIT_REFUND, contract=contract).amount == -40
    assert deposits.held(contract) == 60


def test_cash_belongs_to_the_unit_of_the_register() -> None:
    other = make_unit()
    register = open_cash_register(business_unit=other)
    paid = pay(100, method=MethodKind.CASH, contract=make_contract(), register=register)
    assert paid.business_unit is other


def test_a_card_payment_belongs_to_the_unit_of_the_terminal() -> None:
    terminal = Terminal(business_unit=make_unit(), code="T1")
    db.session.add(terminal)
    db.session.flush()
    paid = pay(100, method=MethodKind.TERMINAL, contract=make_contract(), terminal=terminal)
    assert paid.business_unit is terminal.business_unit


def test_money_on_an_invoice_goes_to_its_contract_too() -> None:
    invoice = make_invoice()
    paid = pay(100, invoice=invoice)
    assert paid.contract is invoice.contract
    assert paid.customer is invoice.customer


def test_the_balance_of_the_invoice_follows() -> None:
    invoice = make_invoice()
    pay(invoice.gross - 1, invoice=invoice)
    assert (int(invoice.balance), invoice.payment_state) == (1, PaymentState.PARTIALLY_PAID)
    pay(1, invoice=invoice)
    assert (int(invoice.balance), invoice.payment_state) == (0, PaymentState.FULLY_PAID)


@pytest.mark.parametrize("amount", ["0", "-1", "0.005", "10000000.01"])
def test_an_amount_that_cannot_be_is_refused(amount: str) -> None:
    assert list(refused(amount=amount, contract=make_contract())) == ["amount"]


def test_cash_needs_a_cash_register() -> None:
    assert "register_id" in refused(method=MethodKind.CASH, contract=make_contract())


def test_an_archived_cash_register_takes_no_money() -> None:
    register = open_cash_register(business_unit=make_unit(), active=False)
    contract = make_contract()
    fields = refused(method=MethodKind.CASH, contract=contract, register=register)
    assert "archived" in str(fields["register_id"])


def test_only_cash_lies_in_a_cash_register() -> None:
    register = open_cash_register(business_unit=make_unit())
    assert "register_id" in refused(contract=make_contract(), register=register)


def test_a_card_needs_a_terminal() -> None:
    assert "terminal_id" in refused(method=MethodKind.TERMINAL, contract=make_contract())


def test_what_concerns_a_cash_register_alone_has_no_customer() -> None:
    register = open_cash_register(business_unit=make_unit())
    added = pay(50, TypeRole.CORRECTION_IN, MethodKind.CASH, register=register)
    assert (added.customer, added.contract) == (None, None)
    fields = refused(
        role=TypeRole.CORRECTION_IN,
        method=MethodKind.CASH,
        register=register,
        contract=make_contract(),
    )
    assert list(fields) == ["type"]


def test_money_is_for_something() -> None:
    assert "contract_id" in refused(customer=make_customer())


def test_a_cancelled_contract_takes_no_money_but_gives_it_back() -> None:
    contract = make_contract()
    pay(100, TypeRole.DEPOSIT, contract=contract)
    cancel_contract(contract)
    assert list(refused(contract=contract)) == ["contract_id"]
    assert list(refused(role=TypeRole.DEPOSIT, contract=contract)) == ["contract_id"]
    pay(100, TypeRole.DEPOSIT_REFUND, contract=contract)
    assert deposits.held(contract) == 0


def test_a_deposit_pays_no_invoice() -> None:
    assert "invoice_id" in refused(role=TypeRole.DEPOSIT, invoice=make_invoice())


def test_a_draft_cannot_be_paid() -> None:
    draft = make_invoice(confirmed=False)
    assert "draft" in str(refused(invoice=draft)["invoice_id"])


def test_an_invoice_of_another_contract_is_refused() -> None:
    fields = refused(invoice=make_invoice(), contract=make_contract())
    assert list(fields) == ["invoice_id"]


def test_no_more_of_a_deposit_goes_back_than_there_is() -> None:
    contract = make_contract()
    pay(100, TypeRole.DEPOSIT, contract=contract)
    fields = refused(amount="100.01", role=TypeRole.DEPOSIT_REFUND, contract=contract)
    assert "€100.00" in str(fields["amount"])


def test_money_cannot_move_in_the_future() -> None:
    assert "at" in refused(contract=make_contract(), at=now() + timedelta(hours=1))


def test_a_wrong_iban_is_refused() -> None:
    assert "iban" in refused(contract=make_contract(), iban="BE00 1234")


def test_what_is_archived_is_not_booked_with() -> None:
    contract = make_contract()
    method = types.save_method(code="GIFT", name="Gift card", kind=MethodKind.ONLINE)
    types.save_method(code="GIFT", name="Gift card", active=False, method=method)
    data = TransactionData(
        type=types.of_role(TypeRole.PAYMENT), amount=Decimal(1), method=method, contract=contract
    )
    with pytest.raises(Invalid) as caught:
        transactions.register(data, by=None)
    assert list(caught.value.fields) == ["method"]


def test_add_ons_are_told(app: Flask) -> None:
    told: list[Transaction] = []

    def hear(transaction: Transaction, **_more: object) -> None:
        told.append(transaction)

    with events.transaction_registered.connected_to(hear):
        paid = pay(contract=make_contract())
    assert told == [paid]


def test_undoing_a_payment_leaves_the_invoice_as_it_was(user: User) -> None:
    invoice = make_invoice()
    paid = pay(invoice.gross, invoice=invoice)
    undone = transactions.reverse(paid, by=user)
    assert (undone.amount, undone.type, undone.reverses) == (-paid.amount, paid.type, paid)
    assert undone.created_by is user
    assert (invoice.balance, invoice.payment_state) == (invoice.gross, PaymentState.NOT_PAID)


def test_nothing_is_undone_twice() -> None:
    paid = pay(contract=make_contract())
    undone = transactions.reverse(paid, by=None)
    for each in (paid, undone):
        with pytest.raises(DomainError):
            transactions.reverse(each, by=None)


def test_a_deposit_that_went_back_cannot_be_undone() -> None:
    contract = make_contract()
    taken = pay(100, TypeRole.DEPOSIT, contract=contract)
    back = pay(100, TypeRole.DEPOSIT_REFUND, contract=contract)
    with pytest.raises(DomainError, match="€100.00"):
        transactions.reverse(taken, by=None)
    db.session.rollback()
    assert back


def test_another_invoice_can_be_named_until_it_is_handed_on() -> None:
    invoice = make_invoice()
    paid = pay(invoice.gross, contract=invoice.contract)
    assert invoice.balance == invoice.gross
    changed = transactions.change(paid, remark=" by phone ", voucher="", invoice=invoice)
    assert (changed.remark, invoice.balance) == ("by phone", Decimal(0))
    paid.locked = True
    with pytest.raises(DomainError, match="handed on"):
        transactions.change(paid, remark="", voucher="", invoice=None)


def test_the_invoice_that_no_longer_gets_the_money_is_open_again() -> None:
    invoice = make_invoice()
    paid = pay(invoice.gross, invoice=invoice)
    transactions.change(paid, remark="", voucher="", invoice=None)
    assert (invoice.balance, paid.contract) == (invoice.gross, invoice.contract)


def test_money_of_one_customer_pays_no_invoice_of_another() -> None:
    paid = pay(contract=make_contract())
    with pytest.raises(Invalid):
        transactions.change(paid, remark="", voucher="", invoice=make_invoice())


def test_a_zeroing_transaction_needs_no_method_and_an_invoice() -> None:
    invoice = make_invoice()
    data = TransactionData(types.of_role(TypeRole.WRITTEN_OFF), invoice.gross, invoice=invoice)
    transactions.register_own(data, by=None)
    assert invoice.balance == 0
    with pytest.raises(Invalid):
        transactions.register_own(TransactionData(data.type, Decimal(1)), by=None)


def test_two_people_cannot_undo_one_transaction(app: Flask) -> None:
    paid_id = pay(contract=make_contract()).id

    def undo() -> object:
        transactions.reverse(db.session.get_one(Transaction, paid_id), by=None)
        return None

    refused = [each for each in at_once(app, [undo] * 4) if isinstance(each, DomainError)]
    assert len(refused) == 3


def test_two_people_cannot_give_one_deposit_back(app: Flask) -> None:
    contract = make_contract()
    pay(100, TypeRole.DEPOSIT, contract=contract)
    contract_id = contract.id

    def give_back() -> object:
        whole = db.session.get_one(Contract, contract_id)
        return pay(60, TypeRole.DEPOSIT_REFUND, contract=whole).number

    answers = at_once(app, [give_back] * 4)
    assert len([each for each in answers if isinstance(each, Invalid)]) == 3
    assert deposits.held(contract) == 40


def test_money_registered_at_once_has_numbers_of_its_own(app: Flask) -> None:
    ids = [make_contract().id for _each in range(8)]
    types.make_usual_lists()

    def register(contract_id: int) -> int:
        return pay(1, contract=db.session.get_one(Contract, contract_id)).number

    numbers = at_once(app, [partial(register, each) for each in ids])
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_the_customer_of_a_contract_stays_once_there_is_money(app: Flask) -> None:
    contract = make_contract()
    pay(contract=contract)
    other = make_customer(group=contract.business_unit.company.group)
    with pytest.raises(DomainError, match="so the customer stays"):
        save_contract(replace(data_of(contract), customer=other), contract)
    save_contract(replace(data_of(contract), remarks="Called."), contract)


@pytest.mark.one_database
@settings(max_examples=25)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 100_000)), max_size=8))
def test_a_deposit_is_the_sum_of_what_was_taken_and_given_back(
    app: Flask, moves: list[tuple[bool, int]]
) -> None:
    contract = make_contract()
    there = Decimal(0)
    for takes, amount_in_cents in moves:
        amount = Decimal(amount_in_cents).scaleb(-2)
        role = TypeRole.DEPOSIT if takes else TypeRole.DEPOSIT_REFUND
        if takes or amount <= there:
            pay(str(amount), role, contract=contract)
            there += amount if takes else -amount
        else:
            assert "amount" in refused(amount=str(amount), role=role, contract=contract)
    assert deposits.held(contract) == there >= 0
    db.session.rollback()


def test_what_was_handed_on_stays_as_it_is_and_can_be_undone() -> None:
    paid = pay(contract=make_contract())
    transactions.hand_on(paid)
    with pytest.raises(DomainError, match="handed on"):
        transactions.change(paid, remark="later", voucher="", invoice=None)
    undone = transactions.reverse(paid, by=None)
    assert (undone.amount, undone.locked) == (-paid.amount, False)
