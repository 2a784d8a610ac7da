"""What a draft needs before it can be confirmed: the list of an accountant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from ppplanner.clock import today
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.models import Customer, Invoice, VatCode, VatTreatment
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.crediting import credit_in_full
from ppplanner.services.invoices.requirements import faults_of
from tests.factories import (
    make_company,
    make_contract,
    make_cost_carrier,
    make_cost_centre,
    make_customer,
    make_invoice,
    make_price_range,
    make_resource,
    make_unit,
    make_vat_code,
)

pytestmark = pytest.mark.one_database

T = VatTreatment
Fields = dict[str, Any]
OWN_NUMBER = "BE0403170701"
LAW = "Article 44 of directive 2006/112/EC"
DUTCH: Fields = {"country": "NL", "vat_number": "NL123456789B13"}


def draft(
    customer: Customer | None = None,
    vat_code: VatCode | None = None,
    own_number: str = OWN_NUMBER,
) -> Invoice:
    """A draft of a Belgian company with the VAT number given."""
    unit = make_unit(make_company(vat_number=own_number))
    resource = make_resource(unit, make_price_range(vat_code=vat_code))
    return make_invoice(make_contract(resource, customer), confirmed=False)


def code(treatment: VatTreatment, **fields: Any) -> VatCode:
    return make_vat_code("X", 0, treatment=treatment, legal_text=LAW, **fields)


def refused(invoice: Invoice, words: str) -> None:
    """It stays a draft without a number, and the sentence says what to do."""
    db.session.commit()
    with pytest.raises(DomainError, match=words):
        confirm_invoice(invoice)
    db.session.rollback()
    assert (invoice.is_draft, invoice.number) == (True, None)


@pytest.mark.both_databases
def test_a_complete_draft_has_no_faults(app: Flask) -> None:
    assert faults_of(draft()) == []


def test_all_faults_are_told_at_once(app: Flask) -> None:
    invoice = draft(make_customer(street=""))
    invoice.invoice_date = today() + timedelta(days=1)
    assert len(faults_of(invoice)) == 2


def test_the_future_has_no_invoices(app: Flask) -> None:
    invoice = draft()
    invoice.invoice_date = today() + timedelta(days=1)
    refused(invoice, "lies in the future")


def test_an_archived_gl_account_is_refused(app: Flask) -> None:
    invoice = draft()
    account = invoice.lines[0].gl_account
    assert account
    account.active = account.default_revenue = False
    refused(invoice, "line 1 is archived")


@pytest.mark.parametrize("kind", ["cost_centre", "cost_carrier"])
def test_costs_that_were_archived_meanwhile_stay(app: Flask, kind: str) -> None:
    invoice = draft()
    make: Any = {"cost_centre": make_cost_centre, "cost_carrier": make_cost_carrier}[kind]
    item = make()
    setattr(invoice.lines[0], kind, item)
    item.active = False
    confirm_invoice(invoice)
    assert getattr(invoice.lines[0], kind) is item


def test_a_credit_note_goes_where_its_invoice_went(app: Flask) -> None:
    invoice = draft()
    [line] = invoice.lines
    line.cost_centre = make_cost_centre()
    confirm_invoice(invoice)
    assert line.gl_account
    line.gl_account.active = line.gl_account.default_revenue = line.cost_centre.active = False
    note = credit_in_full(invoice, on=today())
    confirm_invoice(note)
    assert note.lines[0].cost_centre is line.cost_centre


def test_lines_without_gl_account_are_named(app: Flask) -> None:
    invoice = draft()
    account, invoice.lines[0].gl_account = invoice.lines[0].gl_account, None
    assert account
    account.active = account.default_revenue = False
    refused(invoice, "Line 1 has no GL account")


@pytest.mark.parametrize("missing", ["street", "postcode", "city"])
def test_a_customer_without_full_address_is_refused(app: Flask, missing: str) -> None:
    fields: Fields = {missing: ""}
    refused(draft(make_customer(**fields)), "has no full address")


def test_outside_the_union_a_postcode_may_be_missing(app: Flask) -> None:
    assert faults_of(draft(make_customer(country="HK", postcode=""))) == []


@pytest.mark.parametrize(
    "customer",
    [
        DUTCH,
        {"country": "FR", "vat_number": "FR83404833048"},
        {"country": "GR", "vat_number": "EL094259216"},
        # A fiscal number elsewhere than the address: the number counts.
        {"country": "BE", "vat_number": "NL123456789B13"},
    ],
    ids=str,
)
def test_intra_community_is_for_firms_with_a_number_of_another_state(
    app: Flask, customer: Fields
) -> None:
    invoice = draft(make_customer(**customer), code(T.INTRA_COMMUNITY))
    assert faults_of(invoice) == []
    confirm_invoice(invoice)


@pytest.mark.parametrize(
    "customer",
    [
        {"country": "NL"},
        {"vat_number": OWN_NUMBER},
        {"country": "GB", "vat_number": "GB980780684"},
        {"country": "GB", "vat_number": "XI980780684"},
        {"kind": "private", "country": "FR"},
    ],
    ids=str,
)
def test_intra_community_is_refused_for_all_others(app: Flask, customer: Fields) -> None:
    invoice = draft(make_customer(**customer), code(T.INTRA_COMMUNITY))
    refused(invoice, "in another country of the European Union")


def test_intra_community_needs_a_number_of_the_company_itself(app: Flask) -> None:
    invoice = draft(make_customer(**DUTCH), code(T.INTRA_COMMUNITY), own_number="")
    refused(invoice, "needs a VAT number of Company")


@pytest.mark.parametrize("country", ["CH", "GB", "NO", "US"])
def test_export_goes_outside_the_union(app: Flask, country: str) -> None:
    confirm_invoice(draft(make_customer(country=country), code(T.EXPORT)))


@pytest.mark.parametrize("country", ["BE", "NL", "GR"])
def test_export_within_the_union_is_refused(app: Flask, country: str) -> None:
    refused(draft(make_customer(country=country), code(T.EXPORT)), "outside the European Union")


@pytest.mark.parametrize("treatment", [T.DOMESTIC, T.EXEMPT])
def test_no_vat_needs_the_text_of_the_law(app: Flask, treatment: VatTreatment) -> None:
    vat_code = code(treatment)
    invoice = draft(vat_code=vat_code)
    vat_code.legal_text = ""
    refused(invoice, "does not say why")
    vat_code.legal_text = LAW
    confirm_invoice(invoice)


def test_rates_may_be_mixed(app: Flask) -> None:
    invoice = draft(make_customer(**DUTCH), code(T.INTRA_COMMUNITY))
    invoice.lines[0].vat_code = make_vat_code()
    invoice.lines[0].vat_percentage = make_vat_code().percentage
    assert faults_of(invoice) == []
