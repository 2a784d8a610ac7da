"""Goes through what waits for one connection, in order, one worker at a time.

Each record is settled by itself: one that fails does not hold up the others. Only what stops the
whole does: Exact does not answer, lets us in no more, the limits are used up, the login is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from ppplanner.clock import now
from ppplanner.extensions import db

from .. import lease, outbox
from ..client import ExactClient
from ..connect import note_answer, open_client
from ..errors import AccessRefused, ExactNotConnected, ExactUnavailable
from ..lease import LeaseLost
from ..models import ExactConnection, ExactOutboxEntry, Kind
from ..settings import exact_settings
from . import costs, customers, invoices, transactions
from .failures import rest, take_note

log = logging.getLogger(__name__)

#: A run ends then, and the next tick goes on: the queue kills jobs that take an hour.
LONGEST_RUN = timedelta(minutes=15)

PUSH: dict[str, Callable[[ExactClient, ExactOutboxEntry], None]] = {
    Kind.COST_CENTRE: costs.push,
    Kind.COST_CARRIER: costs.push,
    Kind.CUSTOMER: customers.push,
    Kind.INVOICE: invoices.push,
    Kind.TRANSACTION: transactions.push,
}


def run_outbox(connection_id: int) -> int:
    """Send all that may be sent now; the number of records settled. Commits."""
    connection = _usable(connection_id)
    if connection is None or not outbox.next_due(connection_id) or not lease.take(connection):
        db.session.rollback()
        return 0
    try:
        return _send_all(connection_id)
    finally:
        db.session.rollback()
        lease.drop(connection_id)


def _usable(connection_id: int) -> ExactConnection | None:
    """The connection, if work can be sent for it: it is logged in, complete and switched on."""
    connection = db.session.get(ExactConnection, connection_id, populate_existing=True)
    if connection is None or not connection.is_ready:
        return None
    return connection if exact_settings.load(connection.company_id).enabled else None


def _send_all(connection_id: int) -> int:
    settled, ends_at = 0, now() + LONGEST_RUN
    try:
        client = open_client(connection_id, heartbeat=lambda: _heartbeat(connection_id))
        while now() < ends_at and (entry := _next(connection_id)):
            settled += _send(client, entry)
    except (ExactUnavailable, AccessRefused) as error:
        rest(connection_id, error)
    except ExactNotConnected:
        log.warning("connection %s: a person has to log in with Exact", connection_id)
    except LeaseLost:
        log.warning("connection %s: another worker has taken over", connection_id)
    return settled


def _heartbeat(connection_id: int) -> None:
    lease.extend(connection_id)
    db.session.commit()


def _next(connection_id: int) -> ExactOutboxEntry | None:
    """The next record, unless somebody switched the link off or changed it meanwhile."""
    _heartbeat(connection_id)
    return outbox.next_due(connection_id) if _usable(connection_id) else None


def _send(client: ExactClient, entry: ExactOutboxEntry) -> bool:
    """Send one record; whether it is settled now. Raises what stops the whole."""
    entry_id, connection_id = entry.id, entry.connection_id
    outbox.begin(entry)
    db.session.commit()
    try:
        PUSH[entry.kind](client, entry)
    except LeaseLost:
        raise
    except Exception as error:
        return take_note(entry_id, error)
    outbox.settle(db.session.get_one(ExactOutboxEntry, entry_id))
    db.session.commit()
    note_answer(connection_id)
    return True
