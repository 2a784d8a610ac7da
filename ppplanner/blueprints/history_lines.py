"""The history of one record in words: what its tile shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Date, select

from ppplanner.extensions import db
from ppplanner.formats import day, moment, number
from ppplanner.i18n import _
from ppplanner.models import Base, Change
from ppplanner.models.base import Fixed, UtcDateTime

NEWEST = 20

#: For each field whose values have names: the name of each value.
Words = Mapping[str, Mapping[Any, Any]]


@dataclass(frozen=True)
class HistoryLine:
    """One change as a person reads it."""

    at: datetime
    actor: str
    action: str
    field: str
    old: str | None
    new: str | None


def history_of(record: Any, words: Words | None = None) -> list[HistoryLine]:
    """The newest changes of a record; `words` names the values of its enumerated fields."""
    query = (
        select(Change)
        .filter_by(entity=record.__tablename__, record_id=record.id)
        .order_by(Change.id.desc())
        .limit(NEWEST)
    )
    return in_words(list(db.session.scalars(query)), type(record), words or {})


def in_words(
    changes: Iterable[Change], model: type[Base], words: Words | None = None
) -> list[HistoryLine]:
    """Changes of one model, with names instead of keys. Costs a query per kind of record named."""
    changes = list(changes)
    columns = model.__table__.columns
    names = _names(changes, columns)

    def say(change: Change, value: str | None) -> str | None:
        if value is None:
            return None
        if change.field in names:
            return names[change.field].get(value, value)
        if words and change.field in words:
            return str(words[change.field].get(value, value))
        return _say(columns.get(change.field), value)

    return [
        HistoryLine(
            change.at,
            change.actor,
            change.action,
            change.field,
            say(change, change.old),
            say(change, change.new),
        )
        for change in changes
    ]


def _say(column: ColumnElement[Any] | None, value: str) -> str:
    """A stored value in the person's language, by the type of its column."""
    kind = getattr(column, "type", None)
    if isinstance(kind, UtcDateTime):
        return moment(datetime.fromisoformat(value))
    if isinstance(kind, Fixed):
        return number(Decimal(value))
    if isinstance(kind, Boolean):
        return _("Yes") if value == "True" else _("No")
    if isinstance(kind, Date):
        return day(date.fromisoformat(value))
    return value


def _names(changes: Iterable[Change], columns: Any) -> dict[str, dict[str, str]]:
    """For fields that point at another record: what the records are called, by their key."""
    keys: dict[str, set[str]] = defaultdict(set)
    for change in changes:
        column = columns.get(change.field)
        if column is not None and column.foreign_keys:
            keys[change.field].update(filter(None, (change.old, change.new)))
    return {field: _called(columns[field], wanted) for field, wanted in keys.items()}


def _called(column: ColumnElement[Any], keys: Iterable[str]) -> dict[str, str]:
    table = next(iter(column.foreign_keys)).column.table
    mapper = next(each for each in Base.registry.mappers if each.local_table is table)
    query = select(mapper.class_).where(
        mapper.primary_key[0].in_([int(key) for key in keys if key.isdecimal()])
    )
    return {str(record.id): str(record) for record in db.session.scalars(query)}
