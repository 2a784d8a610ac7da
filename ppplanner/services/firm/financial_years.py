"""Financial years: which one a day belongs to, on the level on which a company numbers."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import day as written_day
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Company, FinancialYear
from ppplanner.services.firm.invoice_settings import NumberingLevel, invoice_settings

#: The column that holds the owner of a year, by level.
OWNERS = {
    NumberingLevel.GROUP: "group_id",
    NumberingLevel.COMPANY: "company_id",
    NumberingLevel.BUSINESS_UNIT: "business_unit_id",
}


def level_of(company: Company) -> NumberingLevel:
    return NumberingLevel(invoice_settings.load(company.id).numbering)


def year_of(unit: BusinessUnit, on: date) -> FinancialYear:
    """The open financial year of a business unit's invoices on that day. Raises Invalid."""
    found = find_year(unit, on)
    if found is None:
        raise Invalid(
            invoice_date=_(
                "No financial year holds %(day)s: choose another date, or let an administrator add"
                " that year to the settings.",
                day=written_day(on),
            )
        )
    if found.closed:
        raise Invalid(
            invoice_date=_(
                "The financial year %(year)s is closed: choose a date in one that is open.",
                year=found.name,
            )
        )
    return found


def find_year(unit: BusinessUnit, on: date) -> FinancialYear | None:
    """The financial year, open or closed, that holds the day for a business unit's invoices."""
    query = select(FinancialYear).filter_by(**owner_of(unit))
    return db.session.scalar(
        query.where(FinancialYear.starts_on <= on, on <= FinancialYear.ends_on)
    )


def owner_of(unit: BusinessUnit) -> dict[str, int]:
    """Whose years a business unit's invoices are numbered in: column and key."""
    company = unit.company
    level = level_of(company)
    keys = {
        NumberingLevel.GROUP: company.group_id,
        NumberingLevel.COMPANY: company.id,
        NumberingLevel.BUSINESS_UNIT: unit.id,
    }
    return {OWNERS[level]: keys[level]}


def add_year(*, starts_on: date, ends_on: date, name: str = "", **owner: int) -> FinancialYear:
    """Add a year for `group_id`, `company_id` or `business_unit_id`. The caller commits.

    Without `name` its numbers begin with the calendar year in which it starts. Raises Invalid for
    one that overlaps another of the same owner.
    """
    if ends_on < starts_on:
        raise Invalid(ends_on=_("The last day cannot lie before the first."))
    others = select(FinancialYear).filter_by(**owner)
    overlapping = others.where(
        FinancialYear.starts_on <= ends_on, starts_on <= FinancialYear.ends_on
    )
    if other := db.session.scalar(overlapping.limit(1)):
        raise Invalid(starts_on=_("This overlaps the financial year %(year)s.", year=other.name))
    year = FinancialYear(
        name=name or str(starts_on.year), starts_on=starts_on, ends_on=ends_on, **owner
    )
    if db.session.scalar(others.filter_by(name=year.name)):
        raise Invalid(name=_("There is a financial year of that name already."))
    db.session.add(year)
    db.session.flush()
    return year


def add_calendar_year(company: Company, year: int) -> FinancialYear:
    """The calendar year as a financial year of a company."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return add_year(starts_on=first, ends_on=last, company_id=company.id)


def close_year(year: FinancialYear) -> None:
    """Let nothing be confirmed in it any more. Raises DomainError when it is closed already."""
    if year.closed:
        raise DomainError(_("This financial year is closed already."))
    year.closed = True
    db.session.flush()
