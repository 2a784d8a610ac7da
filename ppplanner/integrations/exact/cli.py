"""The commands of the link: `flask exact send`, `status`, `simulator`."""

from __future__ import annotations

import click
from flask import current_app

from ppplanner.models import Company

from .connect import connections
from .outbox import connections_with_work
from .sync.nights import start_due_nights
from .sync.run import run_outbox


@click.group()
def exact() -> None:
    """The link with Exact Online."""


@exact.command()
def send() -> None:
    """Do now what the clock would do: begin nights that are due, send what waits."""
    start_due_nights()
    for connection_id in connections_with_work():
        click.echo(f"connection {connection_id}: {run_outbox(connection_id)} settled")


@exact.command()
def status() -> None:
    """Say how each company's link is doing."""
    for connection in connections():
        company: Company = connection.company
        click.echo(
            f"{company.name}: {connection.state}, {connection.division_name or 'no administration'}"
        )


@exact.command()
@click.option("--host", default="127.0.0.1", help="The address to listen on.")
@click.option("--port", type=int, help="The port to listen on.")
def simulator(host: str, port: int | None) -> None:
    """Play the part of Exact Online, on a data file of its own."""
    from .simulator import run

    data = current_app.config["PPPLANNER"].instance / "exact-simulator.db"
    run(host=host, port=port or current_app.config["EXACT_SIMULATOR_PORT"], data_file=data)
