"""Runs: nights, intervals, and selections that people forward. Each is a page of its own."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.exc import IntegrityError

from ppplanner.extensions import db

from . import outbox
from .conditions import NEEDS_PERSON, lacks_pdf
from .models import ExactConnection, ExactOutboxEntry, ExactRun, RunKind


class Fate(StrEnum):
    """What became of a record of a run."""

    OPEN = "open"
    WENT = "went"
    #: An invoice: booked, and its PDF is missing.
    INCOMPLETE = "incomplete"
    FAILED = "failed"


def fate() -> ColumnElement[str]:
    """That of an entry of the outbox."""
    state = ExactOutboxEntry.state
    return case(
        (state.in_(outbox.OPEN), Fate.OPEN.value),
        (lacks_pdf(), Fate.INCOMPLETE.value),
        (state.in_(NEEDS_PERSON), Fate.FAILED.value),
        else_=Fate.WENT.value,
    )


def begin_run(
    connection: ExactConnection, kind: RunKind, *, slot: str | None = None, by: str = ""
) -> ExactRun | None:
    """Make the run's row; None when this `slot` (a night, an interval) was begun already, here or
    by another process. The caller commits.
    """
    run = ExactRun(
        connection_id=connection.id,
        company_id=connection.company_id,
        kind=kind,
        slot=slot,
        started_by=by,
    )
    try:
        with db.session.begin_nested():
            db.session.add(run)
    except IntegrityError:
        return None
    return run


def counts(run_ids: Sequence[int], *conditions: ColumnElement[bool]) -> dict[int, dict[Fate, int]]:
    """What became of how many entries of each run, of those for which the conditions hold; in one
    query.
    """
    found: dict[int, dict[Fate, int]] = {run_id: dict.fromkeys(Fate, 0) for run_id in run_ids}
    became = fate().label("fate")
    query = (
        select(ExactOutboxEntry.run_id, became, func.count())
        .where(ExactOutboxEntry.run_id.in_(run_ids), *conditions)
        .group_by(ExactOutboxEntry.run_id, became)
    )
    for run_id, which, count in db.session.execute(query):
        found[run_id or 0][Fate(which)] = count
    return found
