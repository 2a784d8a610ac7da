"""Ten thousand invoices while everything breaks: python -m benchmarks.exact.chaos --seed 1

Every kind of trouble strikes one call in twenty, four workers are killed with -9 again and again,
Redis is emptied twice and once gone for a while. Then all is well again, and the trial waits until
nothing waits. In the end Exact has each invoice once, with its PDF where that is wanted, and no
record needs a person.

Left out is what a person has to cure by design (objections, refusals, lost logins: 400, 401, 403,
404, a 500 with reasons), a 429 for the rest of the day, and an answer lost, or a worker killed, in
the middle of a renewal of tokens, which Exact gives only once: that is what `tokens.py` is about.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import click
from sqlalchemy import select

from benchmarks.firms import Server
from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.steps import STILL_BUSY

from .books import Books
from .checks import Findings, look_through, stories
from .harness import Trial, a_trial
from .trouble import CHANCE, SLOW_ANSWER, Killer, let_answers_fail

#: Real seconds between two looks at what happens, and at how much is settled.
PAUSE, COUNT_EVERY = 0.05, 0.5
#: When Redis is emptied and stopped, and when all trouble ends: by the part that is settled.
FLUSHES, STOP, PEACE = (0.25, 0.75), 0.5, 0.9
#: What is skipped at a look while nothing happens though somebody is at work: a part of what Exact
#: may need for a call that we gave up.
SKIP = timedelta(seconds=15)
#: Real seconds between two looks that tell of a machine too busy to go faster than SLOW: a call
#: must not be under way for as long as no call is.
LATE, SLOW = 0.4, 5.0
FIRST_DIVISION = 3_000_000
#: Each call counts, but none is refused: the limits are the matter of `quota.py`.
NO_LIMITS: dict[str, Any] = {
    "calls_per_minute": None,
    "calls_per_day": None,
    "token_calls_per_day": None,
}
HEADING = (
    f"{'database':12}{'seed':>5}{'invoices':>9}{'entries':>9}{'documents':>10}{'files':>7}"
    f"{'calls':>8}{'trouble':>8}{'killed':>7}{'seconds':>8}  wrong"
)


@dataclass(frozen=True)
class Plan:
    """How much is sent, and how much goes wrong."""

    invoices: int = 10_000
    seed: int = 1
    #: Each has an administration of its own: while one waits, others go on.
    companies: int = 24
    workers: int = 4
    #: Of each kind of trouble to strike a call.
    chance: float = CHANCE
    #: Real seconds after which a call is given up.
    patience: float = 1.0
    #: Of the clock, while somebody calls.
    speed: float = 20.0
    #: Workers that are killed, about: each of the four again and again.
    deaths: int = 100
    #: Real seconds for which Redis is gone.
    gone: float = 5.0

    def __post_init__(self) -> None:
        slowest = timedelta(seconds=self.patience * SLOW_ANSWER * self.speed)
        if slowest > STILL_BUSY / 2:
            raise ValueError("Slow calls take longer than any does: less patience, or less speed.")

    def books(self) -> list[Books]:
        """Every other company sends PDFs along; of half of them, Exact knows the customers."""
        shares = [self.invoices // self.companies] * self.companies
        shares[0] += self.invoices % self.companies
        return [
            Books(
                name=f"Firm {number}",
                invoices=share,
                division=FIRST_DIVISION + number,
                user=f"user{number}",
                known=number % 4 < 2,
                pdf=number % 2 == 0,
            )
            for number, share in enumerate(shares)
        ]


@dataclass
class Chaos:
    """All that goes wrong in one trial."""

    trial: Trial
    plan: Plan
    killer: Killer
    flushes: list[float] = field(default_factory=lambda: list(FLUSHES))
    #: Since when Redis is gone; None before, and infinity afterwards.
    gone_since: float | None = None
    #: What was seen at the last look, and when that was.
    calls: int = 0
    looked_at: float = 0.0

    def until(self, part: float) -> Iterator[float]:
        """One look after the other, until so much of the work is settled; how much is."""
        while (settled := 1 - self.trial.waiting() / self.plan.invoices) < part:
            counted = time.monotonic()
            self._trouble_redis(settled)
            while time.monotonic() < counted + COUNT_EVERY:
                self._hurry()
                yield settled
                time.sleep(PAUSE)

    def _trouble_redis(self, settled: float) -> None:
        if self.flushes and settled >= self.flushes[0] and self.is_redis_there:
            self.flushes.pop(0)
            self.trial.redis.flush()
        if self.gone_since is None and settled >= STOP:
            self.gone_since = time.monotonic()
            self.trial.redis.stop()
        elif not self.is_redis_there and time.monotonic() > (self.gone_since or 0) + self.plan.gone:
            self.gone_since = float("inf")
            self.trial.redis.start()

    @property
    def is_redis_there(self) -> bool:
        return self.gone_since in (None, float("inf"))

    def _hurry(self) -> None:
        """Let time pass faster, most of all while nobody calls and nothing is under way."""
        calls, under_way = self.trial.exact.traffic()
        since, self.looked_at = self.looked_at, time.monotonic()
        late = self.looked_at - since > LATE
        self.trial.clock.run(SLOW if late else self.plan.speed)
        if calls == self.calls and not under_way:
            self.trial.clock.skip(self._time_to_skip(late))
        self.calls = calls

    def _time_to_skip(self, late: bool) -> timedelta:
        """Until the first link goes on, if all rest. A worker in the middle of its turn may be
        about to call, and then only little time may pass.
        """
        columns = (ExactConnection.leased_by, ExactConnection.paused_until)
        with self.trial.app.app_context():
            found = db.session.execute(select(*columns)).all()
        if any(worker for worker, _paused_until in found):
            return timedelta(0) if late else SKIP
        rests = [paused_until - now() for _worker, paused_until in found if paused_until]
        return max(min(rests, default=SKIP), timedelta(0))


def send_all(trial: Trial, plan: Plan) -> Chaos:
    """Send all invoices while everything breaks; when nothing waits any more, it is over."""
    killer = Killer(trial, random.Random(plan.seed), plan.deaths)
    chaos = Chaos(trial, plan, killer)
    trial.put_on_the_way()
    let_answers_fail(trial, plan.seed, plan.chance)
    trial.start_workers(plan.workers)
    trial.start_ticking()
    for settled in chaos.until(PEACE):
        killer.look(settled)
    trial.exact.end_trouble()
    for _settled in chaos.until(1):
        killer.replace_the_dead()
    return chaos


def try_out(server: Server, plan: Plan) -> Findings:
    """What is wrong in the end. Prints a line of the table, and the stories of what is wrong."""
    started = time.monotonic()
    pace: dict[str, Any] = {
        "speed": plan.speed,
        "patience": plan.patience,
        "turns": plan.speed,
    }
    with a_trial(server, plan.books(), **pace, **NO_LIMITS) as trial:
        chaos = send_all(trial, plan)
        findings = look_through(trial)
        click.echo(_line(server, chaos, findings, time.monotonic() - started))
        for story in stories(trial, findings):
            click.echo(story)
    return findings


def _line(server: Server, chaos: Chaos, findings: Findings, seconds: float) -> str:
    exact, killed = chaos.trial.exact, chaos.killer.killed.total()
    wrong = ", ".join(f"{len(found)} {what}" for what, found in findings.wrong.items())
    return (
        f"{server:12}{chaos.plan.seed:5}{findings.invoices:9}{findings.entries:9}"
        f"{findings.documents:10}{findings.files:7}{exact.calls_made():8}"
        f"{exact.struck().total():8}{killed:7}{seconds:8.0f}  {wrong or 'nothing'}"
    )


@click.command()
@click.option("--invoices", default=10_000, help="How many go to Exact, half of them with PDF.")
@click.option("--seed", "seeds", multiple=True, type=int, default=(1, 2, 3), help="Of chance.")
@click.option("--companies", default=24, help="Among how many companies they are shared.")
@click.option("--chance", default=CHANCE, help="Of each kind of trouble to strike a call.")
@click.option("--patience", default=1.0, help="Seconds until a call is given up.")
@click.option("--speed", default=20.0, help="Of the clock.")
@click.option(
    "--only", type=click.Choice(["sqlite", "postgresql"]), default="postgresql", help="Where."
)
def main(seeds: tuple[int, ...], only: Server, invoices: int, **plan: Any) -> None:
    """Break everything, and look whether Exact has each invoice once."""
    click.echo(HEADING)
    deaths = min(100, invoices // 4)
    plans = [Plan(invoices, seed, deaths=deaths, **plan) for seed in seeds]
    findings = [try_out(only, plan) for plan in plans]
    if any(each.wrong for each in findings):
        raise SystemExit("Exact and the firm disagree.")


if __name__ == "__main__":
    main()
