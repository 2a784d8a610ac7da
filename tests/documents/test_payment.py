"""How an invoice is paid: account, communication, code, and when there is nothing to pay."""

from __future__ import annotations

import pytest
from flask import Flask

from ppplanner.documents.payment import payment
from ppplanner.services.invoices.written import written_communication
from tests.documents.bills import IBAN, bill


def test_a_communication_is_written_as_banks_print_it() -> None:
    assert written_communication("090933755493") == "+++090/9337/55493+++"
    assert written_communication("") == ""


def test_a_belgian_account_gets_the_structured_communication(app: Flask) -> None:
    invoice = bill()
    paid = payment(invoice)
    assert paid is not None
    assert paid.structured
    assert paid.iban == IBAN
    assert paid.communication == written_communication(invoice.payment_reference)


def test_a_foreign_account_gets_the_number_as_free_text(app: Flask) -> None:
    invoice = bill(iban="NL91ABNA0417164300")
    paid = payment(invoice)
    assert paid is not None
    assert not paid.structured
    assert paid.communication == invoice.reference


def test_nothing_to_pay_needs_no_code(app: Flask) -> None:
    assert payment(bill(day_price=0)) is None


def test_without_an_account_there_is_no_code(app: Flask) -> None:
    assert payment(bill(iban="")) is None


@pytest.mark.parametrize("name", ["Ü" * 80, "Ж" * 80])
def test_the_longest_names_fit_into_the_code(app: Flask, name: str) -> None:
    paid = payment(bill(name=name))
    assert paid is not None
    assert int(paid.code.version) <= 13
