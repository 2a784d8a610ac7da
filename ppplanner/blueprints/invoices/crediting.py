"""Credit notes: what to take back of an invoice, and marking both as paid once they are even."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import finish, go_to, render_form, render_page
from ppplanner.blueprints.invoices import bp
from ppplanner.blueprints.invoices.credit_form import CreditForm, amounts_as_values, credit_form
from ppplanner.blueprints.records import find
from ppplanner.blueprints.stale import stale
from ppplanner.clock import today
from ppplanner.errors import DomainError
from ppplanner.i18n import _
from ppplanner.models import Invoice
from ppplanner.permissions import require
from ppplanner.services.invoices import balances, crediting
from ppplanner.services.invoices.credited import left_of_lines


@bp.route("/<int:invoice_id>/credit", methods=["GET", "POST"])
@require("invoices.edit")
def credit(invoice_id: int) -> ResponseReturnValue:
    """Make a credit note of an invoice; all that is left stands ready."""
    invoice = find(Invoice, invoice_id)
    if note := crediting.draft_of(invoice):
        message = _("There is a draft credit note on this invoice already: this one.")
        return go_to(url_for(".show", invoice_id=note.id), message, "info")
    crediting.refuse_uncreditable(invoice)
    left = left_of_lines(invoice)
    on = max(today(invoice.company.timezone), invoice.invoice_date)
    form = credit_form(invoice, left, invoice_date=on, **amounts_as_values(left))
    if form.validate_on_submit() and (made := attempt(form, lambda: _credit(invoice, form))):
        message = _("The draft of the credit note is made: look it over.")
        return go_to(url_for(".show", invoice_id=made.id), message)
    return render_form("invoices/credit.html", form, "dialog", invoice=invoice, left=left)


@bp.route("/<int:invoice_id>/credited", methods=["GET", "POST"])
@require("invoices.edit")
def change_credit(invoice_id: int) -> ResponseReturnValue:
    """Change what the draft of a credit note takes back."""
    note = find(Invoice, invoice_id)
    invoice = note.credited_invoice
    if invoice is None or not note.is_draft:
        raise DomainError(_("Only the draft of a credit note can be changed here."))
    left = left_of_lines(invoice, beside=note)
    values = _values_of(note)
    form = credit_form(invoice, left, **values)
    context: dict[str, Any] = {"invoice": invoice, "left": left, "note": note}
    if form.is_submitted() and stale(form, values):
        return render_page("invoices/credit.html", "dialog", 409, form=form, **context)
    if form.validate_on_submit() and attempt(form, lambda: _change(note, form)):
        return finish(url_for(".show", invoice_id=note.id), _("The credit note is changed."))
    return render_form("invoices/credit.html", form, "dialog", **context)


@bp.route("/<int:invoice_id>/even", methods=["GET", "POST"])
@require("invoices.edit")
def mark_even(invoice_id: int) -> ResponseReturnValue:
    """Mark an invoice and its credit notes as paid, after a question: they leave nothing open."""
    invoice, form = find(Invoice, invoice_id), SureForm()
    if form.validate_on_submit() and attempt(form, lambda: _mark_even(invoice)):
        return finish(url_for(".show", invoice_id=invoice_id), _("They are marked as paid."))
    owed = invoice.credited_invoice or invoice
    documents = [owed, *balances.credit_notes(owed)]
    return render_form("invoices/even.html", form, "dialog", invoice=invoice, documents=documents)


def _credit(invoice: Invoice, form: CreditForm) -> Invoice:
    assert form.invoice_date.data
    return crediting.credit(invoice, form.amounts, on=form.invoice_date.data, again=_again(form))


def _change(note: Invoice, form: CreditForm) -> bool:
    assert form.invoice_date.data
    crediting.change_credit(note, form.amounts, on=form.invoice_date.data, again=_again(form))
    return True


def _mark_even(invoice: Invoice) -> bool:
    balances.mark_even(invoice)
    return True


def _again(form: CreditForm) -> bool:
    return "again" in form and bool(form.again.data)


def _values_of(note: Invoice) -> dict[str, object]:
    """The draft of a credit note as values of the form."""
    amounts = {line.credited_line_id: -line.net for line in note.lines if line.credited_line_id}
    again = any(line.price_line_id for line in note.lines)
    return {"invoice_date": note.invoice_date, "again": again, **amounts_as_values(amounts)}
