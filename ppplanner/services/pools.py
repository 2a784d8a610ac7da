"""Pools: the sets of resources within a business unit."""

from __future__ import annotations

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Pool
from ppplanner.services.doubles import refuse_double


def save_pool(unit: BusinessUnit, *, name: str, pool: Pool | None = None) -> Pool:
    """Make a pool in a unit, or rename the one given. Raises Invalid. The caller commits."""
    name = name.strip()
    if not name:
        raise Invalid(name=_("Fill in a name."))
    pool = pool or Pool(business_unit=unit)
    refuse_double(pool, "name", name, business_unit_id=unit.id)
    pool.name = name
    db.session.add(pool)
    db.session.flush()
    return pool
