"""How long a request takes within the server, from its first byte to the answer's last."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter, process_time
from typing import Any

from flask import Flask
from sqlalchemy import event
from werkzeug.test import EnvironBuilder, run_wsgi_app

from ppplanner.extensions import db

HEADING = f"{'median':>9}{'p95 ms':>9}{'cpu ms':>9}{'queries':>9}{'kB':>9}"
#: Requests that compile templates and statements and open connections, before the clock runs.
WARMING = 3


@dataclass(frozen=True)
class Answer:
    """One answer, with the milliseconds it took on the clock and of the processor."""

    wall: float
    cpu: float
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Timing:
    """What one page costs: milliseconds of each request, queries of one, bytes of one.

    The median of the processor's time tells most on a machine that is busy with other things.
    """

    walls: list[float]
    cpus: list[float]
    queries: int
    size: int

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.walls, n=20)[-1]

    def __str__(self) -> str:
        times = (statistics.median(self.walls), self.p95, statistics.median(self.cpus))
        figures = "".join(f"{milliseconds:9.1f}" for milliseconds in times)
        return f"{figures}{self.queries:9}{self.size / 1000:9.1f}"


def measure(app: Flask, cookie: str, url: str, times: int) -> Timing:
    for _each in range(WARMING):
        ask(app, cookie, url)
    with counted_queries(app) as statements:
        size = len(ask(app, cookie, url).body)
    answers = [ask(app, cookie, url) for _each in range(times)]
    walls, cpus = [each.wall for each in answers], [each.cpu for each in answers]
    return Timing(walls, cpus, len(statements), size)


def ask(app: Flask, cookie: str, url: str) -> Answer:
    """The answer to a GET request, which has to be a good one."""
    wall, cpu = perf_counter(), process_time()
    status, body = _request(app, cookie, url)
    wall, cpu = perf_counter() - wall, process_time() - cpu
    assert status.startswith("200"), f"{url}: {status}"
    return Answer(wall * 1000, cpu * 1000, body)


def look(app: Flask, cookie: str, url: str) -> bytes:
    """The body of whatever a GET request is answered with."""
    return _request(app, cookie, url)[1]


def _request(app: Flask, cookie: str, url: str) -> tuple[str, bytes]:
    builder = EnvironBuilder(url, headers=[("Cookie", f"session={cookie}")])
    parts, status, _headers = run_wsgi_app(app, builder.get_environ())
    return status, b"".join(parts)


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)
