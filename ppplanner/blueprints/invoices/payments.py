"""How invoices are paid: the tile that adds it up, and saying it by hand for one or for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import BooleanField, ValidationError

from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.form_fields import choice_field
from ppplanner.blueprints.htmx import finish, render_form, render_page
from ppplanner.blueprints.invoices import bp
from ppplanner.blueprints.invoices.labels import PAYMENTS, title
from ppplanner.blueprints.invoices.listing import INVOICES
from ppplanner.blueprints.lists.selection import selected_ids
from ppplanner.blueprints.records import find
from ppplanner.errors import DomainError, Invalid, NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _, _l, ngettext
from ppplanner.models import DocumentState, Invoice, PaymentState, Transaction
from ppplanner.permissions import allowed, require, visible
from ppplanner.services.collections.zeroing import CLOSING, set_payment
from ppplanner.services.invoices import balances, crediting

MOST_AT_ONCE = 1000
#: Bringing a balance to zero is registering a transaction.
ZEROING = "collections.edit"


class PaymentForm(FlaskForm):
    """How an invoice is paid, whatever has been registered."""

    payment_state = choice_field(
        _l("Payment"),
        choices=lambda: list(PAYMENTS.items()),
        coerce=PaymentState,
        default=PaymentState.FULLY_PAID,
    )
    to_zero = BooleanField(
        _l("Bring what is open to zero"),
        description=_l(
            "An administrative transaction takes it away. No money moves, and it is never handed on"
            " to the bookkeeping."
        ),
    )

    def validate_to_zero(self, field: BooleanField) -> None:
        if field.data and self.payment_state.data not in CLOSING:
            raise ValidationError(_("Only what is paid, or never will be, can be brought to zero."))


@dataclass(frozen=True)
class Payments:
    """What the tile of an invoice adds up, in EUR; of a credit note: of the invoice it is about."""

    owed: Invoice
    notes: Sequence[Invoice]
    transactions: Sequence[Transaction]
    #: The credit note on it that waits for its number.
    draft: Invoice | None
    creditable: bool
    even: bool

    @property
    def collected(self) -> Decimal:
        return sum((each.amount for each in self.transactions), Decimal(0))


def payments_of(invoice: Invoice) -> Payments | None:
    """What was charged, credited and collected; None for a draft."""
    if invoice.is_draft:
        return None
    owed = invoice.credited_invoice or invoice
    notes = balances.credit_notes(owed)
    return Payments(
        owed,
        notes,
        _transactions([owed, *notes]),
        crediting.draft_of(owed),
        not invoice.is_credit_note and not crediting.is_credited(invoice),
        balances.are_even(owed),
    )


def _transactions(documents: Sequence[Invoice]) -> Sequence[Transaction]:
    keys = [each.id for each in documents]
    query = select(Transaction).where(Transaction.invoice_id.in_(keys))
    loaded = query.options(joinedload(Transaction.type), joinedload(Transaction.method))
    return db.session.scalars(loaded.order_by(Transaction.at, Transaction.id)).all()


@bp.route("/<int:invoice_id>/payment", methods=["GET", "POST"])
@require("invoices.edit")
def payment(invoice_id: int) -> ResponseReturnValue:
    """Say by hand how an invoice is paid, and ask whether its balance goes to zero."""
    invoice = find(Invoice, invoice_id)
    form = PaymentForm(data={"payment_state": invoice.payment_state})
    if not invoice.balance or not allowed(ZEROING, invoice):
        del form.to_zero
    if form.validate_on_submit() and attempt(form, lambda: _set(invoice, form)):
        return finish(url_for(".show", invoice_id=invoice_id), _("The payment state is saved."))
    return render_form("invoices/payment.html", form, "dialog", invoice=invoice)


@bp.post("/payment")
@require("invoices.edit")
def payment_of_selected() -> ResponseReturnValue:
    """The same for the ticked documents: first the question, then, with `sure`, the deed."""
    ids = selected_ids(INVOICES, most=MOST_AT_ONCE)
    sure = "sure" in request.form
    form = PaymentForm() if sure else PaymentForm(formdata=None)
    if not allowed(ZEROING):
        del form.to_zero
    if sure and form.validate():
        return _set_each(ids, form)
    found = _confirmed_among(ids)
    return render_page(
        "invoices/payment_of_selected.html",
        "dialog",
        422 if form.errors else 200,
        form=form,
        invoices=found,
        others=len(ids) - len(found),
        left_alone=sum(_is_settled(invoice) for invoice in found),
        open=sum((invoice.balance for invoice in found), Decimal(0)),
    )


def _confirmed_among(ids: Sequence[int]) -> Sequence[Invoice]:
    query = select(Invoice).where(
        Invoice.id.in_(ids), Invoice.state == DocumentState.CONFIRMED, visible(Invoice)
    )
    return db.session.scalars(query.order_by(Invoice.id)).all()


def _is_settled(invoice: Invoice) -> bool:
    """Nobody waits for its money, so that none can stay away: a credit note, or all is paid."""
    return invoice.is_credit_note or invoice.payment_state is PaymentState.FULLY_PAID


def _set_each(ids: Sequence[int], form: PaymentForm) -> ResponseReturnValue:
    """Each in a transaction of its own: a refused one keeps none from its word."""
    found, done = _confirmed_among(ids), 0
    if form.payment_state.data is PaymentState.NEVER_PAID:
        found = [each for each in found if not _is_settled(each)]
    for key, name in [(each.id, title(each)) for each in found]:
        try:
            _set(find(Invoice, key), form)
            db.session.commit()
            done += 1
        except (DomainError, Invalid, NotFound) as error:
            db.session.rollback()
            flash(_("%(invoice)s: %(reason)s", invoice=name, reason=error.reason), "error")
    message = ngettext(
        "%(num)s document is now called: %(state)s.",
        "%(num)s documents are now called: %(state)s.",
        done,
        state=PAYMENTS[form.payment_state.data],
    )
    return finish(url_for(".index"), message)


def _set(invoice: Invoice, form: PaymentForm) -> bool:
    wanted = "to_zero" in form and bool(form.to_zero.data)
    to_zero = wanted and allowed(ZEROING, invoice)
    set_payment(invoice, form.payment_state.data, to_zero=to_zero, by=current_user)
    return True
