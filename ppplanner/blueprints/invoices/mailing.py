"""Sending invoices by e-mail: one, with the text before one's eyes, or the ticked ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import TextAreaField
from wtforms.validators import Length

from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.form_fields import EmailField, TextField
from ppplanner.blueprints.htmx import finish, render_form, render_page, wants_fragment
from ppplanner.blueprints.invoices import bp
from ppplanner.blueprints.invoices.labels import title
from ppplanner.blueprints.invoices.listing import INVOICES
from ppplanner.blueprints.invoices.mail_words import mail_badge
from ppplanner.blueprints.lists.selection import selected_ids
from ppplanner.blueprints.mails.trying import try_again
from ppplanner.blueprints.records import find
from ppplanner.errors import DomainError, Invalid, NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _, _l, ngettext
from ppplanner.jobs import enqueue, enqueue_after_commit
from ppplanner.mailing.jobs import send_mails
from ppplanner.models import DocumentState, Invoice, Mail, MailState
from ppplanner.permissions import require, visible
from ppplanner.services.mails.composing import (
    MailText,
    compose_invoice_mail,
    invoice_mail,
    recipient_of,
)
from ppplanner.services.mails.mailed import last_mails, mails_of

#: Each is written down in a transaction of its own, while the person waits.
MOST_AT_ONCE = 1000

bp.add_app_template_global(mails_of, "mails_of")
bp.add_app_template_global(mail_badge, "mail_badge")


class MailForm(FlaskForm):
    """The mail with an invoice, before it goes."""

    recipient = EmailField(_l("To"))
    subject = TextField(_l("Subject"), longest=200)
    body = TextAreaField(
        _l("Text"), [Length(max=10_000, message=_l("Use at most %(max)d characters."))]
    )

    @property
    def text(self) -> MailText:
        return MailText(self.recipient.data, self.subject.data, self.body.data or "")


@bp.route("/<int:invoice_id>/mail", methods=["GET", "POST"])
@require("invoices.edit")
def mail(invoice_id: int) -> ResponseReturnValue:
    """Send a confirmed invoice; what the mail says can be changed first."""
    invoice = find(Invoice, invoice_id)
    if invoice.is_draft:
        raise DomainError(_("A draft is not sent: confirm it first."))
    form = MailForm(data=vars(invoice_mail(invoice)))
    if form.validate_on_submit() and attempt(form, lambda: _send(invoice, form.text)):
        return finish(url_for(".show", invoice_id=invoice_id), _("The mail is on its way."))
    sent = [mail for mail in mails_of(invoice) if mail.state is MailState.SENT]
    return render_form("invoices/mail.html", form, "dialog", invoice=invoice, sent=sent)


def _send(invoice: Invoice, text: MailText | None = None) -> Mail:
    mail = compose_invoice_mail(invoice, text)
    enqueue_after_commit(send_mails)
    return mail


@bp.get("/<int:invoice_id>/mails")
@require("invoices.view")
def mails(invoice_id: int) -> ResponseReturnValue:
    """The tile with the mails, which asks for itself until all have gone."""
    invoice = find(Invoice, invoice_id)
    if not wants_fragment():
        return redirect(url_for(".show", invoice_id=invoice_id))
    return render_template("invoices/_mails.html", invoice=invoice)


@bp.post("/<int:invoice_id>/mails/<int:mail_id>/again")
@require("invoices.edit")
def mail_again(invoice_id: int, mail_id: int) -> ResponseReturnValue:
    """Try a mail again that was refused, or that waits for its next try."""
    invoice, mail = find(Invoice, invoice_id), find(Mail, mail_id)
    if mail.invoice_id != invoice.id:
        raise NotFound(_("This mail belongs to another invoice."))
    return try_again(mail, url_for(".show", invoice_id=invoice_id))


@dataclass(frozen=True)
class Ticked:
    """Ticked invoices: those to send, and why the others stay."""

    to_send: list[Invoice] = field(default_factory=list)
    drafts: int = 0
    sent: int = 0
    without_address: list[Invoice] = field(default_factory=list)


@bp.post("/mail")
@require("invoices.edit")
def mail_selected() -> ResponseReturnValue:
    """Send the ticked invoices: first the question, then, with `sure`, the deed."""
    ids, form = selected_ids(INVOICES, most=MOST_AT_ONCE), SureForm()
    choice = _choose(ids)
    if "sure" in request.form and form.validate():
        return _send_all([invoice.id for invoice in choice.to_send])
    return _question(choice)


def _question(choice: Ticked) -> Response:
    return render_page("invoices/mail_selected.html", "dialog", choice=choice)


def _choose(ids: Sequence[int]) -> Ticked:
    """What has been sent, or is on its way, is not sent again with the others."""
    query = select(Invoice).where(Invoice.id.in_(ids), visible(Invoice))
    invoices = db.session.scalars(query.options(joinedload(Invoice.customer)).order_by(Invoice.id))
    confirmed = [one for one in invoices if one.state is DocumentState.CONFIRMED]
    mails = last_mails([invoice.id for invoice in confirmed])
    gone = {key for key, mail in mails.items() if mail.state is not MailState.FAILED}
    open_ones = [invoice for invoice in confirmed if invoice.id not in gone]
    return Ticked(
        to_send=[invoice for invoice in open_ones if recipient_of(invoice.customer)],
        drafts=len(ids) - len(confirmed),
        sent=len(gone),
        without_address=[one for one in open_ones if not recipient_of(one.customer)],
    )


def _send_all(ids: Sequence[int]) -> ResponseReturnValue:
    """Write the mails down one by one: one that cannot be sent keeps none of the others."""
    count = 0
    for invoice_id in ids:
        try:
            compose_invoice_mail(find(Invoice, invoice_id))
            db.session.commit()
            count += 1
        except (DomainError, Invalid, NotFound) as error:
            db.session.rollback()
            flash(_not_sent(invoice_id, error), "error")
    enqueue(send_mails)
    return finish(
        url_for(".index"),
        ngettext("%(num)s mail is on its way.", "%(num)s mails are on their way.", count),
    )


def _not_sent(invoice_id: int, error: DomainError | Invalid | NotFound) -> str:
    invoice = db.session.get(Invoice, invoice_id)
    return _(
        "Not sent: %(invoice)s. %(reason)s",
        invoice=title(invoice) if invoice else invoice_id,
        reason=error.reason,
    )
