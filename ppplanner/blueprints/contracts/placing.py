"""Finding resources for contracts: for one of them, and for all that wait, in one go."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload
from wtforms import HiddenField

from ppplanner.blueprints.contracts import bp
from ppplanner.blueprints.contracts.listing import CONTRACTS
from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import finish, render_form
from ppplanner.blueprints.lists.selection import selected_ids
from ppplanner.blueprints.records import find, look_up
from ppplanner.blueprints.scope import here
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _, ngettext
from ppplanner.models import BusinessUnit, Contract, Resource, ResourceType
from ppplanner.permissions import require, visible
from ppplanner.services.planning import placing, undo
from ppplanner.services.planning.placing import Placement
from ppplanner.services.renting.contracts import PLANNED


class ChoiceForm(FlaskForm):
    """The button beside a resource."""

    resource_id = HiddenField()


@dataclass(frozen=True)
class Selection:
    """The contracts that are to be placed, and what those that never had a resource are to get."""

    contracts: list[Contract]
    asked_type: ResourceType | None


@bp.route("/<int:contract_id>/resource/find", methods=["GET", "POST"])
@require("contracts.edit")
def find_resource(contract_id: int) -> ResponseReturnValue:
    """Free resources for a contract, those most like what it had first; one click takes one."""
    contract, form = find(Contract, contract_id), ChoiceForm()
    if contract.status not in PLANNED:
        raise DomainError(_("This contract can no longer get another resource."))
    if form.validate_on_submit() and attempt(form, lambda: _place(contract, form)):
        message = _("%(contract)s has its resource.", contract=contract)
        return finish(url_for(".show", contract_id=contract_id), message)
    kind = look_up(ResourceType, request.args.get("type", type=int))
    return render_form(
        "contracts/find_resource.html",
        form,
        "dialog",
        contract=contract,
        kind=kind,
        types=_types(),
        candidates=placing.candidates(contract, visible(Resource), *_of_type(kind)),
    )


@bp.get("/place")
@require("contracts.edit")
def place_waiting() -> Response:
    """What goes where when all contracts that wait in the chosen unit are placed."""
    query = _loaded().where(placing.unplaced(), here(Contract)).order_by(Contract.starts_at)
    return _preview(_selection(query.limit(placing.MOST)))


@bp.post("/place")
@require("contracts.edit")
def place_selected() -> ResponseReturnValue:
    """First what goes where; then, with `sure`, the deed. For the ticked contracts."""
    asked = selected_ids(CONTRACTS, most=placing.MOST)
    query = _loaded().where(Contract.id.in_(asked))
    selection, form = _selection(query), SureForm()
    if "sure" in request.form and form.validate():
        placed = attempt(form, lambda: _place_all(selection))
        if placed is not None:
            return finish(url_for(".index"), _outcome(placed))
    return _preview(selection, form)


def unplaced_here() -> int:
    """How many contracts of the chosen unit wait for a resource."""
    query = select(func.count(Contract.id)).where(placing.unplaced(), here(Contract))
    return db.session.scalar(query) or 0


def _place(contract: Contract, form: ChoiceForm) -> Contract:
    chosen = form.resource_id.data or ""
    resource = find(Resource, int(chosen) if chosen.isdecimal() else 0)
    with undo.recording(current_user.id, [contract]):
        return placing.assign_resource(contract, resource)


def _place_all(selection: Selection) -> list[Placement]:
    """All of them, as one step that can be undone on the board."""
    condition, asked_type = visible(Resource), selection.asked_type
    with undo.recording(current_user.id, selection.contracts):
        return placing.place_all(selection.contracts, condition, asked_type=asked_type)


def _outcome(placements: list[Placement]) -> str:
    placed = sum(each.candidate is not None for each in placements)
    return ngettext(
        "%(num)s contract has its resource.", "%(num)s contracts have their resource.", placed
    )


def _selection(query: Select[Contract]) -> Selection:
    asked_type = look_up(ResourceType, request.values.get("type", type=int))
    return Selection(list(db.session.scalars(query)), asked_type)


def _preview(selection: Selection, form: SureForm | None = None) -> Response:
    placements = placing.preview_all(
        selection.contracts, visible(Resource), asked_type=selection.asked_type
    )
    form = form or SureForm()
    return render_form(
        "contracts/place.html",
        form,
        "dialog",
        placements=placements,
        others=len(selection.contracts) - len(placements),
        placed=sum(each.candidate is not None for each in placements),
        unasked=any(each.wanted is None for each in placements),
        kind=selection.asked_type,
        types=_types(),
    )


def _types() -> list[ResourceType]:
    return list(db.session.scalars(select(ResourceType).order_by(ResourceType.name)))


def _of_type(kind: ResourceType | None) -> list[ColumnElement[bool]]:
    return [Resource.type_id == kind.id] if kind else []


def _loaded() -> Select[Contract]:
    return select(Contract).options(
        joinedload(Contract.customer),
        joinedload(Contract.business_unit).joinedload(BusinessUnit.company),
    )
