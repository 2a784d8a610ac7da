"""The pages on which a draft is made, changed, confirmed or thrown away."""

from __future__ import annotations

from datetime import date

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import contains_eager

from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import finish, go_to, render_form, render_page
from ppplanner.blueprints.invoices import bp
from ppplanner.blueprints.invoices.confirming import (
    confirm_each,
    confirm_one,
    drafts_among,
    print_at_once,
)
from ppplanner.blueprints.invoices.forms import (
    AccountForm,
    ContractForm,
    DatesForm,
    DraftForm,
    dates_of,
)
from ppplanner.blueprints.invoices.listing import INVOICES
from ppplanner.blueprints.lists.selection import selected_ids
from ppplanner.blueprints.pickers import Option, answer_picker
from ppplanner.blueprints.records import find
from ppplanner.blueprints.stale import stale
from ppplanner.clock import today
from ppplanner.errors import NotFound
from ppplanner.i18n import _, ngettext
from ppplanner.models import Contract, Customer, GLAccount, Invoice, InvoiceLine
from ppplanner.permissions import require
from ppplanner.services.invoices import drafts, invoicing

#: Each gets its number one after the other, while the person waits.
MOST_AT_ONCE = 1000


@bp.route("/new", methods=["GET", "POST"])
@require("invoices.edit")
def new() -> ResponseReturnValue:
    """Make an invoice: of the contract named in the address, or of one that is asked for first."""
    contract_id = request.args.get("contract_id", type=int)
    if contract_id is not None:
        return _new_draft(find(Contract, contract_id))
    form = ContractForm()
    if form.validate_on_submit():
        return redirect(url_for(".new", contract_id=form.contract_id.data), 303)
    return render_form("invoices/choose_contract.html", form, "dialog")


def _new_draft(contract: Contract) -> ResponseReturnValue:
    on = today(contract.business_unit.company.timezone)
    due = invoicing.due_on(contract.customer.payment_days, on)
    form = DraftForm(data={"invoice_date": on, "due_date": due, "final": True})
    if form.validate_on_submit() and (invoice := attempt(form, lambda: _draft(contract, form))):
        return go_to(url_for(".show", invoice_id=invoice.id), _("The draft is made: look it over."))
    proposal = drafts.propose(contract)
    return render_form("invoices/new.html", form, "dialog", contract=contract, proposal=proposal)


def _draft(contract: Contract, form: DraftForm) -> Invoice:
    assert form.invoice_date.data
    return invoicing.draft_from_contract(
        contract,
        invoice_date=form.invoice_date.data,
        due_date=form.due_date.data,
        final=form.final.data,
    )


@bp.get("/contracts")
@require("invoices.edit")
def pick_contract() -> Response:
    """The contracts that wait for an invoice, for the picker of the dialog above."""
    query = drafts.contracts_to_invoice().join(Contract.customer).order_by(Contract.number.desc())
    if unit_id := current_user.business_unit_id:
        query = query.where(Contract.business_unit_id == unit_id)
    number = literal("C") + cast(Contract.number, String)
    return answer_picker(
        query.options(contains_eager(Contract.customer)),
        (number, Customer.name),
        lambda each: Option(each.id, f"{each} · {each.customer.full_name}", _resource(each)),
    )


def _resource(contract: Contract) -> str:
    return contract.resource.title if contract.resource else ""


@bp.get("/due")
@require("invoices.edit")
def due() -> str:
    """The field with the due date that a customer's payment term gives for an invoice date."""
    customer = find(Customer, request.args.get("customer_id", 0, type=int))
    on = request.args.get("invoice_date", type=date.fromisoformat)
    form = DraftForm(formdata=None)
    form.due_date.data = on and invoicing.due_on(customer.payment_days, on)
    return render_template("invoices/_due.html", form=form)


@bp.route("/<int:invoice_id>/dates", methods=["GET", "POST"])
@require("invoices.edit")
def dates(invoice_id: int) -> ResponseReturnValue:
    invoice = find(Invoice, invoice_id)
    if not invoice.is_draft:
        return _is_confirmed(invoice)
    values = dates_of(invoice)
    form = DatesForm(data=values)
    if form.is_submitted() and stale(form, values):
        return render_page("invoices/dates.html", "dialog", 409, form=form, invoice=invoice)
    if form.validate_on_submit() and attempt(form, lambda: _set_dates(invoice, form)):
        return finish(url_for(".show", invoice_id=invoice_id), _("The dates are saved."))
    return render_form("invoices/dates.html", form, "dialog", invoice=invoice)


