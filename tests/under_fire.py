"""Many processes confirm a draft each at the same moment, while some are killed and, on PostgreSQL,
some lose their connection: in the middle of whatever they do.

What is lost is done again, as people would: whoever hears that the date is too early takes today.
"""

from __future__ import annotations

import os
import random
import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import select, text
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
#: Seconds between two hits, at most; and until a round has to be over.
PAUSE, PATIENCE = 0.05, 180.0
CUT = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'
order by random() limit 1
"""


@dataclass
class Losses:
    """What happened to the processes."""

    rounds: int = 0
    killed: int = 0
    cut: int = 0
    #: How many processes ended in which way; below zero, by which signal.
    ends: Counter[int] = field(default_factory=Counter)

    def __str__(self) -> str:
        return (
            f"{self.ends.total()} processes in {self.rounds} rounds: {self.killed} killed,"
            f" {self.cut} connections cut ({self.ends[LOST]} noticed),"
            f" {self.ends[REFUSED]} refused for their date, {self.ends[BROKEN]} broken"
        )


def confirm_under_fire(app: Flask, drafts: Sequence[int], seed: int) -> Losses:
    """Confirm these drafts, a process each, again and again until all have a number."""
    chance, losses = random.Random(seed), Losses()
    while waiting := _drafts_among(app, drafts):
        hits = len(waiting) // HIT if losses.rounds < DANGEROUS_ROUNDS else 0
        ends = _one_round(app, waiting, hits, chance, losses)
        losses.rounds += 1
        losses.ends.update(ends.values())
        _take_today(app, [key for key, end in ends.items() if end == REFUSED])
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


def _one_round(
    app: Flask, drafts: Sequence[int], hits: int, chance: random.Random, losses: Losses
) -> dict[int, int]:
    """A process for each draft, all let loose together; how each ended, by draft."""
    alive, ends = _start(app, drafts), dict[int, int]()
    deadline = time.monotonic() + PATIENCE
    while alive:
        for process in list(alive):
            pid, status = os.waitpid(process, os.WNOHANG)
            if pid:
                ends[alive.pop(process)] = os.waitstatus_to_exitcode(status)
        if alive and hits:
            hits -= 1
            _hit(app, chance.choice(list(alive)), chance, losses)
        if time.monotonic() > deadline:
            for process in alive:
                os.kill(process, signal.SIGKILL)
        time.sleep(chance.uniform(0, PAUSE))
    return ends


def _start(app: Flask, drafts: Sequence[int]) -> dict[int, int]:
    """The processes, by their ids, each with its draft; they begin when all are there."""
    gate, opener = os.pipe()
    started: dict[int, int] = {}
    for draft in drafts:
        process = os.fork()
        if not process:
            os.close(opener)
            os.read(gate, 1)  # until the last copy of the other end is closed
            os._exit(_confirm(app, draft))
        started[process] = draft
    os.close(gate)
    os.close(opener)
    return started


def _confirm(app: Flask, draft: int) -> int:
    try:
        with app.app_context():
            confirm_invoice(db.session.get_one(Invoice, draft))
            db.session.commit()
    except (DomainError, Invalid):
        return REFUSED
    except DBAPIError:
        return LOST
    except BaseException:
        traceback.print_exc()
        return BROKEN
    return DONE


def _hit(app: Flask, process: int, chance: random.Random, losses: Losses) -> None:
    with app.app_context():
        if db.engine.dialect.name == "postgresql" and chance.random() < 0.5:
            losses.cut += len(db.session.scalars(text(CUT)).all())
            db.session.rollback()
            return
    os.kill(process, signal.SIGKILL)
    losses.killed += 1


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
