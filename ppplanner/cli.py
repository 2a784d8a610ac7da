"""The commands of the core: `flask worker`, `flask clock`, `flask demo`, ..."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import with_appcontext

from ppplanner import jobs
from ppplanner.config import BadConfig, new_secret
from ppplanner.documents import printing


@click.command()
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
def worker(burst: bool) -> None:
    """Do the jobs that wait in the queue, until stopped."""
    printing.prepare()
    jobs.work(burst)


@click.command()
def clock() -> None:
    """Put scheduled jobs on the queue, until stopped. Run one of these."""
    jobs.tick()


@click.command()
@with_appcontext
def demo() -> None:
    """Make the demo firm, unless the database holds a company already."""
    from ppplanner.demo import make_demo

    try:
        made = make_demo()
    except BadConfig as error:
        raise click.ClickException(str(error)) from error
    click.echo("The demo firm is ready." if made else "There is data already; nothing was made.")


@click.command()
def secret() -> None:
    """Print a new secret, fit for SECRET_KEY and ENCRYPTION_KEY."""
    click.echo(new_secret())


def init_app(app: Flask) -> None:
    for command in (worker, clock, demo, secret):
        app.cli.add_command(command)
