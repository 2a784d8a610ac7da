"""What the kinds, states and fields of invoices are called."""

from __future__ import annotations

from ppplanner.blueprints.markup import Badge, Colour
from ppplanner.clock import today
from ppplanner.i18n import _, _l, lazy_pgettext, ngettext
from ppplanner.locales import timezone
from ppplanner.models import DocumentState, Invoice, InvoiceKind, PaymentState
from ppplanner.services.invoices.overdue import days_late

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
PAYMENT_COLOURS: dict[PaymentState, Colour] = {
    PaymentState.UNKNOWN: "grey",
    PaymentState.NOT_PAID: "grey",
    PaymentState.PARTIALLY_PAID: "amber",
    PaymentState.FULLY_PAID: "green",
    PaymentState.NEVER_PAID: "red",
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


def payment_badge(state: PaymentState) -> Badge:
    return Badge(PAYMENTS[state], PAYMENT_COLOURS[state])


def late_badge(invoice: Invoice) -> Badge | str:
    """How late the payment is, in words and red; nothing when it is not."""
    late = days_late(invoice, today(timezone()))
    return Badge(ngettext("%(num)s day late", "%(num)s days late", late), "red") if late else ""
