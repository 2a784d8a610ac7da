"""Invoices: drafts from contracts, confirmation, and what never changes again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from stdnum.be import ogm_vcs

from ppplanner import events
from ppplanner.clock import today
from ppplanner.errors import DomainError, Invalid, NotFound
from ppplanner.extensions import db
from ppplanner.models import (
    Contract,
    ContractStatus,
    DocumentState,
    Invoice,
    InvoiceDocument,
    InvoiceKind,
    InvoiceLine,
)
from ppplanner.services.invoices.confirming import (
    confirm_invoice,
    keep_pdf,
    structured_communication,
)
from ppplanner.services.invoices.drafts import discard_draft, draft_from_contract, set_dates
from ppplanner.services.pricing.invoiced import uninvoiced_lines
from ppplanner.services.pricing.price_lines import PriceLineData, save_price_line
from ppplanner.services.renting.contracts import cancel_contract
from tests.factories import (
    make_contract,
    make_customer,
    make_invoice,
    make_price_range,
    make_resource,
    make_vat_code,
)
from tests.parallel import at_once


@pytest.fixture
def contract(app: Flask) -> Contract:
    """Three days at 33.3333 with 21 % VAT, and a book of 10.00 with 6 %."""
    contract = make_contract(make_resource(price_range=make_price_range(Decimal("33.3333"))))
    book = PriceLineData("Road atlas", Decimal(1), Decimal(10), make_vat_code("6"))
    save_price_line(contract, book)
    return contract


def draft(contract: Contract, **dates: date) -> Invoice:
    return draft_from_contract(contract, **({"invoice_date": today()} | dates))  # type: ignore[arg-type]


def test_a_draft_repeats_the_lines_of_the_contract(contract: Contract) -> None:
    invoice = draft(contract)
    assert [(line.position, line.description, line.net) for line in invoice.lines] == [
        (1, contract.lines[0].description, Decimal("100.00")),
        (2, "Road atlas", Decimal("10.00")),
    ]
    assert invoice.is_draft
    assert (invoice.number, invoice.reference, invoice.payment_reference) == (None, "", "")


def test_totals_add_up_from_the_totals_per_rate(contract: Contract) -> None:
    invoice = draft(contract)
    totals = [(total.vat_code.code, total.base, total.vat) for total in invoice.vat_totals]
    assert totals == [
        ("21", Decimal("100.00"), Decimal("21.00")),
        ("6", Decimal("10.00"), Decimal("0.60")),
    ]
    db.session.commit()
    amounts = invoice.net, invoice.vat, invoice.gross
    assert amounts == (Decimal("110.00"), Decimal("21.60"), Decimal("131.60"))


def test_two_vat_codes_of_one_percentage_stay_apart_on_a_draft(app: Flask) -> None:
    contract = make_contract(
        make_resource(price_range=make_price_range(vat_code=make_vat_code("EX", 0)))
    )
    exempt = make_vat_code("44", 0)
    save_price_line(contract, PriceLineData("Atlas", Decimal(1), Decimal(10), exempt))
    codes = [total.vat_code.code for total in draft(contract).vat_totals]
    assert codes == ["EX", "44"]


def test_the_term_of_the_customer_gives_the_due_date(app: Flask) -> None:
    contract = make_contract(customer=make_customer(payment_days=14))
    assert draft(contract).due_date == today() + timedelta(days=14)


def test_a_due_date_that_was_chosen_is_kept(contract: Contract) -> None:
    due = today() + timedelta(days=3)
    assert draft(contract, due_date=due).due_date == due


def test_nothing_is_invoiced_twice(contract: Contract) -> None:
    draft(contract)
    assert uninvoiced_lines(contract) == []
    with pytest.raises(DomainError):
        draft(contract)


def test_what_is_added_later_goes_on_a_later_invoice(contract: Contract) -> None:
    make_invoice(contract)
    toll = PriceLineData("Toll", Decimal(1), Decimal(4), make_vat_code())
    save_price_line(contract, toll)
    assert [line.description for line in draft(contract).lines] == ["Toll"]


def test_a_discarded_draft_frees_its_lines(contract: Contract) -> None:
    discard_draft(draft(contract))
    assert len(draft(contract).lines) == 2
    assert db.session.scalar(select(func.count()).select_from(InvoiceLine)) == 2


def test_a_cancelled_contract_is_not_invoiced(contract: Contract) -> None:
    cancel_contract(contract)
    with pytest.raises(DomainError):
        draft(contract)


def test_a_contract_without_a_price_is_not_invoiced(app: Flask) -> None:
    resource = make_resource()
    resource.price_range = None
    with pytest.raises(DomainError):
        draft(make_contract(resource))


@pytest.mark.parametrize(
    ("invoice_date", "due_date", "field"),
    [
        (0, -1, "due_date"),
        (-367, 0, "invoice_date"),
        (367, 367, "invoice_date"),
        (0, 367, "invoice_date"),
    ],
)
def test_impossible_dates_are_refused(
    contract: Contract, invoice_date: int, due_date: int, field: str
) -> None:
    dates = (today() + timedelta(days=days) for days in (invoice_date, due_date))
    with pytest.raises(Invalid, match=field):
        set_dates(draft(contract), *dates)


def test_a_confirmed_invoice_has_its_number_and_references(contract: Contract) -> None:
    invoice = draft(contract)
    confirm_invoice(invoice)
    year = today().year
    assert (invoice.state, invoice.number) == (DocumentState.CONFIRMED, 1)
    assert (invoice.reference, str(invoice)) == (f"{year}-00001", f"{year}-00001")
    assert ogm_vcs.is_valid(invoice.payment_reference)
    assert invoice.confirmed_at


def test_a_confirmed_invoice_never_changes(contract: Contract) -> None:
    invoice = make_invoice(contract)
    with pytest.raises(DomainError):
        confirm_invoice(invoice)
    with pytest.raises(DomainError):
        discard_draft(invoice)
    with pytest.raises(DomainError):
        set_dates(invoice, today(), today())


def test_everybody_who_listens_is_told_of_a_confirmation(contract: Contract) -> None:
    heard: list[tuple[int, str]] = []

    def listen(invoice: Invoice, **_: object) -> None:
        heard.append((invoice.id, invoice.reference))

    invoice = draft(contract)
    with events.invoice_confirmed.connected_to(listen):
        confirm_invoice(invoice)
    assert heard == [(invoice.id, invoice.reference)]


def test_an_invoice_is_not_confirmed_before_its_date(contract: Contract) -> None:
    invoice = draft(contract, invoice_date=today() + timedelta(days=1))
    with pytest.raises(DomainError, match="future"):
        confirm_invoice(invoice)


def test_a_line_without_an_account_waits_until_the_unit_has_a_default(app: Flask) -> None:
    contract = make_contract()
    account = contract.lines[0].gl_account
    assert account
    account.default_revenue = False
    contract.lines[0].gl_account = None
    invoice = draft(contract)
    with pytest.raises(DomainError, match="Line 1"):
        confirm_invoice(invoice)
    account.default_revenue = True
    confirm_invoice(invoice)
    assert [line.gl_account for line in invoice.lines] == [account]


@pytest.mark.parametrize(("final", "status"), [(True, "invoiced"), (False, "checked_in")])
def test_the_final_invoice_finishes_a_contract_that_is_checked_in(
    contract: Contract, final: bool, status: str
) -> None:
    contract.status = ContractStatus.CHECKED_IN
    make_invoice(contract, final=final)
    assert contract.status == status


def test_an_invoice_during_the_rental_leaves_the_contract_as_it_is(contract: Contract) -> None:
    contract.status = ContractStatus.OPEN
    make_invoice(contract, final=True)
    assert contract.status is ContractStatus.OPEN


def test_a_later_change_of_the_vat_code_does_not_touch_the_invoice(contract: Contract) -> None:
    invoice = make_invoice(contract)
    make_vat_code("21").percentage = Decimal(25)
    db.session.commit()
    assert [line.vat_percentage for line in invoice.lines] == [21, 6]
    assert sum(total.vat for total in invoice.vat_totals) == invoice.vat


def test_of_two_drafts_made_at_once_one_takes_the_lines(app: Flask, contract: Contract) -> None:
    contract_id = contract.id

    def make_draft() -> int:
        return draft(db.session.get_one(Contract, contract_id)).id

    results = at_once(app, [make_draft] * 4)
    assert sum(isinstance(result, int) for result in results) == 1
    assert sum(isinstance(result, DomainError) for result in results) == 3


def test_an_invoice_confirmed_and_discarded_at_once_ends_as_one_of_both(
    app: Flask, contract: Contract
) -> None:
    invoice_id = draft(contract).id

    def confirm() -> None:
        confirm_invoice(db.session.get_one(Invoice, invoice_id))

    def discard() -> None:
        discard_draft(db.session.get_one(Invoice, invoice_id))

    confirmed, discarded = at_once(app, [confirm, discard])
    left = db.session.get(Invoice, invoice_id)
    if left:
        assert (confirmed, left.number) == (None, 1)
        assert isinstance(discarded, DomainError)
    else:
        assert discarded is None
        assert isinstance(confirmed, NotFound) or "No row" in str(confirmed)


def test_a_pdf_is_kept_once_for_good(contract: Contract) -> None:
    invoice = make_invoice(contract)
    first = keep_pdf(invoice, b"%PDF first")
    db.session.commit()
    assert keep_pdf(invoice, b"%PDF second") is first
    assert first.content == b"%PDF first"
    assert len(first.sha256) == 64


def test_a_draft_has_no_pdf_to_keep(contract: Contract) -> None:
    with pytest.raises(DomainError):
        keep_pdf(draft(contract), b"%PDF")


def test_two_pdfs_made_at_once_leave_one(app: Flask, contract: Contract) -> None:
    invoice_id = make_invoice(contract).id

    def keep() -> str:
        return keep_pdf(db.session.get_one(Invoice, invoice_id), b"%PDF").sha256

    results = at_once(app, [keep] * 4)
    assert len(set(results)) == 1
    assert db.session.scalar(select(func.count()).select_from(InvoiceDocument)) == 1


def invoice_of(key: int) -> Invoice:
    return Invoice(id=key, kind=InvoiceKind.INVOICE)


@given(st.integers(1, 3_000_000))
def test_a_structured_communication_checks_itself(key: int) -> None:
    digits = structured_communication(invoice_of(key))
    base, check = int(digits[:10]), int(digits[10:])
    assert len(digits) == 12
    assert 1 <= check <= 97
    assert (base - check) % 97 == 0
    assert ogm_vcs.is_valid(digits)


def test_no_remainder_is_written_as_97() -> None:
    assert structured_communication(invoice_of(97)) == "000000009797"


def test_nobody_pays_a_credit_note() -> None:
    note = invoice_of(1)
    note.kind = InvoiceKind.CREDIT_NOTE
    assert structured_communication(note) == ""
