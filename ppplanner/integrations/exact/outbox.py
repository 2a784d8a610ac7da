"""What Exact has to be told: noted in the transaction of the change, settled when Exact knows.

The database is the truth and the queue only a bell: with the queue emptied, the next tick finds all
that still waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import Message

from .models import ConnectionState, ExactAttempt, ExactConnection, ExactOutboxEntry, WorkState

OPEN = (WorkState.WAITING, WorkState.SENDING)


def queue_invoice(connection_id: int, invoice_id: int, by: str) -> ExactOutboxEntry | None:
    """Note that an invoice has to go to Exact. None when that is noted already. Caller commits."""
    entry = ExactOutboxEntry(
        connection_id=connection_id, kind="invoice", record_id=invoice_id, queued_by=by
    )
    try:
        with db.session.begin_nested():
            db.session.add(entry)
    except IntegrityError:
        return None
    return entry


def next_due(connection_id: int, at: datetime | None = None) -> ExactOutboxEntry | None:
    """The oldest entry that may be tried now. One left over by a worker that died counts too."""
    moment = at or now()
    query = (
        select(ExactOutboxEntry)
        .where(
            ExactOutboxEntry.connection_id == connection_id,
            ExactOutboxEntry.state.in_(OPEN),
            _reached(ExactOutboxEntry.not_before, moment),
        )
        .order_by(ExactOutboxEntry.id)
        .limit(1)
    )
    return db.session.scalars(query).first()


def connections_with_work(at: datetime | None = None) -> list[int]:
    """The connections for which something may be tried now; not those at rest or logged out."""
    moment = at or now()
    query = (
        select(ExactOutboxEntry.connection_id)
        .join(ExactOutboxEntry.connection)
        .where(
            ExactOutboxEntry.state.in_(OPEN),
            _reached(ExactOutboxEntry.not_before, moment),
            ExactConnection.state == ConnectionState.CONNECTED,
            _reached(ExactConnection.paused_until, moment),
        )
    )
    return list(db.session.scalars(query.distinct()))


def _reached(
    column: InstrumentedAttribute[datetime | None], moment: datetime
) -> ColumnElement[bool]:
    return or_(column.is_(None), column <= moment)


def begin(entry: ExactOutboxEntry) -> None:
    """A worker is at it now. The caller commits, so that people see it."""
    entry.state = WorkState.SENDING


def settle(entry: ExactOutboxEntry) -> None:
    """Exact knows. The caller commits."""
    entry.state, entry.settled_at = WorkState.DONE, now()
    entry.reasons, entry.words = [], []


def refuse(entry: ExactOutboxEntry, reasons: Iterable[Message], words: Sequence[str] = ()) -> None:
    """It cannot go until a person cures the cause and tries again. The caller commits."""
    entry.state, entry.settled_at = WorkState.REFUSED, now()
    entry.reasons, entry.words = _stored(reasons), list(words)


def postpone(entry: ExactOutboxEntry, reasons: Iterable[Message], until: datetime | None) -> None:
    """It goes later by itself. The caller commits."""
    entry.state, entry.not_before = WorkState.WAITING, until
    entry.reasons, entry.words = _stored(reasons), []


def note_attempt(
    entry: ExactOutboxEntry,
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
        "reasons": _stored(reasons),
        "words": list(words),
    }
    last = _last_attempt(entry)
    if last and told == {name: getattr(last, name) for name in told}:
        last.at = now()
        return
    place = {name: getattr(entry, name) for name in ("connection_id", "kind", "record_id")}
    db.session.add(ExactAttempt(**place, **told))


def _last_attempt(entry: ExactOutboxEntry) -> ExactAttempt | None:
    query = select(ExactAttempt).filter_by(kind=entry.kind, record_id=entry.record_id)
    return db.session.scalars(query.order_by(ExactAttempt.id.desc()).limit(1)).first()


def last_entries(kind: str, record_ids: Sequence[int]) -> dict[int, ExactOutboxEntry]:
    """The newest entry of each record, in one query."""
    query = (
        select(ExactOutboxEntry)
        .where(ExactOutboxEntry.kind == kind, ExactOutboxEntry.record_id.in_(record_ids))
        .order_by(ExactOutboxEntry.id)
    )
    return {entry.record_id: entry for entry in db.session.scalars(query)}


def first_queued(kind: str, record_id: int) -> datetime | None:
    """When the record was first put on its way."""
    query = select(func.min(ExactOutboxEntry.queued_at)).filter_by(kind=kind, record_id=record_id)
    return db.session.scalar(query)


def attempts(kind: str, record_id: int) -> list[ExactAttempt]:
    """The story of a record, newest first."""
    query = select(ExactAttempt).filter_by(kind=kind, record_id=record_id)
    return list(db.session.scalars(query.order_by(ExactAttempt.id.desc())))


def _stored(messages: Iterable[Message]) -> list[dict[str, object]]:
    return [message.to_json() for message in messages]
