"""The steps of a contract that need no form of their own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO

from flask import Response, request, send_file, url_for
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.contracts import bp
from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import finish, render_form
from ppplanner.blueprints.records import find
from ppplanner.documents.contract_pdf import make_contract_pdf
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Contract
from ppplanner.permissions import require
from ppplanner.services.invoices.proposals import propose
from ppplanner.services.renting import contracts, handovers


@bp.post("/<int:contract_id>/confirm")
@require("contracts.edit")
def confirm(contract_id: int) -> ResponseReturnValue:
    return _do(contract_id, contracts.confirm_contract, _("The contract is confirmed."))


@bp.post("/<int:contract_id>/ready")
@require("contracts.edit")
def mark_ready(contract_id: int) -> ResponseReturnValue:
    return _do(contract_id, handovers.mark_ready, _("The contract is marked ready for check-in."))


@bp.post("/<int:contract_id>/not-ready")
@require("contracts.edit")
def unmark_ready(contract_id: int) -> ResponseReturnValue:
    return _do(contract_id, handovers.unmark_ready, _("The mark is taken off."))


@bp.route("/<int:contract_id>/cancel", methods=["GET", "POST"])
@require("contracts.edit")
def cancel(contract_id: int) -> ResponseReturnValue:
    message = _("The contract is cancelled.")
    return _ask(contract_id, "contracts/cancel.html", contracts.cancel_contract, message)


@bp.route("/<int:contract_id>/complete", methods=["GET", "POST"])
@require("contracts.edit")
def complete(contract_id: int) -> ResponseReturnValue:
    message = _("The contract is completed.")
    return _ask(contract_id, "contracts/complete.html", contracts.complete_contract, message)


@bp.route("/<int:contract_id>/take-back", methods=["GET", "POST"])
@require("contracts.edit")
def take_back(contract_id: int) -> ResponseReturnValue:
    """Undo the latest handover, after a clear question."""
    message, seen = _("The handover is undone."), request.form.get("seen", type=int)
    undo = partial(handovers.take_back, seen=seen)
    return _ask(contract_id, "contracts/take_back.html", undo, message)


@bp.get("/<int:contract_id>/pdf")
@require("contracts.view")
def pdf(contract_id: int) -> Response:
    """The contract on paper, as it stands now."""
    name = f"{find(Contract, contract_id)}.pdf"
    db.session.rollback()  # printing takes a while: nothing stays open meanwhile
    content = BytesIO(make_contract_pdf(contract_id))
    answer = send_file(content, "application/pdf", download_name=name)
    answer.cache_control.private = True
    answer.cache_control.no_store = True
    return answer


def _do(contract_id: int, step: Callable[[Contract], None], message: str) -> ResponseReturnValue:
    step(find(Contract, contract_id))
    db.session.commit()
    return finish(url_for(".show", contract_id=contract_id), message)


def _ask(
    contract_id: int, template: str, step: Callable[[Contract], None], message: str
) -> ResponseReturnValue:
    """First the question, then the deed."""
    contract, form = find(Contract, contract_id), SureForm()
    if form.validate_on_submit() and attempt(form, lambda: _done(step, contract)):
        return finish(url_for(".show", contract_id=contract_id), message)
    waits = propose(contract).net
    return render_form(template, form, "dialog", contract=contract, waits=waits)


def _done(step: Callable[[Contract], None], contract: Contract) -> bool:
    step(contract)
    return True
