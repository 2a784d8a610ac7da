"""The price lines of a contract: its pricing tile, and the dialogs that change it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppplanner.blueprints.contracts import bp
from ppplanner.blueprints.contracts.line_form import (
    ADDED,
    ItemForm,
    LineForm,
    TermsForm,
    line_values,
    offered,
    read_line,
)
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.form_fields import PICK_ONE
from ppplanner.blueprints.htmx import go_to, is_dialog, render_form, render_page, stay
from ppplanner.blueprints.invoices.labels import payment_badge, state_badge
from ppplanner.blueprints.markup import Badge
from ppplanner.blueprints.pickers import Option, answer_picker
from ppplanner.blueprints.rate_words import ITEM_KINDS
from ppplanner.blueprints.records import find
from ppplanner.blueprints.stale import stale
from ppplanner.errors import DomainError, Invalid, NotFound
from ppplanner.extensions import db
from ppplanner.formats import price
from ppplanner.i18n import _
from ppplanner.models import (
    CatalogueItem,
    Contract,
    ContractStatus,
    Invoice,
    PriceLine,
)
from ppplanner.permissions import require, visible
from ppplanner.services.pricing import contract_price, price_lines
from ppplanner.services.pricing.invoiced import Holdings, holdings, remains
from ppplanner.services.pricing.vat import add_up
from ppplanner.services.renting import related


def pricing_of(contract: Contract) -> dict[str, Any]:
    """What the tiles "Pricing" and "Invoices" show."""
    query = (
        select(PriceLine)
        .filter_by(contract_id=contract.id)
        .options(joinedload(PriceLine.vat_code), joinedload(PriceLine.gl_account))
        .order_by(PriceLine.position, PriceLine.id)
    )
    price_lines = db.session.scalars(query).all()
    held = holdings([contract.id])
    rest = [line for line in price_lines if remains(line, held.get(line.id))]
    return {
        "lines": [(line, line.net, _state(line, line in rest, held)) for line in price_lines],
        "totals": add_up(price_lines),
        "lines_open": contract.status not in contract_price.CLOSED,
        "invoices": related.latest_invoices(
            (Invoice.contract_id == contract.id) & visible(Invoice, "invoices.view")
        ),
        "to_invoice": contract.status is not ContractStatus.CANCELLED and bool(rest),
    }


def _state(line: PriceLine, waits: bool, held: Holdings) -> Badge | str:
    """How far a line is invoiced, drafts included."""
    if line.id not in held:
        return ""
    return Badge(_("Partly invoiced"), "amber") if waits else Badge(_("On an invoice"), "grey")


def invoice_badge(invoice: Invoice) -> Badge | str:
    """A draft, or how the payment stands."""
    return state_badge(invoice.state) if invoice.is_draft else payment_badge(invoice)


@bp.get("/<int:contract_id>/pricing")
@require("contracts.view")
def show_pricing(contract_id: int) -> Response:
    contract = find(Contract, contract_id)
    return render_page("contracts/pricing.html", "tiles", contract=contract, **pricing_of(contract))


@bp.route("/<int:contract_id>/lines/new", methods=["GET", "POST"])
@require("contracts.edit")
def new_line(contract_id: int) -> ResponseReturnValue:
    contract = _open(contract_id)
    form = LineForm()
    form.offer(contract, None)
    if form.validate_on_submit() and attempt(
        form, lambda: price_lines.save_price_line(contract, read_line(form))
    ):
        return _done(contract_id, _("The price line is added."))
    return _form_page(form, contract)


@bp.route("/<int:contract_id>/lines/<int:line_id>/edit", methods=["GET", "POST"])
@require("contracts.edit")
def edit_line(contract_id: int, line_id: int) -> ResponseReturnValue:
    contract = _open(contract_id)
    line = _line_of(contract, line_id)
    form = LineForm(data=line_values(line))
    form.offer(contract, line)
    if form.is_submitted() and stale(form, line_values(line)):
        return _form_page(form, contract, line, status=409)
    if form.validate_on_submit() and attempt(
        form, lambda: price_lines.save_price_line(contract, read_line(form, line), line)
    ):
        return _done(contract_id, _("The price line is saved."))
    return _form_page(form, contract, line)


@bp.route("/<int:contract_id>/lines/<int:line_id>/remove", methods=["GET", "POST"])
@require("contracts.edit")
def remove_line(contract_id: int, line_id: int) -> ResponseReturnValue:
    contract = _open(contract_id)
    line = _line_of(contract, line_id)
    if request.method == "POST":
        price_lines.remove_price_line(line)
        db.session.commit()
        return _done(contract_id, _("The price line is removed."))
    return render_page("contracts/remove_line.html", "dialog", contract=contract, line=line)


@bp.route("/<int:contract_id>/lines/add-item", methods=["GET", "POST"])
@require("contracts.edit")
def add_item(contract_id: int) -> ResponseReturnValue:
    """Add something from the price list."""
    contract = _open(contract_id)
    form = ItemForm()
    if form.validate_on_submit() and attempt(form, lambda: _add_item(contract, form)):
        return _done(contract_id, _("The price line is added."))
    return render_form(
        "contracts/add_item.html",
        form,
        "dialog",
        contract=contract,
    )


def _add_item(contract: Contract, form: ItemForm) -> PriceLine:
    item = offered(form.item_id.data)
    if item is None:
        raise Invalid(item_id=PICK_ONE)
    units, discount = form.units.data or Decimal(0), form.discount.data or Decimal(0)
    return price_lines.add_item(contract, item, units, form.unit_price.data, discount=discount)


@bp.get("/items/pick")
@require("contracts.edit")
def pick_item() -> Response:
    query = (
        select(CatalogueItem)
        .where(CatalogueItem.active, CatalogueItem.kind.in_(ADDED))
        .order_by(CatalogueItem.name)
    )
    return answer_picker(
        query,
        [CatalogueItem.name],
        lambda item: Option(item.id, item.name, f"{price(item.price)} · {ITEM_KINDS[item.kind]}"),
    )


@bp.route("/<int:contract_id>/terms", methods=["GET", "POST"])
@require("contracts.edit")
def change_terms(contract_id: int) -> ResponseReturnValue:
    """In which units the rent is counted, and which period."""
    contract = _open(contract_id)
    values = {"rate_type": contract.rate_type, "price_basis": contract.price_basis}
    form = TermsForm(data=values)
    form.offer(contract)
    if form.is_submitted() and stale(form, values):
        return _terms_page(form, contract, 409)
    if form.validate_on_submit() and attempt(form, lambda: _set_terms(contract, form)):
        return _done(contract_id, _("The contract is priced anew."))
    return _terms_page(form, contract)


def _set_terms(contract: Contract, form: TermsForm) -> Contract:
    price_lines.set_terms(
        contract, rate_type=form.rate_type.data, price_basis=form.price_basis.data
    )
    return contract


def _terms_page(form: TermsForm, contract: Contract, status: int | None = None) -> Response:
    return render_form("contracts/terms.html", form, "dialog", status, contract=contract)


def _open(contract_id: int) -> Contract:
    """The contract, if its price can still change."""
    contract = find(Contract, contract_id)
    if contract.status in contract_price.CLOSED:
        raise DomainError(_("The price of this contract can no longer be changed."))
    return contract


def _line_of(contract: Contract, line_id: int) -> PriceLine:
    line = find(PriceLine, line_id)
    if line.contract_id != contract.id:
        raise NotFound(_("This contract has no such price line (any more)."))
    return line


def _done(contract_id: int, message: str) -> ResponseReturnValue:
    """Out of a dialog: close it and let the tiles beneath load anew."""
    if is_dialog():
        return stay(message, {"contract-changed": None})
    return go_to(url_for("contracts.show", contract_id=contract_id), message)


def _form_page(
    form: LineForm, contract: Contract, line: PriceLine | None = None, status: int | None = None
) -> Response:
    return render_form(
        "contracts/line.html",
        form,
        "dialog",
        status,
        contract=contract,
        line=line,
    )
