"""What people are told of the payment of a document: its state, unless credit notes say more.

Nobody pays an invoice that was wholly credited, or a credit note that was taken off what its
invoice asks: "not paid" would send people after money that nobody owes. A state that a person
chose is told as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from ppplanner.batches import batches
from ppplanner.extensions import db
from ppplanner.models import DocumentState, Invoice, InvoiceKind, PaymentState
from ppplanner.services.pricing.sums import in_cents


class PaymentWord(StrEnum):
    """The states of payment, and two that follow from credit notes."""

    UNKNOWN = PaymentState.UNKNOWN.value
    NOT_PAID = PaymentState.NOT_PAID.value
    PARTIALLY_PAID = PaymentState.PARTIALLY_PAID.value
    FULLY_PAID = PaymentState.FULLY_PAID.value
    NEVER_PAID = PaymentState.NEVER_PAID.value
    #: An invoice that credit notes have wholly taken back, and of which nothing is open.
    CREDITED = "credited"
    #: A credit note that gives no money back: it was taken off what its invoice asks.
    SETTLED = "settled"


def payment_word(invoice: Invoice) -> PaymentWord | None:
    """What is told of the payment of a document; None for a draft, which asks nobody for money."""
    return payment_words([invoice]).get(invoice.id)


def payment_words(invoices: Sequence[Invoice]) -> dict[int, PaymentWord]:
    """The same for many, by their keys; drafts are left out. Two queries, or none."""
    words = {each.id: PaymentWord(each.payment_state) for each in invoices if not each.is_draft}
    unpaid = [each.id for each in invoices if words.get(each.id) is PaymentWord.NOT_PAID]
    closed = {each.id for each in invoices if each.is_credit_note or not each.balance}
    for keys in batches([key for key in unpaid if key in closed]):
        for word in (PaymentWord.CREDITED, PaymentWord.SETTLED):
            found = select(Invoice.id).where(Invoice.id.in_(keys), is_told(word))
            words |= dict.fromkeys(db.session.scalars(found), word)
    return words


def is_told(word: PaymentWord) -> ColumnElement[bool]:
    """The documents of which that word is told: for queries."""
    match word:
        case PaymentWord.CREDITED:
            return _in_state(PaymentState.NOT_PAID) & _is_credited()
        case PaymentWord.SETTLED:
            return _in_state(PaymentState.NOT_PAID) & _is_settled()
        case PaymentWord.NOT_PAID:
            return _in_state(PaymentState.NOT_PAID) & ~_is_credited() & ~_is_settled()
    return _in_state(PaymentState(word.value))


def _in_state(state: PaymentState) -> ColumnElement[bool]:
    return (Invoice.state == DocumentState.CONFIRMED) & (Invoice.payment_state == state)


def _is_credited() -> ColumnElement[bool]:
    note = aliased(Invoice)
    taken_back = (
        select(func.coalesce(func.sum(in_cents(note.gross)), 0))
        .where(note.credited_invoice_id == Invoice.id, note.state == DocumentState.CONFIRMED)
        .correlate(Invoice)
        .scalar_subquery()
    )
    nothing_open = Invoice.balance + Decimal(0) == 0  # most are: no index to begin with
    whole = in_cents(Invoice.gross) + taken_back == 0
    return (Invoice.kind == InvoiceKind.INVOICE) & nothing_open & whole


def _is_settled() -> ColumnElement[bool]:
    owed = aliased(Invoice)
    asked = select(owed.id).where(owed.id == Invoice.credited_invoice_id, owed.balance >= 0)
    return (Invoice.kind == InvoiceKind.CREDIT_NOTE) & asked.correlate(Invoice).exists()
