"""Numbers of invoices and credit notes, without gaps."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.formats import day
from ppplanner.i18n import _
from ppplanner.models import Company, InvoiceKind, NumberSeries
from ppplanner.services.locking import take_turn

FIRST = 1


def take_number(company: Company, kind: InvoiceKind, on: date) -> int:
    """The next number of the series of that year, without gaps, dates never going back.

    Others wait until the caller commits, so a confirmation that is rolled back leaves no gap.
    Raises Invalid when the series already holds a later date (Belgian royal decree no. 1).
    """
    series = _series(company.id, kind, on.year)
    if series.last_date and on < series.last_date:
        raise Invalid(
            invoice_date=_(
                "The last document of this series is dated %(last)s: choose that day or a later"
                " one.",
                last=day(series.last_date),
            )
        )
    number = series.next_number
    series.next_number, series.last_date = number + 1, on
    return number


def _series(company_id: int, kind: InvoiceKind, year: int) -> NumberSeries:
    """The series as it is now, for the caller alone; begun with the first document of its year."""
    take_turn(f"series {company_id} {kind} {year}")
    key = {"company_id": company_id, "kind": kind, "year": year}
    query = select(NumberSeries).filter_by(**key).execution_options(populate_existing=True)
    series = db.session.scalar(query)
    if series is None:
        series = NumberSeries(**key, next_number=FIRST)
        db.session.add(series)
    return series
