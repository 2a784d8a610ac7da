"""How well Exact's limits are used, and kept: python -m benchmarks.exact.quota

With the real limit of 60 calls a minute, one worker sends for one administration, for two at once,
and for one while Redis is emptied twice. No call may be refused (429); 95 % of the limit is used in
each administration, 90 % with an emptied Redis; an invoice of a known customer takes three calls
with its PDF and one without, and a part of one that asks for 25 at once; the remaining time that
people are told is right within a tenth.

All clocks may run faster than the real one, as far as the machine answers a call of ours within a
third of a second of theirs; Exact takes as long.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import click
from sqlalchemy import update

from benchmarks.firms import Server
from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact.connect import get_connection, time_for
from ppplanner.integrations.exact.models import ExactOutboxEntry, ExactRun, RunKind
from ppplanner.integrations.exact.runs import Fate, begin_run, counts
from ppplanner.integrations.exact.simulator import ANTWERP, NAMUR
from ppplanner.integrations.exact.sync.effort import calls_for

from .books import Books
from .harness import Trial, a_trial

SPEED = 2.0
CALLS_A_MINUTE = 60
#: What has to be reached.
USED, ERROR = 0.95, 0.10
#: Each time some seconds pass until it is sure that Exact has room again.
USED_AFTER_FLUSHES = 0.90
CALLS_EACH = {True: 3.05, False: 1.05}
#: How often people look at the remaining time, and up to when before the end.
LOOK_EVERY, LAST_LOOK = timedelta(seconds=15), timedelta(seconds=30)


@dataclass
class Course:
    """How one administration was served."""

    books: Books
    run_id: int
    #: What was told, and when.
    told: list[tuple[datetime, timedelta]] = field(default_factory=list)
    ended: datetime | None = None

    def look(self, moment: datetime) -> None:
        """Note what people are told at this moment."""
        run = db.session.get_one(ExactRun, self.run_id, populate_existing=True)
        if calls := calls_for(run):
            left = time_for(run.connection, calls, after=run.connection.paused_until)
            self.told.append((moment, left))

    def see_the_end(self, moment: datetime) -> None:
        """Note that nothing of it waits any more."""
        if not counts([self.run_id])[self.run_id][Fate.OPEN]:
            self.ended = moment

    @property
    def worst_error(self) -> float:
        """Of the time that was told, as a part of what it took indeed."""
        assert self.ended
        errors = [
            abs(told - (self.ended - moment)) / (self.ended - moment)
            for moment, told in self.told
            if self.ended - moment >= LAST_LOOK
        ]
        return max(errors)


def begin(trial: Trial) -> list[Course]:
    """Put all invoices on their way, as a run for each company."""
    trial.put_on_the_way()
    with trial.app.app_context():
        return [Course(books, _run(key)) for key, books in trial.books.items()]


def _run(connection_id: int) -> int:
    run = begin_run(get_connection(connection_id), RunKind.MANUAL, by="trial")
    assert run
    of_it = ExactOutboxEntry.connection_id == connection_id
    db.session.execute(update(ExactOutboxEntry).where(of_it).values(run_id=run.id))
    db.session.commit()
    return run.id


def watch(trial: Trial, courses: Sequence[Course], flushes: Sequence[timedelta]) -> None:
    """Look now and then, until nothing waits; Redis is emptied so long after the beginning."""
    look_at, flush_at = now(), [now() + flush for flush in flushes]
    while going_on := [course for course in courses if course.ended is None]:
        if flush_at and now() >= flush_at[0]:
            trial.redis.flush()
            flush_at.pop(0)
        with trial.app.app_context():
            for course in going_on:
                if now() >= look_at:
                    course.look(now())
                course.see_the_end(now())
        if now() >= look_at:
            look_at = now() + LOOK_EVERY
        time.sleep(0.2)


def tell(trial: Trial, courses: Sequence[Course], bar: float) -> list[str]:
    """Print what was measured; what misses its bar."""
    missed = []
    for course in courses:
        moments = trial.exact.moments(course.books.division)
        minutes = (moments[-1] - moments[0]) / timedelta(minutes=1)
        used = (len(moments) - 1) / minutes / CALLS_A_MINUTE
        each = len(moments) / course.books.invoices
        most = CALLS_EACH[course.books.pdf]
        click.echo(
            f"  {course.books.name}: {len(moments)} calls in {minutes:.1f} minutes,"
            f" {used:.1%} of the limit; {each:.3f} calls an invoice (at most {most});"
            f" remaining time at most {course.worst_error:.1%} wrong"
            f" in {len(course.told)} looks"
        )
        missed += ["use of the limit"] if used < bar else []
        missed += ["calls an invoice"] if each > most else []
        missed += ["remaining time"] if course.worst_error > ERROR else []
    answers = trial.exact.answers()
    click.echo(f"  answers: {dict(answers)}")
    refused = any(answer.startswith("429") for answer in answers)
    return missed + (["a call was refused"] if refused else [])


def measure(
    title: str,
    server: Server,
    companies: Sequence[Books],
    speed: float,
    bar: float = USED,
    flushes: Sequence[timedelta] = (),
) -> list[str]:
    click.echo(title)
    with a_trial(server, companies, speed=speed) as trial:
        courses = begin(trial)
        trial.start_workers(1)
        trial.start_ticking()
        while not trial.exact.calls_made():
            time.sleep(0.1)
        watch(trial, courses, flushes)
        return tell(trial, courses, bar)


@click.command()
@click.option("--server", type=click.Choice(["sqlite", "postgresql"]), default="postgresql")
@click.option("--speed", default=SPEED, show_default=True)
@click.option("--minutes", default=5, show_default=True, help="Of Exact's, for each trial.")
def main(server: Server, speed: float, minutes: int) -> None:
    """Use Exact's limits in full, and never beyond."""
    calls = minutes * CALLS_A_MINUTE
    with_pdf = Books("With PDF", calls // 3, ANTWERP, "eva", pdf=True)
    without = Books("Without PDF", calls, NAMUR, "joris", pdf=False)
    missed = measure("One administration:", server, [with_pdf], speed)
    missed += measure("Two at once:", server, [with_pdf, without], speed)
    thirds = [timedelta(minutes=minutes) * part / 3 for part in (1, 2)]
    title = "Redis emptied twice:"
    missed += measure(title, server, [without], speed, USED_AFTER_FLUSHES, thirds)
    for what in missed:
        click.echo(f"MISSED: {what}")
    sys.exit(bool(missed))


if __name__ == "__main__":
    main()
