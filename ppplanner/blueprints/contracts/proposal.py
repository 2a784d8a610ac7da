"""What a new contract starts with: what the address says, and sensible defaults."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_login import current_user

from ppplanner.blueprints.contracts.period import first_proposal, read_moment, to_local
from ppplanner.blueprints.records import asked_id, look_up
from ppplanner.blueprints.scope import business_units
from ppplanner.errors import DomainError
from ppplanner.i18n import _
from ppplanner.models import Customer, Resource


def proposal() -> dict[str, Any]:
    """The values of the form. Raises DomainError when there is no business unit yet."""
    if not business_units():
        raise DomainError(_("A contract needs a business unit: add one in the settings first."))
    asked = request.args
    resource = look_up(Resource, asked_id("resource_id"))
    customer = look_up(Customer, asked_id("customer_id"))
    own = resource.pool.business_unit if resource else current_user.business_unit
    unit = own or business_units()[0]
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
