"""Series of numbers: which one a document goes into, and at which number it starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from ppplanner.clock import today
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import N_, Message, _
from ppplanner.models import (
    Company,
    DocumentState,
    FinancialYear,
    Invoice,
    InvoiceKind,
    NumberSeries,
)
from ppplanner.services.firm.financial_years import find_year
from ppplanner.services.firm.invoice_settings import invoice_settings
from ppplanner.services.locking import lock

FIRST = 1
#: Where a series may start at most: what follows still fits on paper, and with other packages.
LARGEST_START = 9_999_999
#: What stands before the year in the numbers of credit notes that have a series of their own.
CREDIT = "CN"


@dataclass(frozen=True)
class NewSeries:
    """A series that has given no number yet, and the number at which it would start."""

    year: FinancialYear
    kind: InvoiceKind
    start: int

    @property
    def key(self) -> str:
        """Names it in a form."""
        return f"start_{self.year.id}_{self.kind}"

    @property
    def first_reference(self) -> str:
        """What its first document would be called."""
        return reference_of(self.year, self.kind, self.start)


def series_kind(invoice: Invoice) -> InvoiceKind:
    """Credit notes stand in the series of invoices unless the company keeps one for them."""
    own = invoice_settings.load(invoice.company_id).own_credit_series
    return invoice.kind if own else InvoiceKind.INVOICE


def prefix_of(year: FinancialYear, kind: InvoiceKind) -> str:
    """What stands before a number: 2026-, CN2026-; the business unit, where each has numbers of its
    own, so that no two documents of a company are called the same.
    """
    unit = f"{year.business_unit.code}-" if year.business_unit else ""
    credit = CREDIT if kind is InvoiceKind.CREDIT_NOTE else ""
    return f"{unit}{credit}{year.name}-"


def reference_of(year: FinancialYear, kind: InvoiceKind, number: int) -> str:
    """A number as people write it: 2026-00042."""
    return f"{prefix_of(year, kind)}{number:05}"


def take_series(year: FinancialYear, kind: InvoiceKind) -> NumberSeries:
    """The series as it is now, made when there is none. Others wait for the caller's commit: for
    each number of that year, and for closing it.
    """
    lock(year)
    series = find_series(year, kind)
    if series is None:
        series = NumberSeries(
            financial_year_id=year.id, kind=kind, next_number=first_free(year, kind)
        )
        db.session.add(series)
    return series


def find_series(year: FinancialYear, kind: InvoiceKind) -> NumberSeries | None:
    """The series as it is now; None as long as there is none."""
    query = select(NumberSeries).filter_by(financial_year_id=year.id, kind=kind)
    return db.session.scalar(query.execution_options(populate_existing=True))


def series_to_begin(invoices: Iterable[Invoice]) -> list[NewSeries]:
    """The series that would give their first number when these drafts are confirmed: whoever
    confirms them is asked at which number each starts (domain 8.2). Not those of a year that is
    missing or closed.
    """
    found: dict[str, NewSeries] = {}
    for invoice, year in _with_years(invoices):
        if not year.closed and (new := _unbegun(year, series_kind(invoice))):
            found[new.key] = new
    return list(found.values())


def earlier_years(invoices: Iterable[Invoice]) -> list[FinancialYear]:
    """The financial years of these documents that are over by today: worth a look, not forbidden
    (domain 8.2).
    """
    over = (
        year
        for invoice, year in _with_years(invoices)
        if year.ends_on < today(invoice.company.timezone)
    )
    return list(dict.fromkeys(over))


def _with_years(invoices: Iterable[Invoice]) -> Iterator[tuple[Invoice, FinancialYear]]:
    """One invoice of each kind that falls in a year, whoever many there are."""
    alike = {(each.business_unit, each.invoice_date, each.kind): each for each in invoices}
    found: dict[tuple[FinancialYear, InvoiceKind], Invoice] = {}
    for (unit, on, kind), invoice in alike.items():
        if year := find_year(unit, on):
            found.setdefault((year, kind), invoice)
    return ((invoice, year) for (year, _kind), invoice in found.items())


def begin_series(year: FinancialYear, kind: InvoiceKind, start: int) -> NumberSeries:
    """Let a series that has given no number start at `start`. The caller commits. Raises Invalid.

    `series_to_begin` offers a number that is free; one that is not is refused when it is given.
    """
    series = take_series(year, kind)
    if series.last_date is not None:
        raise Invalid(
            start_number=_(
                "The numbers of %(year)s have begun meanwhile; the next one is %(number)s.",
                year=year.name,
                number=series.next_number,
            )
        )
    if not FIRST <= start <= LARGEST_START:
        raise Invalid(start_number=_("A number is 1 or higher, with at most seven digits."))
    series.next_number = start
    db.session.flush()
    return series


def first_free(year: FinancialYear, kind: InvoiceKind) -> int:
    """The first number of the year that none of its companies has used. Some are used when one was
    numbered for itself before, and now shares the numbers of its group, or the other way around.
    """
    if year.business_unit_id is not None:
        return FIRST
    query = (
        select(func.max(Invoice.number))
        .join(Invoice.series)
        .join(NumberSeries.financial_year)
        .where(
            NumberSeries.kind == kind,
            FinancialYear.name == year.name,
            FinancialYear.business_unit_id.is_(None),
            Invoice.company_id.in_(_companies(year)),
        )
    )
    return (db.session.scalar(query) or 0) + FIRST


def _companies(year: FinancialYear) -> Select[int]:
    """Whose documents have their numbers in a year, or may."""
    whole = select(Company.id)
    if year.group_id is not None:
        return whole.where(Company.group_id == year.group_id)
    unit = year.business_unit
    return whole.where(Company.id == (unit.company_id if unit else year.company_id))


def refuse_taken(invoice: Invoice, reference: str) -> None:
    """Raises Invalid when another document of the company has that number: the company was numbered
    on another level before.
    """
    taken = select(Invoice.id).filter_by(company_id=invoice.company_id, reference=reference)
    if db.session.scalar(taken.limit(1)) is not None:
        raise Invalid(
            start_number=Message(
                N_(
                    "%(company)s has a document %(number)s already, from when others numbered: let"
                    " the numbers start higher, or set who numbers back."
                ),
                {"company": str(invoice.company), "number": reference},
            )
        )


def kinds_of(year: FinancialYear) -> list[InvoiceKind]:
    """The series that a year has or may get: one for credit notes only where somebody wants it."""
    companies = db.session.scalars(_companies(year))
    own = any(invoice_settings.load(company_id).own_credit_series for company_id in companies)
    return list(InvoiceKind) if own else [InvoiceKind.INVOICE]


def unbegun(year: FinancialYear) -> list[NewSeries]:
    """The series of a year that have given no number yet."""
    return [new for kind in kinds_of(year) if (new := _unbegun(year, kind))]


def _unbegun(year: FinancialYear, kind: InvoiceKind) -> NewSeries | None:
    known = find_series(year, kind)
    if known is None:
        return NewSeries(year, kind, first_free(year, kind))
    return NewSeries(year, kind, known.next_number) if known.last_date is None else None


def drafts_in(year: FinancialYear) -> int:
    """How many drafts are dated in the year and would be numbered in it."""
    query = select(func.count(Invoice.id)).where(
        Invoice.state == DocumentState.DRAFT,
        Invoice.invoice_date.between(year.starts_on, year.ends_on),
        Invoice.company_id.in_(_companies(year)),
    )
    if year.business_unit_id is not None:
        query = query.where(Invoice.business_unit_id == year.business_unit_id)
    return db.session.scalar(query) or 0
