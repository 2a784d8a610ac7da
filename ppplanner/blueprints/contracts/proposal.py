"""What a new contract starts with: what the address says, and sensible defaults."""

from __future__ import annotations

from typing import Any

from flask import request

from ppplanner.blueprints.contracts.forms import values_of
from ppplanner.blueprints.contracts.period import first_proposal, read_moment, to_local
from ppplanner.blueprints.records import asked_id, look_up
from ppplanner.blueprints.scope import business_units, proposed_unit
from ppplanner.errors import DomainError
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Contract, Customer, Resource


def proposal() -> dict[str, Any]:
    """The values of the form. Raises DomainError when there is no business unit yet."""
    first = proposed_unit()
    if first is None:
        raise DomainError(_("A contract needs a business unit: add one in the settings first."))
    if like := look_up(Contract, asked_id("like")):
        return _copied(like, first)
    asked = request.args
    resource = look_up(Resource, asked_id("resource_id"))
    customer = look_up(Customer, asked_id("customer_id"))
    unit = resource.pool.business_unit if resource else first
    zone = unit.company.timezone
    named = {name: read_moment(asked.get(name), zone) for name in ("starts_at", "ends_at")}
    period = {name: to_local(moment, zone) for name, moment in named.items() if moment}
    return {
        **first_proposal(zone),
        **period,
        "business_unit_id": unit.id,
        "resource_id": resource.id if resource else None,
        "customer_id": customer.id if customer else None,
    }


def _copied(like: Contract, first: BusinessUnit) -> dict[str, Any]:
    """The same for the same customer, as long, from the next hour on; of the unit `first` when the
    person makes no contracts in that one.
    """
    unit = like.business_unit if like.business_unit in business_units() else first
    zone = like.business_unit.company.timezone
    start = first_proposal(zone)["starts_at"]
    length = to_local(like.ends_at, zone) - to_local(like.starts_at, zone)
    period = {"starts_at": start, "ends_at": start + length}
    return {**values_of(like), **period, "business_unit_id": unit.id, "remarks": ""}
