"""Amounts in cents, rounded half away from zero. How Exact rounds is not documented."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def exact(amount: float | int | None) -> Decimal:
    """The number as it was written in the request."""
    return Decimal(str(amount or 0))


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def dutch(amount: Decimal) -> str:
    """`1.000,00`, as amounts stand in Exact's messages."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
