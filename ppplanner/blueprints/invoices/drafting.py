"""The pages on which a draft is made, given other dates or thrown away."""

from __future__ import annotations

from datetime import date

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.contract_picker import answer_contracts
from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import finish, go_to, render_form, render_page
from ppplanner.blueprints.invoices import bp
from ppplanner.blueprints.invoices.confirmation import is_confirmed
from ppplanner.blueprints.invoices.forms import (
    ContractForm,
    DatesForm,
    DraftForm,
    FreeForm,
    dates_of,
)
from ppplanner.blueprints.records import find
from ppplanner.blueprints.scope import proposed_unit
from ppplanner.blueprints.stale import stale
from ppplanner.clock import today
from ppplanner.i18n import _
from ppplanner.locales import timezone
from ppplanner.models import BusinessUnit, Contract, Customer, Invoice
from ppplanner.permissions import require
from ppplanner.services.invoices import drafts
from ppplanner.services.invoices.overtaken import set_final
from ppplanner.services.invoices.proposals import propose


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
    due = drafts.due_on(contract.customer.payment_days, on)
    until = contract.next_invoice_date
    form = DraftForm(data={"until": until, "invoice_date": on, "due_date": due, "final": True})
    if form.validate_on_submit() and (invoice := attempt(form, lambda: _draft(contract, form))):
        return _look_it_over(invoice)
    proposal = propose(contract, form.until.data)
    return render_form(
        "invoices/new.html",
        form,
        "dialog",
        contract=contract,
        proposal=proposal,
        left=bool(proposal.lines) or not proposal.complete,
    )


def _draft(contract: Contract, form: DraftForm) -> Invoice:
    assert form.invoice_date.data
    return drafts.draft_from_contract(
        contract,
        invoice_date=form.invoice_date.data,
        due_date=form.due_date.data,
        until=form.until.data,
        final=form.final.data,
    )


def _look_it_over(invoice: Invoice) -> ResponseReturnValue:
    return go_to(url_for(".show", invoice_id=invoice.id), _("The draft is made: look it over."))


@bp.get("/proposal")
@require("invoices.edit")
def proposal() -> Response:
    """What an invoice of a contract would hold up to and including the day that is being typed."""
    contract = find(Contract, request.args.get("contract_id", 0, type=int))
    form = DraftForm(request.args)
    form.final.data = True
    proposed = propose(contract, form.until.data)
    return render_page("invoices/proposal.html", "proposal", form=form, proposal=proposed)


@bp.route("/new/free", methods=["GET", "POST"])
@require("invoices.edit")
def new_free() -> ResponseReturnValue:
    """Make an empty draft for a customer, without a contract."""
    unit = proposed_unit()
    values = {"business_unit_id": unit and unit.id, "invoice_date": today(timezone())}
    form = FreeForm(data={"customer_id": request.args.get("customer_id", type=int), **values})
    if form.validate_on_submit() and (invoice := attempt(form, lambda: _free_draft(form))):
        message = _("The draft is made: add its lines.")
        return go_to(url_for(".show", invoice_id=invoice.id), message)
    return render_form("invoices/new_free.html", form, "dialog")


def _free_draft(form: FreeForm) -> Invoice:
    assert form.invoice_date.data
    return drafts.draft_for_customer(
        find(Customer, form.customer_id.data or 0),
        find(BusinessUnit, form.business_unit_id.data),
        invoice_date=form.invoice_date.data,
        due_date=form.due_date.data,
    )


@bp.get("/contracts")
@require("invoices.edit")
def pick_contract() -> Response:
    """The contracts that wait for an invoice, for the picker of the dialog above."""
    return answer_contracts(drafts.contracts_to_invoice())


@bp.get("/due")
@require("invoices.edit")
def due() -> str:
    """The field with the due date that a customer's payment term gives for an invoice date."""
    customer = find(Customer, request.args.get("customer_id", 0, type=int))
    on = request.args.get("invoice_date", type=date.fromisoformat)
    form = DraftForm(formdata=None)
    form.due_date.data = on and drafts.due_on(customer.payment_days, on)
    return render_template("invoices/_due.html", form=form)


@bp.route("/<int:invoice_id>/dates", methods=["GET", "POST"])
@require("invoices.edit")
def dates(invoice_id: int) -> ResponseReturnValue:
    """The dates of a draft, and whether it is the last invoice of its contract."""
    invoice = find(Invoice, invoice_id)
    if not invoice.is_draft:
        return is_confirmed(invoice)
    values = dates_of(invoice)
    form = DatesForm(data=values)
    form.fit(invoice)
    if form.is_submitted() and stale(form, values):
        return render_page("invoices/dates.html", "dialog", 409, form=form, invoice=invoice)
    if form.validate_on_submit() and attempt(form, lambda: _set_dates(invoice, form)):
        return finish(url_for(".show", invoice_id=invoice_id), _("The dates are saved."))
    return render_form("invoices/dates.html", form, "dialog", invoice=invoice)


def _set_dates(invoice: Invoice, form: DatesForm) -> bool:
    assert form.invoice_date.data
    assert form.due_date.data
    drafts.set_dates(invoice, form.invoice_date.data, form.due_date.data)
    if "final" in form:
        set_final(invoice, form.final.data)
    return True


@bp.route("/<int:invoice_id>/discard", methods=["GET", "POST"])
@require("invoices.edit")
def discard(invoice_id: int) -> ResponseReturnValue:
    """Throw a draft away, after a clear question."""
    invoice, form = find(Invoice, invoice_id), SureForm()
    if not invoice.is_draft:
        return is_confirmed(invoice)
    if form.validate_on_submit() and attempt(form, lambda: _discard(invoice)):
        return go_to(url_for(".index"), _("The draft is gone. What it held can be invoiced again."))
    return render_form("invoices/discard.html", form, "dialog", invoice=invoice)


def _discard(invoice: Invoice) -> bool:
    drafts.discard_draft(invoice)
    return True
