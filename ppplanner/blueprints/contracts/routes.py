"""The pages of contracts: the list, one contract, making and changing it."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.contracts import bp, lines
from ppplanner.blueprints.contracts.forms import PARTS, ContractForm, read, values_of
from ppplanner.blueprints.contracts.labels import status_badge
from ppplanner.blueprints.contracts.listing import CONTRACTS
from ppplanner.blueprints.contracts.period import read_moment
from ppplanner.blueprints.contracts.proposal import proposal
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.history_lines import history_of
from ppplanner.blueprints.htmx import finish, go_to, render_page
from ppplanner.blueprints.list_page import render_list
from ppplanner.blueprints.records import asked_id, find, look_up
from ppplanner.blueprints.stale import stale
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Contract, Resource
from ppplanner.permissions import require
from ppplanner.services import availability, contracts
from ppplanner.services.quotes import quote

bp.add_app_template_global(status_badge, "contract_badge")
bp.add_app_template_global(lines.invoice_badge, "invoice_badge")


@bp.get("/")
@require("contracts.view")
def index() -> Response:
    return render_list(CONTRACTS)


@bp.get("/<int:contract_id>")
@require("contracts.view")
def show(contract_id: int) -> Response:
    contract = find(Contract, contract_id)
    return render_page(
        "contracts/show.html",
        "content",
        contract=contract,
        state=status_badge(contract.status),
        history=history_of(contract),
        editable=contract.status in contracts.EDITABLE,
        **lines.pricing_of(contract),
    )


@bp.route("/new", methods=["GET", "POST"])
@require("contracts.edit")
def new() -> ResponseReturnValue:
    form = ContractForm(data=proposal())
    if form.validate_on_submit():
        contract = attempt(form, lambda: contracts.save_contract(read(form)))
        if contract:
            message = _("Contract %(contract)s is made.", contract=contract)
            return go_to(url_for(".show", contract_id=contract.id), message)
    return _form_page(form)


@bp.route("/<int:contract_id>/edit", methods=["GET", "POST"])
@require("contracts.edit")
def edit(contract_id: int) -> ResponseReturnValue:
    return _change(find(Contract, contract_id))


@bp.route(
    "/<int:contract_id>/<any(reservation, customer, driver, resource):part>",
    methods=["GET", "POST"],
)
@require("contracts.edit")
def change_part(contract_id: int, part: str) -> ResponseReturnValue:
    """One tile of the contract's page, to be changed where it stands."""
    return _change(find(Contract, contract_id), part)


@bp.post("/<int:contract_id>/confirm")
@require("contracts.edit")
def confirm(contract_id: int) -> ResponseReturnValue:
    contract = find(Contract, contract_id)
    contracts.confirm_contract(contract)
    db.session.commit()
    return go_to(url_for(".show", contract_id=contract_id), _("The contract is confirmed."))


@bp.route("/<int:contract_id>/cancel", methods=["GET", "POST"])
@require("contracts.edit")
def cancel(contract_id: int) -> ResponseReturnValue:
    contract = find(Contract, contract_id)
    if request.method == "POST":
        contracts.cancel_contract(contract)
        db.session.commit()
        return finish(url_for(".show", contract_id=contract_id), _("The contract is cancelled."))
    return render_page("contracts/cancel.html", "dialog", contract=contract)


@bp.get("/price")
@require("contracts.view")
def price() -> Response:
    """What the contract that is being typed would cost, and whether its resource is free."""
    unit = look_up(BusinessUnit, asked_id("business_unit_id"))
    resource = look_up(Resource, asked_id("resource_id"))
    zone = unit.company.timezone if unit else ""
    starts_at = read_moment(request.args.get("starts_at"), zone) if unit else None
    ends_at = read_moment(request.args.get("ends_at"), zone) if unit else None
    shown: dict[str, Any] = {"resource": resource, "offer": None, "taker": None}
    if unit and resource and starts_at and ends_at and starts_at < ends_at:
        besides = asked_id("besides")
        shown["offer"] = quote(resource, unit, starts_at, ends_at)
        shown["taker"] = availability.takers(starts_at, ends_at, besides).get(resource.id)
    return render_page("contracts/price.html", "price", **shown)


def _change(contract: Contract, part: str = "") -> ResponseReturnValue:
    if contract.status not in contracts.EDITABLE:
        raise DomainError(_("This contract can no longer be changed."))
    values = values_of(contract)
    form = ContractForm(data=values)
    if part:
        form.keep_only(PARTS[part])
    if form.is_submitted() and stale(form, values):
        return _form_page(form, contract, part, status=409)
    if form.validate_on_submit():
        saved = attempt(form, lambda: contracts.save_contract(read(form, contract), contract))
        if saved:
            return go_to(url_for(".show", contract_id=saved.id), _("The contract is saved."))
    return _form_page(form, contract, part)


def _form_page(
    form: ContractForm,
    contract: Contract | None = None,
    part: str = "",
    status: int | None = None,
) -> Response:
    return render_page(
        "contracts/part.html" if part else "contracts/form.html",
        "form",
        status or (422 if form.errors else 200),
        form=form,
        contract=contract,
        part=part,
    )
