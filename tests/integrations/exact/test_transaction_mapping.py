"""Transactions in Exact's terms: which lines, which signs, which words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from ppplanner.integrations.exact import mapping
from ppplanner.integrations.exact.records import NewEntry
from ppplanner.models import Transaction, TypeRole
from tests.factories import make_contract, make_invoice
from tests.integrations.exact.money import cash, paid, register

pytestmark = [pytest.mark.one_database, pytest.mark.usefixtures("app")]

CUSTOMERS, TYPE, ACCOUNT = uuid4(), uuid4(), uuid4()


def booked(transaction: Transaction, **more: Any) -> NewEntry:
    values: dict[str, Any] = {
        "journal": "90",
        "description": "",
        "customer_gl": CUSTOMERS,
        "type_gl": TYPE,
        "account_id": ACCOUNT,
        "invoice_entry": None,
    }
    return mapping.transaction_entry(transaction, **{**values, **more})


def lines(entry: NewEntry) -> list[tuple[UUID, Decimal, UUID | None]]:
    return [(line.gl_account_id, line.amount, line.account_id) for line in entry.lines]


def test_what_comes_in_is_debit_for_the_type_and_credit_for_the_customer() -> None:
    taken = paid(TypeRole.DEPOSIT, 300)
    assert lines(booked(taken)) == [
        (TYPE, Decimal(300), None),
        (CUSTOMERS, Decimal(-300), ACCOUNT),
    ]


def test_what_goes_out_is_the_reverse() -> None:
    contract = make_contract()
    paid(TypeRole.DEPOSIT, 300, contract=contract)
    back = paid(TypeRole.DEPOSIT_REFUND, 200, contract=contract)
    assert lines(booked(back)) == [
        (TYPE, Decimal(-200), None),
        (CUSTOMERS, Decimal(200), ACCOUNT),
    ]


def test_cash_of_a_customer_is_one_line() -> None:
    assert lines(booked(cash(TypeRole.PAYMENT, 80))) == [(CUSTOMERS, Decimal(80), ACCOUNT)]


def test_cash_of_a_register_alone_is_one_line_without_customer() -> None:
    drawer = register(filled=100)
    carried = cash(TypeRole.TO_BANK, 60, register=drawer)
    assert lines(booked(carried, account_id=None)) == [(TYPE, Decimal(-60), None)]


def test_each_line_carries_the_day_the_words_and_our_reference(app: Flask) -> None:
    late = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)  # the first of April in Brussels
    transaction = paid(TypeRole.PAYMENT, 10, at=late)
    for line in booked(transaction, description="{date} {type}").lines:
        assert (line.day.month, line.day.day) == (4, 1)
        assert line.description == f"01/04/2026 Payment {transaction}"
        assert line.notes == f"PPP {transaction}"


def test_only_the_customers_line_names_the_entry_of_the_invoice() -> None:
    entry = booked(paid(TypeRole.PAYMENT, 10), invoice_entry=267000001)
    assert [line.our_ref for line in entry.lines] == [None, 267000001]


@pytest.mark.parametrize("name", mapping.VARIABLES)
def test_each_variable_that_is_offered_is_filled_in(name: str) -> None:
    drawer = register()
    transaction = cash(TypeRole.PAYMENT, 10, register=drawer, voucher="V7", remark="by phone")
    values = {
        "number": f"{transaction}",
        "type": "Payment",
        "method": "Cash",
        "contract": f"{transaction.contract}",
        "invoice": "",
        "customer": transaction.customer and transaction.customer.full_name,
        "date": f"{mapping.booking_day(transaction):%d/%m/%Y}",
        "unit": drawer.business_unit.name,
        "register": drawer.code,
        "voucher": "V7",
        "remark": "by phone",
    }
    filled = mapping.describe("> { " + name + " }", transaction)
    assert filled.removesuffix(f" {transaction}") == f"> {values[name]}".rstrip().removesuffix(
        f" {transaction}"
    )


def test_the_invoice_and_our_number_stand_at_the_end_unless_they_are_named() -> None:
    invoice = make_invoice()
    transaction = paid(TypeRole.PAYMENT, 10, invoice=invoice, contract=None)
    assert mapping.describe("Rent", transaction) == f"Rent {invoice.reference} {transaction}"
    named = mapping.describe("{number} of {invoice}", transaction)
    assert named == f"{transaction} of {invoice.reference}"


def test_a_long_description_is_cut_before_what_has_to_be_found_again() -> None:
    transaction = paid(TypeRole.PAYMENT, 10)
    filled = mapping.describe("x" * 100, transaction)
    assert len(filled) == 60
    assert filled.endswith(f"x {transaction}")


def test_nothing_typed_means_the_usual_description() -> None:
    transaction = paid(TypeRole.PAYMENT, 10)
    assert mapping.describe(" ", transaction).startswith("Payment ")


def test_slips_in_a_description_are_named() -> None:
    assert mapping.unknown_variables("{type} {contrat} {}") == ["contrat", ""]
    assert mapping.unknown_variables("{type} of {cust") == ["cust"]
    assert mapping.unknown_variables("{ type } {contract}") == []


def test_types_and_methods_are_named_in_the_bookkeepers_language() -> None:
    deposit = paid(TypeRole.DEPOSIT, 300)
    (line, _customers) = booked(deposit, description="{type} {method}", language="nl").lines
    assert line.description == f"Waarborg Overschrijving {deposit}"
