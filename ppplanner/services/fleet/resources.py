"""Resources: what is rented out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select

from ppplanner import events
from ppplanner.clock import now
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import (
    Contract,
    ContractStatus,
    CostCarrier,
    CostCentre,
    Handover,
    Pool,
    PriceRange,
    Resource,
    ResourceType,
)
from ppplanner.plates import bare, one_notation
from ppplanner.services.doubles import refuse_double

#: EUR; more is a slip of the keyboard.
LARGEST_DEPOSIT = Decimal(100_000)
LARGEST_TANK = 5_000
EARLIEST, LATEST = date(1950, 1, 1), date(2100, 1, 1)
LENGTHS = {"code": 20, "licence_plate": 15, "brand": 40, "model": 60}
#: Contracts of which something is still to come.
UNFINISHED = (ContractStatus.IN_PREPARATION, ContractStatus.CONFIRMED, ContractStatus.OPEN)


@dataclass(frozen=True)
class ResourceData:
    """A resource as a person describes it; `deposit` in EUR. Without a code the plate gives it."""

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
    new, resource, data = resource is None, resource or Resource(), in_normal_form(data)
    if found := faults(data):
        raise Invalid(**found)
    refuse_double(resource, "code", data.code)
    refuse_double(resource, "licence_plate", data.licence_plate or None)
    write(data, resource)
    db.session.flush()
    events.resource_saved.send(resource, new=new)
    return resource


def in_normal_form(data: ResourceData) -> ResourceData:
    """The plate in one notation, and a code in any case: that of the plate."""
    return replace(
        data,
        code=data.code.strip() or bare(data.licence_plate),
        licence_plate=one_notation(data.licence_plate),
        brand=data.brand.strip(),
        model=data.model.strip(),
    )


def write(data: ResourceData, resource: Resource) -> None:
    """Put data in normal form, without faults, into a resource. The caller flushes."""
    for name in ResourceData.__dataclass_fields__:
        if getattr(resource, name) != getattr(data, name):
            setattr(resource, name, getattr(data, name))
    db.session.add(resource)


def faults(data: ResourceData) -> dict[str, object]:
    """What is wrong with data in normal form, by field, as far as it alone can tell."""
    found: dict[str, object] = {
        name: _("Use at most %(max)d characters.", max=longest)
        for name, longest in LENGTHS.items()
        if len(getattr(data, name)) > longest
    }
    if not data.code:
        found["code"] = _("Fill in a code, or a licence plate that gives it.")
    return found | _number_faults(data) | _group_faults(data)


def _number_faults(data: ResourceData) -> dict[str, object]:
    found: dict[str, object] = {}
    if data.deposit is not None and not 0 <= data.deposit <= LARGEST_DEPOSIT:
        found["deposit"] = _("A deposit lies between 0 and 100,000 euro.")
    if data.tank_litres is not None and not 0 < data.tank_litres <= LARGEST_TANK:
        found["tank_litres"] = _("A tank holds between 1 and 5,000 litres.")
    if data.active_from and not EARLIEST <= data.active_from < LATEST:
        found["active_from"] = _("Fill in a day between 1950 and 2099.")
    return found


def _group_faults(data: ResourceData) -> dict[str, object]:
    """Prices, cost centres and cost carriers are those of the pool's own company group."""
    group_id = data.pool.business_unit.company.group_id
    chosen = {name: getattr(data, name) for name in ("price_range", "cost_centre", "cost_carrier")}
    return {
        f"{name}_id": _("%(name)s belongs to another company group than the pool.", name=record)
        for name, record in chosen.items()
        if record is not None and record.group_id != group_id
    }


def unfinished(resource_ids: Sequence[int]) -> ColumnElement[bool]:
    """Contracts that run on these resources now, or will."""
    return Contract.resource_id.in_(resource_ids) & (
        (Contract.status == ContractStatus.OPEN)
        | (Contract.status.in_(UNFINISHED) & (Contract.ends_at > now()))
    )


def count_unfinished(*resource_ids: int) -> int:
    """How many contracts run on these resources now, or will."""
    query = select(func.count()).select_from(Contract).where(unfinished(resource_ids))
    return db.session.scalar(query) or 0


def archive(resource: Resource) -> Resource:
    """Rent it out no more: it takes no new contracts, and keeps those it has. The caller commits.

    Contracts that are still to come stay with it until somebody gives them another resource.
    """
    resource.active = False
    db.session.flush()
    return resource


def restore(resource: Resource) -> Resource:
    """Rent it out again. The caller commits."""
    resource.active = True
    db.session.flush()
    return resource


def last_reading(resource: Resource) -> Handover | None:
    """The latest check-out or check-in at which its mileage was read."""
    query = (
        select(Handover)
        .join(Handover.contract)
        .where(Contract.resource_id == resource.id, Handover.mileage.is_not(None))
        .order_by(Handover.at.desc(), Handover.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)
