"""What waits for Exact, for whoever sends it: what is due, is begun and settled, and its story.

The database is the truth and the queue only a bell: with the queue emptied, the next tick finds all
that still waits.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, func, literal, select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import Message

from .models import (
    ExactAttempt,
    ExactConnection,
    ExactOutboxEntry,
    Kind,
    WorkState,
)
from .turns import awake, reached

OPEN = (WorkState.WAITING, WorkState.SENDING)
#: The same as the index of what is due says it: with values that no statement can vary.
IS_OPEN = ExactOutboxEntry.state.in_(
    bindparam("open", OPEN, ExactOutboxEntry.state.type, expanding=True, literal_execute=True)
)


@dataclass(frozen=True)
class Task:
    """A record whose turn it is: under which its steps and its story are kept."""

    connection_id: int
    kind: str
    record_id: int

    @classmethod
    def of(cls, one: Task | ExactOutboxEntry) -> Task:
        return cls(one.connection_id, one.kind, one.record_id)

    @property
    def connection(self) -> ExactConnection:
        return db.session.get_one(ExactConnection, self.connection_id)


def due_ids(connection_id: int, count: int, without: Collection[Kind] = ()) -> list[int]:
    """The next entries whose turn it is, in their order, by an index that holds nothing else:
    however many wait behind them. Some kinds may have to wait. One that a worker that died has left
    over counts too.
    """
    query = (
        select(ExactOutboxEntry.id)
        .where(
            ExactOutboxEntry.connection_id == connection_id,
            IS_OPEN,
            reached(ExactOutboxEntry.not_before, now()),
            ExactOutboxEntry.kind.not_in(without),
        )
        .order_by(ExactOutboxEntry.rank, ExactOutboxEntry.id)
        .limit(count)
    )
    return list(db.session.scalars(query))


def connections_with_work(at: datetime | None = None) -> list[int]:
    """The connections for which something may be tried at that moment, by default now: first those
    that have waited longest for an answer of Exact. Not those at rest or logged out.
    """
    moment = at or now()
    due = select(ExactOutboxEntry.id).where(
        ExactOutboxEntry.connection_id == ExactConnection.id,
        IS_OPEN,
        reached(ExactOutboxEntry.not_before, moment),
    )
    query = (
        select(ExactConnection.id)
        .where(
            due.exists(),
            awake(moment),
        )
        .order_by(ExactConnection.last_answer_at.nulls_first(), ExactConnection.id)
    )
    return list(db.session.scalars(query))


def count_waiting(connection_ids: Sequence[int], *conditions: ColumnElement[bool]) -> int:
    """How many records are on their way, of those for which the conditions hold."""
    query = select(func.count()).select_from(ExactOutboxEntry)
    query = query.where(
        ExactOutboxEntry.connection_id.in_(connection_ids),
        IS_OPEN,
        *conditions,
    )
    return db.session.scalar(query) or 0


def begin(entry_id: int) -> ExactOutboxEntry | None:
    """A worker is at it now; None when it is settled, or put off, by now. The caller commits, so
    that people see it.
    """
    entry = db.session.get(ExactOutboxEntry, entry_id, populate_existing=True, with_for_update=True)
    if entry is None or entry.state not in OPEN or (entry.not_before or now()) > now():
        return None
    entry.state, entry.again = WorkState.SENDING, False
    return entry


def settle(entry: ExactOutboxEntry, reasons: Iterable[Message] = ()) -> None:
    """Exact knows, or the reasons say why it need not; what changed meanwhile goes once more. The
    caller commits.
    """
    _end(entry, WorkState.DONE, reasons)


def refuse(entry: ExactOutboxEntry, reasons: Iterable[Message], words: Sequence[str] = ()) -> None:
    """It cannot go until a person cures the cause and tries again; what changed meanwhile may be
    the cure, so it goes once more. The caller commits.
    """
    _end(entry, WorkState.REFUSED, reasons, words)


def hold(entry: ExactOutboxEntry, reasons: Iterable[Message]) -> None:
    """A person has to set what is missing; then it goes by itself. What changed meanwhile goes once
    more. The caller commits.
    """
    _end(entry, WorkState.HELD, reasons)


def _end(
    entry: ExactOutboxEntry,
    state: WorkState,
    reasons: Iterable[Message] = (),
    words: Sequence[str] = (),
) -> None:
    """The database says whether it goes once more: somebody may commit a change just now."""
    column = ExactOutboxEntry.state
    waiting, ended = (literal(each, column.type) for each in (WorkState.WAITING, state))
    entry.state = case((ExactOutboxEntry.again, waiting), else_=ended)
    entry.settled_at, entry.reasons, entry.words = now(), stored(reasons), list(words)
    db.session.flush()


def postpone(entry: ExactOutboxEntry, reasons: Iterable[Message], until: datetime | None) -> None:
    """It goes later by itself. The caller commits."""
    entry.state, entry.not_before = WorkState.WAITING, until
    entry.reasons, entry.words = stored(reasons), []


def note_attempt(
    task: Task | ExactOutboxEntry,
    action: str,
    result: str,
    reasons: Iterable[Message] = (),
    words: Sequence[str] = (),
) -> None:
    """Add a line to the record's story; the same thing again only gives its last line a new time.
    The caller commits.
    """
    told = {
        "action": action,
        "result": result,
        "reasons": stored(reasons),
        "words": list(words),
    }
    place = asdict(Task.of(task))
    last = _last_attempt(place)
    if last and told == {name: getattr(last, name) for name in told}:
        last.at = now()
        return
    db.session.add(ExactAttempt(**place, **told))


def _last_attempt(place: dict[str, Any]) -> ExactAttempt | None:
    query = select(ExactAttempt).filter_by(**place).order_by(ExactAttempt.id.desc())
    return db.session.scalars(query.limit(1)).first()


def newest(kind: str, record_ids: Sequence[int]) -> dict[tuple[int, int], ExactOutboxEntry]:
    """The newest entry of each record in each connection, by both ids, in one query: a record that
    is refused night after night has many.
    """
    last = (
        select(func.max(ExactOutboxEntry.id))
        .where(ExactOutboxEntry.kind == kind, ExactOutboxEntry.record_id.in_(record_ids))
        .group_by(ExactOutboxEntry.record_id, ExactOutboxEntry.connection_id)
    )
    query = select(ExactOutboxEntry).where(ExactOutboxEntry.id.in_(last))
    entries = db.session.scalars(query.order_by(ExactOutboxEntry.id))
    return {(each.record_id, each.connection_id): each for each in entries}


def first_queued(kind: str, record_id: int) -> datetime | None:
    """When the record was first put on its way."""
    query = select(func.min(ExactOutboxEntry.queued_at)).filter_by(kind=kind, record_id=record_id)
    return db.session.scalar(query)


def attempts(kind: str, record_id: int) -> list[ExactAttempt]:
    """The story of a record, newest first."""
    query = select(ExactAttempt).filter_by(kind=kind, record_id=record_id)
    return list(db.session.scalars(query.order_by(ExactAttempt.id.desc())))


def stored(messages: Iterable[Message]) -> list[dict[str, object]]:
    """As the columns for reasons keep them."""
    return [message.to_json() for message in messages]
