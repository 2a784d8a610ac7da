"""The dialog that registers money: on a contract, on an invoice."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from ppplanner.blueprints.collections import bp
from ppplanner.blueprints.collections.forms import MoneyForm, PlaceForm, PurposeForm, incoming
from ppplanner.blueprints.collections.once import book_once, shows_what_is_booked
from ppplanner.blueprints.contract_picker import answer_contracts
from ppplanner.blueprints.contracts.period import to_local, to_utc
from ppplanner.blueprints.htmx import finish, render_form, render_page
from ppplanner.blueprints.pickers import Option, answer_picker
from ppplanner.blueprints.records import asked_id, find
from ppplanner.blueprints.scope import in_chosen_unit
from ppplanner.clock import now
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import day, money
from ppplanner.i18n import _
from ppplanner.models import (
    BusinessUnit,
    CardType,
    CashRegister,
    Contract,
    ContractStatus,
    Customer,
    DocumentState,
    Invoice,
    InvoiceKind,
    Terminal,
    Transaction,
    TransactionFamily,
)
from ppplanner.permissions import require
from ppplanner.services.collections import cash_rounding, rules, transactions, types
from ppplanner.services.collections.standing import open_invoices, standing
from ppplanner.services.collections.transactions import TransactionData
from ppplanner.services.customers import set_iban

PAYMENT, DEPOSIT = TransactionFamily.PAYMENT, TransactionFamily.DEPOSIT


@dataclass(frozen=True)
class Purpose:
    """What the money of the dialog is for."""

    contract: Contract | None
    invoice: Invoice | None
    family: TransactionFamily

    @property
    def _whole(self) -> Any:
        return self.invoice or self.contract

    @property
    def unit(self) -> BusinessUnit:
        return self._whole.business_unit

    @property
    def customer(self) -> Customer:
        return self._whole.customer

    @property
    def zone(self) -> str:
        return self.unit.company.timezone

    @property
    def invoices(self) -> list[Invoice]:
        """Those that the money can be for."""
        if self.invoice:
            return [self.invoice]
        return open_invoices(self.contract) if self.contract else []

    @property
    def url(self) -> str:
        return url_for(".new", **self.address)

    @property
    def address(self) -> dict[str, Any]:
        asked = {"family": "deposit"} if self.family is DEPOSIT else {}
        if self.invoice:
            return {"invoice_id": self.invoice.id, **asked}
        return {"contract_id": self.contract.id if self.contract else None, **asked}

    @property
    def back(self) -> str:
        if self.invoice:
            return url_for("invoices.show", invoice_id=self.invoice.id)
        assert self.contract
        return url_for("contracts.show", contract_id=self.contract.id)


@bp.route("/new", methods=["GET", "POST"])
@require("collections.edit")
@shows_what_is_booked
def new() -> ResponseReturnValue:
    """Register money for the contract or invoice that the address names, or ask for it first."""
    purpose = _asked_purpose()
    if purpose is None:
        return _ask_purpose()
    form = MoneyForm(data=_proposal(purpose))
    form.offer(purpose.family, purpose.unit, purpose.invoices)
    if form.validate_on_submit() and (made := book_once(form, lambda: _register(purpose, form))):
        return finish(purpose.back, _registered(made))
    return render_form(
        "collections/new.html", form, "dialog", purpose=purpose, in_cash=_in_cash(purpose)
    )


def _registered(made: Transaction) -> str:
    """Also what became of the cents that rounding leaves."""
    amount = money(made.amount)
    if made.counterpart is None:
        return _("%(amount)s is registered.", amount=amount)
    return _(
        "%(amount)s is registered. Rounding to 5 cents made a difference of %(cents)s: an"
        " administrative transaction took it away.",
        amount=amount,
        cents=money(abs(made.counterpart.amount)),
    )


def _in_cash(purpose: Purpose) -> Decimal | None:
    """What is open, rounded as cash is; None where rounding changes nothing."""
    if purpose.family is not PAYMENT or not purpose.invoices:
        return None
    first = purpose.invoices[0]
    due = cash_rounding.in_cash(first, purpose.unit)
    return due if due not in (first.balance, 0) else None


@bp.get("/new/place")
@require("collections.edit")
def place() -> Response:
    """The fields that the chosen method asks for."""
    purpose = _asked_purpose()
    if purpose is None:
        raise DomainError(_("Choose the contract or the invoice that this money is for."))
    form = PlaceForm(request.args, data={"iban": purpose.customer.iban})
    form.offer_places(purpose.unit)
    return render_page("collections/place.html", "place", form=form, in_cash=_in_cash(purpose))


def _asked_purpose() -> Purpose | None:
    contract_id, invoice_id = asked_id("contract_id"), asked_id("invoice_id")
    family = DEPOSIT if request.args.get("family") == "deposit" else PAYMENT
    if invoice_id and family is PAYMENT:
        invoice = find(Invoice, invoice_id)
        if invoice.is_draft:
            raise DomainError(_("A draft asks nobody for money yet: confirm it first."))
        if invoice.is_credit_note:
            raise DomainError(str(rules.NO_CREDIT_NOTE))
        return Purpose(None, invoice, family)
    if contract_id:
        return Purpose(find(Contract, contract_id), None, family)
    return None


def _ask_purpose() -> ResponseReturnValue:
    form = PurposeForm()
    if form.validate_on_submit():
        chosen: dict[str, Any] = {
            "contract_id": form.contract_id.data,
            "invoice_id": form.invoice_id.data,
        }
        if address := {name: key for name, key in chosen.items() if key}:
            return redirect(url_for(".new", **address), 303)
        form.form_errors.append(_("Choose the contract or the invoice that this money is for."))
    return render_form("collections/purpose.html", form, "dialog")


def _proposal(purpose: Purpose) -> dict[str, Any]:
    """What the dialog begins with: all that is open, paid now."""
    invoices = purpose.invoices
    first = next(iter(incoming(purpose.family)), None)
    method = request.args.get("method") or types.methods_in_use()[0].code
    kind = types.method_called(method)
    rounded = _in_cash(purpose) if kind and kind.is_cash else None
    return {
        "type": first.code if first else None,
        "amount": rounded or _open(purpose, invoices),
        "at": to_local(now(), purpose.zone),
        "invoice_id": invoices[0].id if invoices else None,
        "iban": purpose.customer.iban,
        "method": method,
    }


def _open(purpose: Purpose, invoices: list[Invoice]) -> Decimal | None:
    if purpose.family is PAYMENT and invoices:
        amount = invoices[0].balance
    else:
        assert purpose.contract
        stands = standing(purpose.contract)
        amount = stands.deposit_open if purpose.family is DEPOSIT else stands.open
    return amount if amount > 0 else None


def _register(purpose: Purpose, form: MoneyForm) -> Transaction:
    transaction = transactions.register(_read(purpose, form), by=current_user)
    if "keep_iban" in form and form.keep_iban.data and transaction.iban:
        set_iban(purpose.customer, transaction.iban)
    return transaction


def _read(purpose: Purpose, form: MoneyForm) -> TransactionData:
    """What the form says. Raises Invalid."""
    kind = types.type_called(form.type.data or "")
    if kind is None or form.amount.data is None or form.at.data is None:
        raise Invalid(type=_("Choose one from the list."))
    return TransactionData(
        type=kind,
        amount=form.amount.data,
        method=types.method_called(form.method.data or ""),
        at=to_utc(form.at.data, purpose.zone, "at"),
        contract=purpose.contract,
        invoice=_chosen(form, "invoice_id", Invoice),
        register=_chosen(form, "register_id", CashRegister),
        terminal=_chosen(form, "terminal_id", Terminal),
        card_type=_chosen(form, "card_type_id", CardType),
        iban=form.iban.data or "" if "iban" in form else "",
        voucher=form.voucher.data or "",
        remark=form.remark.data or "",
    )


def _chosen(form: MoneyForm, name: str, model: Any) -> Any:
    """The record that a choice names: the choices are those that the person may use."""
    key = form[name].data if name in form else None
    return db.session.get(model, key) if key else None


@bp.get("/contracts/pick")
@require("collections.edit")
def pick_contract() -> Response:
    return answer_contracts(select(Contract).where(Contract.status != ContractStatus.CANCELLED))


@bp.get("/invoices/pick")
@require("collections.edit")
def pick_invoice() -> Response:
    """Invoices on which something is open."""
    query = (
        select(Invoice)
        .join(Invoice.customer)
        .where(
            Invoice.state == DocumentState.CONFIRMED,
            Invoice.kind == InvoiceKind.INVOICE,
            Invoice.balance > 0,
            in_chosen_unit(Invoice),
        )
        .order_by(Invoice.invoice_date.desc(), Invoice.id.desc())
    )
    return answer_picker(
        query.options(contains_eager(Invoice.customer)),
        (Invoice.reference, Customer.name),
        lambda each: Option(
            each.id,
            f"{each} · {each.customer.full_name}",
            f"{money(each.balance)} · {day(each.due_date)}",
        ),
    )
