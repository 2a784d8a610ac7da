"""Goes through what waits for one connection, in order, one worker at a time.

A lease in the database says which worker it is; one that dies lets it run out. Each record is
settled by itself: one that fails does not hold up the others. Only what stops the whole does: Exact
does not answer, the limits are used up, the login is gone.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from sqlalchemy import or_, update

from ppplanner.clock import now
from ppplanner.errors import PpplannerError
from ppplanner.extensions import db
from ppplanner.i18n import Message

from .. import outbox
from ..client import ExactClient
from ..connect import note_answer, open_client
from ..errors import (
    ExactError,
    ExactNotConnected,
    ExactRejected,
    ExactUnavailable,
    OutcomeUnknown,
)
from ..incomplete import Incomplete
from ..models import ExactConnection, ExactOutboxEntry
from ..settings import exact_settings
from . import invoices

log = logging.getLogger(__name__)

#: How long a worker may be silent before another takes over; above the longest call.
LEASE = timedelta(seconds=60)
#: Pauses after 1, 2, 3, ... failures in a row.
PAUSES = (5, 10, 20, 40, 60, 120, 300)
#: After an answer that got lost: time for Exact to finish what it was doing.
LOOK_UP_AFTER = timedelta(seconds=5)

PUSH: dict[str, Callable[[ExactClient, ExactOutboxEntry], None]] = {"invoice": invoices.push}


def run_outbox(connection_id: int) -> int:
    """Send all that may be sent now; the number of records settled. Commits."""
    worker = f"{socket.gethostname()}:{os.getpid()}"
    if not _take_lease(connection_id, worker):
        return 0
    try:
        return _send_all(connection_id, worker)
    finally:
        db.session.rollback()
        _drop_lease(connection_id, worker)


def _send_all(connection_id: int, worker: str) -> int:
    settled = 0
    try:
        client = open_client(connection_id)
        while _may_go_on(connection_id, worker) and (entry := outbox.next_due(connection_id)):
            settled += _send(client, entry)
    except ExactUnavailable as error:
        _pause(connection_id, error)
    except ExactNotConnected:
        log.warning("connection %s: a person has to log in with Exact", connection_id)
    return settled


def _send(client: ExactClient, entry: ExactOutboxEntry) -> bool:
    """Send one record; whether it is settled now. Raises what stops the whole."""
    entry_id, connection_id = entry.id, entry.connection_id
    outbox.begin(entry)
    db.session.commit()
    try:
        PUSH[entry.kind](client, entry)
    except ExactRejected as error:
        _refuse(entry_id, error.messages, error.texts)
    except Incomplete as error:
        _refuse(entry_id, error.messages)
    except OutcomeUnknown as error:
        _postpone(entry_id, error.messages, now() + LOOK_UP_AFTER)
        return False
    except ExactUnavailable as error:
        _postpone(entry_id, error.messages, _one_document_later(entry_id, error))
        if error.reason == "crash":
            return False
        raise
    except ExactNotConnected as error:
        _postpone(entry_id, error.messages, None)
        raise
    except PpplannerError as error:
        _refuse(entry_id, [Message(str(error))])
    else:
        outbox.settle(_again(entry_id))
        db.session.commit()
    note_answer(connection_id)
    return True


def _one_document_later(entry_id: int, error: ExactUnavailable) -> datetime | None:
    """A crash inside Exact may come of this very document: it alone waits, ever longer."""
    if error.reason != "crash":
        return None
    tries = _again(entry_id).tries
    return now() + timedelta(seconds=_pause_after(tries))


def _refuse(entry_id: int, reasons: Iterable[Message], words: Iterable[str] = ()) -> None:
    entry, reasons, words = _again(entry_id), list(reasons), list(words)
    outbox.refuse(entry, reasons, words)
    outbox.note_attempt(entry, "send", "refused", reasons, words)
    db.session.commit()


def _postpone(entry_id: int, reasons: Iterable[Message], until: datetime | None) -> None:
    entry, reasons = _again(entry_id), list(reasons)
    outbox.postpone(entry, reasons, until)
    outbox.note_attempt(entry, "send", "postponed", reasons)
    db.session.commit()


def _again(entry_id: int) -> ExactOutboxEntry:
    """The entry read anew, after whatever the failed try left in the session."""
    db.session.rollback()
    return db.session.get_one(ExactOutboxEntry, entry_id)


def _pause(connection_id: int, error: ExactError) -> None:
    """Let the connection rest: until the moment that Exact named, or ever longer."""
    db.session.rollback()
    connection = db.session.get_one(ExactConnection, connection_id)
    connection.failures += 1
    pause = now() + timedelta(seconds=_pause_after(connection.failures))
    connection.paused_until = getattr(error, "retry_at", None) or pause
    connection.pause_reason = error.messages[0].to_json()
    db.session.commit()
    log.info("connection %s rests: %s", connection_id, error)


def _pause_after(failures: int) -> int:
    return PAUSES[min(failures, len(PAUSES)) - 1]


def _take_lease(connection_id: int, worker: str) -> bool:
    """Become the one worker of a connection that is ready, not at rest, and has no other."""
    moment = now()
    connection = db.session.get(ExactConnection, connection_id)
    if connection is None or not connection.is_ready or not _enabled(connection):
        db.session.rollback()
        return False
    dead = connection.leased_by if _is_dead(connection.leased_by) else None
    taken = db.session.execute(
        update(ExactConnection)
        .where(
            ExactConnection.id == connection_id,
            or_(
                ExactConnection.leased_until.is_(None),
                ExactConnection.leased_until < moment,
                ExactConnection.leased_by == dead,
            ),
            or_(ExactConnection.paused_until.is_(None), ExactConnection.paused_until <= moment),
        )
        .values(leased_by=worker, leased_until=moment + LEASE)
    )
    db.session.commit()
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def _is_dead(worker: str | None) -> bool:
    """Whether the worker was a process of this machine that is no more: then nobody waits for its
    lease to run out.
    """
    host, _colon, pid = (worker or "").rpartition(":")
    if host != socket.gethostname() or not pid.isdigit() or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _enabled(connection: ExactConnection) -> bool:
    return exact_settings.load(connection.company_id).enabled


def _may_go_on(connection_id: int, worker: str) -> bool:
    """Extend the lease before the next record; False when another worker has taken over."""
    kept = db.session.execute(
        update(ExactConnection)
        .where(ExactConnection.id == connection_id, ExactConnection.leased_by == worker)
        .values(leased_until=now() + LEASE)
    )
    db.session.commit()
    return bool(kept.rowcount)  # type: ignore[attr-defined]


def _drop_lease(connection_id: int, worker: str) -> None:
    db.session.execute(
        update(ExactConnection)
        .where(ExactConnection.id == connection_id, ExactConnection.leased_by == worker)
        .values(leased_by=None, leased_until=None)
    )
    db.session.commit()
