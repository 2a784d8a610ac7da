"""How long an invoice run takes: python -m benchmarks.invoice_run

Contracts of three days, checked in, each for a customer and on a van of its own, made through the
services. Then a run over all of them: calculate, and make confirmed invoices. At the end each
contract has one invoice and their numbers have no gap, or the command fails.
"""

from __future__ import annotations

import resource
from collections.abc import Callable
from time import perf_counter, process_time

import click
from flask import Flask
from sqlalchemy import func, select

from benchmarks.firms import Server, a_firm
from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.invoice_runs import work_on_run
from ppplanner.models import Invoice, InvoiceRun, InvoiceRunItem, RunState, User
from ppplanner.services.invoices import runs
from ppplanner.services.invoices.runs import RunData
from tests.factories import make_unit, make_user
from tests.statements import counted
from tests.to_invoice import rented

HEADING = f"{'contracts':>10}{'seconds':>9}{'ms each':>9}{'cpu ms':>9}{'statements':>12}"
#: Made in one transaction.
BATCH = 100


def make_contracts(count: int) -> int:
    """So many contracts, and a person who may invoice them; gives the person's id."""
    unit, maker = make_unit(), make_user()
    for number in range(count):
        rented(unit)
        if number % BATCH == 0:
            db.session.commit()
    db.session.commit()
    return maker.id


def measure(name: str, count: int, work: Callable[[], None]) -> None:
    db.session.rollback()  # the job has a session of its own, and on SQLite would wait for this one
    with counted() as statements:
        wall, cpu = perf_counter(), process_time()
        work()
        wall, cpu = perf_counter() - wall, process_time() - cpu
    each = f"{wall / count * 1000:9.1f}{cpu / count * 1000:9.1f}{len(statements) / count:12.1f}"
    click.echo(f"{name:24}{count:10}{wall:9.1f}{each}")


def invoice_all(app: Flask, count: int) -> None:
    """Measure one run over `count` contracts."""
    with app.app_context():
        data = RunData(today(), today())
        run = runs.start(data, db.session.get_one(User, make_contracts(count)))
        db.session.commit()
        run_id = run.id
        measure("calculate", count, lambda: work_on_run(run_id))
        db.session.expire_all()
        ids = db.session.scalars(select(InvoiceRunItem.id).filter_by(run_id=run_id)).all()
        runs.pick(run, ids, invoice_date=today(), confirm=True)
        db.session.commit()
        measure("make confirmed invoices", count, lambda: work_on_run(run_id))
        check(run_id, count)


def check(run_id: int, count: int) -> None:
    """Each contract has one invoice, and their numbers follow each other."""
    db.session.expire_all()
    of_run = select(InvoiceRunItem.contract_id).filter_by(run_id=run_id)
    figures = select(
        func.count(Invoice.id), func.count(Invoice.contract_id.distinct()), func.max(Invoice.number)
    )
    found = db.session.execute(figures.where(Invoice.contract_id.in_(of_run))).one()
    assert tuple(found) == (count, count, count), found
    assert db.session.get_one(InvoiceRun, run_id).state is RunState.DONE


@click.command()
@click.option("--counts", default=(200, 2000), multiple=True, help="How many contracts.")
@click.option("--only", type=click.Choice(["sqlite", "postgresql"]), help="One database only.")
def main(counts: tuple[int, ...], only: Server | None) -> None:
    """Measure invoice runs on both databases."""
    kinds: tuple[Server, ...] = (only,) if only else ("sqlite", "postgresql")
    for kind in kinds:
        click.echo(f"\n{kind:24}{HEADING}")
        for count in counts:
            with a_firm(kind, "empty") as app:
                invoice_all(app, count)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    click.echo(f"\nAt most {peak} MB.")


if __name__ == "__main__":
    main()
