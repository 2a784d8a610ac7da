"""Filters, orders and cuts records into pages, each continued by a $skiptoken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from ..errors import wrong_query
from ..metadata import Resource
from ..values import GUID, Record
from .filter import Get
from .lexer import Literal
from .query import Query

View = Callable[[Record], Get]
"""Gives the properties of a record as they stand in an answer (padded, looked up)."""


@dataclass(frozen=True)
class Page:
    """One page of an answer; `token` continues it, `left` is what remains of $top."""

    records: list[Record]
    token: str | None
    count: int
    left: int | None


def page(
    records: list[Record], query: Query, resource: Resource, view: View, page_size: int
) -> Page:
    """The records that fit, on the page asked for.

    A full page is always continued, even when nothing follows: the last page may be empty.
    """
    if query.filter is not None:
        fits = query.filter.fits
        records = [record for record in records if fits(view(record))]
    count = len(records)
    rows = _ordered(records, query, resource, view)[query.skip :]
    if query.after:
        rows = _after(rows, query, resource)
    size = page_size if query.top is None else min(page_size, query.top)
    shown = rows[:size]
    left = None if query.top is None else query.top - len(shown)
    full = len(shown) == page_size and left != 0
    token = _token(shown[-1][1]) if full else None
    return Page([record for record, _ in shown], token, count, left)


Row = tuple[Record, tuple[Any, ...]]


def _ordered(records: list[Record], query: Query, resource: Resource, view: View) -> list[Row]:
    names = [name for name, _ in query.order]
    rows: list[Row] = [
        (record, tuple(record[name] for name in resource.keys)) for record in records
    ]
    if not names:
        # Keys are never missing, and this is what most lists ask for.
        return sorted(rows, key=itemgetter(1))
    rows = [(record, _values(view(record), names) + key) for record, key in rows]
    directions = _directions(query, resource)
    for place in reversed(range(len(directions))):
        rows.sort(key=lambda row: _rank(row[1][place]), reverse=directions[place])
    return rows


def _values(get: Get, names: list[str]) -> tuple[Any, ...]:
    return tuple(get(name) for name in names)


def _directions(query: Query, resource: Resource) -> list[bool]:
    return [down for _, down in query.order] + [False for _ in resource.keys]


def _rank(value: Any) -> tuple[bool, Any]:
    """Missing values come first, as in SQL Server."""
    return (value is not None, 0 if value is None else value)


def _after(rows: list[Row], query: Query, resource: Resource) -> list[Row]:
    directions = _directions(query, resource)
    mark = [literal.value for literal in query.after]
    if len(mark) != len(directions):
        raise wrong_query()
    try:
        return [row for row in rows if _is_later(row[1], mark, directions)]
    except TypeError as error:
        raise wrong_query() from error


def _is_later(values: tuple[Any, ...], mark: list[Any], directions: list[bool]) -> bool:
    for value, other, down in zip(values, mark, directions, strict=True):
        one, two = _rank(value), _rank(other)
        if one != two:
            return (one < two) if down else (one > two)
    return False


def _token(values: tuple[Any, ...]) -> str:
    return ",".join(_written(value) for value in values)


def _written(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"datetime'{value.isoformat()}'"
    if isinstance(value, str):
        return f"guid'{value}'" if GUID.fullmatch(value) else "'" + value.replace("'", "''") + "'"
    return str(value)


def key_of(found: list[Literal], resource: Resource) -> tuple[Any, ...]:
    """The key in an address such as `Accounts(guid'…')`."""
    if len(found) != len(resource.keys):
        raise wrong_query()
    return tuple(literal.value for literal in found)
