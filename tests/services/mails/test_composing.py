"""Writing down the mail with an invoice: to whom, in whose name, in which words."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import Delivery, Invoice, Mail, MailState, PaymentState
from ppplanner.services.firm.invoice_settings import invoice_settings
from ppplanner.services.invoices.balances import set_payment_state
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.mails import waiting
from ppplanner.services.mails.composing import (
    MailText,
    compose_invoice_mail,
    invoice_mail,
    is_address,
)
from ppplanner.services.mails.mailed import is_mailed, is_not_mailed, last_mails
from ppplanner.services.mails.senders import invoice_sender, mail_sender
from tests.factories import make_unit
from tests.mailing.letters import a_mail, an_invoice
from tests.till import pay

pytestmark = pytest.mark.one_database


def mails() -> int:
    return db.session.scalar(select(func.count(Mail.id))) or 0


def test_it_says_what_is_owed_by_when_and_where(app: Flask) -> None:
    invoice = an_invoice()
    invoice.company.iban = "BE71096123456769"
    text = invoice_mail(invoice)
    assert text.recipient == "info@peeters.example"
    assert text.subject == f"Invoice {invoice.reference} of Vroom NV"
    assert f"our invoice {invoice.reference} of" in text.body
    assert "to account BE71 0961 2345 6769, with the communication +++" in text.body
    assert "conditions" not in text.body


@pytest.mark.parametrize(
    ("language", "subject", "greeting"),
    [
        ("nl", "Factuur", "Beste Bakkerij Peeters,"),
        ("fr", "Facture", "Bonjour Bakkerij Peeters,"),
        ("de", "Rechnung", "Guten Tag Bakkerij Peeters,"),
        ("it", "Invoice", "Dear Bakkerij Peeters,"),
    ],
)
def test_it_is_in_the_language_of_the_customer(
    app: Flask, language: str, subject: str, greeting: str
) -> None:
    invoice = an_invoice()
    invoice.customer.language = language
    text = invoice_mail(invoice)
    assert text.subject.startswith(subject)
    assert text.body.startswith(greeting)


def test_what_is_paid_is_not_asked_for(app: Flask) -> None:
    invoice = an_invoice()
    pay(invoice=invoice, amount=invoice.gross - 10)
    assert "pay €10.00 by" in invoice_mail(invoice).body
    pay(invoice=invoice, amount=10)
    assert "It is paid already" in invoice_mail(invoice).body


def test_who_is_said_to_have_paid_is_asked_for_nothing(app: Flask) -> None:
    invoice = an_invoice()
    set_payment_state(invoice, PaymentState.FULLY_PAID)
    assert "It is paid already" in invoice_mail(invoice).body


def test_invoices_go_to_the_address_for_invoices(app: Flask) -> None:
    invoice = an_invoice(invoice_email="books@peeters.example")
    assert invoice_mail(invoice).recipient == "books@peeters.example"


@pytest.mark.parametrize(
    ("fields", "mails_by", "invoices_by"),
    [
        ({}, ("Gent", "gent@a.example"), ("Gent", "gent@a.example")),
        (
            {"mail_name": "Desk", "mail_address": "desk@a.example"},
            ("Desk", "desk@a.example"),
            ("Desk", "desk@a.example"),
        ),
        (
            {"invoice_mail_name": "Books", "invoice_mail_address": "books@a.example"},
            ("Gent", "gent@a.example"),
            ("Books", "books@a.example"),
        ),
        (
            {"mail_name": "Desk", "invoice_mail_address": "books@a.example"},
            ("Desk", "gent@a.example"),
            ("Desk", "books@a.example"),
        ),
    ],
)
def test_what_a_sender_lacks_comes_from_the_next_one(
    app: Flask, fields: dict[str, Any], mails_by: tuple[str, str], invoices_by: tuple[str, str]
) -> None:
    unit = make_unit(name="Gent", email="gent@a.example", **fields)
    general, financial = mail_sender(unit), invoice_sender(unit)
    assert (general.name, general.address) == mails_by
    assert (financial.name, financial.address) == invoices_by


def test_a_draft_is_not_sent(app: Flask) -> None:
    with pytest.raises(DomainError, match="confirm it first"):
        compose_invoice_mail(an_invoice(confirmed=False))


@pytest.mark.both_databases
def test_two_clicks_are_one_mail(app: Flask) -> None:
    invoice = an_invoice()
    compose_invoice_mail(invoice)
    with pytest.raises(DomainError, match="on its way already"):
        compose_invoice_mail(invoice)
    assert mails() == 1


def test_what_has_been_sent_can_be_sent_again(app: Flask) -> None:
    mail = a_mail()
    waiting.note_sent(mail)
    assert mail.invoice
    assert compose_invoice_mail(mail.invoice).message_key != mail.message_key


def test_without_an_address_to_send_from_it_says_where_to_fill_it_in(app: Flask) -> None:
    invoice = an_invoice()
    invoice.business_unit.email = ""
    with pytest.raises(DomainError, match="Gent has no e-mail address to send from"):
        compose_invoice_mail(invoice)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (MailText("", "Invoice", "Text"), "recipient"),
        (MailText("nobody", "Invoice", "Text"), "recipient"),
        (MailText("a@b.example, c@d.example", "Invoice", "Text"), "recipient"),
        (MailText("a@b.example", " ", "Text"), "subject"),
        (MailText("a@b.example", "Invoice", " \n "), "body"),
    ],
)
def test_what_is_typed_has_to_make_a_mail(app: Flask, text: MailText, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        compose_invoice_mail(an_invoice(), text)
    assert list(refused.value.fields) == [field]


def test_nobody_writes_further_headers_into_a_subject(app: Flask) -> None:
    text = MailText("a@b.example", "Invoice\r\nBcc: other@b.example", "Text")
    assert compose_invoice_mail(an_invoice(), text).subject == "Invoice  Bcc: other@b.example"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("a@b.example", True),
        ("é@b.example", False),
        ("a@b", True),
        ("a", False),
        ("", False),
        ("@b.example", False),
        ("a b@c.example", False),
        ("a@b.example\nBcc: c@d.example", False),
        ("A <a@b.example>", False),
    ],
)
def test_what_an_address_is(text: str, is_one: bool) -> None:
    assert is_address(text) is is_one


@pytest.mark.parametrize(
    ("by_company", "customer", "mailed"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"mail_invoices": False}, False),
        (False, {"mail_invoices": True}, True),
        (True, {"invoice_delivery": Delivery.POST}, False),
        (True, {"email": ""}, False),
    ],
)
def test_a_confirmed_invoice_is_mailed_where_company_and_customer_want_that(
    app: Flask, by_company: bool, customer: dict[str, Any], mailed: bool
) -> None:
    invoice = an_invoice(confirmed=False, **customer)
    invoice_settings.save(invoice.company_id, mail_by_itself=by_company)
    confirm_invoice(invoice)
    assert mails() == int(mailed)


def test_a_company_that_sends_by_post_mails_nothing_by_itself(app: Flask) -> None:
    invoice = an_invoice(confirmed=False)
    invoice_settings.save(invoice.company_id, mail_by_itself=True, delivery="post")
    confirm_invoice(invoice)
    assert mails() == 0


def test_a_unit_without_an_address_does_not_stop_a_confirmation(app: Flask) -> None:
    invoice = an_invoice(confirmed=False)
    invoice.business_unit.email = ""
    invoice_settings.save(invoice.company_id, mail_by_itself=True)
    confirm_invoice(invoice)
    assert (invoice.is_draft, mails()) == (False, 0)


@pytest.mark.both_databases
def test_the_last_mail_says_whether_an_invoice_is_mailed(app: Flask) -> None:
    first = a_mail()
    invoice, other = first.invoice, an_invoice(company="Other NV")
    assert invoice
    waiting.note_refused(first, "550 No")
    second = compose_invoice_mail(invoice)
    waiting.note_sent(second)

    def found(condition: Any) -> list[int]:
        return list(db.session.scalars(select(Invoice.id).where(condition)))

    assert found(is_mailed(MailState.SENT)) == [invoice.id]
    assert found(is_mailed(MailState.FAILED)) == []
    assert found(is_not_mailed()) == [other.id]
    assert last_mails([invoice.id, other.id]) == {invoice.id: second}


def test_after_the_last_try_a_mail_counts_as_refused(app: Flask) -> None:
    mail = a_mail()
    for attempt in range(1, len(waiting.PAUSES) + 1):
        mail.attempts = attempt
        waiting.note_not_now(mail, "451 Later")
        assert mail.state is MailState.WAITING
    mail.attempts += 1
    waiting.note_not_now(mail, "451 Later")
    assert (mail.state, mail.error) == (MailState.FAILED, "451 Later")


def test_a_mail_is_tried_again_when_somebody_asks_but_not_while_it_is_in_hand(app: Flask) -> None:
    mail = a_mail()
    assert waiting.take(mail.id)
    assert waiting.take(mail.id) is None
    with pytest.raises(DomainError, match="on its way"):
        waiting.try_again(mail)
    waiting.note_refused(mail, "550 No")
    waiting.try_again(mail)
    assert (mail.state, mail.attempts) == (MailState.WAITING, 0)
    assert waiting.take(mail.id)
