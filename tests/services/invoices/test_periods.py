"""Contracts that are invoiced every week, every four weeks, every month."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from ppplanner.clock import today
from ppplanner.errors import DomainError, Invalid
from ppplanner.models import Contract, Invoice, Periodicity
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.drafts import draft_from_contract
from ppplanner.services.invoices.periods import following, last_due, set_periodicity
from ppplanner.services.pricing.price_lines import PriceLineData, save_price_line
from ppplanner.services.renting.contracts import cancel_contract
from tests.factories import make_contract, make_vat_code

pytestmark = pytest.mark.one_database

WEEKLY, FOUR_WEEKLY, MONTHLY = Periodicity


@pytest.fixture
def contract(app: Flask) -> Contract:
    """From the first of September until the end of the year."""
    start = datetime(2026, 9, 1, 6, tzinfo=UTC)
    return make_contract(starts_at=start, ends_at=start + timedelta(days=121, hours=9))


def a_year_from(day: date) -> Contract:
    start = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
    return make_contract(starts_at=start, ends_at=start + timedelta(days=365))


def ask(contract: Contract, until: date | None, invoice_date: date | None = None) -> Invoice:
    invoice = draft_from_contract(contract, invoice_date=invoice_date or today(), until=until)
    confirm_invoice(invoice)
    return invoice


@pytest.mark.parametrize(
    ("periodicity", "day", "next_day"),
    [
        (WEEKLY, date(2026, 12, 28), date(2027, 1, 4)),
        (FOUR_WEEKLY, date(2026, 9, 28), date(2026, 10, 26)),
        (MONTHLY, date(2026, 9, 15), date(2026, 10, 15)),
        (MONTHLY, date(2026, 9, 30), date(2026, 10, 31)),
        (MONTHLY, date(2027, 1, 31), date(2027, 2, 28)),
        (MONTHLY, date(2027, 2, 28), date(2027, 3, 31)),
    ],
)
def test_each_period_has_its_next_date(periodicity: Periodicity, day: date, next_day: date) -> None:
    assert following(day, periodicity) == next_day


@pytest.mark.parametrize(
    ("chosen", "dates"),
    [
        (date(2027, 1, 31), [date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]),
        (date(2027, 1, 30), [date(2027, 2, 28), date(2027, 3, 30), date(2027, 4, 30)]),
        (date(2027, 1, 29), [date(2027, 2, 28), date(2027, 3, 29), date(2027, 4, 29)]),
        (date(2027, 1, 28), [date(2027, 2, 28), date(2027, 3, 28), date(2027, 4, 28)]),
        (date(2027, 2, 28), [date(2027, 3, 31), date(2027, 4, 30), date(2027, 5, 31)]),
    ],
    ids=str,
)
def test_a_short_month_does_not_move_the_day(app: Flask, chosen: date, dates: list[date]) -> None:
    contract = a_year_from(date(2026, 9, 1))
    set_periodicity(contract, MONTHLY, chosen)
    for expected in dates:
        assert contract.next_invoice_date
        ask(contract, contract.next_invoice_date)
        assert contract.next_invoice_date == expected
        set_periodicity(contract, MONTHLY, expected)  # the dialog, saved as it was


@pytest.mark.parametrize(
    ("first_day", "dates"),
    [
        (date(2026, 12, 31), [date(2027, 1, 30), date(2027, 2, 28), date(2027, 3, 30)]),
        (date(2027, 1, 30), [date(2027, 2, 28), date(2027, 3, 29), date(2027, 4, 29)]),
        (date(2027, 2, 1), [date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]),
        (date(2027, 3, 1), [date(2027, 3, 31), date(2027, 4, 30), date(2027, 5, 31)]),
        (date(2027, 1, 16), [date(2027, 2, 15), date(2027, 3, 15), date(2027, 4, 15)]),
    ],
    ids=str,
)
def test_months_are_counted_from_the_first_day(
    app: Flask, first_day: date, dates: list[date]
) -> None:
    contract = a_year_from(first_day)
    set_periodicity(contract, MONTHLY)
    found = []
    for _each in dates:
        assert contract.next_invoice_date
        found.append(contract.next_invoice_date)
        ask(contract, contract.next_invoice_date)
    assert found == dates


@pytest.mark.parametrize(
    ("until", "last"),
    [
        (date(2026, 9, 29), None),
        (date(2026, 9, 30), date(2026, 9, 30)),
        (date(2026, 10, 30), date(2026, 9, 30)),
        (date(2026, 12, 1), date(2026, 11, 30)),
        (date(2026, 12, 30), date(2026, 11, 30)),
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2027, 1, 15), date(2027, 1, 15)),
    ],
    ids=str,
)
def test_whole_periods_are_due_and_the_last_one_ends_with_the_contract(
    contract: Contract, until: date, last: date | None
) -> None:
    set_periodicity(contract, MONTHLY)
    assert last_due(contract, until) == last


def test_what_is_invoiced_once_is_due_at_any_day(contract: Contract) -> None:
    assert last_due(contract, date(2026, 9, 5)) == date(2026, 9, 5)


@pytest.mark.parametrize(
    ("periodicity", "first"),
    [
        (WEEKLY, date(2026, 9, 7)),
        (FOUR_WEEKLY, date(2026, 9, 28)),
        (MONTHLY, date(2026, 9, 30)),
    ],
)
def test_the_first_date_ends_the_first_period(
    contract: Contract, periodicity: Periodicity, first: date
) -> None:
    set_periodicity(contract, periodicity)
    assert contract.next_invoice_date == first


def test_a_chosen_date_is_kept_unless_nothing_has_begun(contract: Contract) -> None:
    set_periodicity(contract, MONTHLY, date(2026, 10, 5))
    assert contract.next_invoice_date == date(2026, 10, 5)
    with pytest.raises(Invalid, match="next_invoice_date"):
        set_periodicity(contract, MONTHLY, date(2026, 8, 31))
    set_periodicity(contract, None, date(2026, 10, 5))
    assert [contract.periodicity, contract.next_invoice_date] == [None, None]


def test_a_cancelled_contract_has_no_next_invoice(contract: Contract) -> None:
    cancel_contract(contract)
    with pytest.raises(DomainError):
        set_periodicity(contract, MONTHLY)


@pytest.mark.both_databases
def test_confirming_moves_the_date_past_the_days_that_are_charged(contract: Contract) -> None:
    set_periodicity(contract, MONTHLY)
    ask(contract, date(2026, 9, 30))
    assert contract.next_invoice_date == date(2026, 10, 31)
    ask(contract, date(2026, 11, 30))
    assert contract.next_invoice_date == date(2026, 12, 31)


def test_an_invoice_before_the_date_leaves_it(contract: Contract) -> None:
    set_periodicity(contract, MONTHLY)
    ask(contract, date(2026, 9, 12))
    assert contract.next_invoice_date == date(2026, 9, 30)


def test_what_is_charged_beside_the_rent_leaves_the_date(contract: Contract) -> None:
    set_periodicity(contract, MONTHLY)
    ask(contract, date(2026, 9, 12))
    cleaning = PriceLineData("Cleaning", Decimal(1), Decimal(30), make_vat_code())
    save_price_line(contract, cleaning)
    ask(contract, date(2026, 9, 12))
    assert contract.next_invoice_date == date(2026, 9, 30)


def test_a_draft_moves_nothing(contract: Contract) -> None:
    set_periodicity(contract, MONTHLY)
    draft_from_contract(contract, invoice_date=today(), until=date(2026, 9, 30))
    assert contract.next_invoice_date == date(2026, 9, 30)


def test_the_last_invoice_ends_it(contract: Contract) -> None:
    set_periodicity(contract, MONTHLY)
    assert ask(contract, None).final
    assert contract.next_invoice_date is None
