"""Background work of this package: handing in the mails that are due.

Nothing is locked, and no connection to the database held, while a mail server takes its time.
"""

from __future__ import annotations

import logging

from flask import current_app
from rq.timeouts import BaseTimeoutException

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.jobs import job
from ppplanner.mailing.delivery import NotNow, Refused, hand_in
from ppplanner.mailing.letters import Attachment, letter
from ppplanner.mailing.server import MailServer
from ppplanner.models import Invoice, Mail
from ppplanner.services.firm.company_files import PDF, conditions
from ppplanner.services.mails import waiting

log = logging.getLogger(__name__)


@job
def send_mails() -> None:
    """Send what is due. Several of these at the same time share the work."""
    server: MailServer | None = current_app.config["PPPLANNER"].mail_server
    due = waiting.due_mails(now())
    db.session.rollback()
    if server is None:
        if due:
            log.warning("mails wait: %s; there is no mail server, set MAIL_URL", len(due))
        return
    sent = sum(_try(server, mail_id) for mail_id in due)
    if due:
        log.info("mails due: %s, sent: %s", len(due), sent)


def _try(server: MailServer, mail_id: int) -> bool:
    """Send one mail; whatever is wrong with it, the others have their turn. A job that has lasted
    too long says nothing about its mail: that stays in hand, and the next job tries it.
    """
    try:
        return _send(server, mail_id)
    except BaseTimeoutException:
        raise
    except Exception as error:
        log.exception("mail %s could not be sent", mail_id)
        db.session.rollback()
        waiting.note_not_now(_again(mail_id), type(error).__name__)
        db.session.commit()
        return False


def _send(server: MailServer, mail_id: int) -> bool:
    """Send one mail if it is still its time, and note what became of it."""
    mail = waiting.take(mail_id)
    if mail is None:
        db.session.rollback()
        return False
    db.session.commit()  # it counts as tried, whatever comes
    message = letter(mail, _attachments(mail.invoice))
    sender, recipient = mail.sender_address, mail.recipient
    db.session.rollback()
    try:
        hand_in(server, message, sender, recipient)
    except Refused as error:
        waiting.note_refused(_again(mail_id), str(error))
    except NotNow as error:
        waiting.note_not_now(_again(mail_id), str(error))
    else:
        waiting.note_sent(_again(mail_id))
    sent = mail.sent_at is not None
    db.session.commit()
    return sent


def _again(mail_id: int) -> Mail:
    return db.session.get_one(Mail, mail_id)


def _attachments(invoice: Invoice | None) -> list[Attachment]:
    """The PDF of the invoice, as it was made, and the conditions of its company."""
    if invoice is None or invoice.document is None:
        return []
    files = [Attachment(f"{invoice.reference}.pdf", PDF, invoice.document.content)]
    if terms := conditions(invoice.company_id, invoice.customer.language):
        files.append(Attachment(terms.filename, terms.media_type, terms.content))
    return files
