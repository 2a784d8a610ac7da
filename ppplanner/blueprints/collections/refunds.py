"""Refunds: giving money back or asking for it, and working through what was asked. The pickers of
the first dialog lie in `refund_pickers.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ppplanner.blueprints.collections import bp
from ppplanner.blueprints.collections.once import book_once, shows_what_is_booked
from ppplanner.blueprints.collections.refund_forms import (
    LATER,
    PaidForm,
    ProcessForm,
    RefundForm,
    RequestForm,
)
from ppplanner.blueprints.collections.refund_listings import REFUNDS, uses_files
from ppplanner.blueprints.collections.refund_words import iban_words, kind_words, refund_badge
from ppplanner.blueprints.contracts.period import to_local, to_utc
from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.history_lines import history_of
from ppplanner.blueprints.htmx import finish, render_form, render_page
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.records import asked_id, find
from ppplanner.blueprints.stale import stale
from ppplanner.clock import now
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import money
from ppplanner.i18n import _
from ppplanner.models import (
    CashRegister,
    Contract,
    Invoice,
    MethodKind,
    RefundRequest,
    RefundState,
    Terminal,
    Transaction,
)
from ppplanner.permissions import require
from ppplanner.services.collections import deposits, refund_limits, refunds, types
from ppplanner.services.collections.refunds import Refund, Way
from ppplanner.services.customers import set_iban

bp.add_app_template_global(uses_files, "uses_payment_files")


@dataclass(frozen=True)
class Paid:
    """Which money goes back: a deposit, or what was paid on a contract or an invoice."""

    contract: Contract | None
    invoice: Invoice | None
    deposit: bool

    @property
    def whole(self) -> Any:
        return self.invoice or self.contract

    @property
    def address(self) -> dict[str, Any]:
        if self.invoice:
            return {"invoice_id": self.invoice.id}
        return {"contract_id": self.whole.id, **({"deposit": 1} if self.deposit else {})}

    @property
    def back(self) -> str:
        if self.invoice:
            return url_for("invoices.show", invoice_id=self.invoice.id)
        return url_for("contracts.show", contract_id=self.whole.id)


@bp.get("/refunds/")
@require("collections.view")
def list_refunds() -> Response:
    return render_list(REFUNDS, "collections/list.html")


@bp.route("/refunds/new", methods=["GET", "POST"])
@require("collections.refund")
@shows_what_is_booked
def new_refund() -> ResponseReturnValue:
    """Give back money of the contract or invoice that the address names, or ask for it first."""
    paid = _asked()
    if paid is None:
        return _ask_which()
    of = (paid.contract, paid.invoice)
    most = refund_limits.refundable(*of, deposit=paid.deposit)
    proposed = refund_limits.proposed(*of, deposit=paid.deposit)
    iban = paid.whole.customer.iban
    form = RefundForm(data={"amount": proposed or None, "method": _as_taken(paid), "iban": iban})
    form.offer_places(paid.whole.business_unit)
    if form.validate_on_submit() and (done := book_once(form, lambda: _refund(paid, form))):
        return finish(paid.back, _said(done))
    return render_form("collections/new_refund.html", form, "dialog", paid=paid, most=most)


def _as_taken(paid: Paid) -> str:
    """A deposit that was taken in cash goes back over the counter, too; others go later."""
    method = deposits.method_of_latest(paid.contract) if paid.deposit and paid.contract else None
    return method.code if method and method.kind is MethodKind.CASH else LATER


@bp.get("/refunds/new/place")
@require("collections.refund")
def refund_place() -> Response:
    """The fields that the chosen method asks for."""
    paid = _asked()
    if paid is None:
        raise DomainError(_("Choose the contract or the invoice that was paid."))
    form = RefundForm(request.args, data={"iban": paid.whole.customer.iban})
    form.offer_places(paid.whole.business_unit)
    return render_page("collections/place.html", "place", form=form)


def _asked() -> Paid | None:
    contract_id, invoice_id = asked_id("contract_id"), asked_id("invoice_id")
    if invoice_id:
        return Paid(None, find(Invoice, invoice_id), False)
    if contract_id:
        return Paid(find(Contract, contract_id), None, "deposit" in request.args)
    return None


def _ask_which() -> ResponseReturnValue:
    form = PaidForm()
    if form.validate_on_submit():
        chosen: dict[str, Any] = {
            "contract_id": form.contract_id.data,
            "invoice_id": form.invoice_id.data,
        }
        if address := {name: key for name, key in chosen.items() if key}:
            return redirect(url_for(".new_refund", **address), 303)
        form.form_errors.append(_("Choose the contract or the invoice that was paid."))
    return render_form("collections/paid.html", form, "dialog")


def _refund(paid: Paid, form: RefundForm) -> Transaction | RefundRequest:
    """Do what the form says."""
    assert form.amount.data is not None
    refund = Refund(
        form.amount.data,
        paid.contract,
        paid.invoice,
        deposit=paid.deposit,
        iban=(form.iban.data or "") if "iban" in form else "",
        remark=form.remark.data or "",
    )
    if "keep_iban" in form and form.keep_iban.data and refund.iban:
        set_iban(paid.whole.customer, refund.iban)
    if not form.method.data:
        return refunds.ask(refund, by=current_user)
    return refunds.give_back(refund, _way(form), by=current_user)


def _said(done: Transaction | RefundRequest) -> str:
    if isinstance(done, RefundRequest):
        return _("%(amount)s waits on the list of refunds.", amount=money(done.amount))
    return _("%(amount)s is given back.", amount=money(-done.amount))


def _way(form: ProcessForm, **more: Any) -> Way:
    method = types.method_called(form.method.data or "")
    if method is None:
        raise Invalid(method=_("Choose one from the list."))
    return Way(
        method,
        _chosen(form, "register_id", CashRegister),
        _chosen(form, "terminal_id", Terminal),
        **more,
    )


def _chosen(form: ProcessForm, name: str, model: Any) -> Any:
    """The record that a choice names: the choices are those that the person may use."""
    key = form[name].data if name in form else None
    return db.session.get(model, key) if key else None


@bp.get("/refunds/<int:refund_id>")
@require("collections.view")
def show_refund(refund_id: int) -> Response:
    refund = find(RefundRequest, refund_id)
    return render_page(
        "collections/refund.html",
        "content",
        refund=refund,
        kind=kind_words(refund),
        iban=iban_words(refund),
        state=refund_badge(refund.state),
        next=refunds.NEXT[refund.state],
        states=RefundState,
        history=history_of(refund),
    )


@bp.route("/refunds/<int:refund_id>/change", methods=["GET", "POST"])
@require("collections.refund")
def change_refund(refund_id: int) -> ResponseReturnValue:
    refund = find(RefundRequest, refund_id)
    values = {"iban": refund.iban, "remark": refund.remark}
    form = RequestForm(data=values)
    if form.is_submitted() and stale(form, values):
        return render_form("collections/change_refund.html", form, "dialog", 409, refund=refund)
    if form.validate_on_submit() and attempt(form, lambda: _change(refund, form)):
        return finish(_url(refund), _("The refund is saved."))
    return render_form("collections/change_refund.html", form, "dialog", refund=refund)


def _change(refund: RefundRequest, form: RequestForm) -> RefundRequest:
    return refunds.change(refund, iban=form.iban.data or "", remark=form.remark.data or "")


@bp.route("/refunds/<int:refund_id>/process", methods=["GET", "POST"])
@require("collections.refund")
def process_refund(refund_id: int) -> ResponseReturnValue:
    """Note that the money of a request has gone: this books it."""
    refund = find(RefundRequest, refund_id)
    zone = refund.business_unit.company.timezone
    form = ProcessForm(data={"at": to_local(now(), zone), "method": _by_bank()})
    form.offer_places(refund.business_unit)
    if form.validate_on_submit() and (
        booked := attempt(form, lambda: _process(refund, form, zone))
    ):
        message = _("The refund is processed: %(transaction)s.", transaction=booked)
        return finish(_url(refund), message)
    return render_form("collections/process_refund.html", form, "dialog", refund=refund)


def _by_bank() -> str | None:
    """The usual method: what was asked for is paid by bank."""
    banks = (each.code for each in types.methods_in_use() if each.kind is MethodKind.BANK)
    return next(banks, None)


@bp.get("/refunds/<int:refund_id>/process/place")
@require("collections.refund")
def process_place(refund_id: int) -> Response:
    """The fields that the chosen method asks for."""
    form = ProcessForm(request.args)
    form.offer_places(find(RefundRequest, refund_id).business_unit)
    return render_page("collections/place.html", "place", form=form)


def _process(refund: RefundRequest, form: ProcessForm, zone: str) -> Transaction:
    assert form.at.data
    way = _way(form, at=to_utc(form.at.data, zone, "at"))
    return refunds.process(refund, way, by=current_user)


@bp.route("/refunds/<int:refund_id>/withdraw", methods=["GET", "POST"])
@require("collections.refund")
def withdraw_refund(refund_id: int) -> ResponseReturnValue:
    refund, form = find(RefundRequest, refund_id), SureForm()
    if form.validate_on_submit() and attempt(form, lambda: refunds.withdraw(refund)):
        return finish(_url(refund), _("The refund is withdrawn."))
    return render_form("collections/withdraw_refund.html", form, "dialog", refund=refund)


@bp.route("/refunds/<int:refund_id>/reopen", methods=["GET", "POST"])
@require("collections.refund")
def reopen_refund(refund_id: int) -> ResponseReturnValue:
    """Take a request out of its payment file, after a clear question."""
    refund, form = find(RefundRequest, refund_id), SureForm()
    if form.validate_on_submit() and attempt(form, lambda: refunds.reopen(refund)):
        return finish(_url(refund), _("The refund waits for another payment file."))
    return render_form("collections/reopen_refund.html", form, "dialog", refund=refund)


def _url(refund: RefundRequest) -> str:
    return url_for(".show_refund", refund_id=refund.id)
