"""Numbers of invoices and credit notes, without gaps."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.formats import day
from ppplanner.i18n import _
from ppplanner.models import FinancialYear, Invoice, InvoiceKind, NumberSeries
from ppplanner.services.firm.financial_years import level_of, year_of
from ppplanner.services.firm.invoice_settings import NumberingLevel, invoice_settings
from ppplanner.services.locking import take_turn

FIRST = 1


def number(invoice: Invoice) -> None:
    """Give a draft the next number of its series, without gaps, dates never going back.

    Others wait until the caller commits, so a confirmation that is rolled back leaves no gap.
    Raises Invalid when no open financial year holds the invoice's date, or the series already holds
    a later one (Belgian royal decree no. 1).
    """
    year = year_of(invoice.business_unit, invoice.invoice_date)
    prefix = _prefix(invoice)
    series = take_series(year, _kind_of_series(invoice))
    taken = take_number(series, invoice.invoice_date)
    invoice.series, invoice.number = series, taken
    invoice.reference = f"{prefix}{year.name}-{taken:05}"


def take_series(year: FinancialYear, kind: InvoiceKind) -> NumberSeries:
    """The series as it is now, for the caller alone; begun with the first document of its year."""
    take_turn(f"series {year.id} {kind}")
    key = {"financial_year_id": year.id, "kind": kind}
    query = select(NumberSeries).filter_by(**key).execution_options(populate_existing=True)
    series = db.session.scalar(query)
    if series is None:
        series = NumberSeries(**key, next_number=FIRST)
        db.session.add(series)
    return series


def take_number(series: NumberSeries, on: date) -> int:
    """The next number for a document of that day. Raises Invalid for one before the last."""
    if series.last_date and on < series.last_date:
        raise Invalid(
            invoice_date=_(
                "The last document of this series is dated %(last)s: choose that day or a later"
                " one.",
                last=day(series.last_date),
            )
        )
    taken = series.next_number
    series.next_number, series.last_date = taken + 1, on
    return taken


def _kind_of_series(invoice: Invoice) -> InvoiceKind:
    own = invoice_settings.load(invoice.company_id).own_credit_series
    return invoice.kind if own else InvoiceKind.INVOICE


def _prefix(invoice: Invoice) -> str:
    """What stands before year and number: 2026-00042, CN2026-00001; the business unit, where each
    has numbers of its own, so that no two documents of a company are called the same.
    """
    unit = invoice.business_unit
    own = level_of(unit.company) is NumberingLevel.BUSINESS_UNIT
    kind = "CN" if _kind_of_series(invoice) is InvoiceKind.CREDIT_NOTE else ""
    return f"{unit.code}-{kind}" if own else kind
