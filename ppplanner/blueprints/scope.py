"""Which part of the organisation a person works in: what their rights reach, narrowed by the
business unit chosen in the top bar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import g
from flask_login import current_user
from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import joinedload

from ppplanner.extensions import db
from ppplanner.models import (
    Base,
    BusinessUnit,
    CashRegister,
    CatalogueItem,
    CompanyGroup,
    Contract,
    CostCarrier,
    CostCentre,
    Customer,
    GLAccount,
    Invoice,
    PaymentFile,
    Pool,
    PriceRange,
    RefundRequest,
    Resource,
    Terminal,
    Transaction,
)
from ppplanner.permissions import reach_here, reach_of_person, visible
from ppplanner.reach import Reach, within
from ppplanner.services.firm.organisation import the_group


def business_units() -> list[BusinessUnit]:
    """Those in which the person has the right that the route asks for."""
    return _units(reach_here())


def switchable_units() -> list[BusinessUnit]:
    """The choices of the switcher in the top bar: where the person has any right."""
    return _units(reach_of_person())


def _units(reach: Reach) -> list[BusinessUnit]:
    """Read once a request."""
    known: dict[Reach, list[BusinessUnit]] = g.setdefault("business_units", {})
    if reach not in known:
        query = select(BusinessUnit).where(within(BusinessUnit, reach)).order_by(BusinessUnit.name)
        known[reach] = list(db.session.scalars(query.options(joinedload(BusinessUnit.company))))
    return known[reach]


def proposed_unit() -> BusinessUnit | None:
    """The business unit of something new: the one chosen in the top bar, else the first."""
    units, chosen = business_units(), current_user.business_unit
    return chosen if chosen in units else next(iter(units), None)


def chosen_group() -> CompanyGroup:
    """The company group that something new joins: that of the business unit chosen in the top bar,
    else the first that the person's right reaches.
    """
    unit = current_user.business_unit
    query = select(CompanyGroup).where(visible(CompanyGroup)).order_by(CompanyGroup.id)
    groups = db.session.scalars(query).all()
    chosen = [group for group in groups if unit and group.id == unit.company.group_id]
    return next(iter((*chosen, *groups)), None) or the_group()


def in_chosen_unit(model: type[Base]) -> ColumnElement[bool]:
    """Which records belong to the business unit chosen in the top bar; all when none is chosen.

    Of what a company group shares, such as customers, those of the unit's group.
    """
    unit = current_user.business_unit
    condition = OF_UNIT.get(model)
    return condition(unit) if unit and condition else true()


def here(model: type[Base], permission: str | None = None) -> ColumnElement[bool]:
    """Which records the person may see by that right, or the route's, in the chosen unit."""
    return visible(model, permission) & in_chosen_unit(model)


def _by_unit(model: Any) -> Callable[[BusinessUnit], ColumnElement[bool]]:
    return lambda unit: model.business_unit_id == unit.id


def _by_group(model: Any) -> Callable[[BusinessUnit], ColumnElement[bool]]:
    return lambda unit: model.group_id == unit.company.group_id


def _resources(unit: BusinessUnit) -> ColumnElement[bool]:
    return Resource.pool_id.in_(select(Pool.id).where(Pool.business_unit_id == unit.id))


OF_UNIT: Mapping[type[Base], Callable[[BusinessUnit], ColumnElement[bool]]] = {
    BusinessUnit: lambda unit: BusinessUnit.id == unit.id,
    Pool: _by_unit(Pool),
    Resource: _resources,
    Contract: _by_unit(Contract),
    Invoice: _by_unit(Invoice),
    GLAccount: _by_unit(GLAccount),
    Transaction: _by_unit(Transaction),
    Terminal: _by_unit(Terminal),
    CashRegister: _by_unit(CashRegister),
    RefundRequest: _by_unit(RefundRequest),
    PaymentFile: lambda unit: PaymentFile.company_id == unit.company_id,
    Customer: _by_group(Customer),
    CostCentre: _by_group(CostCentre),
    CostCarrier: _by_group(CostCarrier),
    PriceRange: _by_group(PriceRange),
    CatalogueItem: _by_group(CatalogueItem),
}
