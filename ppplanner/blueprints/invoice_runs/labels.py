"""What invoice runs, their states and what they look for are called."""

from __future__ import annotations

from datetime import timedelta

from ppplanner.blueprints.markup import Badge, Colour
from ppplanner.clock import now
from ppplanner.formats import day
from ppplanner.i18n import _, _l, ngettext
from ppplanner.invoice_runs import LOST
from ppplanner.models import InvoiceRun, RunState
from ppplanner.services.invoices.runs import WORKING

STATES = {
    RunState.CALCULATING: _l("Calculating"),
    RunState.READY: _l("Ready to pick from"),
    RunState.INVOICING: _l("Making invoices"),
    RunState.DONE: _l("Done"),
}
STATE_COLOURS: dict[RunState, Colour] = {
    RunState.CALCULATING: "blue",
    RunState.READY: "amber",
    RunState.INVOICING: "blue",
    RunState.DONE: "green",
}
#: Before so many steps nobody can tell how long the others will take.
ENOUGH = 3
#: From so many minutes on hours are told, and minutes in tens.
LONG = 120


def title(run: InvoiceRun) -> str:
    return _("Invoice run until %(day)s", day=day(run.until))


def state_badge(state: RunState) -> Badge:
    return Badge(STATES[state], STATE_COLOURS[state])


def is_lost(run: InvoiceRun) -> bool:
    """Whether nobody seems to work on a busy run."""
    return run.state in WORKING and now() - run.moved_at > LOST


def remaining(run: InvoiceRun) -> str:
    """How long the rest of the present work takes at the speed so far; "" when nobody can tell."""
    if run.state not in WORKING or run.done < ENOUGH or is_lost(run):
        return ""
    each = (run.moved_at - run.began_at) / run.done
    left = each * (run.total - run.done) - (now() - run.moved_at)
    return time_left(max(left, timedelta(0)))


def time_left(left: timedelta) -> str:
    """In words that do not promise more than anybody knows."""
    seconds = round(left.total_seconds())
    if seconds < 5:
        return _("a few seconds left")
    if seconds < 60:
        seconds = -(-seconds // 5) * 5  # fives: a number that jumps about tells nothing
        return ngettext("about %(num)s second left", "about %(num)s seconds left", seconds)
    minutes = -(-seconds // 60)
    if minutes >= LONG:
        hours, minutes = divmod(-(-minutes // 10) * 10, 60)
        return _("about %(hours)s h %(minutes)s min left", hours=hours, minutes=minutes)
    return ngettext("about %(num)s minute left", "about %(num)s minutes left", minutes)
