"""What is still open of invoices, and what that says of their payment (domain 8.4).

A credit note is a part of the story of its invoice: it has no balance of its own, and what is
collected on it counts for the invoice. So the balances of all documents add up to what customers
owe.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import func, select

from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import DocumentState, Invoice, PaymentState, Transaction
from ppplanner.services.invoices.holding import hold
from ppplanner.services.locking import lock


def settle(invoice: Invoice) -> None:
    """Bring balance and payment state in line with credit notes and collections: to be called when
    either of them changes, with the invoice or one of its credit notes. The caller commits.

    The state follows the collections; one that a person chose holds until the next of them, and
    "never paid" for good.
    """
    owed = invoice.credited_invoice or invoice
    lock(owed)
    if owed.is_draft:
        return
    notes = credit_notes(owed)
    due = owed.gross + sum((note.gross for note in notes), Decimal(0))
    collected = _collected([owed, *notes])
    owed.balance = due - (collected or 0)
    for note in notes:
        note.balance = Decimal(0)
    if owed.payment_state is not PaymentState.NEVER_PAID:
        _follow(owed, notes, _state(due, collected), only_paid=invoice is not owed)
    db.session.flush()


def credit_notes(invoice: Invoice) -> Sequence[Invoice]:
    """The confirmed credit notes of an invoice, the oldest first."""
    query = select(Invoice).filter_by(credited_invoice_id=invoice.id, state=DocumentState.CONFIRMED)
    return db.session.scalars(query.order_by(Invoice.id)).all()


def set_payment_state(invoice: Invoice, state: PaymentState) -> None:
    """Set by hand how a confirmed document is paid; its balance stays. Raises DomainError."""
    hold(invoice)
    if invoice.is_draft:
        raise DomainError(_("A draft asks nobody for money yet: confirm it first."))
    invoice.payment_state = state
    db.session.flush()


def are_even(invoice: Invoice) -> bool:
    """Whether an invoice and its credit notes leave nothing open, and are not all said to be paid:
    then they can be marked so together (domain 8.3).
    """
    owed = invoice.credited_invoice or invoice
    notes = credit_notes(owed)
    waiting = any(each.payment_state is not PaymentState.FULLY_PAID for each in (owed, *notes))
    return bool(notes) and not owed.is_draft and owed.balance == 0 and waiting


def mark_even(invoice: Invoice) -> None:
    """Mark an invoice and its credit notes as paid: they leave nothing open. Raises DomainError."""
    owed = invoice.credited_invoice or invoice
    hold(owed)
    if not are_even(owed):
        raise DomainError(_("These are paid already, or something is open again: look once more."))
    for each in (owed, *credit_notes(owed)):
        set_payment_state(each, PaymentState.FULLY_PAID)


def _collected(documents: Sequence[Invoice]) -> Decimal | None:
    """What came in for these documents, less what went out, in EUR; None when nothing ever did."""
    total = select(func.sum(Transaction.amount)).where(
        Transaction.invoice_id.in_([each.id for each in documents])
    )
    return db.session.scalar(total)


def _state(due: Decimal, collected: Decimal | None) -> PaymentState | None:
    """What collections say; None when they say nothing: there are none, though some is due."""
    if collected is None:
        return None
    sign = -1 if due < 0 else 1
    if (due - collected) * sign <= 0:
        return PaymentState.FULLY_PAID
    return PaymentState.PARTIALLY_PAID if collected * sign > 0 else PaymentState.NOT_PAID


def _follow(
    owed: Invoice, notes: Sequence[Invoice], state: PaymentState | None, *, only_paid: bool
) -> None:
    """Let the state follow. A credit note takes back no word about what has been paid: it can only
    make the rest paid.
    """
    paid = state is PaymentState.FULLY_PAID or owed.gross == 0
    if paid:
        owed.payment_state = PaymentState.FULLY_PAID
    elif state and not only_paid:
        owed.payment_state = state
    if paid and owed.balance == 0:
        for note in notes:
            note.payment_state = PaymentState.FULLY_PAID
