"""One worker at a time sends for a connection: who, says a lease in the database.

A worker extends it with each call, and so finds out that another one has taken over meanwhile; and
every few seconds while it waits. It runs out when its worker is silent for longer than any call
takes; a worker that was killed on this machine is replaced at once.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Collection
from datetime import timedelta
from functools import cache
from pathlib import Path
from threading import get_ident
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from ppplanner.clock import now
from ppplanner.extensions import db

from .models import ExactConnection
from .shared_clock import shared_now
from .turns import claim, reached

#: Longer than the longest call (an upload) with a renewal of the login before it.
LEASE = timedelta(minutes=4)


class LeaseLost(Exception):
    """Another worker has taken over: make no further call, and leave its records alone."""


def this_worker() -> str:
    """This thread of this process; never the name of another one that lives."""
    return f"{_machine()}:{os.getpid()}:{get_ident()}"


def take(connection: ExactConnection) -> bool:
    """Become the one worker of the connection, unless it rests or has another one. Commits."""
    moment = shared_now()
    rested = reached(ExactConnection.paused_until, now())
    lease = {"leased_by": this_worker(), "leased_until": moment + LEASE}
    taken = claim(connection.id, lease, _free(connection, moment), rested)
    db.session.commit()
    return taken


def free_among(connection_ids: Collection[int]) -> set[int]:
    """Those that a worker could take now."""
    query = select(ExactConnection.id, ExactConnection.leased_by, _has_run_out(shared_now()))
    found = db.session.execute(query.where(ExactConnection.id.in_(connection_ids)))
    return {key for key, worker, has_run_out in found if has_run_out or _is_dead(worker)}


def _free(connection: ExactConnection, moment: Any) -> ColumnElement[bool]:
    dead = connection.leased_by if _is_dead(connection.leased_by) else None
    return or_(_has_run_out(moment), ExactConnection.leased_by == dead)


def _has_run_out(moment: Any) -> ColumnElement[bool]:
    return or_(ExactConnection.leased_until.is_(None), ExactConnection.leased_until < moment)


def extend(connection_id: int) -> None:
    """Stay the one worker. Raises LeaseLost. The caller commits, and what it writes in the same
    transaction is written only by the one worker.
    """
    if not claim(connection_id, {"leased_until": shared_now() + LEASE}, _is_ours()):
        db.session.rollback()
        raise LeaseLost


def drop(connection_id: int) -> None:
    """Let another worker begin at once. Commits."""
    claim(connection_id, {"leased_by": None, "leased_until": None}, _is_ours())
    db.session.commit()


def _is_ours() -> ColumnElement[bool]:
    return ExactConnection.leased_by == this_worker()


def _is_dead(worker: str | None) -> bool:
    """Whether it was a process of this machine that is no more."""
    machine, pid, *_thread = (worker or ":").split(":")
    if machine != _machine() or not pid.isdigit() or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@cache
def _machine() -> str:
    """Where the numbers of processes mean something: this start of this machine, and on it this
    container. Machines and containers may share a name.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
        return f"{socket.gethostname()[:40]}-{boot}-{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return socket.gethostname()[:40]
