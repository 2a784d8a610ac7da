"""Writes the history: every change of a tracked model becomes rows in the same transaction.

The edges say who acts (`acting`): a request the person, a job its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import ColumnProperty, Mapper, Session, UOWTransaction

from ppplanner.models.audit import Change
from ppplanner.models.base import Tracked


@dataclass(frozen=True)
class Actor:
    """Who changes things: a person, or (without id) the clock, a command, a run."""

    name: str
    user_id: int | None = None


NOBODY = Actor("ppplanner")
_actor: ContextVar[Actor] = ContextVar("actor", default=NOBODY)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Changes within are put to `actor`'s name."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


@event.listens_for(Mapper, "mapper_configured")
def _keep_old_values(mapper: Mapper[Any], model: type) -> None:
    """Let "from what" be known of records, too, that were not read again since the last commit."""
    if issubclass(model, Tracked):
        for attribute in mapper.column_attrs:
            getattr(model, attribute.key).impl.active_history = True


@event.listens_for(Session, "after_flush")
def _note(session: Session, flush: UOWTransaction) -> None:
    """Write down what the flush wrote; the rows follow with the next flush, at the latest with the
    commit. Not sooner: keys of new records, and those that relations give, come with the flush.
    """
    for record in session.new:
        if isinstance(record, Tracked):
            session.add(_change(record, "created"))
    for record in session.dirty:
        if isinstance(record, Tracked):
            session.add_all(_field_changes(record))
            session.add_all(_list_changes(record))
    for record in _deleted(flush):
        if isinstance(record, Tracked):
            session.add(_change(record, "deleted", old=str(record)))


def _deleted(flush: UOWTransaction) -> Iterator[object]:
    """`session.deleted` leaves out what was taken off its list, such as a contract's line."""
    for state, (is_deleted, only_listed) in flush.states.items():
        if is_deleted and not only_listed:
            yield state.obj()


def _field_changes(record: Any) -> Iterator[Change]:
    state = inspect(record)
    for attribute in state.mapper.column_attrs:
        if attribute.key in record.untracked or not _is_plain(attribute):
            continue
        changed = state.attrs[attribute.key].history
        if changed.has_changes():
            old, new = (
                _shown(values[0]) if values else None for values in (changed.deleted, changed.added)
            )
            if old != new:
                yield _change(record, "changed", attribute.key, old, new)


def _list_changes(record: Any) -> Iterator[Change]:
    """What a record names by a table in between, and lists whose `info` asks for it: the roles that
    a user is granted.
    """
    state = inspect(record)
    for relation in state.mapper.relationships:
        changed = state.attrs[relation.key].history
        told = relation.secondary is not None or relation.info.get("history")
        if told and (changed.added or changed.deleted):
            before = [*changed.unchanged, *changed.deleted]
            after = [*changed.unchanged, *changed.added]
            yield _change(record, "changed", relation.key, _shown(before), _shown(after))


def _is_plain(attribute: ColumnProperty[Any]) -> bool:
    return not attribute.deferred


def _shown(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(sorted(map(str, value)))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {text}" for key, text in sorted(value.items()))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return None if value is None else str(value)


def _change(
    record: Any,
    action: str,
    field: str = "",
    old: str | None = None,
    new: str | None = None,
) -> Change:
    actor = _actor.get()
    whole, whole_id = _whole(record)
    return Change(
        user_id=actor.user_id,
        actor=actor.name,
        action=action,
        entity=record.__tablename__,
        record_id=inspect(record).mapper.primary_key_from_instance(record)[0],
        whole=whole,
        whole_id=whole_id,
        field=field,
        old=old,
        new=new,
    )


def _whole(record: Any) -> tuple[str, int | None]:
    """The table and key of the record that `record` is a part of."""
    if not record.part_of:
        return "", None
    [key] = inspect(record).mapper.columns[record.part_of].foreign_keys
    return key.column.table.name, getattr(record, record.part_of)
