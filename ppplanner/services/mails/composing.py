"""The mail with an invoice, written down to be sent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.errors import MessageError
from email.headerregistry import Address

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Customer, Delivery, Invoice, Mail
from ppplanner.plain_text import one_line
from ppplanner.services.firm.company_files import conditions
from ppplanner.services.firm.invoice_settings import InvoiceSettings, invoice_settings
from ppplanner.services.locking import lock
from ppplanner.services.mails import wording
from ppplanner.services.mails.senders import invoice_sender, new_message_key
from ppplanner.services.mails.waiting import waits


@dataclass(frozen=True)
class MailText:
    """What a mail says, and to whom; people may change it before it goes."""

    recipient: str
    subject: str
    body: str


def invoice_mail(invoice: Invoice) -> MailText:
    """What the mail with a confirmed invoice says when nobody changes it. `recipient` is empty
    when the customer has no e-mail address.
    """
    with_conditions = conditions(invoice.company_id, invoice.customer.language) is not None
    return MailText(
        recipient_of(invoice.customer),
        wording.subject(invoice),
        wording.body(invoice, with_conditions),
    )


def compose_invoice_mail(invoice: Invoice, text: MailText | None = None) -> Mail:
    """Write down the mail with a confirmed invoice; a job sends it when its PDF is there.

    Raises DomainError when it cannot be mailed, or is on its way already, Invalid for what a person
    typed. The caller commits.
    """
    lock(invoice)
    text = text or invoice_mail(invoice)
    text = replace(text, recipient=text.recipient.strip(), subject=one_line(text.subject))
    sender = invoice_sender(invoice.business_unit)
    _refuse_unsendable(invoice, sender.address)
    _check(text)
    mail = Mail(
        company_id=invoice.company_id,
        invoice=invoice,
        sender_name=one_line(sender.name),
        sender_address=sender.address,
        recipient=text.recipient,
        subject=text.subject,
        body=text.body.replace("\r\n", "\n").strip() + "\n",
        message_key=new_message_key(sender.address),
    )
    db.session.add(mail)
    db.session.flush()
    return mail


def recipient_of(customer: Customer) -> str:
    """Where a customer's invoices are mailed to; empty without any address."""
    return customer.invoice_email or customer.email


def mail_by_itself(invoice: Invoice) -> Mail | None:
    """Write down the mail with an invoice that has just been confirmed, if its customer gets
    invoices so; None otherwise, and when it cannot be mailed: that never stops a confirmation.
    """
    if not goes_by_itself(invoice) or not is_address(recipient_of(invoice.customer)):
        return None
    if not is_address(invoice_sender(invoice.business_unit).address):
        return None
    return compose_invoice_mail(invoice)


def goes_by_itself(invoice: Invoice) -> bool:
    """Whether the customer, or else the company, wants invoices mailed when they are confirmed."""
    customer, settings = invoice.customer, invoice_settings.load(invoice.company_id)
    wanted = settings.mail_by_itself if customer.mail_invoices is None else customer.mail_invoices
    return wanted and delivery_of(customer, settings) is Delivery.MAIL


def delivery_of(customer: Customer, settings: InvoiceSettings) -> Delivery:
    """How a customer gets invoices: as they want them, or as the company does by default."""
    return customer.invoice_delivery or Delivery(settings.delivery)


def is_address(text: str) -> bool:
    """Whether a mail can be addressed so."""
    try:
        address = Address(addr_spec=text)
    except (MessageError, ValueError, IndexError):
        return False
    return bool(address.username and address.domain)


def _refuse_unsendable(invoice: Invoice, sender: str) -> None:
    if invoice.is_draft:
        raise DomainError(_("A draft is not sent: confirm it first."))
    if not is_address(sender):
        raise DomainError(
            _(
                "%(unit)s has no e-mail address to send from: give it one in the settings, under"
                " business units.",
                unit=invoice.business_unit,
            )
        )
    if waits(invoice):
        raise DomainError(_("A mail with this invoice is on its way already."))


def _check(text: MailText) -> None:
    faults: dict[str, object] = {}
    if not text.recipient:
        faults["recipient"] = _("Fill in an e-mail address: the customer has none.")
    elif not is_address(text.recipient):
        faults["recipient"] = _("This is not an e-mail address: check it.")
    if not text.subject:
        faults["subject"] = _("Fill in a subject.")
    if not text.body.strip():
        faults["body"] = _("Fill in what the mail says.")
    if faults:
        raise Invalid(**faults)
