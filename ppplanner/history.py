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
from sqlalchemy.orm import ColumnProperty, Mapper, Session

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
def _note(session: Session, _context: object) -> None:
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
    for record in session.deleted:
        if isinstance(record, Tracked):
            session.add(_change(record, "deleted", old=str(record)))


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
    """What a record names by a table in between: the roles of a user."""
    state = inspect(record)
    for relation in state.mapper.relationships:
        changed = state.attrs[relation.key].history
        if relation.secondary is not None and (changed.added or changed.deleted):
            before = [*changed.unchanged, *changed.deleted]
            after = [*changed.unchanged, *changed.added]
            yield _change(record, "changed", relation.key, _shown(before), _shown(after))


def _is_plain(attribute: ColumnProperty[Any]) -> bool:
    return not attribute.deferred


def _shown(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(sorted(map(str, value)))
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