def _set_dates(invoice: Invoice, form: DatesForm) -> bool:
    assert form.invoice_date.data
    assert form.due_date.data
    invoicing.set_dates(invoice, form.invoice_date.data, form.due_date.data)
    return True


@bp.route("/<int:invoice_id>/lines/<int:line_id>/account", methods=["GET", "POST"])
@require("invoices.edit")
def account(invoice_id: int, line_id: int) -> ResponseReturnValue:
    """Choose the GL account of a draft's line."""
    invoice, line = find(Invoice, invoice_id), find(InvoiceLine, line_id)
    if line.invoice is not invoice:
        raise NotFound(_("This line belongs to another invoice."))
    if not invoice.is_draft:
        return _is_confirmed(invoice)
    form = AccountForm(data={"gl_account_id": line.gl_account_id})
    if form.validate_on_submit() and attempt(form, lambda: _book(line, form)):
        return finish(url_for(".show", invoice_id=invoice_id), _("The GL account is saved."))
    return render_form("invoices/account.html", form, "dialog", invoice=invoice, line=line)


def _book(line: InvoiceLine, form: AccountForm) -> bool:
    drafts.book_line(line, find(GLAccount, form.gl_account_id.data or 0))
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


@bp.route("/<int:invoice_id>/confirm", methods=["GET", "POST"])
@require("invoices.edit")
def confirm(invoice_id: int) -> ResponseReturnValue:
    """Give a draft its number, after a clear question: nobody can take it back."""
    invoice, form = find(Invoice, invoice_id), SureForm()
    if not invoice.is_draft:
        return _is_confirmed(invoice)
    if form.validate_on_submit() and (number := attempt(form, lambda: confirm_one(invoice))):
        print_at_once(invoice_id)
        message = _("The invoice is confirmed as %(number)s.", number=number)
        return go_to(url_for(".show", invoice_id=invoice_id), message)
    return render_form("invoices/confirm.html", form, "dialog", invoice=invoice)


@bp.post("/confirm")
@require("invoices.edit")
def confirm_selected() -> ResponseReturnValue:
    """Confirm the ticked drafts: first the question, then, with `sure`, the deed."""
    ids, form = selected_ids(INVOICES, most=MOST_AT_ONCE), SureForm()
    if "sure" in request.form and form.validate():
        return _confirm_all(ids)
    found = drafts_among(ids)
    return render_page(
        "invoices/confirm_selected.html",
        "dialog",
        drafts=found,
        others=len(ids) - len(found),
        gross=sum(invoice.gross for invoice in found),
    )


def _confirm_all(ids: list[int]) -> ResponseReturnValue:
    outcome = confirm_each(ids)
    for sentence in outcome.refused:
        flash(sentence, "error")
    count = len(outcome.confirmed)
    return finish(
        url_for(".index"),
        ngettext("%(num)s invoice is confirmed.", "%(num)s invoices are confirmed.", count),
    )


@bp.route("/<int:invoice_id>/discard", methods=["GET", "POST"])
@require("invoices.edit")
def discard(invoice_id: int) -> ResponseReturnValue:
    """Throw a draft away, after a clear question."""
    invoice, form = find(Invoice, invoice_id), SureForm()
    if not invoice.is_draft:
        return _is_confirmed(invoice)
    if form.validate_on_submit() and attempt(form, lambda: _discard(invoice)):
        return go_to(url_for(".index"), _("The draft is gone. Its contract can be invoiced again."))
    return render_form("invoices/discard.html", form, "dialog", invoice=invoice)


def _discard(invoice: Invoice) -> bool:
    invoicing.discard_draft(invoice)
    return True


def _is_confirmed(invoice: Invoice) -> ResponseReturnValue:
    """A colleague was quicker: show what became of the draft."""
    message = _("This invoice is confirmed already: it is number %(number)s.", number=invoice)
    return go_to(url_for(".show", invoice_id=invoice.id), message, "info")
