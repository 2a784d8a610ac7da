"""What breaks in a trial: Exact's answers, worker processes, Redis."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
from sqlalchemy import func, select

from ppplanner.extensions import db
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.simulator.faults import BLIND_KINDS, KINDS

from .exact import ACCOUNTS, ATTACHMENTS, DOCUMENTS, ENTRIES, TOKENS
from .harness import Trial

#: Each kind of trouble strikes one call in twenty; those of two forms share it.
CHANCE = 0.05
TWINS = {"slow", "slow_after", "empty", "empty_after"}
WRITTEN = (ACCOUNTS, DOCUMENTS, ATTACHMENTS, ENTRIES)
#: Of a renewal of tokens no answer is lost once Exact has given it: the login would be lost for
#: good, whatever a client does. `tokens.py` is about those.
HARMLESS_FOR_TOKENS = tuple(kind for kind in BLIND_KINDS if KINDS[kind].at != "answer")
#: How workers die: the one who waits for jobs, the one who does a job, or both at once.
WAYS = ("worker", "job", "worker and job")

#: How many times as long as anybody waits for it a slow answer takes.
SLOW_ANSWER = 2
#: Real seconds between two looks at who is dead.
REPLACED = 1.0


def let_answers_fail(trial: Trial, seed: int, chance: float = CHANCE) -> None:
    """Each kind of trouble that passes by itself strikes so many calls; slow answers come after
    nobody waits for them any more.
    """
    trial.exact.sow(seed)
    slow = SLOW_ANSWER * (trial.place.patience or 30.0)
    for resource in (*WRITTEN, TOKENS):
        for kind in HARMLESS_FOR_TOKENS if resource == TOKENS else BLIND_KINDS:
            share = chance / 2 if kind in TWINS else chance
            trial.exact.plan(kind, resource=resource, times=None, probability=share, seconds=slow)


@dataclass
class Killer:
    """Kills workers with -9 at random moments, and lets others take their places."""

    trial: Trial
    chance: random.Random
    #: About so many die until all is settled.
    deaths: int
    killed: Counter[str] = field(default_factory=Counter)
    #: What part is settled when the next one dies.
    _next: float = 0.0
    _replace: float = 0.0

    def look(self, settled: float) -> None:
        """Kill if it is time to; replace whoever is dead. To be called again and again."""
        if settled >= self._next and self.trial.exact.calls_made() > 0 and self._kill():
            self._next = settled + self.chance.uniform(0, 2 / self.deaths)
        self.replace_the_dead()

    def replace_the_dead(self) -> None:
        """As whoever supervises workers does: not at once, since without Redis they end at once."""
        if time.monotonic() < self._replace:
            return
        self._replace = time.monotonic() + REPLACED
        for worker in list(self.trial.workers):
            if not worker.is_alive():
                worker.join()
                self.trial.workers.remove(worker)
                self.trial.start_worker()

    def _kill(self) -> bool:
        """Kill somebody, if the one on whom the choice falls can be killed like that."""
        worker, way = self.chance.choice(self.trial.workers), self.chance.choice(WAYS)
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(worker.pid)
            victims = [process] if way == "worker" else process.children()
            victims += [process] if way == "worker and job" else []
            if victims and self._strike(victims):
                self.killed[way] += 1
                return True
        return False

    def _strike(self, victims: list[psutil.Process]) -> bool:
        """Kill them, unless a login is being renewed: nothing brings back what Exact gave then.
        They are stopped first, so that what is true when one looks is still true afterwards.
        """
        _send(victims, signal.SIGSTOP)
        spared = _renewing(self.trial)
        _send(victims, signal.SIGCONT if spared else signal.SIGKILL)
        return not spared


def _send(victims: list[psutil.Process], sign: signal.Signals) -> None:
    for victim in victims:
        with suppress(psutil.NoSuchProcess):
            victim.send_signal(sign)


def _renewing(trial: Trial) -> bool:
    """Past all locks: one of the victims may hold them."""
    query = select(func.count()).where(ExactConnection.renewing_until.is_not(None))
    with trial.app.app_context():
        sql = str(query.compile(db.engine, compile_kwargs={"literal_binds": True}))
        connection = db.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(sql)
            (renewing,) = cursor.fetchone() or (0,)
            return bool(renewing)
        finally:
            connection.close()
