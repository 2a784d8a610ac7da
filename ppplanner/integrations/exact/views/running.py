"""The runs that the top bar tells the person of who began them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from flask import url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, case, func, select

from ppplanner.addons.manifest import Running
from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import _, ngettext

from ..models import ExactOutboxEntry, ExactRun
from ..runs import Fate, fate

#: How long the top bar still tells of a run that has ended.
ENDED = timedelta(minutes=1)
#: What takes longer is told on its own page: the link rests, or nobody is logged in.
FORGOTTEN = timedelta(hours=1)


class Figures(NamedTuple):
    """The entries of a run: how many, how many of them wait, failed, or lack their PDF only."""

    run_id: int
    total: int
    open: int
    failed: int
    incomplete: int
    settled_at: datetime | None

    @property
    def is_shown(self) -> bool:
        just_ended = self.settled_at is not None and self.settled_at > now() - ENDED
        return bool(self.open) or just_ended


def running_runs() -> list[Running]:
    """In one query."""
    entry = ExactOutboxEntry
    query = (
        select(
            ExactRun.id,
            func.count(),
            _count(Fate.OPEN),
            _count(Fate.FAILED),
            _count(Fate.INCOMPLETE),
            func.max(entry.settled_at),
        )
        .join(entry, entry.run_id == ExactRun.id)
        .where(ExactRun.started_by == current_user.name, ExactRun.started_at > now() - FORGOTTEN)
        .group_by(ExactRun.id)
        .order_by(ExactRun.id)
    )
    figures = (Figures(*row) for row in db.session.execute(query))
    return [_running(each) for each in figures if each.is_shown]


def _count(which: Fate) -> ColumnElement[int]:
    return func.sum(case((fate() == which.value, 1), else_=0))


def _running(run: Figures) -> Running:
    url = url_for("exact.run", run_id=run.run_id)
    ended, trouble = not run.open, bool(run.failed or run.incomplete)
    return Running(_words(run), url, run.total - run.open, run.total, ended, trouble)


def _words(run: Figures) -> str:
    if run.open:
        return ngettext(
            "Sending %(num)s record to Exact", "Sending %(num)s records to Exact", run.total
        )
    if run.failed:
        return ngettext(
            "%(num)s record did not get into Exact",
            "%(num)s records did not get into Exact",
            run.failed,
        )
    if run.incomplete:
        return ngettext(
            "%(num)s invoice is booked, its PDF is missing",
            "%(num)s invoices are booked, their PDFs are missing",
            run.incomplete,
        )
    return _("All of it is in Exact")
