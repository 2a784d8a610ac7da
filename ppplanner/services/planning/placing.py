"""Finding a resource for contracts that have none, or another one: similar, free, best first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from ppplanner.clock import now
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import Change, Contract, ContractStatus, Pool, Resource, ResourceType
from ppplanner.services.locking import lock, lock_all, take_turn
from ppplanner.services.planning import availability
from ppplanner.services.planning.availability import FreeResource
from ppplanner.services.pricing.quotes import Quote, quote
from ppplanner.services.renting.contracts import PLANNED, data_of, save_contract
from ppplanner.services.renting.occupancy import serves

#: How many contracts are placed in one go.
MOST = 500
#: How many free resources are compared for one contract.
COMPARED = 200


@dataclass(frozen=True)
class Candidate:
    """A free resource that a contract could have, and what changes for the customer."""

    resource: Resource
    quote: Quote | None
    #: EUR without VAT more (or less) than the resource that the contract has, or had; None when
    #: there is nothing to compare with.
    difference: Decimal | None
    #: The contract that should have brought it back by now, and has not.
    still_out: Contract | None
    #: How far it is from what the contract has, or had: the smaller the better.
    distance: tuple[object, ...]


@dataclass(frozen=True)
class Placement:
    """What a contract gets; None when nothing is free for it."""

    contract: Contract
    candidate: Candidate | None
    #: What was looked for; None when nobody has said it.
    wanted: ResourceType | None


def unplaced() -> ColumnElement[bool]:
    """Contracts that wait for a resource and are not over."""
    return (
        Contract.resource_id.is_(None)
        & (Contract.ends_at > now())
        & Contract.status.in_(tuple(PLANNED))
    )


def candidates(
    contract: Contract, *conditions: ColumnElement[bool], limit: int = 20
) -> list[Candidate]:
    """The free resources for a contract's period, those most like the one that it has, or last
    had, first. A contract that never had one is looked after by its own business unit, the
    cheapest first. The conditions are on Resource, Pool or BusinessUnit.
    """
    model = contract.resource or former_resources([contract]).get(contract.id)
    free = availability.free_resources(
        contract.starts_at,
        contract.ends_at,
        availability.of_group(contract.business_unit.company.group_id),
        *conditions,
        besides_id=contract.id,
        rate_type=contract.rate_type,
        limit=COMPARED,
        first=_alike(contract, model),
    )
    others = (each for each in free if each.resource is not contract.resource)
    found = [_candidate(contract, each, model) for each in others]
    return sorted(found, key=_nearest)[:limit]


def _alike(contract: Contract, model: Resource | None) -> list[ColumnElement[bool]]:
    """What the first of many free resources have to be, the most important on top."""
    own_unit = Pool.business_unit_id == contract.business_unit_id
    return [Resource.type_id == model.type_id, own_unit] if model else [own_unit]


def assign_resource(contract: Contract, resource: Resource) -> Contract:
    """Give the contract that resource, and price it. Raises Invalid when it was taken meanwhile,
    DomainError when the contract can no longer be changed. The caller commits.
    """
    lock(contract)
    return save_contract(replace(data_of(contract), resource=resource), contract)


def preview_all(
    contracts: Sequence[Contract],
    *conditions: ColumnElement[bool],
    asked_type: ResourceType | None = None,
) -> list[Placement]:
    """What goes where when all contracts are placed: each on the type that it last had, within its
    own business unit; the confirmed ones first, then those that start first.

    `asked_type` is for contracts that never had a resource; without it these find nothing. Nothing
    is changed, and the number of queries does not grow with the contracts.
    """
    waiting = sorted((each for each in contracts if _waits(each)), key=_in_turn)[:MOST]
    if not waiting:
        return []
    offer = _Offer(waiting, conditions)
    models = former_resources(waiting)
    return [_placement(each, offer, models.get(each.id), asked_type) for each in waiting]


def place_all(
    contracts: Sequence[Contract],
    *conditions: ColumnElement[bool],
    asked_type: ResourceType | None = None,
) -> list[Placement]:
    """Place all contracts that wait for a resource, as `preview_all` says. The caller commits.

    Two planners at once wait for one another; what one has placed, the other leaves alone.
    """
    take_turn("placing")
    lock_all(Contract, contracts)
    placements = preview_all(contracts, *conditions, asked_type=asked_type)
    return [_keep(each) for each in placements]


def _placement(
    contract: Contract, offer: _Offer, model: Resource | None, asked_type: ResourceType | None
) -> Placement:
    wanted = model.type if model else asked_type
    candidate = offer.take(contract, wanted, model) if wanted else None
    return Placement(contract, candidate, wanted)


def _keep(placement: Placement) -> Placement:
    if placement.candidate is None:
        return placement
    try:
        assign_resource(placement.contract, placement.candidate.resource)
    except (Invalid, DomainError):  # taken since the question, or fixed by an invoice
        return replace(placement, candidate=None)
    return placement


def former_resources(contracts: Iterable[Contract]) -> dict[int, Resource]:
    """The resource that each contract last had, of those that once had one: the history knows."""
    query = (
        select(Change.record_id, Change.old)
        .where(
            Change.entity == Contract.__tablename__,
            Change.record_id.in_([each.id for each in contracts]),
            Change.field == "resource_id",
            Change.old.is_not(None),
        )
        .order_by(Change.id)
    )
    last = {record_id: int(old) for record_id, old in db.session.execute(query) if old}
    known = select(Resource).where(Resource.id.in_(last.values()))
    known = known.options(joinedload(Resource.pool), *availability.PRICED)
    resources = {each.id: each for each in db.session.scalars(known).unique()}
    return {key: resources[former] for key, former in last.items() if former in resources}


class _Offer:
    """What is free for a bundle of contracts, and is not any more once it is taken."""

    def __init__(
        self, contracts: Sequence[Contract], conditions: tuple[ColumnElement[bool], ...]
    ) -> None:
        query = availability.rentable(*conditions).order_by(Resource.code)
        resources = db.session.scalars(query).unique().all()
        self._suited: dict[tuple[int, int], list[Resource]] = defaultdict(list)
        for each in resources:
            self._suited[each.type_id, each.pool.business_unit_id].append(each)
        first = min(each.starts_at for each in contracts)
        last = max(each.ends_at for each in contracts)
        self._held = availability.held(resources, first, last)
        self._late = availability.still_out()

    def take(
        self, contract: Contract, wanted: ResourceType, model: Resource | None
    ) -> Candidate | None:
        """The best free resource of that type for the contract; it is taken from now on."""
        free = self._free_for(contract, wanted)
        found = [_candidate(contract, each, model) for each in free]
        best = min(found, key=_nearest, default=None)
        if best:
            self._held[best.resource.id].append((contract.starts_at, contract.ends_at))
        return best

    def _free_for(self, contract: Contract, wanted: ResourceType) -> Iterator[FreeResource]:
        starts_at, ends_at = contract.starts_at, contract.ends_at
        for resource in self._suited[wanted.id, contract.business_unit_id]:
            taken = any(contract.overlaps(*period) for period in self._held[resource.id])
            if not taken and serves(resource, starts_at):
                late = self._late.get(resource.id)
                yield availability.offer(resource, starts_at, ends_at, contract.rate_type, late)


def _waits(contract: Contract) -> bool:
    return contract.resource_id is None and contract.status in PLANNED


def _in_turn(contract: Contract) -> tuple[object, ...]:
    return contract.status is not ContractStatus.CONFIRMED, contract.starts_at, contract.id


def _candidate(contract: Contract, free: FreeResource, model: Resource | None) -> Candidate:
    present = _net(contract, model) if model else None
    difference = None if present is None or free.net is None else free.net - present
    return Candidate(
        free.resource,
        free.quote,
        difference,
        free.still_out,
        _distance(contract, free, model, difference),
    )


def _net(contract: Contract, resource: Resource) -> Decimal | None:
    """What the contract would cost on a resource, in EUR without VAT."""
    offer = quote(
        resource,
        contract.business_unit,
        contract.starts_at,
        contract.ends_at,
        contract.rate_type,
    )
    return offer.totals.net if offer else None


def _distance(
    contract: Contract, free: FreeResource, model: Resource | None, difference: Decimal | None
) -> tuple[object, ...]:
    """Type, business unit, price range and pool count in this order, then the price."""
    resource = free.resource
    away = resource.pool.business_unit_id != contract.business_unit_id
    if model is None:
        return free.still_out is not None, away, free.net is None, free.net or Decimal(0)
    return (
        free.still_out is not None,
        resource.type_id != model.type_id,
        away,
        resource.price_range_id != model.price_range_id,
        resource.pool_id != model.pool_id,
        difference is None,
        abs(difference or Decimal(0)),
    )


def _nearest(candidate: Candidate) -> tuple[object, ...]:
    return *candidate.distance, candidate.resource.code
