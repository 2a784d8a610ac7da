"""The commands of the link: `flask exact doctor`, `send`, `rotate-key`, `simulator`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from flask import current_app
from sqlalchemy.exc import OperationalError, ProgrammingError, TimeoutError

from .connect import connections, get_connection
from .doctor.examination import everybody, examine, nobody
from .doctor.findings import Level
from .doctor.telling import as_json, as_lines
from .health import health_of
from .models import ExactConnection
from .outbox import connections_with_work, count_waiting
from .rotation import rotate
from .sync.intervals import start_due_intervals
from .sync.nights import start_due_nights
from .sync.run import run_outbox

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
#: What PostgreSQL says of a table, and of a column, that is not there.
NOT_SET_UP = ("42P01", "42703")
NO_DATABASE = "The database does not answer, or is not set up: flask exact doctor says more."


class Commands(click.Group):
    """Says in a sentence that the database is away, or empty: an operator needs no more."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except (OperationalError, TimeoutError) as error:
            raise click.ClickException(NO_DATABASE) from error
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", "") not in NOT_SET_UP:
                raise
            raise click.ClickException(NO_DATABASE) from error


@click.group(cls=Commands)
def exact() -> None:
    """The link with Exact Online."""


@exact.command()
def send() -> None:
    """Do now what the clock would do: begin nights and intervals, send what waits."""
    start_due_nights()
    start_due_intervals()
    with_work = connections_with_work()
    waiting = [each.id for each in connections() if count_waiting([each.id])]
    for connection_id in waiting:
        settled = run_outbox(connection_id) if connection_id in with_work else 0
        connection = get_connection(connection_id)
        click.echo(f"{connection.company.name}: {_sent(settled, connection)}.")
        for reason in health_of(connection).rests:
            click.echo(f"  {reason}")
    if not waiting:
        click.echo("Nothing waits.")


def _sent(settled: int, connection: ExactConnection) -> str:
    """Settled are those that Exact has booked, and those that it has refused."""
    waiting = count_waiting([connection.id])
    return f"{settled} settled, {waiting} on the way" if waiting else f"{settled} settled"


@exact.command()
@click.option("--json", "for_programs", is_flag=True, help="For programs: JSON.")
@click.option("--offline", is_flag=True, help="Ask nothing of Exact: only what is known here.")
def doctor(for_programs: bool, offline: bool) -> None:
    """Say what is wrong, what to do, and who can. Ends with 1 when something is a problem."""
    found = examine(nobody if offline else everybody)
    if for_programs:
        click.echo(json.dumps(as_json(found), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(as_lines(found)).rstrip())
    if found.level is Level.PROBLEM:
        sys.exit(1)


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
