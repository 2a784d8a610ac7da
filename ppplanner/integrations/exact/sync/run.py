"""Goes through what waits for one connection, in order, one worker at a time.

Each record is settled by itself: one that fails does not hold up the others. Only what stops the
whole does: Exact does not answer, lets us in no more, the limits are used up, the login is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock

from ppplanner.clock import now
from ppplanner.extensions import db

from .. import fuse, lease, outbox
from ..client import ExactClient
from ..connect import note_answer, open_client
from ..errors import AccessRefused, ExactNotConnected, ExactUnavailable
from ..lease import LeaseLost
from ..models import ExactConnection, ExactOutboxEntry, Kind
from ..outbox import Task
from ..settings import exact_settings
from . import costs, customers, invoices, transactions
from .ahead import LookAhead
from .failures import rest, take_note

log = logging.getLogger(__name__)

#: After so long the worker's next job gets its turn.
TURN = timedelta(minutes=5)
#: How long it may take to finish a batch for which Exact was asked already.
GRACE = timedelta(minutes=2)
#: Records for which Exact is asked together, before the first of them is sent.
BATCH = 25

PUSH: dict[str, Callable[[ExactClient, Task], None]] = {
    Kind.COST_CENTRE: costs.push,
    Kind.COST_CARRIER: costs.push,
    Kind.CUSTOMER: customers.push,
    Kind.INVOICE: invoices.push,
    Kind.TRANSACTION: transactions.push,
}


class Turn:
    """For how long records are sent, by whichever threads of a worker.

    A batch that is begun in time is finished; as long as one is, no other thread stands still.
    """

    def __init__(self) -> None:
        self._ends_at = now() + TURN
        self._stopped = False
        self._unfinished = 0
        self._lock = Lock()

    @property
    def is_over(self) -> bool:
        """No further record is begun."""
        moment = now()
        if self._stopped or moment >= self._ends_at + GRACE:
            return True
        return moment >= self._ends_at and not self._unfinished

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Within, a batch is sent."""
        in_time = now() < self._ends_at
        self._count(in_time)
        try:
            yield
        finally:
            self._count(-in_time)

    def _count(self, change: int) -> None:
        with self._lock:
            self._unfinished += change

    def stop(self) -> None:
        """The record at hand is the last."""
        self._stopped = True


def run_outbox(connection_id: int, turn: Turn | None = None) -> int:
    """Send all that may be sent now, for a turn at most; the number of records settled. Commits."""
    connection = _usable(connection_id)
    if connection is None or not _next_batch(connection) or not lease.take(connection):
        db.session.rollback()
        return 0
    try:
        return _send_all(connection_id, turn or Turn())
    finally:
        db.session.rollback()
        lease.drop(connection_id)


def _usable(connection_id: int) -> ExactConnection | None:
    """The connection, if work can be sent for it: it is logged in, complete and switched on."""
    connection = db.session.get(ExactConnection, connection_id, populate_existing=True)
    if connection is None or not connection.is_ready:
        return None
    return connection if exact_settings.load(connection.company_id).enabled else None


def _next_batch(connection: ExactConnection) -> list[int]:
    """The next entries, in their order; without those that would be refused unasked."""
    return outbox.due_ids(connection.id, BATCH, fuse.waiting_kinds(connection))


def _send_all(connection_id: int, turn: Turn) -> int:
    settled, client = 0, None
    try:
        client = open_client(connection_id, heartbeat=lambda: _heartbeat(connection_id))
        ahead = LookAhead(client, connection_id)
        while not turn.is_over and (entry_ids := _batch(connection_id)):
            with turn.batch():
                ahead.ask(entry_ids)
                for entry_id in entry_ids:
                    if not turn.is_over:
                        settled += _send(client, entry_id)
    except (ExactUnavailable, AccessRefused) as error:
        rest(connection_id, error, client)
    except ExactNotConnected:
        log.warning("connection %s: a person has to log in with Exact", connection_id)
    except LeaseLost:
        log.warning("connection %s: another worker has taken over", connection_id)
    return settled


def _heartbeat(connection_id: int) -> None:
    lease.extend(connection_id)
    db.session.commit()


def _batch(connection_id: int) -> list[int]:
    connection = _usable(connection_id)
    entry_ids = _next_batch(connection) if connection else []
    db.session.commit()
    return entry_ids


def _send(client: ExactClient, entry_id: int) -> bool:
    """Send one record, unless somebody settled it, switched the link off or changed it meanwhile;
    whether it is settled now. Raises what stops the whole.
    """
    entry = outbox.begin(entry_id)
    if entry is None or not _usable(entry.connection_id):
        db.session.rollback()
        return False
    task = Task(entry.connection_id, entry.kind, entry.record_id)
    try:
        PUSH[task.kind](client, task)
    except LeaseLost:
        raise
    except Exception as error:
        return take_note(entry_id, error, client.unanswered)
    outbox.settle(db.session.get_one(ExactOutboxEntry, entry_id))
    if client.unanswered:  # it needed no call, and those before it failed
        db.session.commit()
    else:
        note_answer(task.connection_id)
    return True
