"""The commands of the core: `flask worker`, `flask clock`, `flask administrator`, ..."""

from __future__ import annotations

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from ppplanner import jobs
from ppplanner.addons.registry import registry
from ppplanner.config import BadConfig, Config, new_secret
from ppplanner.documents import printing
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.services.firm.users import make_administrator


@click.command()
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
@click.option(
    "--queue",
    "names",
    multiple=True,
    type=click.Choice(jobs.QUEUES),
    help="Only the jobs of this queue; may be given several times.",
)
def worker(burst: bool, names: tuple[str, ...]) -> None:
    """Do the jobs that wait in the queues, until stopped."""
    printing.prepare()
    jobs.work(burst, names or jobs.QUEUES)


@click.command()
def clock() -> None:
    """Put scheduled jobs on the queue, until stopped. Run one of these."""
    jobs.tick()


@click.command("mail-catcher")
@with_appcontext
def mail_catcher() -> None:
    """Keep the mails that would go out, for the page that shows them, until stopped."""
    from ppplanner.mailing.catcher import catch  # not needed by any other process

    config: Config = current_app.config["PPPLANNER"]
    server, folder = config.mail_server, config.caught_mails
    if server is None or server.socket is None or folder is None:
        raise click.ClickException("Mails are not caught here: MAIL_URL names a server.")
    catch(server.socket, folder)


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
@click.argument("username")
@click.password_option(help="Asked for when it is not given.")
@with_appcontext
def administrator(username: str, password: str) -> None:
    """Let USERNAME in with all rights: the first user, or one who cannot log in any more."""
    try:
        user = make_administrator(
            username, password, [each.name for each in registry().permissions()]
        )
    except Invalid as error:
        raise click.ClickException(error.reason) from error
    db.session.commit()
    click.echo(f"{user.username} can log in and has all rights.")


@click.command()
def secret() -> None:
    """Print a new secret, fit for SECRET_KEY and ENCRYPTION_KEY."""
    click.echo(new_secret())


def init_app(app: Flask) -> None:
    for command in (worker, clock, administrator, demo, mail_catcher, secret):
        app.cli.add_command(command)
