"""What Exact shows on every page and on the first screen."""

from __future__ import annotations

from flask import render_template

from ppplanner.models import Invoice
from ppplanner.permissions import visible

from ..health import count_waiting, refused_invoices
from ..models import ConnectionState
from ..next_step import next_step
from .reached import within_reach

#: How many refused invoices the home page names.
NAMED_AT_HOME = 5


def login_lost_banner() -> str:
    """The red bar: only when a login is gone and work has to wait for a person."""
    lost = [one for one in within_reach() if one.state is ConnectionState.NEEDS_LOGIN]
    return render_template("exact/_login_lost.html", lost=lost) if lost else ""


def tile() -> str:
    """What waits, what was refused and why; and what comes next for a link that is not working.
    A lost login is said by the red bar.
    """
    known = within_reach()
    if not known:
        return ""
    ids = [connection.id for connection in known]
    refused = refused_invoices(ids, visible(Invoice, "invoices.view"))
    new = [each for each in known if each.state is not ConnectionState.NEEDS_LOGIN]
    steps = [(each.company, step) for each in new if (step := next_step(each.company, each))]
    return render_template(
        "exact/_home_tile.html",
        waiting=count_waiting(ids),
        count=len(refused),
        refused=refused[:NAMED_AT_HOME],
        steps=steps,
    )
