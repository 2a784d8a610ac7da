"""What a confirmed invoice does to the mails."""

from __future__ import annotations

from ppplanner.jobs import enqueue_after_commit
from ppplanner.mailing.jobs import send_mails
from ppplanner.models import Invoice
from ppplanner.services.mails.composing import mail_by_itself


def mail_confirmed(invoice: Invoice, **_: object) -> None:
    """Write down the mail with it, where customer and company want that."""
    mail_by_itself(invoice)


def send_printed(_invoice: Invoice, **_: object) -> None:
    """What waited for its PDF can go."""
    enqueue_after_commit(send_mails)
