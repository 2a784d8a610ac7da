"""Moving contracts about: to another resource, to another time, to none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Contract, ContractStatus, Invoice, Resource
from ppplanner.services.locking import lock
from ppplanner.services.planning.alternatives import FreePlace, Wish, nearest
from ppplanner.services.pricing.contract_price import net_of, snapshot
from ppplanner.services.pricing.invoiced import stands
from ppplanner.services.renting.contracts import EDITABLE, ContractData, data_of, save_contract
from ppplanner.services.renting.meanwhile import latest_change, who_changed
from ppplanner.services.renting.occupancy import clashes

#: A contract as a step of the board remembers it: where, when, its status, its price lines.
State = dict[str, Any]
OVERLAP = "contracts_no_overlap"


class Refused(DomainError):
    """A contract, by its id, cannot be there; `choices` are free places that it could have."""

    def __init__(self, reason: str, contract: Contract, choices: Sequence[FreePlace] = ()) -> None:
        super().__init__(reason)
        self.contract_id, self.choices = contract.id, choices


@dataclass(frozen=True)
class Moved:
    """What a move did: the contract before and after, and its price in EUR without VAT."""

    contract: Contract
    before: State
    after: State
    old_net: Decimal
    new_net: Decimal

    @property
    def price_changed(self) -> bool:
        return self.old_net != self.new_net

    @property
    def old_price_can_stay(self) -> bool:
        """Whether there is a choice: rent before, rent after, and not the same."""
        return self.price_changed and bool(self.before["lines"] and self.after["lines"])


class OnBoard(Protocol):
    """A contract, or a row with as much of it as a bar needs."""

    @property
    def resource_id(self) -> Any: ...
    @property
    def starts_at(self) -> Any: ...
    @property
    def ends_at(self) -> Any: ...
    @property
    def status(self) -> Any: ...


def version(contract: OnBoard) -> str:
    """What a bar shows, in short: a move that brings another one saw an older bar."""
    start, end = (int(each.timestamp()) for each in (contract.starts_at, contract.ends_at))
    return f"{contract.resource_id or 0}.{start}.{end}.{ContractStatus(contract.status)}"


def why_fixed(statuses: Mapping[int, ContractStatus]) -> dict[int, str]:
    """Of contracts, by id with their status: why each of those that may not move stays in place.

    One query. An open contract that is not among them may change its end.
    """
    query = select(Invoice.contract_id).where(Invoice.contract_id.in_(statuses), stands())
    invoiced = set(db.session.scalars(query))
    past = _("Past check-out: the contract stays where it is.")
    billed = _("The contract has an invoice, so it stays where it is.")
    return {
        key: past if status not in EDITABLE else billed
        for key, status in statuses.items()
        if status not in EDITABLE or key in invoiced
    }


def state_of(contract: Contract) -> State:
    """The contract as it is now, to be kept in a step."""
    return {
        "resource_id": contract.resource_id,
        "starts_at": contract.starts_at.isoformat(),
        "ends_at": contract.ends_at.isoformat(),
        "status": contract.status.value,
        "lines": snapshot(contract),
    }


def move_contract(
    contract: Contract,
    resource: Resource | None,
    starts_at: datetime,
    ends_at: datetime,
    *conditions: ColumnElement[bool],
    seen: str = "",
    user_id: int | None = None,
) -> Moved:
    """Let a contract hold that resource, or none, from `starts_at` to `ends_at` (UTC), and price
    it anew. The caller commits.

    `seen` is the version that user `user_id` was looking at; `conditions` (on Resource) say what
    may be offered instead. Raises Refused.
    """
    lock(contract)
    _refuse_what_is_past(contract, seen, user_id)
    before, old_net = state_of(contract), net_of(contract)
    relocate(contract, resource, starts_at, ends_at, *conditions)
    return Moved(contract, before, state_of(contract), old_net, net_of(contract))


def _refuse_what_is_past(contract: Contract, seen: str, user_id: int | None) -> None:
    """Raise Refused when a colleague changed the contract since the person saw it so."""
    if not seen or seen == version(contract):
        return
    change = latest_change(contract)
    if change is None or change.user_id != user_id or user_id is None:
        who = who_changed(contract, change)
        raise Refused(_("%(who)s Look where it is now, then move it again.", who=who), contract)


def relocate(
    contract: Contract,
    resource: Resource | None,
    starts_at: datetime,
    ends_at: datetime,
    *conditions: ColumnElement[bool],
    status: ContractStatus | None = None,
) -> None:
    """Put the contract there by the rules for all contracts, all or nothing. Raises Refused.

    `status` brings one back that was cancelled.
    """
    data = replace(data_of(contract), resource=resource, starts_at=starts_at, ends_at=ends_at)
    try:
        with db.session.begin_nested():
            contract.status = status or contract.status
            save_contract(data, contract)
    except Invalid as error:
        choices = _instead(contract, data, conditions) if "resource_id" in error.fields else []
        raise Refused(error.reason, contract, choices) from error
    except IntegrityError as error:  # somebody else, at the same moment
        if OVERLAP not in str(error.orig):
            raise
        choices = _instead(contract, data, conditions)
        raise Refused(_taken(contract, data), contract, choices) from error
    except DomainError as error:
        raise Refused(str(error), contract) from error


def _taken(contract: Contract, data: ContractData) -> str:
    """Who holds the resource that the database did not give."""
    holders = clashes(data.resource, data.starts_at, data.ends_at) if data.resource else []
    others = [other for other in holders if other is not contract]
    if not others:
        return _("A colleague saved something at the same moment. Please try again.")
    return _(
        "%(resource)s has just been taken by contract %(contract)s.",
        resource=data.resource,
        contract=others[0],
    )


def _instead(
    contract: Contract, data: ContractData, conditions: Sequence[ColumnElement[bool]]
) -> list[FreePlace]:
    """Free places like the one that the contract cannot have; an open contract has no other."""
    if data.resource is None or contract.status is ContractStatus.OPEN:
        return []
    zone = data.business_unit.company.timezone
    wish = Wish(data.resource, data.starts_at, data.ends_at, zone, contract.id)
    return nearest(wish, *conditions)
