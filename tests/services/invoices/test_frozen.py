"""What is confirmed stays: the database itself refuses to change it, whoever writes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Date, String, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ppplanner.clock import now, today
from ppplanner.extensions import db
from ppplanner.models import (
    FinancialYear,
    Invoice,
    InvoiceDocument,
    InvoiceKind,
    InvoiceLine,
    InvoiceVat,
    NumberSeries,
    PaymentState,
)
from ppplanner.models.base import UtcDateTime
from ppplanner.models.invoice import DocumentState
from ppplanner.services.firm.financial_years import add_calendar_year
from ppplanner.services.invoices.confirming import confirm_invoice, keep_pdf
from tests.factories import make_company, make_invoice, make_unit

STAYS = "confirmed_invoices_stay"
PARTS_STAY = "parts_of_confirmed_invoices_stay"
DOCUMENTS_STAY = "invoice_documents_stay"
FOLLOW = "numbers_follow_each_other"
NO_OVERLAP = "financial_years_no_overlap"
#: Columns that follow what the customer pays.
OPEN = {"payment_state", "balance"}
PARTS: list[Table] = [InvoiceLine.__table__, InvoiceVat.__table__]  # type: ignore[list-item]


@pytest.fixture
def invoice(app: Flask) -> Invoice:
    invoice = make_invoice()
    db.session.commit()
    return invoice


def refused(deed: Any, name: str) -> None:
    with pytest.raises(IntegrityError, match=name):
        db.session.execute(deed)
    db.session.rollback()


def another(column: Any) -> Any:
    """Some other value for the column."""
    special = {"state": DocumentState.DRAFT, "kind": InvoiceKind.CREDIT_NOTE, "final": False}
    if column.name in special:
        return special[column.name]
    if isinstance(column.type, Date):
        return today() + timedelta(days=400)
    if isinstance(column.type, UtcDateTime):
        return now() - timedelta(days=1)
    return "other" if isinstance(column.type, String) else 4711


def test_no_column_of_a_confirmed_invoice_changes(invoice: Invoice) -> None:
    columns = [column for column in Invoice.__table__.columns if column.name not in OPEN]
    assert len(columns) > 20
    for column in columns:
        refused(update(Invoice).values({column.name: another(column)}), STAYS)


def test_payment_goes_on(invoice: Invoice) -> None:
    invoice.payment_state, invoice.balance = PaymentState.FULLY_PAID, Decimal(0)
    db.session.commit()
    assert invoice.payment_state is PaymentState.FULLY_PAID


def test_a_confirmed_invoice_is_not_deleted(invoice: Invoice) -> None:
    refused(delete(Invoice).where(Invoice.id == invoice.id), STAYS)


@pytest.mark.parametrize("table", PARTS, ids=lambda table: table.name)
def test_its_parts_neither_change_nor_go(invoice: Invoice, table: Table) -> None:
    amount = "net" if table.name == "invoice_lines" else "base"
    refused(update(table).values({amount: Decimal(1)}), PARTS_STAY)
    refused(delete(table), PARTS_STAY)


@pytest.mark.parametrize("table", PARTS, ids=lambda table: table.name)
def test_it_gets_no_more_parts(invoice: Invoice, table: Table) -> None:
    row = dict(db.session.execute(select(table)).mappings().one())
    del row["id"]
    refused(insert(table).values(row | {"invoice_id": invoice.id}), PARTS_STAY)


def test_no_line_of_a_draft_moves_to_it(invoice: Invoice) -> None:
    line = make_invoice(confirmed=False).lines[0]
    db.session.commit()
    moving = update(InvoiceLine).where(InvoiceLine.id == line.id)
    refused(moving.values(invoice_id=invoice.id), PARTS_STAY)


def test_its_pdf_stays_as_it_is(invoice: Invoice) -> None:
    keep_pdf(invoice, b"%PDF first")
    db.session.commit()
    refused(update(InvoiceDocument).values(content=b"%PDF second"), DOCUMENTS_STAY)
    refused(delete(InvoiceDocument), DOCUMENTS_STAY)


def test_a_draft_changes_and_goes(app: Flask) -> None:
    draft = make_invoice(confirmed=False)
    db.session.commit()
    db.session.execute(update(InvoiceLine).values(description="Other"))
    db.session.execute(update(Invoice).values(invoice_date=today() - timedelta(days=1)))
    db.session.execute(delete(Invoice).where(Invoice.id == draft.id))
    db.session.commit()
    assert db.session.scalars(select(InvoiceLine)).all() == []


def test_a_line_cannot_slip_in_while_somebody_confirms(app: Flask) -> None:
    """It is written past the services, which would wait for the invoice itself."""
    draft = make_invoice(confirmed=False)
    draft_id = draft.id
    row = dict(db.session.execute(select(InvoiceLine.__table__)).mappings().one())
    del row["id"]
    db.session.commit()
    confirm_invoice(db.session.get_one(Invoice, draft_id))
    result: list[str] = []

    def slip_in() -> None:
        with app.app_context():
            try:
                db.session.execute(insert(InvoiceLine).values(row))
                db.session.commit()
            except IntegrityError as error:
                result.append(str(error))

    thread = threading.Thread(target=slip_in)
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    db.session.commit()
    thread.join()
    assert PARTS_STAY in result[0]


# ---- Series and years ----


@pytest.fixture
def series(invoice: Invoice) -> NumberSeries:
    assert invoice.series
    return invoice.series


@pytest.mark.parametrize(
    "change",
    [
        lambda series: {"next_number": series.next_number - 1},
        lambda series: {"next_number": series.next_number + 2},
        lambda series: {"last_date": series.last_date - timedelta(days=1)},
        lambda series: {"last_date": None},
        lambda series: {"kind": "credit_note"},
    ],
    ids=["back", "skip", "earlier", "unused", "kind"],
)
def test_a_series_goes_on_by_one_and_never_back(
    series: NumberSeries, change: Callable[[NumberSeries], dict[str, Any]]
) -> None:
    refused(update(NumberSeries).values(change(series)), FOLLOW)


def test_a_series_that_has_given_numbers_stays(series: NumberSeries) -> None:
    refused(delete(NumberSeries), FOLLOW)


def test_a_series_that_has_given_none_may_start_anywhere(app: Flask) -> None:
    year = add_calendar_year(make_company(), 2030)
    series = NumberSeries(financial_year=year, kind="invoice", next_number=100)
    db.session.add(series)
    db.session.commit()
    series.next_number = 7
    db.session.commit()
    db.session.delete(series)
    db.session.commit()


def year_row(first: date, last: date, **owner: int) -> dict[str, Any]:
    return {"name": f"{first:%d%m%Y}", "starts_on": first, "ends_on": last, **owner}


@pytest.mark.parametrize("level", ["group_id", "company_id", "business_unit_id"])
def test_years_of_one_owner_never_overlap(app: Flask, level: str) -> None:
    unit = make_unit()
    keys = {"group_id": unit.company.group_id, "company_id": unit.company_id}
    owner = {level: {**keys, "business_unit_id": unit.id}[level]}
    first, last = date(2040, 7, 1), date(2041, 6, 30)
    db.session.execute(insert(FinancialYear).values(year_row(first, last, **owner)))
    touching = year_row(last + timedelta(days=1), date(2042, 6, 30), **owner)
    db.session.execute(insert(FinancialYear).values(touching))
    db.session.commit()
    refused(insert(FinancialYear).values(year_row(last, last, **owner)), NO_OVERLAP)
    later = update(FinancialYear).where(FinancialYear.starts_on == first)
    refused(later.values(ends_on=last + timedelta(days=1)), NO_OVERLAP)


def test_years_of_two_owners_may_overlap(app: Flask) -> None:
    days = date(2040, 1, 1), date(2040, 12, 31)
    for company in (make_company(), make_company()):
        db.session.execute(insert(FinancialYear).values(year_row(*days, company_id=company.id)))
    db.session.commit()
