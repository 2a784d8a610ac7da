"""Sends for all connections side by side, since each administration has limits of its own: a thread
for each that has work, for a turn.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from datetime import datetime, timedelta

from flask import current_app

from ppplanner import jobs
from ppplanner.clock import now
from ppplanner.extensions import db

from .. import lease, outbox
from .run import Turn, run_outbox

log = logging.getLogger(__name__)

#: Connections at once; the others follow when one of these ends.
AT_ONCE = 32
#: How often it looks for connections that have got work meanwhile (seconds).
LOOK_AGAIN = 2.0
#: Work that is put off no longer than this is waited for, instead of left to the clock.
SOON = timedelta(seconds=30)


def send_for_all() -> bool:
    """Send what waits for whichever connection, for a turn at most, or until the worker is told to
    stop; whether another turn has to follow. A connection over which its thread stumbled is left to
    the clock.
    """
    crew = _Crew(Turn())
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while not crew.turn.is_over and crew.go_on(pool):
            crew.rest()
        crew.see_out()
    return crew.turn.is_over and bool(_due(but=crew.stumbled))


class _Crew:
    """Who is at work in a turn, and who had nothing to do."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        #: Whose threads broke off.
        self.stumbled: set[int] = set()
        self._busy: dict[int, Future[int]] = {}
        #: Connections of which nothing was settled, and when: they are not asked at once again.
        self._idle: dict[int, datetime] = {}

    def go_on(self, pool: ThreadPoolExecutor) -> bool:
        """Begin with the connections that have work; whether there is anything to wait for."""
        self._see_who_ended()
        due = _due(but={*self.stumbled, *self._busy})
        free = _free_among(due)
        for connection_id in due:
            if connection_id in free and not self._was_idle(connection_id):
                self._busy[connection_id] = _start(pool, connection_id, self.turn)
        return bool(self._busy) or bool(_due(now() + SOON, but={*due, *self.stumbled}))

    def rest(self) -> None:
        """Until somebody has ended, or it is time to look again; whether to stop, too."""
        if self._busy:
            wait(self._busy.values(), LOOK_AGAIN, FIRST_COMPLETED)
        else:
            time.sleep(LOOK_AGAIN)
        if jobs.is_told_to_stop():
            self.turn.stop()

    def see_out(self) -> None:
        """Until all have ended, whether they finish what they have begun or are told to stop."""
        while self._busy:
            self.rest()
            self._see_who_ended()

    def _see_who_ended(self) -> None:
        for connection_id, future in list(self._busy.items()):
            if future.done():
                del self._busy[connection_id]
                if future.exception():
                    self.stumbled.add(connection_id)
                elif not future.result():
                    self._idle[connection_id] = now()

    def _was_idle(self, connection_id: int) -> bool:
        since = self._idle.get(connection_id)
        return since is not None and now() < since + timedelta(seconds=LOOK_AGAIN)


def _start(pool: ThreadPoolExecutor, connection_id: int, turn: Turn) -> Future[int]:
    """In the name of this job; `run_outbox` gets an app context of its own, as a job does."""
    return pool.submit(copy_context().run, _run, connection_id, turn)


def _run(connection_id: int, turn: Turn) -> int:
    with current_app.app_context():
        try:
            return run_outbox(connection_id, turn)
        except Exception:
            log.exception("connection %s: its turn broke off", connection_id)
            raise


def _free_among(connection_ids: Collection[int]) -> Collection[int]:
    found = lease.free_among(connection_ids)
    db.session.commit()
    return found


def _due(at: datetime | None = None, *, but: Collection[int]) -> list[int]:
    found = outbox.connections_with_work(at)
    db.session.commit()
    return [each for each in found if each not in but]
