"""What Exact has to be told: noted in the transaction of the change, settled when Exact knows.

The database is the truth and the queue only a bell: with the queue emptied, the next tick finds all
that still waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import Message

from .models import ExactAttempt, ExactOutboxEntry, WorkState

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
            or_(ExactOutboxEntry.not_before.is_(None), ExactOutboxEntry.not_before <= moment),
        )
        .order_by(ExactOutboxEntry.id)
        .limit(1)
    )
    return db.session.scalars(query).first()


def connections_with_work(at: datetime | None = None) -> list[int]:
    """The connections for which something may be tried now."""
    moment = at or now()
    query = select(ExactOutboxEntry.connection_id).where(
        ExactOutboxEntry.state.in_(OPEN),
        or_(ExactOutboxEntry.not_before.is_(None), ExactOutboxEntry.not_before <= moment),
    )
    return list(db.session.scalars(query.distinct()))


def begin(entry: ExactOutboxEntry) -> None:
    """A worker is at it now. The caller commits, so that people see it."""
    entry.state = WorkState.SENDING
    entry.tries += 1


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
    """Add a line to the record's story. The caller commits."""
    db.session.add(
        ExactAttempt(
            connection_id=entry.connection_id,
            kind=entry.kind,
            record_id=entry.record_id,
            action=action,
            result=result,
            reasons=_stored(reasons),
            words=list(words),
        )
    )


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
