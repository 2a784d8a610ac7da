"""Background work: a few lines around `sync/`. What waits is found in the database each time."""

from __future__ import annotations

from ppplanner import jobs
from ppplanner.extensions import db

from . import fuse, keeping, lease, outbox
from .sync.dispatch import send_for_all
from .sync.intervals import start_due_intervals
from .sync.nights import start_due_nights
from .sync.payments import connections_due, follow_payments
from .sync.refreshing import lists_due, refresh_if_due


@jobs.job
def send_what_waits() -> None:
    """Send what waits, for whichever connection."""
    jobs.take_along(send_what_waits, on=jobs.LINKS)
    if send_for_all():
        jobs.enqueue(send_what_waits, on=jobs.LINKS)


def send_soon() -> None:
    """Ring the bell for what waits, once the present transaction is committed."""
    jobs.enqueue_after_commit(send_what_waits, on=jobs.LINKS)


@jobs.job
def fetch_payments(connection_id: int) -> None:
    """Ask Exact which of a company's invoices are paid."""
    follow_payments(connection_id)


@jobs.job
def fetch_lists(connection_id: int) -> None:
    """Fetch the lists anew that people pick from."""
    refresh_if_due(connection_id)


@jobs.job
def keep_login(connection_id: int) -> None:
    """Renew a login that would die of disuse."""
    keeping.keep_alive(connection_id)


@jobs.job
def tick() -> None:
    """Begin the nights and intervals that are due, and wake the work that waits, however it came to
    wait. What takes a moment goes before the next turn.
    """
    fuse.forget_old()
    keeping.watch_logins()
    start_due_nights()
    start_due_intervals()
    free = lease.free_among(outbox.connections_with_work())
    unasked, aged, unused = connections_due(), lists_due(), keeping.unused_logins()
    db.session.commit()  # nobody shall wait for a lock while the queue does not answer
    if free:
        jobs.enqueue(send_what_waits, on=jobs.LINKS)
    for connection_id in unasked:
        jobs.enqueue(fetch_payments, connection_id, on=jobs.LINKS, first=True)
    for connection_id in aged:
        jobs.enqueue(fetch_lists, connection_id, on=jobs.LINKS, first=True)
    for connection_id in unused:
        jobs.enqueue(keep_login, connection_id, on=jobs.LINKS, first=True)
