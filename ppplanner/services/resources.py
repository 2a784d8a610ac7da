"""Resources: what is rented out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import CostCarrier, CostCentre, Pool, PriceRange, Resource, ResourceType
from ppplanner.services.doubles import refuse_double


@dataclass(frozen=True)
class ResourceData:
    """A resource as a person describes it. The code is typed once; plates may change."""

    code: str
    type: ResourceType
    pool: Pool
    licence_plate: str = ""
    brand: str = ""
    model: str = ""
    price_range: PriceRange | None = None
    deposit: Decimal | None = None
    tank_litres: int | None = None
    cost_centre: CostCentre | None = None
    cost_carrier: CostCarrier | None = None
    active_from: date | None = None
    active: bool = True


def save_resource(data: ResourceData, resource: Resource | None = None) -> Resource:
    """Make a resource, or change the one given. Raises Invalid. The caller commits."""
    resource = resource or Resource()
    code, plate = data.code.strip(), data.licence_plate.strip().upper() or None
    if not code:
        raise Invalid(code=_("Fill in a code."))
    refuse_double(resource, "code", code)
    refuse_double(resource, "licence_plate", plate)
    for name in ResourceData.__dataclass_fields__:
        setattr(resource, name, getattr(data, name))
    resource.code, resource.licence_plate = code, plate
    db.session.add(resource)
    db.session.flush()
    return resource
