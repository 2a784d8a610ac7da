"""What the mail with an invoice says, in the language of its customer."""

from __future__ import annotations

from collections.abc import Iterator

from ppplanner.formats import day, money
from ppplanner.i18n import _, in_language
from ppplanner.models import Invoice, PaymentState
from ppplanner.services.invoices.written import written_communication, written_iban


def subject(invoice: Invoice) -> str:
    words = {"number": invoice.reference, "company": invoice.company.name}
    with in_language(invoice.customer.language):
        if invoice.is_credit_note:
            return _("Credit note %(number)s of %(company)s", **words)
        return _("Invoice %(number)s of %(company)s", **words)


def body(invoice: Invoice, with_conditions: bool) -> str:
    with in_language(invoice.customer.language):
        return "\n\n".join(_paragraphs(invoice, with_conditions)) + "\n"


def _paragraphs(invoice: Invoice, with_conditions: bool) -> Iterator[str]:
    yield _("Dear %(name)s,", name=invoice.customer.full_name)
    yield from _of_credit_note(invoice) if invoice.is_credit_note else _of_invoice(invoice)
    if with_conditions:
        yield _("Our general conditions are attached as well.")
    yield _("Kind regards,")
    yield "\n".join(filter(None, (invoice.company.name, invoice.company.phone)))


def _of_invoice(invoice: Invoice) -> Iterator[str]:
    yield _(
        "You find attached our invoice %(number)s of %(day)s, for %(amount)s.",
        number=invoice.reference,
        day=day(invoice.invoice_date),
        amount=money(invoice.gross),
    )
    yield _how_to_pay(invoice)


def _how_to_pay(invoice: Invoice) -> str:
    """What is still open by now; the paper says what was open when it was confirmed."""
    to_pay = invoice.balance
    if to_pay <= 0 or invoice.payment_state is PaymentState.FULLY_PAID:
        return _("It is paid already: there is nothing for you to do.")
    words = {"amount": money(to_pay), "due": day(invoice.due_date)}
    if not invoice.company.iban:
        return _("Please pay %(amount)s by %(due)s.", **words)
    iban = written_iban(invoice.company.iban)
    if not invoice.company.iban.upper().startswith("BE"):
        return _(
            "Please transfer %(amount)s by %(due)s to account %(iban)s, and mention %(number)s.",
            iban=iban,
            number=invoice.reference,
            **words,
        )
    return _(
        "Please transfer %(amount)s by %(due)s to account %(iban)s, with the communication"
        " %(communication)s.",
        iban=iban,
        communication=written_communication(invoice.payment_reference),
        **words,
    )


def _of_credit_note(invoice: Invoice) -> Iterator[str]:
    yield _(
        "You find attached our credit note %(number)s of %(day)s, for %(amount)s.",
        number=invoice.reference,
        day=day(invoice.invoice_date),
        amount=money(-invoice.gross),
    )
    if invoice.credited_invoice:
        yield _(
            "It belongs to invoice %(number)s of %(day)s.",
            number=invoice.credited_invoice.reference,
            day=day(invoice.credited_invoice.invoice_date),
        )
