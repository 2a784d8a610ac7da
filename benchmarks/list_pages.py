"""How long the server takes for each list page of the demo firm: python -m benchmarks.list_pages

A request goes through the whole application as a web server would hand it over, and its answer is
read to the end; what the network and the browser add is not measured.
"""

from __future__ import annotations

import gc
import statistics
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import click
from flask import Flask
from sqlalchemy import event, select
from werkzeug.test import EnvironBuilder, run_wsgi_app

from ppplanner import create_app
from ppplanner.clock import now
from ppplanner.config import Config
from ppplanner.demo import LOGINS, make_demo
from ppplanner.extensions import db
from ppplanner.i18n import Message
from ppplanner.integrations.exact.models import (
    ConnectionState,
    ExactConnection,
    ExactCustomerLink,
    ExactOutboxEntry,
    ExactStep,
    StepState,
    WorkState,
)
from ppplanner.models import Customer, Invoice, User
from tests import servers
from tests.databases import PostgresDatabase, migrate

#: The bar: milliseconds that 95 of 100 requests have to stay below.
BAR = 50.0

PAGES = {
    "home": "/",
    "contracts": "/contracts/",
    "contracts, search": "/contracts/?q=transit",
    "customers": "/customers/",
    "customers, search": "/customers/?q=van",
    "resources": "/resources/",
    "resources, search": "/resources/?q=ford",
    "invoices": "/invoices/",
    "invoices, search": "/invoices/?q=bv",
    "GL accounts": "/ledger/gl-accounts/",
    "GL accounts, search": "/ledger/gl-accounts/?q=rent",
}


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

    def row(self, name: str) -> str:
        times = (statistics.median(self.walls), self.p95, statistics.median(self.cpus))
        figures = "".join(f"{milliseconds:9.1f}" for milliseconds in times)
        return f"{name:22}{figures}{self.queries:9}{self.size / 1000:9.1f}"


@contextmanager
def a_firm(database_url: str | None) -> Iterator[Flask]:
    """The application with the demo firm, all invoices of which are in Exact or on their way."""
    with TemporaryDirectory() as folder, servers.valkey() as redis_url:
        variables = {"INSTANCE_PATH": folder, "REDIS_URL": redis_url}
        if database_url:
            variables["DATABASE_URL"] = database_url
        app = create_app(Config.from_env(variables))
        migrate(app)
        with app.app_context():
            make_demo()
            fill_columns_of_exact()
            db.session.commit()
        gc.collect()
        gc.freeze()  # as `./ppp run` does
        yield app
        with app.app_context():
            db.engine.dispose()


def fill_columns_of_exact() -> None:
    """Link every customer; book all invoices but every fifth, which waits with a reason."""
    for connection in db.session.scalars(select(ExactConnection)):
        connection.state, connection.division = ConnectionState.CONNECTED, 1
        for number, customer in enumerate(db.session.scalars(select(Customer))):
            db.session.add(_link(connection, customer, f"{number:5}"))
        invoices = select(Invoice).filter_by(company_id=connection.company_id)
        for number, invoice in enumerate(db.session.scalars(invoices)):
            db.session.add_all(_work(connection, invoice, number))


def _link(connection: ExactConnection, customer: Customer, code: str) -> ExactCustomerLink:
    return ExactCustomerLink(
        customer_id=customer.id, connection_id=connection.id, account_id=uuid.uuid4(), code=code
    )


def _work(connection: ExactConnection, invoice: Invoice, number: int) -> list[Any]:
    key: dict[str, Any] = {"kind": "invoice", "record_id": invoice.id}
    key["connection_id"] = connection.id
    if number % 5 == 0:
        reasons = [Message("Exact does not answer.").to_json()]
        return [ExactOutboxEntry(**key, reasons=reasons)]
    label = f"2670{number:04}"
    step = ExactStep(**key, action="book_entry", state=StepState.CONFIRMED, label=label)
    step.exact_id = uuid.uuid4()
    return [step, ExactOutboxEntry(**key, state=WorkState.DONE, settled_at=now())]


def log_in(app: Flask) -> str:
    """The cookie of the demo's administrator, who sees all of everything."""
    username = next(login.username for login in LOGINS if login.role == "Administrator")
    with app.app_context():
        user = db.session.scalars(select(User).filter_by(username=username)).one()
        key = user.get_id()
    client = app.test_client()
    with client.session_transaction() as session:
        session.update(_user_id=key, _fresh=True)
    cookie = client.get_cookie("session")
    assert cookie
    return cookie.value


def measure(app: Flask, cookie: str, url: str, times: int) -> Timing:
    for _ in range(5):
        ask(app, cookie, url)  # compiles templates and statements, opens connections
    with counted_queries(app) as statements:
        size = ask(app, cookie, url)[2]
    answers = [ask(app, cookie, url) for _ in range(times)]
    walls, cpus, _sizes = map(list, zip(*answers, strict=True))
    return Timing(walls, cpus, len(statements), size)


def ask(app: Flask, cookie: str, url: str) -> tuple[float, float, int]:
    """Milliseconds until the whole answer is there, those of the processor, and its bytes."""
    builder = EnvironBuilder(url, headers=[("Cookie", f"session={cookie}")])
    environ = builder.get_environ()
    wall, cpu = perf_counter(), process_time()
    body, status, _headers = run_wsgi_app(app, environ)
    page = b"".join(body)
    wall, cpu = perf_counter() - wall, process_time() - cpu
    assert status.startswith("200"), f"{url}: {status}"
    return wall * 1000, cpu * 1000, len(page)


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


def measure_all(title: str, database_url: str | None, times: int) -> bool:
    """Print a table for one database; whether every page stays below the bar."""
    with a_firm(database_url) as app:
        cookie = log_in(app)
        click.echo(f"\n{title:22}{'median':>9}{'p95 ms':>9}{'cpu ms':>9}{'queries':>9}{'kB':>9}")
        slowest = 0.0
        for name, url in PAGES.items():
            timing = measure(app, cookie, url, times)
            slowest = max(slowest, timing.p95)
            click.echo(timing.row(name))
    return slowest < BAR


@contextmanager
def an_embedded_postgresql() -> Iterator[str]:
    with servers.postgresql() as server:
        place = PostgresDatabase(server, "benchmark")
        place.create()
        yield place.url


@click.command()
@click.option("--times", default=200, help="How often each page is asked for.")
@click.option("--database-url", help="An empty PostgreSQL database instead of an embedded one.")
@click.option("--only", type=click.Choice(["sqlite", "postgresql"]), help="One database only.")
def main(times: int, database_url: str | None, only: str | None) -> None:
    """Measure every list page on both databases; fail when one is above the bar."""
    good = []
    if only != "postgresql":
        good.append(measure_all("SQLite", None, times))
    if only != "sqlite":
        with ExitStack() as stack:
            url = database_url or stack.enter_context(an_embedded_postgresql())
            good.append(measure_all("PostgreSQL", url, times))
    if not all(good):
        raise SystemExit(f"A page takes more than {BAR:.0f} ms.")


if __name__ == "__main__":
    main()
