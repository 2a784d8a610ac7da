"""Runs: nights, intervals, and selections that people forward. Each is a page of its own."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError

from ppplanner.extensions import db

from .models import ExactConnection, ExactOutboxEntry, ExactRun, RunKind, WorkState


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


def counts(
    run_ids: Sequence[int], *conditions: ColumnElement[bool]
) -> dict[int, dict[WorkState, int]]:
    """How many entries of each run, of those for which the conditions hold, are in each state; in
    one query.
    """
    found: dict[int, dict[WorkState, int]] = {
        run_id: dict.fromkeys(WorkState, 0) for run_id in run_ids
    }
    query = (
        select(ExactOutboxEntry.run_id, ExactOutboxEntry.state, func.count())
        .where(ExactOutboxEntry.run_id.in_(run_ids), *conditions)
        .group_by(ExactOutboxEntry.run_id, ExactOutboxEntry.state)
    )
    for run_id, state, count in db.session.execute(query):
        found[run_id or 0][state] = count
    return found
