"""What the kinds, states and fields of invoices are called."""

from __future__ import annotations

from collections.abc import Sequence

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.markup import Badge, Colour
from ppplanner.clock import today
from ppplanner.i18n import _, _l, lazy_pgettext, ngettext
from ppplanner.locales import timezone
from ppplanner.models import DocumentState, Invoice, InvoiceKind, PaymentState
from ppplanner.services.invoices.overdue import days_late
from ppplanner.services.invoices.payment_words import PaymentWord, payment_words

#: Of an invoice: in French it has another gender than a contract.
CONFIRMED = lazy_pgettext("invoice", "Confirmed")
KINDS = {InvoiceKind.INVOICE: _l("Invoice"), InvoiceKind.CREDIT_NOTE: _l("Credit note")}
STATES = {DocumentState.DRAFT: _l("Draft"), DocumentState.CONFIRMED: CONFIRMED}
STATE_COLOURS: dict[DocumentState, Colour] = {
    DocumentState.DRAFT: "amber",
    DocumentState.CONFIRMED: "blue",
}
PAYMENTS = {
    PaymentState.UNKNOWN: _l("Payment unknown"),
    PaymentState.NOT_PAID: _l("Not paid"),
    PaymentState.PARTIALLY_PAID: _l("Partly paid"),
    PaymentState.FULLY_PAID: _l("Paid"),
    PaymentState.NEVER_PAID: _l("Never paid"),
}
PAYMENT_COLOURS: dict[PaymentWord, Colour] = {
    PaymentWord.UNKNOWN: "grey",
    PaymentWord.NOT_PAID: "grey",
    PaymentWord.PARTIALLY_PAID: "amber",
    PaymentWord.FULLY_PAID: "green",
    PaymentWord.NEVER_PAID: "red",
    PaymentWord.CREDITED: "green",
    PaymentWord.SETTLED: "green",
}
#: What is told of a payment: its state, or what follows from credit notes.
PAYMENT_WORDS: dict[PaymentWord, Text] = {
    **{PaymentWord(state.value): text for state, text in PAYMENTS.items()},
    PaymentWord.CREDITED: _l("Credited"),
    PaymentWord.SETTLED: _l("Settled"),
}
#: The fields of an invoice, as forms and the history call them.
FIELDS = {
    "kind": _l("Kind"),
    "state": _l("State"),
    "payment_state": _l("Payment"),
    "reference": _l("Number"),
    "year": _l("Year"),
    "number": _l("Number in the year"),
    "invoice_date": _l("Invoice date"),
    "due_date": _l("Due date"),
    "final": _l("Final invoice"),
    "invoiced_until": _l("Rent until"),
    "net": _l("Without VAT"),
    "vat": _l("VAT"),
    "gross": _l("With VAT"),
    "balance": _l("Still open"),
    "prepaid": _l("Paid before"),
    "payment_reference": _l("Structured communication"),
    "customer_id": _l("Customer"),
    "confirmed_at": CONFIRMED,
}


def title(invoice: Invoice) -> str:
    """What headings and tick boxes call it: its number, or whose draft it is."""
    return invoice.reference or _("Draft for %(name)s", name=invoice.customer.full_name)


def state_badge(state: DocumentState) -> Badge:
    return Badge(STATES[state], STATE_COLOURS[state])


def payment_badge(invoice: Invoice) -> Badge | str:
    """How the payment stands: late, else what is told of it; nothing of a draft."""
    return payment_badges([invoice])[invoice.id]


def payment_badges(invoices: Sequence[Invoice]) -> dict[int, Badge | str]:
    """The same for many, by their keys."""
    words = payment_words(invoices)
    return {each.id: late_badge(each) or word_badge(words.get(each.id)) for each in invoices}


def word_badge(word: PaymentWord | None) -> Badge | str:
    return Badge(PAYMENT_WORDS[word], PAYMENT_COLOURS[word]) if word else ""


def late_badge(invoice: Invoice) -> Badge | str:
    """How late the payment is, in words and red; nothing when it is not."""
    late = days_late(invoice, today(timezone()))
    return Badge(ngettext("%(num)s day late", "%(num)s days late", late), "red") if late else ""
