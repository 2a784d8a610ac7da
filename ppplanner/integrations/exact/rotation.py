"""Another key for all that is sealed, while everybody goes on working.

Each value is written anew in a transaction of its own, and only in place of the very text that was
read: a login that is renewed at the same moment keeps its new tokens.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Text, select, type_coerce, update

from ppplanner.extensions import db
from ppplanner.models import Base

from .vault import UNREADABLE, Sealed, is_sealed_with_first_key, unseal


@dataclass
class Rotation:
    """What became of all sealed values."""

    #: Those that have the first key by now, and how many of them had another one before.
    sealed: int = 0
    rewritten: int = 0
    #: Those that none of our keys opens: the table, the column and the record's key.
    unreadable: list[str] = field(default_factory=list)


def rotate() -> Rotation:
    """Seal every value with the first key. Commits each."""
    rotation = Rotation()
    for column in _sealed_columns():
        for key in _records_with(column):
            _rotate(column, key, rotation)
    return rotation


def _sealed_columns() -> Iterator[Column[Any]]:
    for table in Base.metadata.sorted_tables:
        yield from (column for column in table.columns if isinstance(column.type, Sealed))


def _records_with(column: Column[Any]) -> list[Any]:
    query = select(_key(column)).where(column.is_not(None)).order_by(_key(column))
    keys = list(db.session.scalars(query))
    db.session.commit()
    return keys


def _rotate(column: Column[Any], key: Any, rotation: Rotation) -> None:
    """Until the value has the first key, whoever else writes it meanwhile."""
    while (sealed := _read(column, key)) is not None:
        if is_sealed_with_first_key(sealed):
            rotation.sealed += 1
            return
        text = unseal(sealed)
        if text == UNREADABLE:
            rotation.unreadable.append(f"{column} {key}")
            return
        rotation.rewritten += _replace(column, key, sealed, text)


def _read(column: Column[Any], key: Any) -> str | None:
    query = select(type_coerce(column, Text)).where(_key(column) == key)
    sealed = db.session.scalar(query)
    db.session.commit()
    return sealed


def _replace(column: Column[Any], key: Any, sealed: str, text: str) -> bool:
    written = db.session.execute(
        update(column.table)
        .where(_key(column) == key, type_coerce(column, Text) == sealed)
        .values({column.name: text})
    )
    db.session.commit()
    return bool(written.rowcount)  # type: ignore[attr-defined]


def _key(column: Column[Any]) -> Column[Any]:
    [key] = column.table.primary_key.columns
    return key
