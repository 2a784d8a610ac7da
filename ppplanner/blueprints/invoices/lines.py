"""The dialogs that change the lines of a draft."""

from __future__ import annotations

from flask import Response, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import finish, render_form
from ppplanner.blueprints.invoices import bp
from ppplanner.blueprints.invoices.line_form import (
    DraftLineForm,
    line_values,
    new_values,
    read_booking,
    read_line,
)
from ppplanner.blueprints.pickers import Option, answer_picker
from ppplanner.blueprints.records import find
from ppplanner.blueprints.stale import stale
from ppplanner.errors import NotFound
from ppplanner.i18n import _
from ppplanner.models import GLAccount, Invoice, InvoiceLine
from ppplanner.permissions import require
from ppplanner.services.invoices import draft_lines
from ppplanner.services.invoices.frozen import refuse_confirmed


@bp.route("/<int:invoice_id>/lines/new", methods=["GET", "POST"])
@require("invoices.edit")
def new_line(invoice_id: int) -> ResponseReturnValue:
    invoice = _draft(invoice_id)
    form = DraftLineForm(data=new_values(invoice))
    form.offer(invoice, None)
    if form.validate_on_submit() and attempt(
        form, lambda: draft_lines.add_line(invoice, read_line(form))
    ):
        return _done(invoice_id, _("The line is added."))
    return _form_page(form, invoice)


@bp.route("/<int:invoice_id>/lines/<int:line_id>/edit", methods=["GET", "POST"])
@require("invoices.edit")
def edit_line(invoice_id: int, line_id: int) -> ResponseReturnValue:
    invoice = _draft(invoice_id)
    line = _line_of(invoice, line_id)
    form = DraftLineForm(data=line_values(line))
    form.offer(invoice, line)
    if form.is_submitted() and stale(form, line_values(line)):
        return _form_page(form, invoice, line, status=409)
    if form.validate_on_submit() and attempt(form, lambda: _change(line, form)):
        return _done(invoice_id, _("The line is saved."))
    return _form_page(form, invoice, line)


def _change(line: InvoiceLine, form: DraftLineForm) -> InvoiceLine:
    if line.price_line_id is None:
        return draft_lines.change_line(line, read_line(form, line))
    return draft_lines.reword_line(line, form.description.data or "", read_booking(form, line))


@bp.route("/<int:invoice_id>/lines/<int:line_id>/remove", methods=["GET", "POST"])
@require("invoices.edit")
def remove_line(invoice_id: int, line_id: int) -> ResponseReturnValue:
    invoice, form = _draft(invoice_id), SureForm()
    line = _line_of(invoice, line_id)
    if form.validate_on_submit() and attempt(form, lambda: _remove(line)):
        return _done(invoice_id, _("The line is removed."))
    return render_form("invoices/remove_line.html", form, "dialog", invoice=invoice, line=line)


def _remove(line: InvoiceLine) -> bool:
    draft_lines.remove_line(line)
    return True


@bp.get("/<int:invoice_id>/accounts")
@require("invoices.edit")
def pick_account(invoice_id: int) -> Response:
    """The GL accounts that an invoice's lines can go to: those of its business unit."""
    unit_id = find(Invoice, invoice_id).business_unit_id
    query = select(GLAccount).filter_by(business_unit_id=unit_id, active=True)
    return answer_picker(
        query.order_by(GLAccount.code),
        (GLAccount.code, GLAccount.name),
        lambda each: Option(each.id, str(each)),
    )


def _draft(invoice_id: int) -> Invoice:
    invoice = find(Invoice, invoice_id)
    refuse_confirmed(invoice)
    return invoice


def _line_of(invoice: Invoice, line_id: int) -> InvoiceLine:
    line = find(InvoiceLine, line_id)
    if line.invoice is not invoice:
        raise NotFound(_("This line belongs to another invoice."))
    return line


def _done(invoice_id: int, message: str) -> ResponseReturnValue:
    return finish(url_for(".show", invoice_id=invoice_id), message)


def _form_page(
    form: DraftLineForm,
    invoice: Invoice,
    line: InvoiceLine | None = None,
    status: int | None = None,
) -> Response:
    return render_form("invoices/line.html", form, "dialog", status, invoice=invoice, line=line)
