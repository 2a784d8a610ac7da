"""The pages of contracts: the list, one contract, making and changing it. What is done with one
lies in `steps.py`, `handovers.py` and `placing.py`, its price in `lines.py`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.collections.tile import money_of
from ppplanner.blueprints.contracts import (  # noqa: F401 - the other routes
    bp,
    handovers,
    lines,
    periods,
    placing,
    steps,
)
from ppplanner.blueprints.contracts.forms import PARTS, ContractForm, read, values_of
from ppplanner.blueprints.contracts.labels import PERIODICITIES, PRICE_BASES, status_badge
from ppplanner.blueprints.contracts.listing import CONTRACTS
from ppplanner.blueprints.contracts.next_steps import next_steps
from ppplanner.blueprints.contracts.period import read_moment
from ppplanner.blueprints.contracts.proposal import proposal
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.history_lines import history_of
from ppplanner.blueprints.htmx import go_to, is_dialog, render_form, render_page
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.records import asked_id, find, look_up
from ppplanner.blueprints.stale import stale
from ppplanner.clock import now
from ppplanner.errors import DomainError
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Contract, ContractStatus, Resource
from ppplanner.permissions import require
from ppplanner.services.planning import availability
from ppplanner.services.pricing.excess import kilometres_driven, kilometres_included
from ppplanner.services.pricing.quotes import quote
from ppplanner.services.renting import contracts
from ppplanner.services.renting.handover_rules import is_late
from ppplanner.services.renting.handovers import may_correct

bp.add_app_template_global(status_badge, "contract_badge")
bp.add_app_template_global(lines.invoice_badge, "invoice_badge")
bp.add_app_template_global(PRICE_BASES.get, "price_basis")
bp.add_app_template_global(PERIODICITIES.get, "periodicity")


@bp.get("/")
@require("contracts.view")
def index() -> Response:
    return render_list(CONTRACTS, "contracts/index.html", unplaced=placing.unplaced_here())


@bp.get("/<int:contract_id>")
@require("contracts.view")
def show(contract_id: int) -> Response:
    contract = find(Contract, contract_id)
    money = lines.pricing_of(contract)
    return render_page(
        "contracts/show.html",
        "content",
        contract=contract,
        state=status_badge(contract.status),
        steps=next_steps(contract, money["to_invoice"]),
        history=history_of(contract),
        editable=contract.status in contracts.EDITABLE,
        correctable=may_correct(contract),
        late=contract.status is ContractStatus.OPEN and is_late(contract, now()),
        driven=kilometres_driven(contract),
        included=kilometres_included(contract),
        **money,
        **money_of(contract),
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


@bp.get("/price")
@require("contracts.view")
def price() -> Response:
    """What the contract that is being typed would cost, and whether its resource is free. What the
    form does not ask is that of the contract `besides`.
    """
    contract = look_up(Contract, asked_id("besides"))
    unit = _asked_unit(contract)
    resource = look_up(Resource, asked_id("resource_id"))
    if contract and "resource_id" not in request.args:
        resource = contract.resource
    shown: dict[str, Any] = {"resource": resource, "offer": None, "taker": None}
    period = _asked_period(unit, contract) if unit else None
    if unit and resource and period:
        rate_type = contract.rate_type if contract else None
        shown["offer"] = quote(resource, unit, *period, rate_type)
        besides = contract.id if contract else None
        takers = availability.takers(*period, besides, among=[resource.id])
        shown["taker"] = takers.get(resource.id)
    return render_page("contracts/price.html", "price", **shown)


def _asked_unit(contract: Contract | None) -> BusinessUnit | None:
    """The one on the form; else that of the contract, which may lie out of the person's reach."""
    unit_id, present = asked_id("business_unit_id"), contract.business_unit if contract else None
    if unit_id is None or (present and present.id == unit_id):
        return present
    return look_up(BusinessUnit, unit_id)


def _asked_period(
    unit: BusinessUnit, contract: Contract | None
) -> tuple[datetime, datetime] | None:
    """The period on the form, in UTC; None while it is no period."""
    zone, args = unit.company.timezone, request.args
    start = read_moment(args.get("starts_at"), zone)
    if contract and "starts_at" not in args:
        start = contract.starts_at
    end = read_moment(args.get("ends_at"), zone)
    return (start, end) if start and end and start < end else None


def _change(contract: Contract, part: str = "") -> ResponseReturnValue:
    if contract.status not in contracts.EDITABLE:
        raise DomainError(_("This contract can no longer be changed."))
    values = values_of(contract)
    form = ContractForm(data=values)
    if part:
        form.keep_only(PARTS[part])
    if contract.status is ContractStatus.OPEN:
        form.leave_out_what_has_begun()
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
    """The form of a tile, of a whole page or, asked from another page, in a dialog."""
    template, block = ("contracts/part.html", "form") if part else ("contracts/form.html", "form")
    if not part and is_dialog():
        template, block = "contracts/dialog.html", "dialog"
    return render_form(
        template,
        form,
        block,
        status,
        contract=contract,
        part=part,
    )
