"""Sums that both databases do alike: seconds between moments, cents of amounts and price lines."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class epoch(FunctionElement[int]):
    """The seconds from 1970 until a moment."""

    type = BigInteger()
    inherit_cache = True


class line_cents(FunctionElement[int]):
    """What a price line comes to in cents, rounded like `money.line_net`.

    Takes its units, unit price and discount.
    """

    type = BigInteger()
    inherit_cache = True


class in_cents(FunctionElement[int]):
    """An amount of money (a column of EUR) in cents."""

    type = BigInteger()
    inherit_cache = True


class part_of(FunctionElement[int]):
    """A whole number times a part, divided by a total, without what is left over."""

    type = BigInteger()
    inherit_cache = True


def _parts(element: Any, compiler: SQLCompiler, options: Any) -> list[str]:
    return [f"({compiler.process(each, **options)})" for each in element.clauses]


@compiles(epoch, "sqlite")
def _epoch_sqlite(element: epoch, compiler: SQLCompiler, **options: Any) -> str:
    [moment] = _parts(element, compiler, options)
    return f"cast(strftime('%s', {moment}) as integer)"


@compiles(epoch, "postgresql")
def _epoch_postgresql(element: epoch, compiler: SQLCompiler, **options: Any) -> str:
    [moment] = _parts(element, compiler, options)
    return f"cast(floor(extract(epoch from {moment})) as bigint)"


@compiles(line_cents, "sqlite")
def _cents_sqlite(element: line_cents, compiler: SQLCompiler, **options: Any) -> str:
    """Decimals are whole numbers here (models/base.py): thousandths of units, hundredths of cents,
    hundredths of per cents.
    """
    units, price, discount = _parts(element, compiler, options)
    product = f"{units} * {price} * (10000 - {discount})"
    half = f"(case when {units} * {price} < 0 then -500000000 else 500000000 end)"
    return f"cast(({product} + {half}) / 1000000000 as integer)"


@compiles(line_cents, "postgresql")
def _cents_postgresql(element: line_cents, compiler: SQLCompiler, **options: Any) -> str:
    units, price, discount = _parts(element, compiler, options)
    return f"round({units} * {price} * (100 - {discount}))"


@compiles(in_cents, "sqlite")
def _whole_sqlite(element: in_cents, compiler: SQLCompiler, **options: Any) -> str:
    [amount] = _parts(element, compiler, options)
    return amount


@compiles(in_cents, "postgresql")
def _whole_postgresql(element: in_cents, compiler: SQLCompiler, **options: Any) -> str:
    [amount] = _parts(element, compiler, options)
    return f"({amount} * 100)"


@compiles(part_of, "sqlite")
def _part_sqlite(element: part_of, compiler: SQLCompiler, **options: Any) -> str:
    whole, part, total = _parts(element, compiler, options)
    return f"cast({whole} * {part} / {total} as integer)"


@compiles(part_of, "postgresql")
def _part_postgresql(element: part_of, compiler: SQLCompiler, **options: Any) -> str:
    whole, part, total = _parts(element, compiler, options)
    return f"div(cast({whole} as numeric) * {part}, {total})"
