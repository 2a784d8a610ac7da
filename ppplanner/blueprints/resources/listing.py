"""The list of resources, and the one of their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from flask import url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from ppplanner.blueprints.costs import carriers_used, centres_used, costs
from ppplanner.blueprints.lists.listing import Action, Column, Filter, Listing, archived
from ppplanner.blueprints.markup import Badge
from ppplanner.clock import TICK, now
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import BusinessUnit, Contract, Pool, PriceRange, Resource, ResourceType
from ppplanner.permissions import visible
from ppplanner.services.planning.availability import still_out, takers

SEARCH = (
    Resource.licence_plate,
    func.replace(Resource.licence_plate, "-", ""),  # as some people type it
    Resource.code,
    Resource.brand,
    Resource.model,
)


def of_chosen_unit() -> Select[Resource]:
    """The resources in the pools of the business unit chosen in the top bar, or all."""
    query = select(Resource).join(Resource.pool).join(Resource.type).outerjoin(Resource.price_range)
    if unit_id := current_user.business_unit_id:
        query = query.where(Pool.business_unit_id == unit_id)
    return query


def _taken_now(resources: Sequence[Resource]) -> Mapping[int, Contract]:
    """Which contract holds each of them now, of those that are taken, or keeps it too long."""
    moment, ids = now(), [each.id for each in resources]
    return {**takers(moment, moment + TICK, among=ids), **still_out(ids)}


def _now(resources: Sequence[Resource]) -> Mapping[int, Badge]:
    taken = _taken_now(resources)
    free, gone = Badge(_("Free"), "green"), Badge(_("Taken"), "blue")
    return {each.id: gone if each.id in taken else free for each in resources if each.active}


def _back_at(resources: Sequence[Resource]) -> Mapping[int, datetime | None]:
    ends = {key: each.local(each.ends_at) for key, each in _taken_now(resources).items()}
    return {each.id: ends.get(each.id) for each in resources}


def types() -> list[tuple[int, str]]:
    """All resource types by name."""
    query = select(ResourceType.id, ResourceType.name).order_by(ResourceType.name)
    return [(key, name) for key, name in db.session.execute(query)]


def _ranges() -> list[tuple[str, str]]:
    """The price ranges that some resource within reach has, and none."""
    query = (
        select(PriceRange.id, PriceRange.name)
        .where(PriceRange.id.in_(select(Resource.price_range_id).where(visible(Resource))))
        .order_by(PriceRange.name)
    )
    ranges = [(str(key), name) for key, name in db.session.execute(query)]
    return [*ranges, ("none", _("None"))] if ranges else []


def _of_range(value: str) -> ColumnElement[bool]:
    column = Resource.price_range_id
    return column.is_(None) if value == "none" else column == int(value)


def _pools() -> list[tuple[str, str]]:
    return keyed(pools(current_user.business_unit_id))


def keyed(choices: Iterable[tuple[int, str]]) -> list[tuple[str, str]]:
    """Choices as an address names them."""
    return [(str(key), text) for key, text in choices]


def pools(unit_id: int | None = None) -> list[tuple[int, str]]:
    """The pools within reach of a business unit, or of all, by unit and name."""
    query = (
        select(Pool.id, Pool.name, BusinessUnit.name)
        .join(Pool.business_unit)
        .where(visible(Pool))
        .order_by(BusinessUnit.name, Pool.name)
    )
    if unit_id:
        query = query.where(Pool.business_unit_id == unit_id)
    return [(key, pool_title(pool, unit)) for key, pool, unit in db.session.execute(query)]


def pool_title(pool: str, unit: str) -> str:
    """A pool with its business unit, unless they share their name."""
    return pool if pool == unit else f"{unit} · {pool}"


def _in_use(value: str) -> ColumnElement[bool]:
    return Resource.active if value == "yes" else ~Resource.active  # type: ignore[return-value]


TYPE = Filter(
    "type",
    _l("Type"),
    choices=lambda: keyed(types()),
    apply=lambda value: Resource.type_id == int(value),
    any=_l("All"),
)

RESOURCES = Listing(
    name="resources",
    title=_l("Resources"),
    query=of_chosen_unit,
    key=Resource.id,
    columns=[
        Column("code", _l("Code"), sort=Resource.code),
        Column("licence_plate", _l("Licence plate"), sort=Resource.licence_plate),
        Column("brand", _l("Brand"), sort=Resource.brand, wide="lg"),
        Column("model", _l("Model"), sort=Resource.model),
        Column("type", _l("Type"), value=lambda row: row.type.name, sort=ResourceType.name),
        Column(
            "pool",
            _l("Pool"),
            value=lambda row: row.pool.name,
            export=lambda row: f"{row.pool.business_unit.name} · {row.pool.name}",
            sort=Pool.name,
            wide="lg",
        ),
        Column(
            "price_range",
            _l("Price range"),
            value=lambda row: row.price_range and row.price_range.name,
            sort=PriceRange.name,
            wide="md",
        ),
        Column("now", _l("Now"), load=_now),
        Column("back_at", _l("Back"), load=_back_at, show="moment", wide="lg"),
        Column("deposit", _l("Deposit"), show="money", align="end", hidden=True),
        Column("tank_litres", _l("Tank in litres"), show="number", align="end", hidden=True),
        Column("active_from", _l("Rented out from"), show="day", hidden=True),
        Column(
            "cost_centre",
            _l("Cost centre"),
            value=lambda row: row.cost_centre if costs(row.pool.business_unit).centres else None,
            hidden=True,
            when=centres_used,
        ),
        Column(
            "cost_carrier",
            _l("Cost carrier"),
            value=lambda row: row.cost_carrier if costs(row.pool.business_unit).carriers else None,
            hidden=True,
            when=carriers_used,
        ),
        Column(
            "active",
            _l("In use"),
            value=lambda row: _("Yes") if row.active else _("No"),
            hidden=True,
        ),
    ],
    sort="code",
    open=lambda row: url_for("resources.show", resource_id=row.id),
    search=SEARCH,
    search_hint=_l("Plate, code, brand or model"),
    filters=[
        TYPE,
        Filter(
            "pool",
            _l("Pool"),
            choices=_pools,
            apply=lambda value: Resource.pool_id == int(value),
            any=_l("All"),
        ),
        Filter(
            "range",
            _l("Price range"),
            choices=_ranges,
            apply=_of_range,
            any=_l("All"),
        ),
        Filter(
            "use",
            _l("In use"),
            choices=[("yes", _l("Yes")), ("no", _l("No"))],
            apply=_in_use,
            any=_l("All"),
            default="yes",
        ),
    ],
    options=(
        contains_eager(Resource.pool).joinedload(Pool.business_unit),
        contains_eager(Resource.type),
        contains_eager(Resource.price_range),
        joinedload(Resource.cost_centre),
        joinedload(Resource.cost_carrier),
    ),
    new=Action(_l("Add resource"), "resources.new", "resources.edit"),
    empty=_l("Here stands what you rent out: vans, machines, rooms. Add the first one."),
    muted=archived,
)

TYPES = Listing(
    name="types",
    title=_l("Resource types"),
    query=lambda: select(ResourceType),
    key=ResourceType.id,
    columns=[Column("name", _l("Name"), sort=ResourceType.name)],
    sort="name",
    search=(ResourceType.name,),
    empty=_l("Here stand the kinds of things you rent out, such as “Van”. Add the first one."),
)
