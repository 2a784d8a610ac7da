"""Mails to colleagues: something needs a person, who may not be at a screen just now."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from ppplanner import events
from ppplanner.extensions import db
from ppplanner.i18n import _, in_language
from ppplanner.models import BusinessUnit, Company, Mail, User
from ppplanner.permissions import holders
from ppplanner.plain_text import one_line
from ppplanner.services.mails.composing import is_address
from ppplanner.services.mails.senders import mail_sender, new_message_key

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Notice:
    """What a colleague has to know: in a line, and in paragraphs that say what to do."""

    subject: str
    paragraphs: Sequence[str]


def notify(company: Company, permission: str, compose: Callable[[], Notice]) -> list[Mail]:
    """Write to all who have the right for a company, each in their own language: `compose` is asked
    once for each language, within it. An address gets one mail, however many people share it.

    They are sent, and tried again, as all mails are. None when nobody who has the right has an
    address: whatever it is about must be on the screen as well. The caller commits.
    """
    readers = reachable(company, permission)
    mails = [_mail(company, reader, compose) for reader in readers]
    db.session.add_all(mails)
    db.session.flush()
    for mail in mails:
        events.mail_written.send(mail)
    if not mails:
        log.warning("nobody with the right %s has an e-mail address", permission)
    return mails


def reachable(company: Company, permission: str) -> list[User]:
    """Who can be written to, of those who have the right for a company."""
    known: dict[str, User] = {}
    for user in holders(permission, company):
        if is_address(user.email):
            known.setdefault(user.email.lower(), user)
    return list(known.values())


def last_notices(most: int) -> list[Mail]:
    """The last mails to colleagues, the newest first."""
    query = select(Mail).where(Mail.invoice_id.is_(None)).order_by(Mail.id.desc())
    return list(db.session.scalars(query.limit(most)))


def _mail(company: Company, reader: User, compose: Callable[[], Notice]) -> Mail:
    with in_language(reader.language):
        notice = compose()
        greeting, closing = _("Dear %(name)s,", name=reader.name), _("Kind regards,")
    sender = _sender_address(company) or reader.email
    return Mail(
        company_id=company.id,
        sender_name=one_line(company.name),
        sender_address=sender,
        recipient=reader.email,
        subject=one_line(notice.subject)[:200],
        body="\n\n".join((greeting, *notice.paragraphs, f"{closing}\nppplanner")) + "\n",
        message_key=new_message_key(sender),
    )


def _sender_address(company: Company) -> str:
    """The company's own address, or else one of a business unit; "" when nobody has any."""
    units = select(BusinessUnit).filter_by(company_id=company.id).order_by(BusinessUnit.id)
    addresses = (company.email, *(mail_sender(unit).address for unit in db.session.scalars(units)))
    return next(filter(is_address, addresses), "")
