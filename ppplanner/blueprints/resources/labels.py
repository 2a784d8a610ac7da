"""What the fields of resources are called."""

from __future__ import annotations

from ppplanner.blueprints.markup import Badge
from ppplanner.i18n import _, _l
from ppplanner.models import Resource

FIELDS = {
    "code": _l("Code"),
    "licence_plate": _l("Licence plate"),
    "brand": _l("Brand"),
    "model": _l("Model"),
    "type_id": _l("Type"),
    "pool_id": _l("Pool"),
    "price_range_id": _l("Price range"),
    "deposit": _l("Deposit"),
    "tank_litres": _l("Tank in litres"),
    "cost_centre_id": _l("Cost centre"),
    "cost_carrier_id": _l("Cost carrier"),
    "active_from": _l("Rented out from"),
    "active": _l("In use"),
}


def use_badge(resource: Resource) -> Badge:
    return Badge(_("In use"), "green") if resource.active else Badge(_("Out of use"), "grey")
