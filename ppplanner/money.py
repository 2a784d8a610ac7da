"""The one place where amounts are rounded: to cents, half away from zero."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """`amount` (EUR) rounded to whole cents, half away from zero; never a negative zero."""
    return amount.quantize(CENT, ROUND_HALF_UP) + 0


def line_net(units: Decimal, unit_price: Decimal, discount: Decimal = Decimal(0)) -> Decimal:
    """The net amount of a line in EUR; `discount` in per cent."""
    return cents(units * unit_price * (100 - discount) / 100)


def vat_amount(base: Decimal, percentage: Decimal) -> Decimal:
    """The VAT in EUR on a total of one rate."""
    return cents(base * percentage / 100)
