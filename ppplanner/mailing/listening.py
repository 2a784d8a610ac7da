"""What a confirmed invoice does to the mails, and what makes them go at once."""

from __future__ import annotations

from ppplanner.jobs import enqueue_after_commit
from ppplanner.mailing.jobs import send_mails
from ppplanner.models import Invoice, Mail
from ppplanner.services.mails.composing import mail_by_itself
from ppplanner.services.mails.waiting import waits


def mail_confirmed(invoice: Invoice, **_: object) -> None:
    """Write down the mail with it, where customer and company want that."""
    mail_by_itself(invoice)


def send_printed(invoice: Invoice, **_: object) -> None:
    """A mail that waited for this PDF can go."""
    if waits(invoice):
        enqueue_after_commit(send_mails)


def send_written(_mail: Mail, **_: object) -> None:
    """Nobody waits for the clock."""
    enqueue_after_commit(send_mails)
