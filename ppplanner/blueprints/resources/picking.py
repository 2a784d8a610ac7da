"""Resources to choose from while one types."""

from __future__ import annotations

from datetime import datetime

from flask import Response, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppplanner.blueprints.contracts.period import read_moment
from ppplanner.blueprints.pickers import Option, answer_picker
from ppplanner.blueprints.rate_words import from_price
from ppplanner.blueprints.records import asked_id, look_up
from ppplanner.blueprints.resources import bp
from ppplanner.blueprints.resources.listing import SEARCH
from ppplanner.formats import moment
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Contract, Pool, PriceRange, Resource
from ppplanner.permissions import require
from ppplanner.services.planning.availability import is_taken, takers


@bp.get("/pick")
@require("resources.view")
def pick() -> Response:
    """Resources to choose from; when the address tells the period, the free ones first."""
    query = (
        select(Resource)
        .where(Resource.active)
        .join(Resource.pool)
        .options(joinedload(Resource.pool).joinedload(Pool.business_unit))
        .options(joinedload(Resource.price_range).selectinload(PriceRange.rates))
    )
    unit, period, besides = _asked()
    taken = takers(*period, besides) if period else {}
    if period:
        query = query.order_by(is_taken(*period, besides))
    if unit:
        query = query.order_by(Pool.business_unit_id != unit.id)
    return answer_picker(
        query.order_by(Resource.code),
        SEARCH,
        lambda resource: Option(
            resource.id, resource.title, _detail(resource, taken.get(resource.id), bool(period))
        ),
    )


def _asked() -> tuple[BusinessUnit | None, tuple[datetime, datetime] | None, int | None]:
    """The business unit and the period (UTC) of a contract on the screen, and which one that is."""
    args = request.args
    contract = look_up(Contract, asked_id("contract"))
    if contract:
        return contract.business_unit, (contract.starts_at, contract.ends_at), contract.id
    unit = look_up(BusinessUnit, asked_id("business_unit_id"))
    zone = unit.company.timezone if unit else ""
    start = read_moment(args.get("starts_at"), zone) if unit else None
    end = read_moment(args.get("ends_at"), zone) if unit else None
    period = (start, end) if start and end and start < end else None
    return unit, period, asked_id("besides")


def _detail(resource: Resource, taker: Contract | None, asked: bool) -> str:
    """What tells two resources apart: whether it is free, what a day costs, where it stands."""
    parts = [resource.pool.business_unit.name]
    if shown := from_price(resource.price_range):
        parts.append(shown)
    if taker:
        parts.append(
            _(
                "taken until %(end)s by %(contract)s",
                end=moment(taker.local(taker.ends_at)),
                contract=taker,
            )
        )
    elif asked:
        parts.append(_("free"))
    return " · ".join(parts)
