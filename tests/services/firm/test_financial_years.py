"""Financial years: adding, closing, deleting them, and seeing that one will be missing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.clock import today
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import BusinessUnit, Company, FinancialYear, InvoiceKind
from ppplanner.services.firm.financial_years import (
    add_year,
    close_year,
    find_year,
    following_days,
    owner_of,
    remove_year,
    reopen_year,
    year_of,
)
from ppplanner.services.firm.invoice_settings import NumberingLevel, invoice_settings
from ppplanner.services.firm.year_cover import AHEAD, Gap, gaps
from ppplanner.services.invoices.series import begin_series
from tests.factories import make_company, make_invoice, make_unit
from tests.parallel import at_once


@pytest.fixture
def unit(app: Flask) -> BusinessUnit:
    """One whose company has no financial year yet."""
    unit = make_unit()
    for year in db.session.scalars(select(FinancialYear)):
        db.session.delete(year)
    db.session.flush()
    return unit


def add(unit: BusinessUnit, first: str, last: str, name: str = "") -> FinancialYear:
    days = {"starts_on": date.fromisoformat(first), "ends_on": date.fromisoformat(last)}
    return add_year(name=name, **days, **owner_of(unit))  # type: ignore[arg-type]


def test_a_day_belongs_to_the_year_that_holds_it(unit: BusinessUnit) -> None:
    broken = add(unit, "2026-07-01", "2027-06-30")
    assert find_year(unit, date(2026, 6, 30)) is None
    assert find_year(unit, date(2026, 7, 1)) is broken
    assert find_year(unit, date(2027, 6, 30)) is broken
    assert find_year(unit, date(2027, 7, 1)) is None


@pytest.mark.parametrize("level", NumberingLevel)
def test_it_is_looked_for_on_the_level_that_numbers(
    unit: BusinessUnit, level: NumberingLevel
) -> None:
    invoice_settings.save(unit.company_id, numbering=level)
    year = add(unit, "2026-01-01", "2026-12-31")
    owners = {
        NumberingLevel.GROUP: year.group,
        NumberingLevel.COMPANY: year.company,
        NumberingLevel.BUSINESS_UNIT: year.business_unit,
    }
    db.session.refresh(year)
    assert [owner for owner in owners.values() if owner] == [owners[level]]
    assert find_year(unit, date(2026, 2, 1)) is year


def test_a_missing_and_a_closed_year_are_told_apart(unit: BusinessUnit) -> None:
    with pytest.raises(Invalid) as missing:
        year_of(unit, date(2026, 2, 1))
    year = add(unit, "2026-01-01", "2026-12-31")
    close_year(year)
    with pytest.raises(Invalid) as closed:
        year_of(unit, date(2026, 2, 1))
    assert "No financial year holds" in str(missing.value.fields["invoice_date"])
    assert "is closed" in str(closed.value.fields["invoice_date"])


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-12-31", "2027-12-30", "starts_on"),
        ("2025-01-01", "2026-01-01", "starts_on"),
        ("2026-03-01", "2026-03-31", "starts_on"),
        ("2028-01-01", "2027-12-31", "ends_on"),
        ("2028-01-01", "2030-01-04", "ends_on"),
    ],
)
def test_years_of_an_owner_do_not_overlap_and_have_days(
    unit: BusinessUnit, first: str, last: str, field: str
) -> None:
    add(unit, "2026-01-01", "2026-12-31")
    with pytest.raises(Invalid, match=field):
        add(unit, first, last, name="other")


def test_the_last_and_the_next_year_touch(unit: BusinessUnit) -> None:
    add(unit, "2026-01-01", "2026-12-31")
    add(unit, "2027-01-01", "2027-12-31")
    add(unit, "2025-12-31", "2025-12-31")


@pytest.mark.parametrize("name", ["2026", "20/26", "-", "A-", "jaar 1", "é"])
def test_a_name_is_a_part_of_numbers_and_given_once(unit: BusinessUnit, name: str) -> None:
    add(unit, "2026-01-01", "2026-12-31")
    with pytest.raises(Invalid, match="name"):
        add(unit, "2027-01-01", "2027-12-31", name=name)


def test_two_people_who_add_a_year_add_one(unit: BusinessUnit, app: Flask) -> None:
    key = unit.id

    def one() -> str:
        own = db.session.get_one(BusinessUnit, key)
        return add(own, "2026-01-01", "2026-12-31").name

    results = at_once(app, [one] * 4)
    assert [result for result in results if isinstance(result, str)] == ["2026"]
    assert sum(isinstance(result, Invalid) for result in results) == 3


@pytest.mark.parametrize(
    ("known", "proposed"),
    [
        (None, ("2026-01-01", "2026-12-31")),
        (("2026-01-01", "2026-12-31"), ("2027-01-01", "2027-12-31")),
        (("2025-07-01", "2026-06-30"), ("2026-07-01", "2027-06-30")),
        (("2027-03-01", "2028-02-28"), ("2028-02-29", "2029-02-28")),
    ],
)
def test_the_next_year_follows_the_last(
    unit: BusinessUnit, known: tuple[str, str] | None, proposed: tuple[str, str]
) -> None:
    if known:
        add(unit, *known)
    days = following_days(owner_of(unit), date(2026, 5, 5))
    assert days == tuple(map(date.fromisoformat, proposed))


def test_a_year_is_closed_and_opened_once(unit: BusinessUnit) -> None:
    year = add(unit, "2026-01-01", "2026-12-31")
    with pytest.raises(DomainError, match="open already"):
        reopen_year(year)
    close_year(year)
    with pytest.raises(DomainError, match="closed already"):
        close_year(year)
    reopen_year(year)
    assert not year.closed


def test_a_year_goes_as_long_as_it_has_given_no_number(unit: BusinessUnit) -> None:
    year = add(unit, "2026-01-01", "2026-12-31")
    begin_series(year, InvoiceKind.INVOICE, 7)
    remove_year(year)
    assert find_year(unit, date(2026, 1, 1)) is None


def test_a_year_that_has_given_numbers_stays(app: Flask) -> None:
    invoice = make_invoice()
    assert invoice.series
    with pytest.raises(DomainError, match="it stays"):
        remove_year(invoice.series.financial_year)


def test_a_company_with_years_but_without_numbers_can_be_deleted(app: Flask) -> None:
    company = make_company()
    db.session.delete(company)
    db.session.commit()
    assert db.session.scalar(select(Company)) is None


# ---- What is missing soon ----


def test_a_missing_year_is_told_thirty_days_before(unit: BusinessUnit) -> None:
    start = today()
    assert gaps([unit]) == [Gap(unit.company, start)]
    ends = start + timedelta(days=12)
    add_year(starts_on=start, ends_on=ends, company_id=unit.company_id)
    assert gaps([unit]) == [Gap(unit.company, ends + timedelta(days=1))]
    days = {"starts_on": ends + timedelta(days=1), "ends_on": start + AHEAD}
    add_year(**days, name="next", company_id=unit.company_id)  # type: ignore[arg-type]
    assert gaps([unit]) == []


def test_a_hole_between_two_years_is_found(unit: BusinessUnit) -> None:
    start = today()
    add_year(starts_on=start, ends_on=start + timedelta(days=5), company_id=unit.company_id)
    later = start + timedelta(days=10), start + timedelta(days=300)
    add_year(starts_on=later[0], ends_on=later[1], name="later", company_id=unit.company_id)
    assert gaps([unit]) == [Gap(unit.company, start + timedelta(days=6))]


def test_units_that_number_together_are_told_once(unit: BusinessUnit) -> None:
    other = make_unit(unit.company)
    assert len(gaps([unit, other])) == 1
    invoice_settings.save(unit.company_id, numbering=NumberingLevel.BUSINESS_UNIT)
    assert [gap.owner for gap in gaps([unit, other])] == [unit, other]
