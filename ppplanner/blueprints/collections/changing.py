"""Changing what a transaction says of itself, and undoing one by its opposite."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from ppplanner.blueprints.collections import bp
from ppplanner.blueprints.collections.forms import ChangeForm
from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import finish, go_to, render_form
from ppplanner.blueprints.records import find, record_id
from ppplanner.blueprints.stale import stale
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import DocumentState, Invoice, InvoiceKind, Transaction
from ppplanner.permissions import require
from ppplanner.services.collections import transactions


@bp.route("/<int:transaction_id>/change", methods=["GET", "POST"])
@require("collections.edit")
def change(transaction_id: int) -> ResponseReturnValue:
    transaction = _to_change(transaction_id)
    if transaction.locked:
        raise DomainError(_("This transaction has been handed on: reverse it instead."))
    values = {name: getattr(transaction, name) for name in ("invoice_id", "voucher", "remark")}
    form = ChangeForm(data=values)
    form.invoice_id.choices = _invoices(transaction)
    if form.is_submitted() and stale(form, values):
        return _change_page(form, transaction, 409)
    if form.validate_on_submit() and attempt(form, lambda: _change(transaction, form)):
        return finish(_url(transaction_id), _("The transaction is saved."))
    return _change_page(form, transaction)


def _to_change(transaction_id: int) -> Transaction:
    """Held together with the invoice that it is to pay: one after the other, people who move money
    crosswise would wait for each other.
    """
    transaction = find(Transaction, transaction_id, lock=False)
    if request.method == "POST":
        asked = request.form.get("invoice_id", type=record_id)
        transactions.hold_transaction(transaction, db.session.get(Invoice, asked or 0))
    return transaction


def _change(transaction: Transaction, form: ChangeForm) -> Transaction:
    invoice = db.session.get(Invoice, form.invoice_id.data) if form.invoice_id.data else None
    return transactions.change(
        transaction,
        remark=form.remark.data or "",
        voucher=form.voucher.data or "",
        invoice=invoice,
    )


def _invoices(transaction: Transaction) -> list[tuple[Any, str]]:
    """The invoices that its money can be for: of its contract, else of its customer."""
    query = select(Invoice).where(
        Invoice.state == DocumentState.CONFIRMED, Invoice.kind == InvoiceKind.INVOICE
    )
    if transaction.contract_id:
        query = query.where(Invoice.contract_id == transaction.contract_id)
    else:
        query = query.where(
            Invoice.customer_id == transaction.customer_id,
            Invoice.business_unit_id == transaction.business_unit_id,
        )
    found = db.session.scalars(query.order_by(Invoice.id.desc()).limit(100))
    return [("", _("None")), *((each.id, str(each)) for each in found)]


def _change_page(form: ChangeForm, transaction: Transaction, status: int | None = None) -> Response:
    return render_form("collections/change.html", form, "dialog", status, transaction=transaction)


@bp.route("/<int:transaction_id>/reverse", methods=["GET", "POST"])
@require("collections.edit")
def reverse(transaction_id: int) -> ResponseReturnValue:
    """Undo a transaction, after a clear question."""
    transaction, form = find(Transaction, transaction_id), SureForm()
    if form.validate_on_submit() and (
        undone := attempt(form, lambda: transactions.reverse(transaction, by=current_user))
    ):
        message = _("%(transaction)s undoes it.", transaction=undone)
        return go_to(_url(undone.id), message)
    return render_form("collections/reverse.html", form, "dialog", transaction=transaction)


def _url(transaction_id: int) -> str:
    return url_for(".show", transaction_id=transaction_id)
