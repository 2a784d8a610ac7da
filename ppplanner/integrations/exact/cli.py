"""The commands of the link: `flask exact status`, `send`, `rotate-key`, `simulator`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click
from flask import current_app

from .connect import connections, get_connection
from .health import count_waiting, counted_by_kind, health_of
from .models import ConnectionState, ExactConnection, Kind
from .outbox import connections_with_work
from .rotation import rotate
from .sync.intervals import start_due_intervals
from .sync.nights import start_due_nights
from .sync.run import run_outbox

STATES = {
    ConnectionState.DISCONNECTED: "nobody is logged in with Exact",
    ConnectionState.CONNECTED: "logged in",
    ConnectionState.NEEDS_LOGIN: "the login has ended, a person has to log in again",
}
PLURALS = {
    Kind.COST_CENTRE: "cost centres",
    Kind.COST_CARRIER: "cost carriers",
    Kind.CUSTOMER: "customers",
    Kind.INVOICE: "invoices",
    Kind.TRANSACTION: "transactions",
}


CANNOT_READ = (
    "no key of ENCRYPTION_KEY opens {}. Add the key with which they were written, and run this "
    "again; until then remove no key. If that key is lost: fill in the client secret again under "
    "Settings, Exact Online, and log in with Exact again."
)
OLD_KEYS_IN_USE = (
    "Run it once more when every process has been started with the new key in front: what is left "
    "to one that still writes with an old key is then found, and it says when the old ones can go."
)
OLD_KEYS_UNUSED = (
    "Nothing uses the other keys: they can be removed from ENCRYPTION_KEY once every process has "
    "been started with the new key in front. Keep them with the backups made before."
)


@click.group()
def exact() -> None:
    """The link with Exact Online."""


@exact.command()
def send() -> None:
    """Do now what the clock would do: begin nights and intervals, send what waits."""
    start_due_nights()
    start_due_intervals()
    with_work = connections_with_work()
    for connection_id in with_work:
        settled = run_outbox(connection_id)
        connection = get_connection(connection_id)
        click.echo(f"{connection.company.name}: {_sent(settled, connection)}.")
        for reason in health_of(connection).rests:
            click.echo(f"  {reason}")
    if not with_work:
        click.echo("Nothing waits.")


def _sent(settled: int, connection: ExactConnection) -> str:
    """Settled are those that Exact has booked, and those that it has refused."""
    waiting = count_waiting([connection.id])
    return f"{settled} settled, {waiting} on the way" if waiting else f"{settled} settled"


@exact.command()
def status() -> None:
    """Say of each company how its link is doing."""
    known = connections()
    for connection in known:
        click.echo(connection.company.name)
        for line in _status(connection):
            click.echo(f"  {line}")
    if not known:
        click.echo("No company is linked with Exact yet.")


def _status(connection: ExactConnection) -> Iterator[str]:
    health = health_of(connection)
    yield f"{STATES[connection.state]} ({connection.base_url})"
    yield f"administration: {connection.division_name or 'not chosen yet'}"
    yield f"sales journal: {connection.sales_journal or 'not chosen yet'}"
    yield from _counts(connection)
    yield f"calls left today: {health.calls.left} of {health.calls.allowed}"
    yield f"last answer of Exact: {_moment(connection.last_answer_at)}"
    yield from (f"rests: {reason}" for reason in health.rests)
    if health.rests_until:
        yield f"goes on at: {_moment(health.rests_until)}"


def _counts(connection: ExactConnection) -> Iterator[str]:
    counts = counted_by_kind(connection)
    for kind, (waiting, need_person) in counts.items():
        yield f"{PLURALS[kind]}: {waiting} on the way, {need_person} need a person"
    if not counts:
        yield "nothing is on the way, nothing needs a person"


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "never"


@exact.command("rotate-key")
def rotate_key() -> None:
    """Encrypt all secrets anew with the first key of ENCRYPTION_KEY, while everybody works on."""
    done = rotate()
    total = done.sealed + len(done.unreadable)
    click.echo(f"{done.rewritten} of {total} secrets were encrypted anew with the first key.")
    if done.unreadable:
        raise click.ClickException(CANNOT_READ.format(", ".join(done.unreadable)))
    if len(current_app.config["PPPLANNER"].encryption_keys) > 1:
        click.echo(OLD_KEYS_IN_USE if done.rewritten else OLD_KEYS_UNUSED)


@exact.command()
@click.option("--host", default="127.0.0.1", help="The address to listen on (127.0.0.1).")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    help="The port to listen on (EXACT_SIMULATOR_PORT, or 8100).",
)
@click.option(
    "--data",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where it keeps what is booked (exact-simulator.db in the instance folder).",
)
@click.option("--forgetful", is_flag=True, help="Keep nothing: begin anew with each start.")
def simulator(host: str, port: int | None, data: Path | None, forgetful: bool) -> None:
    """Play the part of Exact Online, on a data file of its own."""
    from .simulator import run

    file = data or current_app.config["PPPLANNER"].instance / "exact-simulator.db"
    port = port or current_app.config["EXACT_SIMULATOR_PORT"]
    run(host=host, port=port, data_file=None if forgetful else file)
