"""Which invoices have been mailed, and what became of that."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from ppplanner.extensions import db
from ppplanner.models import DocumentState, Invoice, Mail, MailState


def mails_of(invoice: Invoice) -> list[Mail]:
    """The mails with an invoice, the last one first."""
    query = select(Mail).filter_by(invoice_id=invoice.id).order_by(Mail.id.desc())
    return list(db.session.scalars(query))


def last_mails(invoice_ids: Sequence[int]) -> dict[int, Mail]:
    """The last mail with each of these invoices, by the invoice's id."""
    last = select(func.max(Mail.id)).where(Mail.invoice_id.in_(invoice_ids))
    query = select(Mail).where(Mail.id.in_(last.group_by(Mail.invoice_id)))
    return {mail.invoice_id: mail for mail in db.session.scalars(query) if mail.invoice_id}


def is_mailed(state: MailState) -> ColumnElement[bool]:
    """Invoices whose last mail is in that state."""
    later = aliased(Mail)
    followed = select(later.id).where(later.invoice_id == Mail.invoice_id, later.id > Mail.id)
    last = select(Mail.id).where(
        Mail.invoice_id == Invoice.id, Mail.state == state, ~followed.exists()
    )
    return last.correlate(Invoice).exists()


def is_not_mailed() -> ColumnElement[bool]:
    """Confirmed invoices that nobody has mailed, nor tried to."""
    any_mail = select(Mail.id).where(Mail.invoice_id == Invoice.id).correlate(Invoice).exists()
    return (Invoice.state == DocumentState.CONFIRMED) & ~any_mail
