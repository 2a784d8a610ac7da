"""Pools: the sets of resources within a business unit."""

from __future__ import annotations

from sqlalchemy import select

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Pool, Resource
from ppplanner.services.doubles import refuse_double


def save_pool(unit: BusinessUnit, *, name: str, pool: Pool | None = None) -> Pool:
    """Make a pool in a unit, or rename the one given and move it there with its resources.

    Contracts stay with the business unit that made them. Raises Invalid. The caller commits.
    """
    name = name.strip()
    if not name:
        raise Invalid(name=_("Fill in a name."))
    if pool is not None:
        _check_move(pool, unit)
    pool = pool or Pool()
    refuse_double(pool, "name", name, business_unit_id=unit.id)
    pool.name, pool.business_unit = name, unit
    db.session.add(pool)
    db.session.flush()
    return pool


def _check_move(pool: Pool, unit: BusinessUnit) -> None:
    """A pool with resources stays in its company group. Raises Invalid."""
    group = pool.business_unit.company.group
    if group is unit.company.group:
        return
    if db.session.scalar(select(Resource.id).filter_by(pool_id=pool.id).limit(1)):
        raise Invalid(
            business_unit_id=_(
                "The resources of this pool have prices and contracts of %(group)s: choose a"
                " business unit of that company group.",
                group=group,
            )
        )
