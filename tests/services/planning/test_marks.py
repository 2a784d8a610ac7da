"""What the bookkeeping knows of contracts, for many of them at once."""

from __future__ import annotations

from decimal import Decimal

from flask import Flask

from ppplanner.extensions import db
from ppplanner.models import Contract, PaymentState
from ppplanner.services.planning.marks import money_marks
from ppplanner.services.pricing.price_lines import PriceLineData, save_price_line
from ppplanner.services.renting.contracts import cancel_contract
from tests.factories import make_contract, make_invoice, make_vat_code
from tests.statements import counted


def keys(contract: Contract) -> list[str]:
    return [mark.key for mark in money_marks([contract.id]).get(contract.id, [])]


def test_a_contract_goes_from_to_invoice_to_paid(app: Flask) -> None:
    contract = make_contract()
    assert keys(contract) == ["to_invoice"]
    invoice = make_invoice(contract)
    assert keys(contract) == ["invoiced"]
    invoice.payment_state = PaymentState.FULLY_PAID
    db.session.flush()
    assert keys(contract) == ["paid"]


def test_a_draft_is_no_invoice_yet(app: Flask) -> None:
    contract = make_contract()
    make_invoice(contract, confirmed=False)
    assert keys(contract) == ["draft"]


def test_what_comes_after_the_invoice_is_to_be_invoiced_too(app: Flask) -> None:
    contract = make_contract()
    make_invoice(contract, final=False)
    extra = PriceLineData("Cleaning", Decimal(1), Decimal(40), make_vat_code())
    save_price_line(contract, extra)
    assert keys(contract) == ["to_invoice", "invoiced"]


def test_what_is_cancelled_or_costs_nothing_has_no_mark(app: Flask) -> None:
    contract = make_contract()
    cancel_contract(contract)
    assert keys(contract) == []
    assert money_marks([]) == {}


def test_it_takes_two_queries_however_many_contracts(app: Flask) -> None:
    contracts = [make_contract() for _ in range(5)]
    with counted() as statements:
        money_marks([contract.id for contract in contracts])
    assert len(statements) == 2
