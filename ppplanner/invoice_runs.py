"""Background work of invoice runs: one step after the other, each in a transaction of its own.

Where a job ends, the next one goes on: nothing is looked at or invoiced twice, however often it is
killed, repeated or done by two workers at once (services/invoices/run_steps.py).
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from rq.timeouts import BaseTimeoutException
from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError

from ppplanner.clock import now
from ppplanner.documents.jobs import make_invoice_pdf
from ppplanner.errors import PpplannerError
from ppplanner.extensions import db
from ppplanner.history import Actor, acting
from ppplanner.i18n import N_, Message, in_language
from ppplanner.jobs import LATER, enqueue, job
from ppplanner.models import InvoiceRun, InvoiceRunItem, RunState
from ppplanner.permissions import reach_of_user
from ppplanner.reach import Reach
from ppplanner.services.invoices import run_steps, runs
from ppplanner.services.locking import lock

log = logging.getLogger(__name__)

#: The right with which a run is made.
PERMISSION = "invoices.edit"
#: A run that has not moved for so long has lost its worker.
LOST = timedelta(minutes=2)
#: Seconds between two steps, in which others get their turn to write on SQLite.
BREATH = 0.005
UNEXPECTED = N_("Something went wrong that nobody expected; it is in the log. Try again later.")
#: The database or the worker is going: the next job goes on.
GOING = (OperationalError, InterfaceError, BaseTimeoutException)


@job
def work_on_run(run_id: int) -> None:
    """Go on with a run until it needs a person. What it makes is put to its maker's name."""
    run = db.session.get_one(InvoiceRun, run_id)
    maker, reach = run.made_by, reach_of_user(run.made_by, PERMISSION)
    actor, language = Actor(maker.name, maker.id), maker.language
    db.session.commit()
    log.info("invoice run %s: begins", run_id)
    steps = 0
    with acting(actor), in_language(language):
        while _step(run_id, reach):
            steps += 1
            time.sleep(BREATH)
    log.info("invoice run %s: needs a person after %s steps", run_id, steps)


@job
def wake_lost_runs() -> None:
    """Go on with runs whose worker was killed, or whose bell nobody heard."""
    lost = select(InvoiceRun.id).where(
        InvoiceRun.state.in_(runs.WORKING), InvoiceRun.moved_at < now() - LOST
    )
    found = db.session.scalars(lost).all()
    db.session.commit()
    for run_id in found:
        log.warning("invoice run %s had stopped: it goes on", run_id)
        enqueue(work_on_run, run_id)


def _step(run_id: int, reach: Reach) -> bool:
    """Do the next bit of work, and tell whether there was any."""
    run = db.session.get_one(InvoiceRun, run_id)
    lock(run)
    match run.state:
        case RunState.CALCULATING:
            run_steps.calculate_batch(run, reach)
            db.session.commit()
        case RunState.INVOICING:
            _invoice_next(run, reach)
        case _:
            db.session.rollback()
            return False
    return True


def _invoice_next(run: InvoiceRun, reach: Reach) -> None:
    item = run_steps.next_item(run)
    if item is None:
        db.session.commit()
        return
    run_id, item_id = run.id, item.id
    try:
        invoice = run_steps.make(item, reach)
        print_it = invoice.id if invoice and not invoice.is_draft else None
        db.session.commit()
    except GOING:
        raise
    except Exception as error:
        db.session.rollback()
        _note_failure(run_id, item_id, error)
    else:
        if print_it:
            enqueue(make_invoice_pdf, print_it, on=LATER)


def _note_failure(run_id: int, item_id: int, error: Exception) -> None:
    """Keep the reason with the item, unless another worker has dealt with it meanwhile."""
    lock(db.session.get_one(InvoiceRun, run_id))
    item = db.session.get_one(InvoiceRunItem, item_id)
    if item.picked:
        run_steps.fail(item, _reasons(item_id, error))
    db.session.commit()


def _reasons(item_id: int, error: Exception) -> list[Message]:
    if isinstance(error, PpplannerError):
        return error.messages
    log.error("item %s of an invoice run failed", item_id, exc_info=error)
    return [Message(UNEXPECTED)]
