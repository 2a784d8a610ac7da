"""Ten thousand inserts that all want one resource at one time: python -m benchmarks.clashes

They go past the services, from parallel connections, each in a transaction of its own. The database
lets in one of them, and all those that only touch it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from time import perf_counter
from typing import Any

import click
from flask import Flask
from sqlalchemy import func, insert, select, text

from benchmarks.firms import Server, a_firm
from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import Contract, ContractStatus, Customer, Resource
from tests.parallel import at_once

#: Far from what the demo has.
START = now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1000)
LENGTH = timedelta(hours=8)
FIRST_NUMBER = 1_000_000
NAME = "contracts_no_overlap"


def writer(app: Flask) -> Callable[[int, datetime], None]:
    """Writes a contract for one resource, from a moment on, with that number."""
    with app.app_context():
        resource = db.session.scalars(select(Resource)).first()
        assert resource
        keys = {
            "resource_id": resource.id,
            "business_unit_id": resource.pool.business_unit_id,
            "customer_id": db.session.scalars(select(Customer.id)).first(),
            "status": ContractStatus.CONFIRMED,
        }
        db.session.rollback()

    def write(number: int, starts_at: datetime) -> None:
        period = {"starts_at": starts_at, "ends_at": starts_at + LENGTH}
        row: dict[str, Any] = {"number": FIRST_NUMBER + number, **keys, **period}
        db.session.execute(insert(Contract).values(row))

    return write


def notice_deadlocks(app: Flask) -> None:
    """Let PostgreSQL look for deadlocks at once instead of after a second each: those who insert at
    the very same moment wait for each other. The services never do: they lock the resource first.
    """
    with app.app_context():
        if db.engine.dialect.name == "postgresql":
            name = db.engine.url.database
            db.session.execute(text(f"alter database {name} set deadlock_timeout = '5ms'"))
            db.session.commit()
        db.engine.dispose()


def clash(app: Flask, times: int) -> bool:
    """Print who got in; whether it was one, besides the two that touch it."""
    write = writer(app)
    notice_deadlocks(app)
    tasks = [partial(write, number, START) for number in range(times)]
    before, after = partial(write, times, START - LENGTH), partial(write, times + 1, START + LENGTH)
    began = perf_counter()
    with app.app_context():
        results = at_once(app, [*tasks, before, after])
        wanted = Contract.number.between(FIRST_NUMBER, FIRST_NUMBER + times - 1)
        left = db.session.scalar(select(func.count(Contract.id)).where(wanted))
        db.session.rollback()
    refused = Counter(_why(result) for result in results[:times] if result is not None)
    touching = sum(result is None for result in results[times:])
    click.echo(f"  {times:,} inserts in {perf_counter() - began:.0f} s: {left} row is there")
    click.echo(f"  refused: {dict(refused)}; of 2 that touch it {touching} are there")
    return left == 1 and touching == 2 and refused.keys() <= {NAME, "DeadlockDetected"}


def _why(error: Exception) -> str:
    cause = getattr(error, "orig", error)
    return NAME if NAME in str(cause) else type(cause).__name__


@click.command()
@click.option("--times", default=10_000, help="How many want the same.")
@click.option("--only", type=click.Choice(["sqlite", "postgresql"]), help="One database only.")
def main(times: int, only: Server | None) -> None:
    """Let thousands write at once on both databases; fail unless exactly one gets in."""
    good = True
    for server in (only,) if only else ("sqlite", "postgresql"):
        click.echo(server)
        with a_firm(server) as app:
            good = clash(app, times) and good
    if not good:
        raise SystemExit("The rule does not hold.")


if __name__ == "__main__":
    main()
