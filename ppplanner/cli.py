"""The commands of the core: `flask worker`, `flask clock`, `flask demo`, ..."""

from __future__ import annotations

import click
from flask import Flask

from ppplanner import jobs
from ppplanner.config import new_secret


@click.command()
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
def worker(burst: bool) -> None:
    """Do the jobs that wait in the queue, until stopped."""
    jobs.work(burst)


@click.command()
def clock() -> None:
    """Put scheduled jobs on the queue, until stopped. Run one of these."""
    jobs.tick()


@click.command()
def demo() -> None:
    """Make the demo firm, unless the database holds a company already."""
    from ppplanner.demo import make_demo

    click.echo(
        "The demo firm is ready."
        if make_demo()
        else "There is data already; nothing was made."
    )


@click.command()
def secret() -> None:
    """Print a new secret, fit for SECRET_KEY and ENCRYPTION_KEY."""
    click.echo(new_secret())


def init_app(app: Flask) -> None:
    for command in (worker, clock, demo, secret):
        app.cli.add_command(command)
