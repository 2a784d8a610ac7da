"""Whether pages speak of cost centres and cost carriers: a company group that does without one of
them sees no trace of it.

    costs_here().centres            does any group within the person's reach use cost centres?
    costs(contract.business_unit)   a template: both switches of the group of one business unit
"""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import g
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import ColumnElement, or_, select, true

from ppplanner.blueprints.stale import StaleAware
from ppplanner.extensions import db
from ppplanner.models import BusinessUnit, Change, CompanyGroup, CostCarrier, CostCentre, Setting
from ppplanner.permissions import visible
from ppplanner.services.ledger import CostKind, uses


class Costs(NamedTuple):
    """What is used."""

    centres: bool
    carriers: bool


#: As long as there is no company group yet.
NEW = Costs(True, True)


def costs(unit: BusinessUnit) -> Costs:
    """What the company group of a business unit uses."""
    group = unit.company.group
    return Costs(uses(group, CostCentre), uses(group, CostCarrier))


def costs_here() -> Costs:
    """What the company group of the chosen business unit uses; else any within the reach of the
    route's right.
    """
    if unit := current_user.business_unit:
        return costs(unit)
    if "costs" not in g:
        columns = (CompanyGroup.uses_cost_centres, CompanyGroup.uses_cost_carriers)
        rows = db.session.execute(select(*columns).where(visible(CompanyGroup))).all()
        g.costs = Costs(*(any(switches) for switches in zip(*rows, strict=True))) if rows else NEW
    known: Costs = g.costs
    return known


def centres_used() -> bool:
    return costs_here().centres


def carriers_used() -> bool:
    return costs_here().carriers


def in_use(kind: CostKind) -> ColumnElement[bool]:
    """The cost centres, or carriers, of the company groups that use them."""
    groups = select(CompanyGroup.id)
    if kind is CostCentre:
        return CostCentre.group_id.in_(groups.where(CompanyGroup.uses_cost_centres))
    return CostCarrier.group_id.in_(groups.where(CompanyGroup.uses_cost_carriers))


def choices_of(kind: CostKind, unit: BusinessUnit, kept: int | None, none: Any) -> list[Any]:
    """What a line of this business unit can be put on: what is active, and what it has already."""
    offered = kind.active | (kind.id == (kept or 0))
    query = select(kind).filter_by(group_id=unit.company.group_id).where(offered)
    items: Any = db.session.scalars(query.order_by(kind.code))
    return [("", none), *((item.id, str(item)) for item in items)]


class CostAware(FlaskForm):
    """Leaves out its fields for cost centres and cost carriers where nobody uses them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keep(self, costs_here())


def keep(form: FlaskForm, used: Costs) -> None:
    """Leave the fields for what is not used out of a form: their names say what they are for."""
    unused = _unused(used)
    for name in [field.name for field in form if any(each in field.name for each in unused)]:
        del form[name]
    if isinstance(form, StaleAware) and not form.is_submitted():
        form.remember(form)


def _unused(used: Costs) -> list[str]:
    names = [] if used.centres else ["cost_centre"]
    return names if used.carriers else [*names, "cost_carrier"]


def unused_codes() -> set[str]:
    """The fields of prices that name a cost centre or a cost carrier where nobody uses them."""
    return {f"{name}_code" for name in _unused(costs_here())}


def is_used(table: str) -> bool:
    """Whether a table is one that pages may speak of."""
    return table not in {f"{name}s" for name in _unused(costs_here())}


def told_here() -> ColumnElement[bool]:
    """Which changes the history tells: not those of what is not used."""
    unused = _unused(costs_here())
    if not unused:
        return true()
    fields = [f"{name}_{end}" for name in unused for end in ("id", "code", "locked")]
    tables = [f"{name}s" for name in unused]
    settings = select(Setting.id).where(or_(*(Setting.name.startswith(name) for name in unused)))
    about = (Change.entity == Setting.__tablename__) & Change.record_id.in_(settings)
    return Change.entity.not_in(tables) & Change.field.not_in(fields) & ~about
