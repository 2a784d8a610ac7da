"""For which days to come business units have no financial year, so that nothing can be invoiced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.models import BusinessUnit, Company, CompanyGroup, FinancialYear
from ppplanner.services.firm.financial_years import owner_key, owner_of
from ppplanner.services.firm.invoice_settings import NumberingLevel, invoice_settings

#: How long before it is missing a year is asked for.
AHEAD = timedelta(days=30)

Owner = CompanyGroup | Company | BusinessUnit


@dataclass(frozen=True)
class Gap:
    """Somebody whose invoices have no financial year from a day on."""

    owner: Owner
    day: date


def gaps(units: Iterable[BusinessUnit]) -> list[Gap]:
    """Who numbers invoices of these units and has a day without a year between today and 30 days
    later: the first such day of each. Closed years count: somebody closed them knowingly.
    """
    years, found = _years_ahead(), []
    for (column, key), unit in owners_of(units).items():
        own = [year for year in years if owner_key(year) == {column: key}]
        start = today(unit.company.timezone)
        if day := _first_uncovered(own, start, start + AHEAD):
            found.append(Gap(named_owner(column, unit), day))
    return found


def owners_of(units: Iterable[BusinessUnit]) -> dict[tuple[str, int], BusinessUnit]:
    """Who numbers invoices of these units, by column and key, each with one of its units."""
    units = list(units)
    settings = invoice_settings.load_each({unit.company_id for unit in units})
    owners: dict[tuple[str, int], BusinessUnit] = {}
    for unit in units:
        level = NumberingLevel(settings[unit.company_id].numbering)
        (key,) = owner_of(unit, level).items()
        owners.setdefault(key, unit)
    return owners


def named_owner(column: str, unit: BusinessUnit) -> Owner:
    """The owner that a column of a financial year names, of the years of a unit."""
    if column == "group_id":
        return unit.company.group
    return unit.company if column == "company_id" else unit


def _years_ahead() -> list[FinancialYear]:
    """The years that are not over, the first on top; a day more, for the zones west of here."""
    query = select(FinancialYear).where(FinancialYear.ends_on >= today() - timedelta(days=1))
    return list(db.session.scalars(query.order_by(FinancialYear.starts_on)))


def _first_uncovered(years: list[FinancialYear], start: date, end: date) -> date | None:
    day = start
    for year in years:
        if year.starts_on <= day <= year.ends_on:
            day = year.ends_on + timedelta(days=1)
    return day if day <= end else None
