"""Sends for all connections side by side, since each administration has limits of its own: a thread
for each that has work, for a turn.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from datetime import datetime, timedelta

from flask import current_app

from ppplanner.clock import now
from ppplanner.extensions import db

from .. import outbox
from .run import TURN, run_outbox

log = logging.getLogger(__name__)

#: Connections at once; the others follow when one of these ends.
AT_ONCE = 32
#: How often it looks for connections that have got work meanwhile (seconds).
LOOK_AGAIN = 2.0
#: Work that is put off no longer than this is waited for, instead of left to the clock.
SOON = timedelta(seconds=30)


def send_for_all() -> bool:
    """Send what waits for whichever connection, for a turn at most; whether another turn has to
    follow. Raises what a thread stumbled over, once all have ended; the clock goes on then.
    """
    turn = _Turn(now() + TURN)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while now() < turn.ends_at and turn.go_on(pool):
            turn.rest()
    turn.raise_errors()
    return now() >= turn.ends_at and bool(_due())


class _Turn:
    """Who is at work, and who had nothing to do."""

    def __init__(self, ends_at: datetime) -> None:
        self.ends_at = ends_at
        self._busy: dict[int, Future[int]] = {}
        self._ended: list[Future[int]] = []
        #: Connections of which nothing was settled, and when: they are not asked at once again.
        self._idle: dict[int, datetime] = {}

    def go_on(self, pool: ThreadPoolExecutor) -> bool:
        """Begin with the connections that have work; whether there is anything to wait for."""
        self._see_who_ended()
        due = _due()
        for connection_id in due:
            if connection_id not in self._busy and not self._was_idle(connection_id):
                self._busy[connection_id] = _start(pool, connection_id, self.ends_at)
        return bool(self._busy) or bool(set(_due(now() + SOON)) - set(due))

    def rest(self) -> None:
        """Until somebody has ended, or it is time to look again."""
        if self._busy:
            wait(self._busy.values(), LOOK_AGAIN, FIRST_COMPLETED)
        else:
            time.sleep(LOOK_AGAIN)

    def raise_errors(self) -> None:
        for each in (*self._ended, *self._busy.values()):
            each.result()

    def _see_who_ended(self) -> None:
        for connection_id, future in list(self._busy.items()):
            if future.done():
                self._ended.append(self._busy.pop(connection_id))
                if future.exception() or not future.result():
                    self._idle[connection_id] = now()

    def _was_idle(self, connection_id: int) -> bool:
        since = self._idle.get(connection_id)
        return since is not None and now() < since + timedelta(seconds=LOOK_AGAIN)


def _start(pool: ThreadPoolExecutor, connection_id: int, until: datetime) -> Future[int]:
    """In the name of this job; `run_outbox` gets an app context of its own, as a job does."""
    return pool.submit(copy_context().run, _run, connection_id, until)


def _run(connection_id: int, until: datetime) -> int:
    with current_app.app_context():
        try:
            return run_outbox(connection_id, until)
        except Exception:
            log.exception("connection %s: its turn broke off", connection_id)
            raise


def _due(at: datetime | None = None) -> list[int]:
    found = outbox.connections_with_work(at)
    db.session.commit()
    return found
