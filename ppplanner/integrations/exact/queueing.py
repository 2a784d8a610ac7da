"""What Exact has to be told is noted in the transaction of the change that makes it so.

An entry that is open is never doubled; what changes while it is being sent goes once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError

from ppplanner.batches import batches
from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import Message

from .items import Item
from .models import ExactConnection, ExactOutboxEntry, ExactRun, WorkState
from .outbox import OPEN, stored


def queue(
    connection: ExactConnection, item: Item, *, by: str, run: ExactRun | None = None
) -> ExactOutboxEntry | None:
    """Note that a record has to go to Exact. The caller commits.

    None when that is noted already; one that is being sent at this moment goes once more. None,
    too, when the connection is taken away at this moment.
    """
    connection_id, entry = connection.id, _entry(connection, item, by=by, run=run)
    try:
        with db.session.begin_nested():
            db.session.add(entry)
    except IntegrityError:
        if _open_among(connection_id, [item]):
            _send_again(connection_id, [item])
            return None
        if not _is_there(connection_id):
            return None
        return queue(connection, item, by=by, run=run)  # it was settled at this moment
    return entry


def queue_all(
    connection: ExactConnection, items: Iterable[Item], *, by: str, run: ExactRun | None = None
) -> int:
    """The same for many of one kind, in a few statements; how many were not noted already."""
    items = list(items)
    open_ids = _open_among(connection.id, items)
    new = [item for item in items if item.record_id not in open_ids]
    try:
        with db.session.begin_nested():
            _insert([_values(connection, item, by=by, run=run) for item in new])
    except IntegrityError:  # somebody was faster with one of them
        return sum(queue(connection, item, by=by, run=run) is not None for item in items)
    _send_again(connection.id, [item for item in items if item.record_id in open_ids])
    return len(new)


def is_on_its_way(connection_id: int, item: Item) -> bool:
    """Whether it waits or is being sent. That stays so until the caller commits."""
    return bool(_open_among(connection_id, [item]))


def _is_there(connection_id: int) -> bool:
    return bool(db.session.scalar(select(ExactConnection.id).filter_by(id=connection_id)))


def _insert(rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(ExactOutboxEntry), rows)


def _open_among(connection_id: int, items: Sequence[Item]) -> set[int]:
    """The ids of those that are on their way. Their entries stay as they are until the caller
    commits, so that a worker neither begins before it can see what has changed, nor settles what
    has to go once more.
    """
    found: set[int] = set()
    for batch in batches(items):
        query = (
            select(ExactOutboxEntry.record_id)
            .where(*_are(connection_id, batch), ExactOutboxEntry.state.in_(OPEN))
            .order_by(ExactOutboxEntry.id)
            .with_for_update()
        )
        found |= set(db.session.scalars(query))
    return found


def _are(connection_id: int, items: Sequence[Item]) -> tuple[ColumnElement[bool], ...]:
    """The entries of these records, all of one kind."""
    return (
        ExactOutboxEntry.connection_id == connection_id,
        ExactOutboxEntry.kind == items[0].kind,
        ExactOutboxEntry.record_id.in_([item.record_id for item in items]),
    )


def hold_all(
    connection: ExactConnection,
    held: Iterable[tuple[Item, Iterable[Message]]],
    run: ExactRun | None,
) -> None:
    """Note why records cannot go before somebody sets what is missing. Whoever asks has looked
    whether that is noted already (`is_held_for`). The caller commits.
    """
    told = {"state": WorkState.HELD, "settled_at": now()}
    rows = [
        {**_values(connection, item, by="", run=run), **told, "reasons": stored(reasons)}
        for item, reasons in held
    ]
    _insert(rows)


def is_held_for(entry: ExactOutboxEntry | None, reasons: Iterable[Message]) -> bool:
    """Whether people know already that these very reasons hold it back."""
    if entry is None or entry.state is not WorkState.HELD:
        return False
    return entry.reasons == stored(reasons)


def _entry(
    connection: ExactConnection, item: Item, *, by: str, run: ExactRun | None
) -> ExactOutboxEntry:
    return ExactOutboxEntry(**_values(connection, item, by=by, run=run))


def _values(
    connection: ExactConnection, item: Item, *, by: str, run: ExactRun | None
) -> dict[str, Any]:
    return {
        "connection_id": connection.id,
        "company_id": connection.company_id,
        "queued_by": by,
        "run_id": run.id if run else None,
        **asdict(item),
    }


def _send_again(connection_id: int, items: Sequence[Item]) -> None:
    for batch in batches(items):
        db.session.execute(
            update(ExactOutboxEntry)
            .where(
                *_are(connection_id, batch),
                ExactOutboxEntry.state == WorkState.SENDING,
            )
            .values(again=True)
        )
