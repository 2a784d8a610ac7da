"""Numbers of invoices: without gaps, whatever fails and whoever works at the same moment."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.clock import today
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.models import Company, FinancialYear, Invoice, InvoiceKind, NumberSeries
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.numbering import take_number
from ppplanner.services.invoices.series import take_series
from tests.factories import make_company, make_contract, make_invoice, make_resource, make_unit
from tests.parallel import at_once

DAY = date(2026, 11, 20)


def take(company: Company, on: date = DAY, kind: InvoiceKind = InvoiceKind.INVOICE) -> int:
    query = select(FinancialYear).filter_by(company_id=company.id, name=str(on.year))
    return take_number(take_series(db.session.scalars(query).one(), kind), on)


def test_numbers_follow_each_other(app: Flask) -> None:
    company = make_company()
    assert [take(company) for _ in range(4)] == [1, 2, 3, 4]


def test_each_company_year_and_kind_counts_for_itself(app: Flask) -> None:
    company, other = make_company(), make_company()
    take(company)
    assert take(other) == 1
    assert take(company, DAY.replace(year=2027)) == 1
    assert take(company, kind=InvoiceKind.CREDIT_NOTE) == 1
    assert take(company) == 2


def test_dates_never_go_back_within_a_series(app: Flask) -> None:
    company = make_company()
    take(company)
    with pytest.raises(Invalid, match="invoice_date"):
        take(company, DAY - timedelta(days=1))
    assert take(company) == 2


def test_the_last_date_of_a_year_does_not_bind_another_year(app: Flask) -> None:
    company = make_company()
    take(company, date(2027, 1, 5))
    assert take(company, date(2026, 12, 31)) == 1


def test_a_confirmation_that_is_rolled_back_leaves_no_gap(app: Flask) -> None:
    company = make_company()
    db.session.commit()
    take(company)
    db.session.rollback()
    assert take(company) == 1


def test_the_first_number_of_a_series_is_given_once(app: Flask) -> None:
    company = make_company()
    db.session.commit()
    company_id = company.id

    def first() -> int:
        return take(db.session.get_one(Company, company_id))

    assert sorted(at_once(app, [first] * 8)) == list(range(1, 9))
    assert len(db.session.scalars(select(NumberSeries)).all()) == 1


def test_invoices_confirmed_at_once_are_numbered_without_gaps(app: Flask) -> None:
    """Every third confirmation crashes after it took its number."""
    unit = make_unit()
    vans = [make_resource(unit) for _ in range(15)]
    drafts = [make_invoice(make_contract(van), confirmed=False).id for van in vans]

    def confirm(position: int) -> int | None:
        invoice = db.session.get_one(Invoice, drafts[position])
        confirm_invoice(invoice)
        if position % 3 == 0:
            raise RuntimeError("the power fails")
        return invoice.number

    results = at_once(app, [partial(confirm, position) for position in range(len(drafts))])
    failed = [result for result in results if isinstance(result, Exception)]
    assert {str(error) for error in failed} == {"the power fails"}
    numbers = sorted(result for result in results if isinstance(result, int))
    assert numbers == list(range(1, 11))
    references = db.session.scalars(select(Invoice.reference).where(Invoice.number.is_not(None)))
    assert sorted(references) == [f"{today().year}-{number:05}" for number in numbers]
