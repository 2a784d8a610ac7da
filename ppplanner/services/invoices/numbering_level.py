"""The level on which a company numbers its invoices, and what changing it asks for."""

from __future__ import annotations

from sqlalchemy import or_, select

from ppplanner.clock import today
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Company, FinancialYear, NumberSeries
from ppplanner.services.firm.financial_years import add_year, owner_of, years_of
from ppplanner.services.firm.invoice_settings import NumberingLevel, invoice_settings, level_of
from ppplanner.services.invoices.series import first_free


def save_invoice_settings(
    company: Company,
    *,
    numbering: NumberingLevel,
    own_credit_series: bool,
    delivery: str,
    mail_by_itself: bool,
) -> Company:
    """Keep how a company numbers and delivers its invoices. The caller commits.

    On another level, numbers start anew; what has a number keeps it. The years that are not over
    are there on that level, too, so that invoicing goes on. Raises Invalid when that would repeat
    numbers.
    """
    running = _running_years(company) if numbering is not level_of(company) else []
    invoice_settings.save(
        company.id,
        numbering=numbering.value,
        own_credit_series=own_credit_series,
        delivery=delivery,
        mail_by_itself=mail_by_itself,
    )
    for unit in company.business_units:
        for year in running:
            _have_year(unit, year)
    if running:
        _refuse_repeating(company)
    return company


def _refuse_repeating(company: Company) -> None:
    """A series that has begun cannot skip numbers which the company has used on another level."""
    for year in _running_years(company):
        for series in db.session.scalars(select(NumberSeries).filter_by(financial_year_id=year.id)):
            if series.last_date and first_free(year, series.kind) > series.next_number:
                raise Invalid(
                    numbering=_(
                        "The numbers of %(year)s would repeat some that are given: change this"
                        " when a new financial year has begun.",
                        year=year.name,
                    )
                )


def _running_years(company: Company) -> list[FinancialYear]:
    """The open years, of the present level, that have not ended: each span of days once."""
    spans: dict[tuple[object, ...], FinancialYear] = {}
    for unit in company.business_units:
        query = years_of(owner_of(unit)).where(
            FinancialYear.ends_on >= today(company.timezone), ~FinancialYear.closed
        )
        for year in db.session.scalars(query):
            spans.setdefault((year.starts_on, year.ends_on), year)
    return list(spans.values())


def _have_year(unit: BusinessUnit, like: FinancialYear) -> None:
    """Let the owner of the unit's numbers have such a year, unless it has others in its place."""
    owner = owner_of(unit)
    same_days = (FinancialYear.starts_on <= like.ends_on) & (
        FinancialYear.ends_on >= like.starts_on
    )
    in_place = select(FinancialYear.id).filter_by(**owner)
    in_place = in_place.where(or_(same_days, FinancialYear.name == like.name))
    if db.session.scalar(in_place.limit(1)) is None:
        add_year(starts_on=like.starts_on, ends_on=like.ends_on, name=like.name, **owner)
