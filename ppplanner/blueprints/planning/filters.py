"""The fields above the board that narrow it."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import SelectField, StringField

from ppplanner.blueprints.contracts.labels import STATUSES
from ppplanner.blueprints.form_fields import PickerField
from ppplanner.blueprints.planning.state import BoardState
from ppplanner.blueprints.records import look_up
from ppplanner.blueprints.resources.listing import keyed, types
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import BusinessUnit, ContractStatus, Customer, Pool
from ppplanner.permissions import visible
from ppplanner.services.planning.board_choice import Grouping

GROUPINGS = {
    Grouping.UNIT: _l("By business unit"),
    Grouping.POOL: _l("By pool"),
    Grouping.TYPE: _l("By type"),
}
#: Cancelled contracts hold nothing, so the board does not show them.
SHOWN = [status for status in ContractStatus if status is not ContractStatus.CANCELLED]


class BoardFilters(FlaskForm):
    """Read from the board's address by `BoardState`, so nothing is checked here."""

    class Meta:
        csrf = False

    q = StringField(_l("Search"))
    type = SelectField(_l("Type"), validate_choice=False)
    pool = SelectField(_l("Pool"), validate_choice=False)
    state = SelectField(_l("State"), validate_choice=False)
    group = SelectField(_l("Grouping"), validate_choice=False)
    customer = PickerField(_l("Customer"), describe=lambda key: _name(key))


def filters(state: BoardState, unit_id: int | None) -> BoardFilters:
    form = BoardFilters(
        formdata=None,
        q=state.q,
        type=str(state.type_id or ""),
        pool=str(state.pool_id or ""),
        state=state.status or "",
        group=state.grouping,
        customer=state.customer_id,
    )
    form.type.choices = [("", _("All types")), *keyed(types())]
    form.pool.choices = [("", _("All pools")), *_pools(unit_id)]
    form.state.choices = [("", _("All states")), *((each.value, STATUSES[each]) for each in SHOWN)]
    form.group.choices = [(each.value, words) for each, words in GROUPINGS.items()]
    return form


def _pools(unit_id: int | None) -> list[tuple[str, str]]:
    """The pools of that business unit, or of all with the unit's name in front."""
    query = (
        select(Pool.id, BusinessUnit.name, Pool.name)
        .join(Pool.business_unit)
        .where(visible(Pool))
        .order_by(BusinessUnit.name, Pool.name)
    )
    if unit_id:
        query = query.where(Pool.business_unit_id == unit_id)
    found: Any = db.session.execute(query)
    return [(str(key), pool if unit_id else f"{unit} · {pool}") for key, unit, pool in found]


def _name(customer_id: int) -> str | None:
    customer = look_up(Customer, customer_id)
    return customer.name if customer else None
