"""Numbers: gapless ones for invoices and credit notes, running ones for the rest."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.formats import day
from ppplanner.i18n import _
from ppplanner.models import Company, InvoiceKind, NumberSeries
from ppplanner.services.locking import take_turn

FIRST = 1


def next_running_number(column: InstrumentedAttribute[int], start: int = FIRST) -> int:
    """One more than the highest in use. Whoever asks meanwhile waits until the caller commits."""
    take_turn(f"number {column}")
    highest = db.session.scalar(select(func.max(column)))
    return max((highest or 0) + 1, start)


def take_number(company: Company, kind: InvoiceKind, on: date) -> int:
    """The next number of the series of that year, without gaps, dates never going back.

    The series' row stays locked until the caller commits, so a rolled back confirmation leaves no
    gap. Raises Invalid when the series already holds a later date (Belgian royal decree no. 1).
    """
    series = _locked_series(company.id, kind, on.year)
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


def _locked_series(company_id: int, kind: InvoiceKind, year: int) -> NumberSeries:
    key = {"company_id": company_id, "kind": kind, "year": year}
    query = select(NumberSeries).filter_by(**key).with_for_update()
    query = query.execution_options(populate_existing=True)
    return db.session.scalar(query) or _make_series(key) or db.session.scalars(query).one()


def _make_series(key: dict[str, object]) -> NumberSeries | None:
    """Begin a series; None when somebody else has just done so."""
    try:
        with db.session.begin_nested():
            series = NumberSeries(**key, next_number=FIRST)
            db.session.add(series)
    except IntegrityError:
        return None
    return series
