"""Mails for tests, and reading them back as customers do."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from ppplanner.extensions import db
from ppplanner.models import Invoice, Mail
from ppplanner.services.invoices.confirming import keep_pdf
from ppplanner.services.mails.composing import compose_invoice_mail
from tests.factories import make_company, make_contract, make_customer, make_invoice, make_unit

PDF = b"%PDF-1.7 a paper\n%%EOF"


def an_invoice(
    printed: bool = True, confirmed: bool = True, company: str = "Vroom NV", **customer: Any
) -> Invoice:
    """An invoice of the unit Gent of a company, for a customer with these fields."""
    unit = make_unit(make_company(company), name="Gent", email="gent@vroom.example")
    values = {
        "company_name": "Bakkerij Peeters",
        "email": "info@peeters.example",
        "language": "en",
        **customer,
    }
    contract = make_contract(customer=make_customer(**values), unit=unit)
    invoice = make_invoice(contract, confirmed=confirmed)
    if printed and confirmed:
        keep_pdf(invoice, PDF)
    return invoice


def a_mail(**values: Any) -> Mail:
    """A mail with such an invoice."""
    return compose_invoice_mail(an_invoice(**values))


def written(**values: Any) -> int:
    """The id of such a mail, committed, with no transaction open."""
    mail_id = a_mail(**values).id
    db.session.commit()
    return mail_id


def read(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.SMTP)
