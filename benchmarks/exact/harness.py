"""What all trials of the link with Exact stand on: a firm, Exact, Redis, workers, and one clock.

    with a_trial("postgresql", [Books(invoices=1000)], speed=60) as trial:
        trial.put_on_the_way()
        trial.start_workers(1)
        trial.start_ticking()
        while trial.waiting():
            time.sleep(0.2)
        print(trial.exact.answers())

Exact and the workers are processes of their own. The clock is that of `clocks.py`: it runs `speed`
times as fast here, in the workers and in Exact, from the first call on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from flask import Flask
from redis import Redis
from sqlalchemy import func, select

from benchmarks.firms import SECRETS, Server
from ppplanner import create_app
from ppplanner.config import Config
from ppplanner.extensions import db
from ppplanner.integrations.exact import switching
from ppplanner.integrations.exact.models import ExactOutboxEntry, WorkState
from ppplanner.integrations.exact.outbox import OPEN
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.models import BusinessUnit
from tests import servers
from tests.databases import PostgresDatabase, disconnect, migrate
from tests.integrations.exact.logins import AtExact, link

from . import books as books_
from . import processes
from .books import Books
from .clocks import FastClock, run_by
from .exact import Exact, exact_beside
from .processes import Place


class QueueServer:
    """Redis, which can be emptied, and stopped for a while."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = ExitStack()
        folder.mkdir()
        self.url = self.start()

    def start(self) -> str:
        return self._running.enter_context(servers.valkey(self._folder))

    def stop(self) -> None:
        self._running.close()

    def flush(self) -> None:
        with Redis.from_url(self.url) as connection:
            connection.flushall()


@dataclass
class Trial:
    """A firm and its Exact, while something is tried out with them."""

    app: Flask
    place: Place
    exact: Exact
    redis: QueueServer
    clock: FastClock
    #: The connections with Exact, by their keys, with what each company has.
    books: dict[int, Books] = field(default_factory=dict)
    workers: list[BaseProcess] = field(default_factory=list)
    _started: int = 0

    def put_on_the_way(self) -> int:
        """Note that all invoices have to go to Exact; how many. The next tick finds them."""
        with self.app.app_context():
            return sum(books_.put_on_the_way(key) for key in self.books)

    def start_worker(self) -> BaseProcess:
        self._started += 1
        worker = processes.start(self.place, processes.do_jobs, f"worker-{self._started}")
        self.workers.append(worker)
        return worker

    def start_workers(self, number: int) -> None:
        for _each in range(number):
            self.start_worker()

    def start_ticking(self) -> BaseProcess:
        return processes.start(self.place, processes.tick, "clock")

    def states(self) -> dict[WorkState, int]:
        """How many entries of the outbox are in each state."""
        query = select(ExactOutboxEntry.state, func.count()).group_by(ExactOutboxEntry.state)
        with self.app.app_context():
            return dict(db.session.execute(query).all())

    def waiting(self) -> int:
        """How many entries of the outbox are not settled."""
        states = self.states()
        return sum(states.get(state, 0) for state in OPEN)


@contextmanager
def a_trial(
    server: Server,
    companies: Sequence[Books],
    *,
    speed: float = 1.0,
    patience: float | None = None,
    turns: float = 1.0,
    database_url: str | None = None,
    **options: Any,
) -> Iterator[Trial]:
    """Companies linked with Exact, with nothing on the way. `options` are those of the simulator,
    such as `calls_per_day=None`; for `patience` and `turns` see `Place`. `database_url` names an
    empty PostgreSQL database to use instead of an embedded one.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trial")))
        stack.callback(processes.end_all, folder)
        redis = QueueServer(folder / "redis")
        stack.callback(redis.stop)
        variables = {"INSTANCE_PATH": str(folder), **SECRETS, "REDIS_URL": redis.url}
        if server == "postgresql":
            variables["DATABASE_URL"] = database_url or stack.enter_context(_embedded())
        place = Place(folder, variables, patience, turns)
        exact = stack.enter_context(exact_beside(place))
        clock = place.clock
        app = create_app(Config.from_env(variables))
        stack.enter_context(run_by(clock))
        migrate(app)
        trial = Trial(app, place, exact, redis, clock)
        stack.callback(disconnect, app)
        _set_up(trial, companies)
        exact.set_options(**options)
        exact.forget_calls()
        clock.run(speed)
        yield trial


@contextmanager
def _embedded() -> Iterator[str]:
    with servers.postgresql() as server:
        database = PostgresDatabase(server, "trial")
        database.create()
        yield database.url


def _set_up(trial: Trial, companies: Sequence[Books]) -> None:
    with trial.app.app_context():
        for books in companies:
            trial.exact.add_administration(books.division, books.user)
            unit = books_.make_unit_of(books)
            connection_id = _link(trial.exact, unit, books)
            relations = trial.exact.relations(books.division)
            books_.fill(connection_id, books, relations)
            trial.books[connection_id] = books
    trial.redis.flush()
    disconnect(trial.app)


def _link(exact: Exact, unit: BusinessUnit, books: Books) -> int:
    """Link a company with its administration, as it wants its invoices there. Commits."""
    at_exact = AtExact(exact.address(), *exact.app(), exact.return_address(), exact.consent)
    connection = link(unit.company, at_exact, books.division, books.user)
    usual = exact_settings.load(connection.company_id)
    wanted = replace(usual, invoices_pdf=books.pdf)
    switching.save_settings(connection.company, connection, wanted)
    db.session.commit()
    return connection.id
