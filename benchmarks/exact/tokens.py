"""Many processes, one login: python -m benchmarks.exact.tokens

Each time the login runs out, all of them want to call Exact at the same moment, by clocks that
differ by up to 14 seconds. Exact renews the login once per expiry: never too early, and never by a
refresh token that is spent; and no call of theirs is refused.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from multiprocessing.synchronize import Barrier
from threading import BrokenBarrierError
from time import perf_counter
from typing import Any

import click

from benchmarks.firms import Server
from ppplanner import create_app
from ppplanner.config import Config
from ppplanner.extensions import db
from ppplanner.integrations.exact.client import ExactClient
from ppplanner.integrations.exact.connect import open_client

from . import processes
from .books import Books
from .clocks import FastClock, run_by
from .exact import TOKENS
from .harness import Trial, a_trial
from .processes import Place, forks

#: Seconds between the clocks of two processes, at most: Exact leaves half a minute for a renewal.
APART = 14
#: After how many seconds all of them take a login for run out, whoever renewed it last.
ALL_AGREE, LATEST = 600.0, 660.0
#: Each of the processes wants to call at once.
NO_LIMITS: dict[str, Any] = {"calls_per_minute": None, "calls_per_day": None}
#: Real seconds within which all processes have made their calls.
PATIENCE = 120


class ClockApart(FastClock):
    """The clock of one process, which differs from that of the trial."""

    def __init__(self, clock: FastClock, seconds: float) -> None:
        super().__init__(clock.file)
        self._apart = seconds

    def seconds(self) -> float:
        return super().seconds() + self._apart


@dataclass(frozen=True)
class Round:
    """What a process needs to take part in: all begin together, and all wait for the last one."""

    connection_id: int
    gate: Barrier
    #: What went wrong in whichever process.
    troubles: Any
    #: How far the clock of this process is ahead, in seconds.
    ahead: float
    #: Whether it opens the link once, as a worker does, or for each call, as a page does.
    stays: bool


def take_part(place: Place, part: Round) -> None:
    """Make a call whenever the gate opens, until it is broken."""
    app = create_app(Config.from_env(place.variables))
    with app.app_context(), run_by(ClockApart(place.clock, part.ahead)):
        client: ExactClient | None = None
        while _pass(part.gate):
            try:
                client = client if client and part.stays else open_client(part.connection_id)
                client.me()
            except Exception as error:
                part.troubles.put(repr(error))
            db.session.remove()
            _pass(part.gate)


def _pass(gate: Barrier) -> bool:
    try:
        gate.wait(PATIENCE)
    except BrokenBarrierError:
        return False
    return True


@dataclass
class Outcome:
    """What Exact has seen."""

    seconds: float
    expiries: int
    renewals: int
    answers: dict[str, int]
    troubles: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        found = [
            f"{number} x {answer}" for answer, number in self.answers.items() if answer != "200"
        ]
        if self.renewals != self.expiries:
            found.append(f"{self.renewals} calls for tokens instead of {self.expiries}")
        return [*found, *self.troubles[:5]]


@contextmanager
def the_crowd(trial: Trial, count: int) -> Iterator[tuple[Barrier, Any]]:
    """So many processes, waiting at the gate."""
    context = forks()
    gate, troubles = context.Barrier(count + 1), context.SimpleQueue()
    (connection_id,) = trial.books
    for number in range(count):
        ahead = APART * number / max(count - 1, 1) - APART / 2
        part = Round(connection_id, gate, troubles, ahead, stays=number % 2 == 0)
        processes.start(trial.place, partial(take_part, part=part), f"part-{number}")
    try:
        yield gate, troubles
    finally:
        gate.abort()


def let_it_run_out(trial: Trial, count: int, expiries: int, seed: int) -> Outcome:
    """Let the login run out so many times, and all processes call Exact each time."""
    chance = random.Random(seed)
    with the_crowd(trial, count) as (gate, troubles):
        began = perf_counter()
        for _each in range(expiries):
            trial.clock.skip(timedelta(seconds=chance.uniform(ALL_AGREE, LATEST)))
            gate.wait(PATIENCE)
            gate.wait(PATIENCE)
        seconds = perf_counter() - began
    found = []
    while not troubles.empty():
        found.append(troubles.get())
    renewals = trial.exact.asked()["POST", TOKENS]
    return Outcome(seconds, expiries, renewals, dict(trial.exact.answers()), found)


@click.command()
@click.option("--processes", "count", default=16, help="How many call Exact at once.")
@click.option("--expiries", default=200, help="How often the login runs out.")
@click.option("--seed", default=1, help="How much later each time.")
@click.option("--only", type=click.Choice(["sqlite", "postgresql"]), help="One database only.")
def main(count: int, expiries: int, seed: int, only: Server | None) -> None:
    """Let a login run out again and again; fail unless it is renewed once each time."""
    wrong: list[str] = []
    for server in (only,) if only else ("sqlite", "postgresql"):
        with a_trial(server, [Books(invoices=0)], **NO_LIMITS) as trial:
            outcome = let_it_run_out(trial, count, expiries, seed)
        click.echo(
            f"{server}: {count} processes, {expiries} expiries, {outcome.renewals} renewals, "
            f"{sum(outcome.answers.values())} calls in {outcome.seconds:.1f} s; "
            f"faults: {', '.join(outcome.faults) or 'none'}"
        )
        wrong += outcome.faults
    if wrong:
        raise SystemExit("The login was not renewed once per expiry.")


if __name__ == "__main__":
    main()
