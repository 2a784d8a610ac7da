"""Cash up to the limit of the law, for one contract or invoice."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask

from ppplanner.errors import Invalid
from ppplanner.models import CashRegister, MethodKind
from ppplanner.services.collections import refunds, transactions, types
from ppplanner.services.collections.collection_settings import collection_settings
from ppplanner.services.collections.refunds import Refund, Way
from tests.factories import make_contract, make_invoice, make_unit
from tests.services.invoices.credits import make_bill, make_credit
from tests.till import by_bank, make_register, pay


@pytest.fixture
def register(app: Flask) -> CashRegister:
    return make_register(cash=10_000)


def set_limit(register: CashRegister, limit: int | None) -> None:
    collection_settings.save(register.business_unit.company_id, cash_limit=limit)


def test_more_cash_than_the_law_allows_is_refused_with_what_to_do(register: CashRegister) -> None:
    contract = make_contract()
    with pytest.raises(Invalid) as refused:
        pay(contract, "3000.01", register=register)
    said = str(refused.value.fields["amount"])
    assert "€3,000.00" in said
    assert "law of 18 September 2017, article 67" in said
    assert "card or bank transfer" in said
    assert pay(contract, 3000, register=register).amount == 3000


def test_parts_and_deposits_of_one_contract_count_together(register: CashRegister) -> None:
    contract = make_contract()
    pay(contract, 1000, register=register, deposit=True)
    pay(invoice=make_invoice(contract), amount=1500, register=register)
    with pytest.raises(Invalid) as refused:
        pay(contract, "500.01", register=register)
    assert "€500.00 is left" in str(refused.value.fields["amount"])
    pay(contract, 500, register=register)
    pay(make_contract(), 3000, register=register)


def test_by_bank_there_is_no_limit(register: CashRegister) -> None:
    contract = make_contract()
    pay(contract, 9000)
    pay(contract, 3000, register=register)
    pay(contract, 9000)


def test_an_invoice_without_contract_counts_with_its_credit_notes(register: CashRegister) -> None:
    bill = make_bill(("9000.00", "21"))
    pay(invoice=bill, amount=3000, register=register)
    with pytest.raises(Invalid, match="amount"):
        pay(invoice=bill, amount=1, register=register)
    give_back(Refund(Decimal(500), invoice=make_credit(bill)), register)
    pay(invoice=bill, amount=500, register=register)


def test_cash_that_goes_back_makes_room_again(register: CashRegister) -> None:
    contract = make_contract()
    paid = pay(contract, 2000, register=register)
    transactions.reverse(paid, by=None)
    pay(contract, 3000, register=register)
    give_back(Refund(Decimal(1000), contract), register)
    pay(contract, 1000, register=register)


def test_no_more_cash_is_given_back_either(register: CashRegister) -> None:
    contract = make_contract()
    pay(contract, 5000)
    with pytest.raises(Invalid) as refused:
        give_back(Refund(Decimal(3001), contract), register)
    assert "€3,000.00 is left" in str(refused.value.fields["amount"])
    give_back(Refund(Decimal(3000), contract), register)
    refunds.give_back(Refund(Decimal(2000), contract), by_bank(), by=None)


def test_what_was_above_the_limit_before_can_go_back(register: CashRegister) -> None:
    contract = make_contract()
    set_limit(register, None)
    pay(contract, 8000, register=register)
    set_limit(register, 3000)
    give_back(Refund(Decimal(1000), contract), register)
    with pytest.raises(Invalid, match="amount"):
        pay(contract, 1, register=register)


def test_a_company_elsewhere_has_its_own_limit_or_none(register: CashRegister) -> None:
    contract, other = make_contract(), make_register(make_unit())
    set_limit(register, 10_000)
    pay(contract, 9000, register=register)
    with pytest.raises(Invalid, match="amount"):
        pay(make_contract(), 9000, register=other)
    set_limit(other, None)
    pay(make_contract(), 9000, register=other)


def give_back(refund: Refund, register: CashRegister) -> None:
    way = Way(types.method_of(MethodKind.CASH), register)
    refunds.give_back(refund, way, by=None)
