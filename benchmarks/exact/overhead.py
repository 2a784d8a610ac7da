"""What it costs us to send an invoice: python -m benchmarks.exact.overhead

Exact has no limits and answers at once; one worker sends invoices with stored PDFs, first with a
thousand waiting, then with fifty thousand. It has to send ten a second, three calls each, and one
may not cost more however many wait behind it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import click
import psutil

from benchmarks.firms import Server

from .books import Books
from .harness import Trial, a_trial
from .processes import alive

CALLS_EACH = 3
#: Invoices that are sent before the measurement begins, and those that are measured.
WARM_UP, MEASURED = 100, 600
#: What has to be reached: invoices a second, and by how much one may cost more with the most
#: waiting (two measurements of the same on a quiet machine differ by a twentieth).
A_SECOND, DEARER = 10.0, 1.1
#: Bytes of a PDF; small, so that fifty thousand fit on any disk.
PDF = 4_000


@dataclass(frozen=True)
class Cost:
    """What an invoice costs: real seconds, and those of the processor in our processes."""

    waiting: int
    seconds: float
    processor: float

    def __str__(self) -> str:
        return (
            f"{self.waiting:>6} waiting: {1 / self.seconds:5.1f} invoices a second,"
            f" {self.seconds * 1000:.1f} ms each, {self.processor * 1000:.1f} ms of our processor"
        )


def measure(server: Server, waiting: int) -> Cost:
    companies = [Books(invoices=waiting, pdf_bytes=PDF)]
    with a_trial(server, companies, calls_per_minute=None, calls_per_day=None) as trial:
        trial.put_on_the_way()
        trial.start_workers(1)
        trial.start_ticking()
        await_sent(trial, WARM_UP)
        begun, spent, sent = time.perf_counter(), processor(trial), calls(trial)
        await_sent(trial, WARM_UP + MEASURED)
        number = (calls(trial) - sent) / CALLS_EACH
        seconds = time.perf_counter() - begun
        return Cost(waiting, seconds / number, (processor(trial) - spent) / number)


def calls(trial: Trial) -> int:
    return trial.exact.calls_made()


def await_sent(trial: Trial, invoices: int) -> None:
    while calls(trial) < invoices * CALLS_EACH:
        time.sleep(0.2)


def processor(trial: Trial) -> float:
    """Seconds of the processor that workers and their jobs have taken."""
    return sum(_times(trial))


def _times(trial: Trial) -> Iterator[float]:
    ours = {worker.pid for worker in trial.workers}
    for process in alive(trial.place.folder):
        with suppress(psutil.NoSuchProcess):
            if process.pid in ours or process.ppid() in ours:
                times = process.cpu_times()
                yield times.user + times.system


@click.command()
@click.option("--server", type=click.Choice(["sqlite", "postgresql"]), default="postgresql")
@click.option("--few", default=1_000, show_default=True)
@click.option("--many", default=50_000, show_default=True)
def main(server: Server, few: int, many: int) -> None:
    """Send as fast as we can."""
    costs = []
    for waiting in (few, many):
        costs.append(measure(server, waiting))
        click.echo(str(costs[-1]))
    missed = ["invoices a second"] if max(each.seconds for each in costs) > 1 / A_SECOND else []
    missed += ["the same however many wait"] if dearer(*costs) > DEARER else []
    for what in missed:
        click.echo(f"MISSED: {what}")
    sys.exit(bool(missed))


def dearer(few: Cost, many: Cost) -> float:
    """By real time, which the database takes part in, or where others want the machine by ours."""
    return min(many.seconds / few.seconds, many.processor / few.processor)


if __name__ == "__main__":
    main()
