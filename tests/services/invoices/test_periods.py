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
from ppplanner.services.invoices.periods import following, set_periodicity
from ppplanner.services.pricing.price_lines import PriceLineData, save_price_line
from ppplanner.services.renting.contracts import cancel_contract
from tests.factories import make_contract, make_vat_code

WEEKLY, FOUR_WEEKLY, MONTHLY = Periodicity


@pytest.fixture
def contract(app: Flask) -> Contract:
    """From the first of September until the end of the year."""
    start = datetime(2026, 9, 1, 6, tzinfo=UTC)
    return make_contract(starts_at=start, ends_at=start + timedelta(days=121, hours=9))


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
