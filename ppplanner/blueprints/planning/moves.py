"""Moving a contract: dropped on the board, chosen in a dialog, at its new price or its old one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import HiddenField
from wtforms.validators import InputRequired

from ppplanner.blueprints.contracts.labels import FIELDS
from ppplanner.blueprints.contracts.period import MomentField, to_local, to_utc
from ppplanner.blueprints.faults import show_faults
from ppplanner.blueprints.form_fields import PickerField
from ppplanner.blueprints.htmx import render_form
from ppplanner.blueprints.planning import bp
from ppplanner.blueprints.planning.choices import offers, taken
from ppplanner.blueprints.planning.notices import done, moved_to, refused, refused_by, touched
from ppplanner.blueprints.planning.step_words import move_in_words
from ppplanner.blueprints.records import find, look_up
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import Contract, ContractStatus, Resource
from ppplanner.permissions import require, visible
from ppplanner.services.planning import undo
from ppplanner.services.planning.moves import Moved, Refused, move_contract, version, why_fixed

TYPE_A_MOMENT = _l("Fill in a day and a time.")


def _resource(resource_id: int) -> str | None:
    resource = look_up(Resource, resource_id)
    return resource.title if resource else None


class MoveForm(FlaskForm):
    """Where a contract goes: the moments as the clock shows them at its business unit."""

    starts_at = MomentField(FIELDS["starts_at"], [InputRequired(TYPE_A_MOMENT)])
    ends_at = MomentField(FIELDS["ends_at"], [InputRequired(TYPE_A_MOMENT)])
    resource_id = PickerField(
        FIELDS["resource_id"],
        describe=_resource,
        description=_l("Leave it empty to choose one later."),
    )
    #: What the person saw of the contract: see `moves.version`.
    seen = HiddenField()

    def keep_only_the_end(self) -> None:
        """Of a contract that is checked out nothing else can move."""
        del self.starts_at, self.resource_id

    def faults(self) -> str:
        return " ".join(str(message) for some in self.errors.values() for message in some)


@bp.post("/move")
@require("contracts.edit")
def move() -> ResponseReturnValue:
    contract = find(Contract, request.form.get("contract_id", type=int) or 0)
    form = MoveForm(formdata=taken())
    if not form.validate():
        return refused(form.faults(), contract, status=422)
    try:
        moved = _carry_out(contract, form)
    except Refused as error:
        return refused_by(error)
    except Invalid as error:
        db.session.rollback()
        return refused(error.reason, contract)
    chosen = "choice" in request.form
    words = move_in_words(moved.contract, moved.before, moved.after) if chosen else ""
    return moved_to(moved, words)


@bp.route("/contracts/<int:contract_id>/move", methods=["GET", "POST"])
@require("contracts.edit")
def move_form(contract_id: int) -> ResponseReturnValue:
    """The same without dragging: a dialog."""
    contract = find(Contract, contract_id)
    zone = contract.business_unit.company.timezone
    form = MoveForm(formdata=taken(), data=_values(contract, zone))
    if contract.status is ContractStatus.OPEN:
        form.keep_only_the_end()
    instead = []
    if form.validate_on_submit():
        try:
            return moved_to(_carry_out(contract, form))
        except Refused as error:
            db.session.rollback()
            form.form_errors.append(str(error))
            instead = offers(error.choices, zone)
        except Invalid as error:
            db.session.rollback()
            show_faults(form, error)
    return render_form(
        "planning/move.html",
        form,
        fragment="dialog",
        contract=contract,
        fixed=why_fixed({contract.id: contract.status}).get(contract.id),
        offers=instead,
    )


@bp.post("/contracts/<int:contract_id>/old-price")
@require("contracts.edit")
def old_price(contract_id: int) -> ResponseReturnValue:
    """After a move: the contract keeps the price from before it."""
    contract = find(Contract, contract_id)
    try:
        deed = undo.keep_old_price(current_user.id, contract)
    except DomainError as error:
        db.session.rollback()
        return refused(str(error), contract)
    undo.record(current_user.id, [deed])
    db.session.commit()
    return done(touched(deed.after), _("%(contract)s keeps its old price.", contract=contract))


def _values(contract: Contract, zone: str) -> dict[str, Any]:
    return {
        "starts_at": to_local(contract.starts_at, zone),
        "ends_at": to_local(contract.ends_at, zone),
        "resource_id": contract.resource_id,
        "seen": version(contract),
    }


def _carry_out(contract: Contract, form: MoveForm) -> Moved:
    """Move the contract, keep the step, commit. Raises Refused; Invalid for a skipped hour."""
    with undo.recording(current_user.id, [contract]):
        moved = move_contract(
            contract,
            look_up(Resource, form.resource_id.data) if form.resource_id else contract.resource,
            _moment(contract, form, "starts_at"),
            _moment(contract, form, "ends_at"),
            visible(Resource),
            seen=form.seen.data or "",
            user_id=current_user.id,
        )
    db.session.commit()
    return moved


def _moment(contract: Contract, form: MoveForm, name: str) -> datetime:
    """The moment that the form names. One that did not change stays, to the second, and also in
    the hour that comes twice in autumn.
    """
    zone = contract.business_unit.company.timezone
    present: datetime = getattr(contract, name)
    if name not in form or form[name].data == to_local(present, zone):
        return present
    return to_utc(form[name].data, zone, name)
