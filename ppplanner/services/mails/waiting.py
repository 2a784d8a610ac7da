"""The mails that wait to be sent: whose turn it is, and what became of them.

A mail is handed over at least once: whoever is stopped between handing it in and noting so leaves
it to be handed in again, under the same Message-ID.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update

from ppplanner.clock import now
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Invoice, Mail, MailState
from ppplanner.services.locking import lock

#: For how long nobody else tries a mail that somebody is sending.
IN_HAND = timedelta(minutes=10)
#: How long to wait after each try that came too early; after the last one nobody tries again.
PAUSES = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 240, 720, 1440))
#: What is kept of the reason, in characters.
LONGEST_REASON = 500


def due_mails(at: datetime) -> list[int]:
    """The mails to send, oldest first. One with an invoice waits until that has its PDF."""
    ready = Mail.invoice_id.is_(None) | Mail.invoice.has(Invoice.document.has())
    query = select(Mail.id).where(_due(at), ready).order_by(Mail.next_attempt_at, Mail.id)
    return list(db.session.scalars(query))


def waits(invoice: Invoice) -> bool:
    """Whether a mail with this invoice is still to be sent."""
    query = select(Mail.id).filter_by(invoice_id=invoice.id, state=MailState.WAITING)
    return db.session.scalar(query.limit(1)) is not None


def take(mail_id: int) -> Mail | None:
    """Take a mail in hand; None when it is not its time, or somebody else has it. The caller
    commits before sending it.
    """
    at = now()
    taken = db.session.execute(
        update(Mail)
        .where(Mail.id == mail_id, _due(at))
        .values(next_attempt_at=at + IN_HAND, attempts=Mail.attempts + 1, error="")
        .returning(Mail.id)
    )
    return db.session.get_one(Mail, mail_id) if taken.scalar() is not None else None


def note_sent(mail: Mail) -> None:
    """The mail server has it. The caller commits."""
    mail.state, mail.sent_at, mail.error = MailState.SENT, now(), ""
    db.session.flush()


def note_refused(mail: Mail, reason: str) -> None:
    """No server will take it: a person has to look. The caller commits."""
    mail.state, mail.error = MailState.FAILED, reason[:LONGEST_REASON]
    db.session.flush()


def note_not_now(mail: Mail, reason: str) -> None:
    """It is tried again, later each time; at last it counts as refused. The caller commits."""
    if mail.attempts > len(PAUSES):
        return note_refused(mail, reason)
    mail.error = reason[:LONGEST_REASON]
    mail.next_attempt_at = now() + PAUSES[mail.attempts - 1]
    db.session.flush()


def try_again(mail: Mail) -> None:
    """Send a mail that failed, or that waits for its next try, now. The caller commits."""
    lock(mail)
    if mail.state is MailState.SENT:
        raise DomainError(_("This mail has been sent."))
    if not mail.error:
        raise DomainError(_("This mail is on its way already."))
    mail.state, mail.attempts, mail.next_attempt_at = MailState.WAITING, 0, now()
    db.session.flush()


def _due(at: datetime) -> ColumnElement[bool]:
    return (Mail.state == MailState.WAITING) & (Mail.next_attempt_at <= at)
