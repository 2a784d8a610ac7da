"""Numbers of invoices and credit notes, without gaps."""

from __future__ import annotations

from datetime import date

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.formats import day
from ppplanner.i18n import N_, Message
from ppplanner.models import Invoice, NumberSeries
from ppplanner.services.firm.financial_years import refuse_closed, year_of
from ppplanner.services.invoices.series import (
    reference_of,
    refuse_taken,
    series_kind,
    take_series,
)


def number(invoice: Invoice) -> None:
    """Give a draft the next number of its series, without gaps, dates never going back.

    Others wait until the caller commits, so a confirmation that is rolled back leaves no gap.
    Raises Invalid when no open financial year holds the invoice's date, or the series already holds
    a later one (Belgian royal decree no. 1).
    """
    year = year_of(invoice.business_unit, invoice.invoice_date)
    kind = series_kind(invoice)
    series = take_series(year, kind)
    refuse_closed(year)  # somebody may have closed it while this waited for its turn
    taken = take_number(series, invoice.invoice_date)
    reference = reference_of(year, kind, taken)
    refuse_taken(invoice, reference)
    db.session.flush()  # from its number on nothing else of a document can be written
    invoice.series, invoice.number, invoice.reference = series, taken, reference


def take_number(series: NumberSeries, on: date) -> int:
    """The next number for a document of that day. Raises Invalid for one before the last."""
    if series.last_date and on < series.last_date:
        raise Invalid(
            invoice_date=Message(
                N_(
                    "The last document of this series is dated %(last)s: choose that day or a later"
                    " one."
                ),
                {"last": day(series.last_date)},
            )
        )
    taken = series.next_number
    series.next_number, series.last_date = taken + 1, on
    return taken
