"""What all companies share: the database, the queue's server, the clock, the workers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask_babel import format_timedelta

from ppplanner import jobs, pulse
from ppplanner.clock import now
from ppplanner.i18n import _, _l, ngettext

from .findings import Check, Finding, Who, fine, problem, warning

#: It says once a minute that it lives, and more often while it has work.
CLOCK_SILENT = timedelta(minutes=2)
#: Longer than any turn of a worker; nobody waits for what is done later.
TOO_LONG = {jobs.LATER: timedelta(hours=2)}
USUALLY_TOO_LONG = timedelta(minutes=10)


def database(_nothing: None) -> Iterator[Finding]:
    if pulse.tables_fit():
        yield fine(_("The database answers, and its tables fit this version."))
        return
    yield problem(
        _("The tables in the database are those of another version of ppplanner."),
        _("Run `./ppp flask db upgrade heads`, then start web, workers and clock anew."),
        Who.OPERATOR,
    )


def queue_server(_nothing: None) -> Iterator[Finding]:
    pulse.ask_queue()
    yield fine(_("The queue's server answers."))


def clock(_nothing: None) -> Iterator[Finding]:
    seen, moment = pulse.clock_seen_at(), now()
    if seen and moment - seen < CLOCK_SILENT:
        yield fine(
            _("The clock ticks."), silent_seconds=max(0, int((moment - seen).total_seconds()))
        )
        return
    yield problem(
        _("The clock has not ticked for %(time)s.", time=format_timedelta(moment - seen))
        if seen
        else _("No clock runs."),
        _(
            "Start exactly one: `./ppp flask clock`. Until then no night and no interval begins, "
            "and what waits is not tried again."
        ),
        Who.OPERATOR,
    )


def workers(_nothing: None) -> Iterator[Finding]:
    lines = pulse.lines()
    if idle := [line.name for line in lines if not line.workers]:
        yield problem(
            _("No worker does the jobs of: %(queues)s.", queues=", ".join(idle)),
            _("Start one: `./ppp flask worker`. What waits is kept, and goes then."),
            Who.OPERATOR,
        )
        return
    yield fine(_("Each queue has a worker."), workers=min(line.workers for line in lines))


def waiting_jobs(_nothing: None) -> Iterator[Finding]:
    lines, moment = pulse.lines(), now()
    slow = [
        ngettext(
            "%(queue)s: %(num)s job, for %(time)s.",
            "%(queue)s: %(num)s jobs, the first for %(time)s.",
            line.waiting,
            queue=line.name,
            time=format_timedelta(moment - line.since),
        )
        for line in lines
        if line.since and moment - line.since > TOO_LONG.get(line.name, USUALLY_TOO_LONG)
    ]
    count = sum(line.waiting for line in lines)
    if not slow:
        yield fine(_("No job waits for long."), jobs=count)
        return
    yield warning(
        _("Jobs wait for a worker longer than they should."),
        _("Look at the logs of the workers; start one more if they have too much to do."),
        Who.OPERATOR,
        details=slow,
        figures={"jobs": count},
    )


CHECKS: tuple[Check[None], ...] = (
    Check("database", _l("Database"), database),
    Check("queue", _l("Queue"), queue_server),
    Check("clock", _l("Clock"), clock),
    Check("workers", _l("Workers"), workers),
    Check("jobs", _l("Jobs that wait"), waiting_jobs),
)
