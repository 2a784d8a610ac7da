"""What Exact shows on every page and on the first screen."""

from __future__ import annotations

from flask import render_template

from ppplanner.extensions import db
from ppplanner.permissions import allowed

from .. import keeping
from ..attention import count_matters, open_matters
from ..models import ConnectionState, ExactOutboxEntry
from ..next_step import next_step
from ..outbox import count_waiting
from . import entries
from .reached import seen, within_reach

#: How many of the records that need a person the home page names.
NAMED_AT_HOME = 5


def login_banner() -> str:
    """The red bar: only when a login is gone and work has to wait for a person; and for those who
    can help it, when one is about to end.
    """
    known = within_reach()
    lost = [each for each in known if each.state is ConnectionState.NEEDS_LOGIN]
    ending = [each for each in known if each.is_connected and each.warned_days]
    if ending and not allowed(keeping.RIGHT):
        ending = []
    if not lost and not ending:
        return ""
    return render_template("exact/_login_banner.html", lost=lost, ending=ending, keeping=keeping)


def tile() -> str:
    """What waits, what needs a person and why; and what comes next for a link that is not working.
    A lost login is said by the red bar.
    """
    known = within_reach()
    if not known:
        return ""
    new = [each for each in known if each.state is not ConnectionState.NEEDS_LOGIN]
    steps = [(each.company, step) for each in new if (step := next_step(each.company, each))]
    matters = _latest()
    return render_template(
        "exact/_home_tile.html",
        waiting=count_waiting([connection.id for connection in known], seen()),
        count=count_matters(seen()),
        matters=matters,
        states=entries.state_badges(matters),
        entries=entries,
        steps=steps,
    )


def _latest() -> list[ExactOutboxEntry]:
    latest = open_matters().where(seen()).order_by(ExactOutboxEntry.id.desc())
    return list(db.session.scalars(latest.limit(NAMED_AT_HOME)))
