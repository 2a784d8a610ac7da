"""How long the PDF of an invoice takes, and whether memory stays level: python -m benchmarks.pdf"""

from __future__ import annotations

import resource
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import click
from flask import Flask

from ppplanner import create_app
from ppplanner.config import Config
from ppplanner.documents.invoice_pdf import make_pdf
from ppplanner.extensions import db
from tests.databases import migrate
from tests.documents.bills import bill, line

LINES = (1, 10, 50, 300)


@contextmanager
def an_application() -> Iterator[Flask]:
    """One on an empty database that goes away afterwards, with its context pushed."""
    with TemporaryDirectory() as folder:
        app = create_app(Config.from_env({"INSTANCE_PATH": folder, "ADDONS": ","}))
        migrate(app)
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()


def make_bill(lines: int) -> int:
    """The id of a confirmed invoice with so many lines."""
    invoice = bill(*(line(f"Charge {number}") for number in range(1, lines)))
    db.session.commit()
    invoice_id = invoice.id
    db.session.rollback()
    return invoice_id


def measure(invoice_id: int, times: int) -> tuple[float, float, int]:
    """Median seconds on the clock, median seconds of processor, bytes."""
    walls, cpus, size = [], [], 0
    for _ in range(times):
        wall, cpu = perf_counter(), process_time()
        size = len(make_pdf(invoice_id))
        walls.append(perf_counter() - wall)
        cpus.append(process_time() - cpu)
    return statistics.median(walls), statistics.median(cpus), size


def memory() -> float:
    """The most that this process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@click.command()
@click.option("--times", default=10, help="How often each invoice is printed.")
@click.option("--memory-prints", default=1000, help="How many prints memory is watched over.")
@click.option("--keep", type=click.Path(path_type=Path), help="A folder to keep the PDFs in.")
def main(times: int, memory_prints: int, keep: Path | None) -> None:
    """Print invoices of several lengths, and one of them many times."""
    with an_application():
        bills = {lines: make_bill(lines) for lines in LINES}
        make_pdf(bills[1])  # the first print imports WeasyPrint and reads the fonts
        click.echo(" lines   wall ms    cpu ms   a second and core        kB")
        for lines, invoice_id in bills.items():
            wall, cpu, size = measure(invoice_id, times)
            shown = f"{lines:6} {wall * 1000:9.0f} {cpu * 1000:9.0f}"
            click.echo(f"{shown} {1 / cpu:19.1f} {size / 1000:9.1f}")
            if keep:
                (keep / f"{lines}-lines.pdf").write_bytes(make_pdf(invoice_id))
        before = memory()
        for _ in range(memory_prints):
            make_pdf(bills[10])
        click.echo(f"memory: {before:.0f} MB, after {memory_prints} more prints {memory():.0f} MB")


if __name__ == "__main__":
    main()
