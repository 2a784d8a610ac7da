"""VAT per line, as Exact computes it: each line rounded on its own."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ..derived import rate_on
from ..money import cents, exact
from ..values import Record
from ..work import Work

INCLUDING = "I"
Amounts = tuple[Decimal, Decimal]
"""Base and VAT."""


def sales_code(work: Work, line: Record, day: datetime) -> Record | None:
    """The VAT code of a sales line when it may be used on that day; else an objection."""
    code = work.by_code("vat/VATCodes", "VATCode", line["VATCode"])
    if code is None:
        return None
    if code["IsBlocked"]:
        work.problems.add("blocked", "VATCode")
    if code["VATTransactionType"] == "P":
        work.problems.add("invalid", "VATCode")
    if rate_on(work.books, code, day) is None:
        work.problems.add("invalid", "VATPercentage")
    return code


def code_with_rate(work: Work, rate: float, day: datetime) -> str | None:
    """The code of a sales rate "excluding", for a line that only names a percentage."""
    for code in work.table("vat/VATCodes"):
        usable = code["Type"] == "E" and code["VATTransactionType"] != "P"
        if usable and not code["IsBlocked"] and rate_on(work.books, code, day) == rate:
            return str(code["Code"])
    return None


def split(amount: float, code: Record | None, rate: float | None, sent: float | None) -> Amounts:
    """Base and VAT of a line amount; VAT that was sent overrides the computed VAT."""
    whole = exact(amount)
    if code is None or not rate:
        return cents(whole), Decimal(0)
    including = code["Type"] == INCLUDING
    fraction = exact(rate)
    computed = whole * fraction / (1 + fraction) if including else whole * fraction
    vat = cents(exact(sent)) if sent is not None else cents(computed)
    return (cents(whole) - vat if including else cents(whole)), vat
