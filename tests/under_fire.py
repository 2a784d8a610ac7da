"""Many processes confirm a draft each at the same moment. Some are killed, and on PostgreSQL some
lose their connection: at any of their statements, or when they commit.

What is lost is done again, as people would: whoever hears that the date is too early takes today.
"""

from __future__ import annotations

import os
import random
import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import psycopg
from flask import Flask
from sqlalchemy import Connection, event, select
from sqlalchemy.exc import DBAPIError

from ppplanner.clock import today
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import DocumentState, Invoice
from ppplanner.services.invoices.confirming import confirm_invoice
from tests.databases import disconnect

#: How a process says what became of its draft.
DONE, BROKEN, REFUSED, LOST = 0, 1, 3, 4
#: Of the processes of a round, one in so many is hit.
HIT = 3
#: After these rounds nobody is hit any more: what remains has to be done then.
DANGEROUS_ROUNDS = 4
#: A confirmation takes about as many statements; who is to be hit later gets away.
LAST_STEP = 50
#: Seconds between two looks at who has ended, and until a round has to be over.
PAUSE, PATIENCE = 0.02, 180.0


@dataclass
class Losses:
    """What happened to the processes."""

    rounds: int = 0
    #: How many processes ended in which way; below zero, by which signal.
    ends: Counter[int] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"{self.ends.total()} processes in {self.rounds} rounds: {self.killed} killed,"
            f" {self.ends[LOST]} lost connection or patience, {self.ends[REFUSED]} dated too early"
        )

    @property
    def killed(self) -> int:
        return self.ends[-signal.SIGKILL]


def confirm_under_fire(app: Flask, drafts: Sequence[int], seed: int) -> Losses:
    """Confirm these drafts, a process each, again and again until all have a number."""
    chance, losses = random.Random(seed), Losses()
    while waiting := _drafts_among(app, drafts):
        hit = chance.sample(waiting, len(waiting) // HIT)
        steps = {draft: chance.randint(1, LAST_STEP) for draft in hit}
        ends = _one_round(app, waiting, steps if losses.rounds < DANGEROUS_ROUNDS else {})
        losses.rounds += 1
        losses.ends.update(ends.values())
        _take_today(app, [draft for draft, end in ends.items() if end == REFUSED])
        if losses.ends[BROKEN]:
            raise RuntimeError("a process failed for a reason of its own")
    return losses


def _drafts_among(app: Flask, ids: Iterable[int]) -> list[int]:
    """Those without a number, in no order; no connection stays behind that a fork would inherit."""
    with app.app_context():
        query = select(Invoice.id).where(Invoice.id.in_(ids))
        found = list(db.session.scalars(query.filter_by(state=DocumentState.DRAFT)))
    disconnect(app)
    return found


def _take_today(app: Flask, ids: Sequence[int]) -> None:
    with app.app_context():
        for key in ids:
            db.session.get_one(Invoice, key).invoice_date = today()
        db.session.commit()


def _one_round(app: Flask, drafts: Sequence[int], steps: Mapping[int, int]) -> dict[int, int]:
    """A process for each draft, all let loose together; how each ended, by draft. `steps` says at
    which of its statements a process is hit.
    """
    alive, ends = _start(app, drafts, steps), dict[int, int]()
    deadline = time.monotonic() + PATIENCE
    while alive:
        for process in list(alive):
            pid, status = os.waitpid(process, os.WNOHANG)
            if pid:
                ends[alive.pop(process)] = os.waitstatus_to_exitcode(status)
        if time.monotonic() > deadline:
            for process in alive:
                os.kill(process, signal.SIGKILL)
        time.sleep(PAUSE)
    return ends


def _start(app: Flask, drafts: Sequence[int], steps: Mapping[int, int]) -> dict[int, int]:
    """The processes, by their ids, each with its draft; they begin when all are there."""
    gate, opener = os.pipe()
    started: dict[int, int] = {}
    for draft in drafts:
        process = os.fork()
        if not process:
            os.close(opener)
            os.read(gate, 1)  # until the last copy of the other end is closed
            os._exit(_confirm(app, draft, steps.get(draft)))
        started[process] = draft
    os.close(gate)
    os.close(opener)
    return started


def _confirm(app: Flask, draft: int, step: int | None) -> int:
    try:
        with app.app_context():
            if step:
                _strike_at(step, cut=draft % 2 == 0)
            confirm_invoice(db.session.get_one(Invoice, draft))
            db.session.commit()
    except (DomainError, Invalid):
        return REFUSED
    except (DBAPIError, psycopg.OperationalError):
        return LOST
    except BaseException:
        traceback.print_exc()
        return BROKEN
    return DONE


def _strike_at(step: int, cut: bool) -> None:
    """Let this process lose its life, or its connection if there is one to cut, at a statement."""
    left = iter(range(step, 0, -1))
    on_server = db.engine.dialect.name == "postgresql"

    def strike(connection: Connection, *_more: object) -> None:
        if next(left, None) != 1:
            return
        if not (cut and on_server):
            os.kill(os.getpid(), signal.SIGKILL)
        connection.connection.cursor().execute("select pg_terminate_backend(pg_backend_pid())")

    event.listen(db.engine, "before_cursor_execute", strike)
    event.listen(db.engine, "commit", strike)


def faults_in_numbers(app: Flask, ids: Sequence[int]) -> list[str]:
    """What is wrong with the numbers of these invoices, the only ones of their series."""
    with app.app_context():
        query = select(Invoice).where(Invoice.id.in_(ids)).order_by(Invoice.number)
        invoices = db.session.scalars(query).all()
        numbers = [invoice.number for invoice in invoices]
        dates = [invoice.invoice_date for invoice in invoices]
        series = invoices[0].series
        assert series
        good = {
            "a gap or a double": numbers == list(range(1, len(ids) + 1)),
            "two alike": len({invoice.reference for invoice in invoices}) == len(ids),
            "dates that go back": dates == sorted(dates),
            "another next number": series.next_number == len(ids) + 1,
            "another last date": series.last_date == dates[-1],
        }
    return [fault for fault, is_good in good.items() if not is_good]
