"""200 invoices confirmed at once, by people who are cut off: python -m benchmarks.numbering

A process each, all at the same moment; a third of them are killed, or lose their connection, in the
middle of their work, and try again. In the end the numbers have no gap and no double, and their
dates never go back.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import click
from flask import Flask

from benchmarks.firms import SECRETS, Server
from ppplanner import create_app
from ppplanner.clock import today
from ppplanner.config import Config
from ppplanner.extensions import db
from tests import servers
from tests.databases import PostgresDatabase, disconnect, migrate
from tests.factories import make_contract, make_invoice, make_resource, make_unit
from tests.under_fire import confirm_under_fire, faults_in_numbers


@contextmanager
def empty(server: Server) -> Iterator[Flask]:
    """The application on a database with all tables and nothing in them."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        variables = {"INSTANCE_PATH": str(folder), **SECRETS, "ADDONS": ""}
        variables["REDIS_URL"] = stack.enter_context(servers.valkey())
        if server == "postgresql":
            database = PostgresDatabase(stack.enter_context(servers.postgresql()), "numbering")
            database.create()
            variables["DATABASE_URL"] = database.url
        app = create_app(Config.from_env(variables))
        migrate(app)
        yield app
        disconnect(app)


def make_drafts(app: Flask, count: int) -> list[int]:
    """Drafts of one company, every other one dated yesterday."""
    with app.app_context():
        unit = make_unit()
        vans = [make_resource(unit) for _each in range(count)]
        dates = [today() - timedelta(days=number % 2) for number in range(count)]
        drafts = [
            make_invoice(make_contract(van), confirmed=False, invoice_date=on).id
            for van, on in zip(vans, dates, strict=True)
        ]
        db.session.commit()
    disconnect(app)
    return drafts


@click.command()
@click.option("--times", default=200, help="How many invoices are confirmed at once.")
@click.option("--seed", default=1, help="Who is hit, and when.")
@click.option("--only", type=click.Choice(["sqlite", "postgresql"]), help="One database only.")
def main(times: int, seed: int, only: Server | None) -> None:
    """Confirm many invoices at once while processes die; fail unless all numbers are right."""
    wrong: list[str] = []
    for server in (only,) if only else ("sqlite", "postgresql"):
        click.echo(server)
        with empty(server) as app:
            drafts = make_drafts(app, times)
            began = perf_counter()
            losses = confirm_under_fire(app, drafts, seed)
            click.echo(f"  {times} invoices in {perf_counter() - began:.1f} s; {losses}")
            faults = faults_in_numbers(app, drafts)
            click.echo(f"  faults: {', '.join(faults) or 'none'}")
            wrong += faults
    if wrong:
        raise SystemExit("The numbers are wrong.")


if __name__ == "__main__":
    main()
