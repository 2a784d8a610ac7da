"""Amounts: rounding, lines, VAT on totals. No database is needed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppplanner.models import InvoiceLine, VatCode
from ppplanner.money import CENT, cents, line_net, vat_amount
from ppplanner.services.pricing.vat import add_up

HALF_CENT = Decimal("0.005")
RATES = [VatCode(code=str(rate), percentage=Decimal(rate)) for rate in (0, 6, 12, 21)]

amounts = st.decimals(-1_000_000, 1_000_000, places=4)
nets = st.decimals(-100_000, 100_000, places=2)
discounts = st.decimals(0, 100, places=2)
lines = st.lists(st.tuples(nets, st.sampled_from(RATES)), min_size=1, max_size=30)


def make_lines(parts: list[tuple[Decimal, VatCode]]) -> list[InvoiceLine]:
    return [
        InvoiceLine(net=net, vat_code=code, vat_percentage=code.percentage) for net, code in parts
    ]


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.005", "0.01"), ("0.015", "0.02"), ("-0.005", "-0.01"), ("2.3449", "2.34")],
)
def test_half_a_cent_is_rounded_away_from_zero(amount: str, rounded: str) -> None:
    assert cents(Decimal(amount)) == Decimal(rounded)


@given(amounts)
def test_rounding_moves_an_amount_by_half_a_cent_at_most(amount: Decimal) -> None:
    assert abs(cents(amount) - amount) <= HALF_CENT
    assert cents(amount).as_tuple().exponent == CENT.as_tuple().exponent


@given(amounts)
def test_rounding_twice_changes_nothing_more(amount: Decimal) -> None:
    assert cents(cents(amount)) == cents(amount)


@given(amounts)
def test_a_credit_is_rounded_like_the_debit_it_takes_back(amount: Decimal) -> None:
    assert cents(-amount) == -cents(amount)


@given(amounts)
def test_no_amount_is_a_negative_zero(amount: Decimal) -> None:
    assert str(cents(amount)) != "-0.00"


@pytest.mark.parametrize(
    ("units", "unit_price", "discount", "net"),
    [
        ("3", "50", "0", "150.00"),
        ("3", "33.3333", "0", "100.00"),
        ("1.5", "19.99", "0", "29.99"),
        ("7", "12.50", "10", "78.75"),
        ("1", "100", "100", "0.00"),
    ],
)
def test_a_line_costs_units_times_price_less_discount(
    units: str, unit_price: str, discount: str, net: str
) -> None:
    assert line_net(Decimal(units), Decimal(unit_price), Decimal(discount)) == Decimal(net)


@given(st.decimals(0, 1000, places=3), st.decimals(0, 10_000, places=4), discounts)
def test_a_discount_never_makes_a_line_dearer_or_negative(
    units: Decimal, unit_price: Decimal, discount: Decimal
) -> None:
    assert 0 <= line_net(units, unit_price, discount) <= line_net(units, unit_price)


def test_vat_is_computed_on_the_total_of_a_rate_not_per_line() -> None:
    """Three lines of 0.07 at 21 %: 0.03 per line (0.0147 rounds to 0.01), 0.04 on the total."""
    [total] = add_up(make_lines([(Decimal("0.07"), RATES[3])] * 3)).shares
    assert (total.base, total.vat) == (Decimal("0.21"), Decimal("0.04"))


@given(lines)
def test_the_bases_of_all_rates_add_up_to_the_lines(parts: list[tuple[Decimal, VatCode]]) -> None:
    totals = add_up(make_lines(parts)).shares
    assert sum(total.base for total in totals) == sum(net for net, _code in parts)


@given(lines)
def test_vat_is_off_by_half_a_cent_per_rate_at_most(parts: list[tuple[Decimal, VatCode]]) -> None:
    totals = add_up(make_lines(parts)).shares
    unrounded = sum((net * code.percentage / 100 for net, code in parts), Decimal(0))
    rounded = sum((total.vat for total in totals), Decimal(0))
    assert abs(rounded - unrounded) <= HALF_CENT * len(totals)


@given(lines)
def test_the_order_of_lines_does_not_change_what_is_due(
    parts: list[tuple[Decimal, VatCode]],
) -> None:
    def due(some: list[tuple[Decimal, VatCode]]) -> Decimal:
        return add_up(make_lines(some)).gross

    assert due(parts) == due(parts[::-1])


@given(lines)
def test_each_rate_occurs_once_in_the_order_of_the_lines(
    parts: list[tuple[Decimal, VatCode]],
) -> None:
    codes = [total.vat_code for total in add_up(make_lines(parts)).shares]
    assert codes == list(dict.fromkeys(code for _net, code in parts))


def test_two_codes_of_one_percentage_are_kept_apart() -> None:
    export, exempt = VatCode(code="EX"), VatCode(code="44")
    for code in (export, exempt):
        code.percentage = Decimal(0)
    ten, five = Decimal(10), Decimal(5)
    totals = add_up(make_lines([(ten, export), (five, exempt)])).shares
    assert [(total.vat_code.code, total.base) for total in totals] == [("EX", ten), ("44", five)]


@given(nets, st.decimals(0, 100, places=2))
def test_vat_of_a_credit_is_minus_the_vat_of_the_invoice(base: Decimal, rate: Decimal) -> None:
    assert vat_amount(-base, rate) == -vat_amount(base, rate)
