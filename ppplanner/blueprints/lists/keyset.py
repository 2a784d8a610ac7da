"""Paging by the last row seen instead of by number: page 1,000 is as quick as page 1.

A cursor is the id of a row. The row's own sort value is read back, so a URL stays short and
carries no data. When the row is gone, the first page is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Join, Select, and_, or_
from sqlalchemy.orm import Session
from sqlalchemy.sql.visitors import iterate

PAGE_SIZE = 50


@dataclass(frozen=True)
class Order:
    """Sorted by `column`, then by `key`, which is unique; empty values always come last.

    `nullable` is whether there can be any: only without them do indexes serve every direction.
    """

    column: Any
    key: Any
    descending: bool = False
    nullable: bool = True

    @classmethod
    def of(cls, query: Select[Any], column: Any, key: Any, descending: bool = False) -> Order:
        """A column of a table that some rows lack may be empty whatever it says itself."""
        sure = column_is_filled(query, column)
        return cls(column, key, descending, nullable=not sure)

    def apply(self, query: Select[Any], backwards: bool = False) -> Select[Any]:
        down = self.descending is not backwards
        column = self.column.desc() if down else self.column.asc()
        if self.nullable:
            column = column.nulls_first() if backwards else column.nulls_last()
        return query.order_by(None).order_by(column, self.key.desc() if down else self.key.asc())

    def beyond(self, anchor: tuple[Any, int], backwards: bool = False) -> ColumnElement[bool]:
        """Rows after the anchor (its sort value and key), or before it when `backwards`.

        Written as `a >= ? AND (a > ? OR b > ?)`: for `(a, b) > (?, ?)` SQLite uses no index.
        """
        value, key = anchor
        down = self.descending is not backwards
        later_key = self.key < key if down else self.key > key
        if value is None:
            tied = and_(self.column.is_(None), later_key)
            return or_(self.column.is_not(None), tied) if backwards else tied
        later = self.column < value if down else self.column > value
        reached = self.column <= value if down else self.column >= value
        rest = and_(reached, or_(later, later_key))
        return or_(rest, self.column.is_(None)) if self.nullable and not backwards else rest


def column_is_filled(query: Select[Any], column: Any) -> bool:
    """Whether `column` holds something in every row that the query finds."""
    table = getattr(column, "table", None)
    if table is None or column.nullable:
        return False
    parts = (part for source in query.get_final_froms() for part in iterate(source))
    return all(part.right != table for part in parts if isinstance(part, Join) and part.isouter)


@dataclass(frozen=True)
class Slice:
    """One page of rows, and whether there are more on either side."""

    rows: Sequence[Any]
    has_previous: bool = False
    has_next: bool = False


def fetch(
    session: Session,
    query: Select[Any],
    order: Order,
    after: int | None = None,
    before: int | None = None,
    options: Sequence[Any] = (),
    size: int = PAGE_SIZE,
) -> Slice:
    """The page of `query` that follows the row `after`, or precedes `before`; else the first."""
    backwards = after is None and before is not None
    anchor = _anchor(session, query, order, before if backwards else after)
    page = query if anchor is None else query.where(order.beyond(anchor, backwards))
    page = order.apply(page, backwards and anchor is not None).options(*options).limit(size + 1)
    rows = list(session.scalars(page).unique())
    more, rows = len(rows) > size, rows[:size]
    if anchor is None:
        return Slice(rows, has_next=more)
    if not rows or (backwards and not more and len(rows) < size):
        return fetch(session, query, order, options=options, size=size)
    if backwards:
        return Slice(rows[::-1], has_previous=more, has_next=True)
    return Slice(rows, has_previous=True, has_next=more)


def _anchor(
    session: Session, query: Select[Any], order: Order, key: int | None
) -> tuple[Any, int] | None:
    if key is None:
        return None
    found = query.order_by(None).with_only_columns(
        order.column, order.key, maintain_column_froms=True
    )
    row = session.execute(found.where(order.key == key)).first()
    return (row[0], row[1]) if row else None
