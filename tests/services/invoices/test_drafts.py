"""Drafts of invoices: which contracts wait for one, what would stand on it, where lines go."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import Contract, GLAccount, InvoiceLine
from ppplanner.services.invoices import draft_lines, drafts
from ppplanner.services.invoices.draft_lines import Booking
from ppplanner.services.invoices.proposals import propose
from ppplanner.services.pricing import price_lines
from ppplanner.services.pricing.price_lines import PriceLineData
from ppplanner.services.renting import contracts
from tests.factories import make_contract, make_gl_account, make_invoice, make_vat_code


def waiting() -> list[Contract]:
    return list(db.session.scalars(drafts.contracts_to_invoice().order_by(Contract.id)))


def add_line(contract: Contract) -> None:
    price_lines.save_price_line(
        contract, PriceLineData("Cleaning", Decimal(2), Decimal("12.50"), make_vat_code())
    )


def book(line: InvoiceLine, account: GLAccount) -> None:
    draft_lines.reword_line(line, line.description, Booking(account))


def test_a_contract_waits_until_all_its_lines_stand_on_an_invoice(app: Flask) -> None:
    contract = make_contract()
    assert waiting() == [contract]
    make_invoice(contract, final=False)
    assert waiting() == []
    add_line(contract)
    assert waiting() == [contract]


def test_a_cancelled_contract_waits_for_nothing(app: Flask) -> None:
    contracts.cancel_contract(make_contract())
    assert waiting() == []


def test_a_discarded_draft_lets_its_contract_wait_again(app: Flask) -> None:
    contract = make_contract()
    drafts.discard_draft(make_invoice(contract, confirmed=False))
    assert waiting() == [contract]


def test_the_proposal_holds_only_what_is_not_invoiced(app: Flask) -> None:
    contract = make_contract()
    make_invoice(contract, final=False)
    add_line(contract)
    proposal = propose(contract)
    assert [line.description for line in proposal.lines] == ["Cleaning"]
    assert proposal.net == Decimal("25.00")


def test_a_line_goes_only_to_an_open_account_of_its_unit(app: Flask) -> None:
    invoice = make_invoice(confirmed=False)
    line = invoice.lines[0]
    own = make_gl_account(invoice.business_unit)
    book(line, own)
    for wrong in (make_gl_account(), make_gl_account(invoice.business_unit, active=False)):
        with pytest.raises(Invalid) as refusal:
            book(line, wrong)
        assert "gl_account_id" in refusal.value.fields
    assert line.gl_account is own


def test_a_line_of_a_confirmed_invoice_stays_where_it_is(app: Flask) -> None:
    invoice = make_invoice()
    with pytest.raises(DomainError, match="never changes"):
        book(invoice.lines[0], make_gl_account(invoice.business_unit))
