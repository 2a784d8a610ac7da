"""A new contract on an empty place of the board."""

from __future__ import annotations

from flask.typing import ResponseReturnValue
from flask_login import current_user

from ppplanner.blueprints.contracts.forms import ContractForm, read
from ppplanner.blueprints.contracts.proposal import proposal
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.htmx import render_form
from ppplanner.blueprints.planning import bp
from ppplanner.blueprints.planning.choices import Offer, offers, taken
from ppplanner.blueprints.planning.notices import done, touched
from ppplanner.errors import Invalid
from ppplanner.i18n import _
from ppplanner.models import Contract, Resource
from ppplanner.permissions import require, visible
from ppplanner.services.planning import undo
from ppplanner.services.planning.alternatives import Wish, nearest
from ppplanner.services.planning.moves import state_of
from ppplanner.services.renting.contracts import save_contract


@bp.route("/new", methods=["GET", "POST"])
@require("contracts.edit")
def new() -> ResponseReturnValue:
    """The address says the resource and the period, as far as they are known."""
    form = ContractForm(formdata=taken(), data=proposal())
    instead: list[Offer] = []
    if form.validate_on_submit():
        contract = attempt(form, lambda: _make(form))
        if contract:
            changed = touched(state_of(contract))
            return done(changed, _("Contract %(contract)s is made.", contract=contract))
        instead = _instead(form)
    return render_form("planning/new.html", form, fragment="dialog", contract=None, offers=instead)


def _make(form: ContractForm) -> Contract:
    contract = save_contract(read(form))
    undo.record(current_user.id, [undo.made(contract)])
    return contract


def _instead(form: ContractForm) -> list[Offer]:
    """Free places like the one that could not be had, when that was what stood in the way."""
    try:
        data = read(form)
    except Invalid:
        return []
    if data.resource is None or not (form.resource_id.errors or form.form_errors):
        return []
    zone = data.business_unit.company.timezone
    wish = Wish(data.resource, data.starts_at, data.ends_at, zone)
    return offers(nearest(wish, visible(Resource)), zone)
