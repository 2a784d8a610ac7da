"""Numbers of invoices and credit notes, without gaps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.formats import day
from ppplanner.i18n import N_, Message
from ppplanner.models import Invoice, NumberSeries
from ppplanner.services.firm.financial_years import refuse_closed, year_of
from ppplanner.services.invoices.series import (
    find_series,
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


def number_faults(invoice: Invoice) -> Iterator[Message]:
    """Why a draft of that day could get no number now: a sentence, with what to do."""
    try:
        year = year_of(invoice.business_unit, invoice.invoice_date)
    except Invalid as error:
        yield from error.messages
        return
    series = find_series(year, series_kind(invoice))
    if series and (fault := _order_fault(series, invoice.invoice_date)):
        yield fault


def take_number(series: NumberSeries, on: date) -> int:
    """The next number for a document of that day. Raises Invalid for one before the last."""
    if fault := _order_fault(series, on):
        raise Invalid(invoice_date=fault)
    taken = series.next_number
    series.next_number, series.last_date = taken + 1, on
    return taken


def _order_fault(series: NumberSeries, on: date) -> Message | None:
    """Dates never go back within a series (Belgian royal decree no. 1)."""
    if series.last_date is None or on >= series.last_date:
        return None
    return Message(
        N_("The last document of this series is dated %(last)s: choose that day or a later one."),
        {"last": day(series.last_date)},
    )
