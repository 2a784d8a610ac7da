"""The dialogs in which a resource is handed out and taken back."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ppplanner.blueprints.contracts import bp
from ppplanner.blueprints.contracts.handover_form import (
    HandoverForm,
    charges_actual,
    proposal,
    read,
    values_of,
)
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.htmx import finish, render_form, render_page
from ppplanner.blueprints.records import find
from ppplanner.blueprints.stale import stale
from ppplanner.clock import now
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Contract, Handover, HandoverKind
from ppplanner.permissions import require
from ppplanner.services.collections.standing import standing
from ppplanner.services.pricing.invoiced import is_invoiced
from ppplanner.services.pricing.vat import add_up
from ppplanner.services.renting import handovers
from ppplanner.services.renting.handover_rules import is_late, still_out, waiting_for
from ppplanner.services.renting.lifecycle import Step, refuse_unless

OUT, IN = HandoverKind.CHECK_OUT, HandoverKind.CHECK_IN


@bp.route("/<int:contract_id>/check-out", methods=["GET", "POST"])
@require("contracts.edit")
def check_out(contract_id: int) -> ResponseReturnValue:
    contract = find(Contract, contract_id)
    refuse_unless(contract, Step.CHECK_OUT)
    if contract.resource is None:
        raise DomainError(_("Choose a resource first: this contract has none yet."))
    form = _form(contract, OUT)
    if form.validate_on_submit() and attempt(
        form, lambda: handovers.check_out(contract, read(form, contract), current_user)
    ):
        return _done(contract_id, _("%(contract)s is checked out.", contract=contract))
    return _dialog(form, contract, OUT)


@bp.route("/<int:contract_id>/check-in", methods=["GET", "POST"])
@require("contracts.edit")
def check_in(contract_id: int) -> ResponseReturnValue:
    contract = find(Contract, contract_id)
    refuse_unless(contract, Step.CHECK_IN)
    form = _form(contract, IN)
    if form.validate_on_submit() and attempt(
        form,
        lambda: handovers.check_in(
            contract, read(form, contract), current_user, charges_actual(form)
        ),
    ):
        return _done(contract_id, _("%(contract)s is checked in.", contract=contract))
    return _dialog(form, contract, IN)


@bp.route("/<int:contract_id>/<any(out, back):which>/correct", methods=["GET", "POST"])
@require("contracts.edit")
def correct_handover(contract_id: int, which: str) -> ResponseReturnValue:
    """Change what was written down of a check-out (out) or a check-in (back)."""
    contract, kind = find(Contract, contract_id), OUT if which == "out" else IN
    handover = contract.check_out if kind is OUT else contract.check_in
    if handover is None or not handovers.may_correct(contract):
        raise DomainError(
            _("This contract has its last invoice or is closed: its handovers stay as they are.")
        )
    form = _form(contract, kind, handover)
    if form.is_submitted() and stale(form, values_of(contract, handover)):
        return _dialog(form, contract, kind, handover, status=409)
    if form.validate_on_submit() and attempt(form, lambda: _correct(form, contract, kind)):
        return _done(contract_id, _("The handover is saved."))
    return _dialog(form, contract, kind, handover)


@bp.get("/<int:contract_id>/check-in/price")
@require("contracts.edit")
def check_in_price(contract_id: int) -> Response:
    """What the check-in that is being typed would cost."""
    contract = find(Contract, contract_id)
    try:
        with db.session.no_autoflush:  # nothing is written, so nobody has to wait for it
            shown = _priced(contract)
    finally:
        db.session.rollback()
    contract = find(Contract, contract_id)
    return render_page("contracts/check_in_price.html", "price", contract=contract, **shown)


def _priced(contract: Contract) -> dict[str, Any]:
    """The price lines after the check-in that the address tells, in plain values; or why not."""
    form = HandoverForm(formdata=request.args)
    form.fit(contract, IN)
    if not contract.check_out or form.at.data is None:
        return {"fault": _("Fill in a day and a time.")}
    before = add_up(contract.lines).net
    try:
        data = read(form, contract, contract.check_in)
        lines = handovers.preview_check_in(contract, data, charges_actual(form))
        totals = add_up(lines)
        rows = [(each.description, each.units, each.unit_price, each.net) for each in lines]
    except (Invalid, DomainError) as error:
        sentences = error.fields.values() if isinstance(error, Invalid) else [error]
        return {"fault": str(next(iter(sentences)))}
    late, waits = is_late(contract, data.at), waiting_for(contract, data.at)
    return {
        "fault": None,
        "rows": rows,
        "totals": totals,
        "difference": totals.net - before,
        "late": late,
        "waits": waits and (str(waits), waits.customer.full_name, waits.local(waits.starts_at)),
    }


def _correct(form: HandoverForm, contract: Contract, kind: HandoverKind) -> Handover:
    handover = contract.check_out if kind is OUT else contract.check_in
    actual = charges_actual(form) if "actual" in form else None
    return handovers.correct(contract, kind, read(form, contract, handover), actual)


def _form(contract: Contract, kind: HandoverKind, handover: Handover | None = None) -> HandoverForm:
    data = values_of(contract, handover) if handover else proposal(contract, kind)
    form = HandoverForm(data=data)
    form.fit(contract, kind)
    return form


def _done(contract_id: int, message: str) -> ResponseReturnValue:
    return finish(url_for(".show", contract_id=contract_id), message)


def _dialog(
    form: HandoverForm,
    contract: Contract,
    kind: HandoverKind,
    handover: Handover | None = None,
    status: int | None = None,
) -> Response:
    return render_form(
        "contracts/handover.html",
        form,
        "dialog",
        status,
        contract=contract,
        kind=kind,
        handover=handover,
        out_on=still_out(contract) if kind is OUT else None,
        invoiced=is_invoiced(contract),
        deposit=standing(contract).deposit_open if kind is OUT and handover is None else None,
        late=kind is IN and is_late(contract, now()),
    )
