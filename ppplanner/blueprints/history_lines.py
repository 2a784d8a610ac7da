"""The history of one record in words: what its tile shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Date, and_, or_, select

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.costs import told_here
from ppplanner.blueprints.setting_words import UNKNOWN, settings_in_words
from ppplanner.blueprints.vocabulary import field_name, kind_of
from ppplanner.extensions import db
from ppplanner.formats import day, moment, number, price
from ppplanner.i18n import _
from ppplanner.models import Base, Change, Setting
from ppplanner.models.base import Euros, Fixed, UtcDateTime

NEWEST = 20


@dataclass(frozen=True)
class HistoryLine:
    """One change as a person reads it."""

    at: datetime
    actor: str
    action: str
    field: Text
    old: str | None
    new: str | None
    #: The part of the record that changed, such as a price line; "" for the record itself.
    part: str = ""


def history_of(record: Any) -> list[HistoryLine]:
    """The newest changes of a record and of its parts."""
    table = record.__tablename__
    itself = and_(Change.entity == table, Change.record_id == record.id)
    parts = and_(Change.whole == table, Change.whole_id == record.id)
    query = select(Change).where(or_(itself, parts), told_here())
    changes = db.session.scalars(query.order_by(Change.id.desc()).limit(NEWEST)).all()
    lines: dict[int, HistoryLine] = {}
    for entity, model, some in by_entity(changes):
        told = in_words(some, entity, model)
        if entity != table:
            told = _of_parts(some, told, entity, model)
        lines |= zip((each.id for each in some), told, strict=True)
    return [lines[each.id] for each in changes]


def _of_parts(
    changes: list[Change], lines: list[HistoryLine], entity: str, model: Any
) -> list[HistoryLine]:
    names = names_of(model, {each.record_id for each in changes})
    names |= {each.record_id: each.old or "" for each in changes if each.action == "deleted"}
    kind = kind_of(entity)

    def called(record_id: int) -> str:
        name = names.get(record_id, "")
        return str(kind.names[name]) if name in kind.names else f"{kind.title} {name}".strip()

    return [
        replace(line, part=called(each.record_id))
        for each, line in zip(changes, lines, strict=True)
    ]


def by_entity(
    changes: Iterable[Change],
) -> Iterator[tuple[str, type[Base] | None, list[Change]]]:
    """The changes of each table with the table's model, None when that is of a former add-on."""
    grouped: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        grouped[change.entity].append(change)
    models = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    for entity, some in grouped.items():
        yield entity, models.get(entity), some


def names_of(model: Any, ids: set[int]) -> dict[int, str]:
    """What the records with these ids are called, of those that still exist."""
    if model is None:
        return {}
    if model is Setting:
        return {key: each.whose for key, each in settings_in_words(ids).items()}
    key = model.__mapper__.primary_key[0]
    records = db.session.scalars(select(model).where(key.in_(ids))).unique()
    return {getattr(record, key.key): str(record) for record in records}


def in_words(changes: Sequence[Change], entity: str, model: type[Base] | None) -> list[HistoryLine]:
    """Changes of one table, with names instead of keys. Costs a query per kind of record named."""
    if model is Setting:
        return _settings_in_words(changes)
    columns: Any = model.__table__.columns if model else {}
    kind = kind_of(entity)
    names, words = _names(changes, columns), kind.words

    def say(change: Change, value: str | None) -> str | None:
        if value is None:
            return None
        if change.field in names:
            return names[change.field].get(value, value)
        if change.field in words:
            return str(words[change.field].get(value, value))
        if change.field in kind.written:
            return kind.written[change.field](value)
        return _say(columns.get(change.field), value)

    return [
        HistoryLine(
            change.at,
            change.actor,
            change.action,
            field_name(entity, change.field) if change.field else "",
            say(change, change.old),
            say(change, change.new),
        )
        for change in changes
    ]


def _settings_in_words(changes: Sequence[Change]) -> list[HistoryLine]:
    """A setting is a row of its own, yet people read it as a field."""
    known = settings_in_words({change.record_id for change in changes})

    def line(change: Change) -> HistoryLine:
        setting = known.get(change.record_id, UNKNOWN)
        old, new = setting.value(change.old), setting.value(change.new)
        return HistoryLine(change.at, change.actor, change.action, setting.title, old, new)

    return [line(change) for change in changes]


def _say(column: ColumnElement[Any] | None, value: str) -> str:
    """A stored value in the person's language, by the type of its column."""
    kind = getattr(column, "type", None)
    if isinstance(kind, UtcDateTime):
        return moment(datetime.fromisoformat(value))
    if isinstance(kind, Euros):
        return price(Decimal(value))
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
