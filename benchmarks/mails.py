"""How long sending mails takes, to the catcher of this machine: python -m benchmarks.mails"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import click
from flask import Flask, current_app

from benchmarks.pdf import an_application, make_bill
from ppplanner.clock import now
from ppplanner.config import Config
from ppplanner.documents.invoice_pdf import ensure_pdf
from ppplanner.extensions import db
from ppplanner.mailing.jobs import send_mails
from ppplanner.models import Invoice, MailState
from ppplanner.services.mails import waiting
from ppplanner.services.mails.composing import compose_invoice_mail
from ppplanner.services.mails.mailed import mails_of

CATCH = """
import sys
from pathlib import Path
from ppplanner.mailing.catcher import catch
catch(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@contextmanager
def a_catcher(app: Flask) -> Iterator[None]:
    """The catcher of that application, at work in a process of its own."""
    config: Config = app.config["PPPLANNER"]
    assert config.mail_server
    assert config.mail_server.socket
    socket = config.mail_server.socket
    command = (sys.executable, "-c", CATCH, str(socket), str(config.caught_mails))
    process = subprocess.Popen(command)
    while not socket.exists():
        time.sleep(0.05)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def write_mails(invoice_id: int, count: int) -> float:
    """Write that many mails with one invoice; gives the seconds that it took."""
    invoice = db.session.get_one(Invoice, invoice_id)
    invoice.business_unit.email = "books@vroom.example"
    started = perf_counter()
    for _ in range(count):
        waiting.note_sent(compose_invoice_mail(invoice))
    for mail in mails_of(invoice):
        mail.state, mail.sent_at = MailState.WAITING, None
    db.session.commit()
    return perf_counter() - started


@click.command()
@click.option("--count", default=500, help="How many mails are sent.")
def main(count: int) -> None:
    """Write mails with one invoice each, and send them all."""
    with an_application(), a_catcher(current_app._get_current_object()):  # type: ignore[attr-defined]
        invoice_id = make_bill(10)
        ensure_pdf(invoice_id)
        written = write_mails(invoice_id, count)
        started = perf_counter()
        send_mails()
        sent = perf_counter() - started
        left = waiting.due_mails(now())
        db.session.rollback()
    click.echo(f"mails written: {count} in {written:.1f} s, {written / count * 1000:.1f} ms each")
    click.echo(
        f"mails sent: {count - len(left)} in {sent:.1f} s, {sent / count * 1000:.1f} ms each"
    )


if __name__ == "__main__":
    main()
