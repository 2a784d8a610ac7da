"""Writes the history: every change of a tracked model becomes rows in the same transaction.

The edges say who acts (`acting`): a request the person, a job its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import ColumnProperty, Session

from ppplanner.models.audit import Change
from ppplanner.models.base import Tracked


@dataclass(frozen=True)
class Actor:
    """Who changes things: a person, or (without id) the clock, a command, a run."""

    name: str
    user_id: int | None = None


_actor: ContextVar[Actor] = ContextVar("actor", default=Actor("ppplanner"))


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Changes within are put to `actor`'s name."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)


@event.listens_for(Session, "before_flush")
def _note_changes(session: Session, _context: object, _instances: object) -> None:
    for record in session.dirty:
        if isinstance(record, Tracked):
            session.add_all(_field_changes(record))
    for record in session.deleted:
        if isinstance(record, Tracked):
            session.add(_change(record, "deleted", old=str(record)))


@event.listens_for(Session, "after_flush")
def _note_new(session: Session, _context: object) -> None:
    """New records have their key only after the flush, so their row follows in the next one."""
    for record in session.new:
        if isinstance(record, Tracked):
            session.add(_change(record, "created"))


def _field_changes(record: Any) -> Iterator[Change]:
    state = inspect(record)
    for attribute in state.mapper.column_attrs:
        if attribute.key in record.untracked or not _is_plain(attribute):
            continue
        changed = state.attrs[attribute.key].history
        if changed.has_changes():
            old, new = (
                _shown(values[0]) if values else None
                for values in (changed.deleted, changed.added)
            )
            if old != new:
                yield _change(record, "changed", attribute.key, old, new)


def _is_plain(attribute: ColumnProperty[Any]) -> bool:
    return not attribute.deferred


def _shown(value: Any) -> str | None:
    return None if value is None else str(value)


def _change(
    record: Any,
    action: str,
    field: str = "",
    old: str | None = None,
    new: str | None = None,
) -> Change:
    actor = _actor.get()
    return Change(
        user_id=actor.user_id,
        actor=actor.name,
        action=action,
        entity=record.__tablename__,
        record_id=inspect(record).mapper.primary_key_from_instance(record)[0],
        field=field,
        old=old,
        new=new,
    )
