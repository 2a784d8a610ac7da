"""Financial years: which one a day belongs to, on the level on which a company numbers."""

from __future__ import annotations

import re
from datetime import date, timedelta

from sqlalchemy import Select, func, select

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import day as written_day
from ppplanner.i18n import N_, Message, _
from ppplanner.models import BusinessUnit, Company, FinancialYear, Invoice, NumberSeries
from ppplanner.services.firm.invoice_settings import NumberingLevel, level_of
from ppplanner.services.locking import lock, take_turn

#: The column that holds the owner of a year, by level.
OWNERS = {
    NumberingLevel.GROUP: "group_id",
    NumberingLevel.COMPANY: "company_id",
    NumberingLevel.BUSINESS_UNIT: "business_unit_id",
}
#: Other years are slips of the keyboard.
YEARS = range(2000, 2101)
#: A firm's first year may last until the end of its second calendar year; nothing lasts longer.
LONGEST = timedelta(days=2 * 366)
#: It stands within the number of each document.
NAME = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


def find_year(unit: BusinessUnit, on: date) -> FinancialYear | None:
    """The financial year, open or closed, that holds the day for a business unit's invoices."""
    query = select(FinancialYear).filter_by(**owner_of(unit))
    return db.session.scalar(
        query.where(FinancialYear.starts_on <= on, on <= FinancialYear.ends_on)
    )


def year_of(unit: BusinessUnit, on: date) -> FinancialYear:
    """The open financial year of a business unit's invoices on that day. Raises Invalid."""
    found = find_year(unit, on)
    if found is None:
        raise Invalid(
            invoice_date=Message(
                N_(
                    "No financial year holds %(day)s: choose another date, or let an administrator"
                    " add that year to the settings."
                ),
                {"day": written_day(on)},
            )
        )
    refuse_closed(found)
    return found


def refuse_closed(year: FinancialYear) -> None:
    """Raises Invalid when nothing may be confirmed in the year any more."""
    if year.closed:
        raise Invalid(
            invoice_date=Message(
                N_("The financial year %(year)s is closed: choose a date in one that is open."),
                {"year": year.name},
            )
        )


def owner_of(unit: BusinessUnit, level: NumberingLevel | None = None) -> dict[str, int]:
    """Whose years a business unit's invoices are numbered in: column and key. Whoever knows the
    `level` of its company already says so.
    """
    company = unit.company
    level = level or level_of(company)
    keys = {
        NumberingLevel.GROUP: company.group_id,
        NumberingLevel.COMPANY: company.id,
        NumberingLevel.BUSINESS_UNIT: unit.id,
    }
    return {OWNERS[level]: keys[level]}


def owner_key(year: FinancialYear) -> dict[str, int]:
    """Whose year it is, as `owner_of` tells it."""
    keys = {column: getattr(year, column) for column in OWNERS.values()}
    return {column: key for column, key in keys.items() if key is not None}


def years_of(owner: dict[str, int]) -> Select[FinancialYear]:
    """The years of one owner, the first on top."""
    return select(FinancialYear).filter_by(**owner).order_by(FinancialYear.starts_on)


def add_year(*, starts_on: date, ends_on: date, name: str = "", **owner: int) -> FinancialYear:
    """Add a year for `group_id`, `company_id` or `business_unit_id`. The caller commits.

    Without `name` its numbers begin with the calendar year in which it starts. Raises Invalid for
    one that overlaps another of the same owner.
    """
    take_turn(f"financial years {owner}")
    name = name.strip() or str(starts_on.year)
    _check_days(starts_on, ends_on)
    _check_name(name, owner)
    overlapping = years_of(owner).where(
        FinancialYear.starts_on <= ends_on, starts_on <= FinancialYear.ends_on
    )
    if other := db.session.scalar(overlapping.limit(1)):
        raise Invalid(starts_on=_("This overlaps the financial year %(year)s.", year=other.name))
    year = FinancialYear(name=name, starts_on=starts_on, ends_on=ends_on, **owner)
    db.session.add(year)
    db.session.flush()
    return year


def _check_days(starts_on: date, ends_on: date) -> None:
    if starts_on.year not in YEARS:
        raise Invalid(starts_on=_("Check the year."))
    if ends_on < starts_on:
        raise Invalid(ends_on=_("The last day cannot lie before the first."))
    if ends_on - starts_on > LONGEST:
        raise Invalid(ends_on=_("A financial year lasts two years at most: check the dates."))


def _check_name(name: str, owner: dict[str, int]) -> None:
    if not NAME.fullmatch(name):
        raise Invalid(name=_("Use letters, digits and hyphens only: it is a part of each number."))
    if db.session.scalar(select(FinancialYear).filter_by(**owner, name=name)):
        raise Invalid(name=_("There is a financial year of that name already: call it otherwise."))


def add_calendar_year(company: Company, year: int) -> FinancialYear:
    """The calendar year as a financial year of a company."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    return add_year(starts_on=first, ends_on=last, company_id=company.id)


def following_days(owner: dict[str, int], on: date) -> tuple[date, date]:
    """The days of the year that an owner needs next: after the last one as long as that, or the
    calendar year of `on`.
    """
    last = db.session.scalars(years_of(owner)).all()[-1:]
    if not last:
        return date(on.year, 1, 1), date(on.year, 12, 31)
    starts_on = last[0].ends_on + timedelta(days=1)
    return starts_on, _a_year_later(starts_on) - timedelta(days=1)


def _a_year_later(day: date) -> date:
    """The same day of the next year; a leap day counts as the day after it."""
    leap_day = (day.month, day.day) == (2, 29)
    return date(day.year + 1, 3, 1) if leap_day else day.replace(year=day.year + 1)


def close_year(year: FinancialYear) -> None:
    """Let nothing be confirmed in it any more. Raises DomainError when it is closed already.

    Whoever confirms an invoice at that moment comes before or after. The caller commits.
    """
    lock(year)
    if year.closed:
        raise DomainError(_("This financial year is closed already."))
    year.closed = True
    db.session.flush()


def reopen_year(year: FinancialYear) -> None:
    """Let documents be confirmed in it again. Raises DomainError when it is open."""
    lock(year)
    if not year.closed:
        raise DomainError(_("This financial year is open already."))
    year.closed = False
    db.session.flush()


def remove_year(year: FinancialYear) -> None:
    """Delete a year in which nothing has a number. Raises DomainError. The caller commits."""
    lock(year)
    if _documents(year):
        raise DomainError(
            _("Documents are numbered in this financial year, so it stays. It can be closed.")
        )
    for series in db.session.scalars(select(NumberSeries).filter_by(financial_year_id=year.id)):
        db.session.delete(series)
    db.session.flush()
    db.session.delete(year)
    db.session.flush()


def _documents(year: FinancialYear) -> int:
    query = select(func.count(Invoice.id)).join(Invoice.series)
    return db.session.scalar(query.where(NumberSeries.financial_year_id == year.id)) or 0
