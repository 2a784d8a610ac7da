"""Contracts: making and changing them, and the rule that a resource is rented once at a time."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from sqlalchemy import select

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import day, moment
from ppplanner.i18n import _
from ppplanner.models import (
    BusinessUnit,
    Contract,
    ContractStatus,
    Customer,
    CustomerKind,
    CustomerStatus,
    Resource,
    Transaction,
)
from ppplanner.services.locking import lock
from ppplanner.services.pricing.contract_price import price_contract
from ppplanner.services.pricing.invoiced import is_invoiced
from ppplanner.services.renting.lifecycle import Step, advance
from ppplanner.services.renting.occupancy import clashes, serves
from ppplanner.services.running_numbers import next_running_number

FIRST_NUMBER = 1001
LONGEST = timedelta(days=5 * 366)
#: Before check-out everything can still be changed; while it is out, what has begun stays.
PLANNED = frozenset({ContractStatus.IN_PREPARATION, ContractStatus.CONFIRMED})
EDITABLE = PLANNED | {ContractStatus.OPEN}
FIXED_WHILE_OUT = ("customer", "business_unit", "resource", "starts_at")
#: What an invoice repeats: it stays as it is while one stands, drafts included. The end may still
#: move: the difference remains to invoice.
FIXED_BY_INVOICE = FIXED_WHILE_OUT
#: What the price does not follow from: a note does not bring a price list that is new since.
WITHOUT_PRICE = frozenset({"driver", "remarks"})


@dataclass(frozen=True)
class ContractData:
    """A rental as a person enters it; the moments are in UTC."""

    customer: Customer
    business_unit: BusinessUnit
    starts_at: datetime
    ends_at: datetime
    resource: Resource | None = None
    driver: Customer | None = None
    remarks: str = ""


def data_of(contract: Contract) -> ContractData:
    """The contract as it stands, to be changed with `dataclasses.replace`."""
    return ContractData(*(getattr(contract, each.name) for each in fields(ContractData)))


def save_contract(data: ContractData, contract: Contract | None = None) -> Contract:
    """Make a contract, or change the one given; price it when something it follows from is new. The
    caller commits.

    Raises Invalid for what a person can mend: a period the wrong way round, a resource that is
    taken; DomainError for a contract that is past changing.
    """
    follows = contract is None or _price_follows(data, contract)
    if data.resource:
        lock(data.resource)  # two people at once: the second sees what the first has taken
    _check(data, contract)
    contract = contract or _new_contract()
    _write(contract, data)
    if follows:
        price_contract(contract)
    db.session.flush()
    return contract


def confirm_contract(contract: Contract) -> None:
    """Reviewed: it holds. Raises DomainError. The caller commits."""
    lock(contract)
    advance(contract, Step.CONFIRM)
    db.session.flush()


def cancel_contract(contract: Contract) -> None:
    """It does not take place; its resource is free again. The caller commits.

    Raises DomainError when that is too late.
    """
    lock(contract)
    if is_invoiced(contract):
        raise DomainError(_("This contract has an invoice: credit or discard it first."))
    advance(contract, Step.CANCEL)
    db.session.flush()


def complete_contract(contract: Contract) -> None:
    """Done with, by hand: no more warnings. Raises DomainError. The caller commits."""
    lock(contract)
    advance(contract, Step.COMPLETE)
    db.session.flush()


def _new_contract() -> Contract:
    number = next_running_number(Contract.number, FIRST_NUMBER)
    return Contract(number=number, status=ContractStatus.IN_PREPARATION)


def _write(contract: Contract, data: ContractData) -> None:
    for each in fields(ContractData):
        setattr(contract, each.name, getattr(data, each.name))
    db.session.add(contract)


def _price_follows(data: ContractData, contract: Contract) -> bool:
    """Whether the change asks for another price. Raises DomainError for one that comes too late."""
    lock(contract)
    if contract.status not in EDITABLE:
        raise DomainError(_("This contract can no longer be changed."))
    changed = {
        each.name
        for each in fields(ContractData)
        if getattr(data, each.name) != getattr(contract, each.name)
    }
    if contract.status is ContractStatus.OPEN and changed.intersection(FIXED_WHILE_OUT):
        raise DomainError(
            _(
                "This contract is checked out: only its end, its driver and its remarks can still"
                " be changed."
            )
        )
    if changed.intersection(FIXED_BY_INVOICE) and is_invoiced(contract):
        raise DomainError(
            _(
                "This contract has an invoice, so its customer, business unit, resource and start"
                " stay as they are: discard the draft first, or make a new contract."
            )
        )
    if "customer" in changed and _has_money(contract):
        raise DomainError(
            _(
                "Money of this customer is registered on the contract, so the customer stays: make"
                " a new contract for another one."
            )
        )
    return not changed <= WITHOUT_PRICE


def _has_money(contract: Contract) -> bool:
    query = select(Transaction.id).filter_by(contract_id=contract.id)
    return db.session.scalar(query.limit(1)) is not None


def _check(data: ContractData, contract: Contract | None) -> None:
    faults: dict[str, object] = {}
    if fault := period_fault(data.starts_at, data.ends_at):
        faults["ends_at"] = fault
    if data.customer.status is CustomerStatus.BLOCKED and not _has(contract, data.customer):
        faults["customer_id"] = _("%(name)s is blocked.", name=data.customer.full_name)
    if data.driver and data.driver.kind is not CustomerKind.PRIVATE:
        faults["driver_id"] = _("A driver is a person: choose a private customer.")
    faults |= _group_faults(data)
    if not faults and data.resource and (problem := _problem(data.resource, data, contract)):
        faults["resource_id"] = problem
    if faults:
        raise Invalid(**faults)


def _group_faults(data: ContractData) -> dict[str, object]:
    """Customer, driver and resource are of the company group that the business unit is of."""
    group_id = data.business_unit.company.group_id
    of_others: dict[str, object] = {
        f"{name}_id": _(
            "%(name)s belongs to another company group than %(unit)s.",
            name=person.full_name,
            unit=data.business_unit.name,
        )
        for name, person in (("customer", data.customer), ("driver", data.driver))
        if person and person.group_id != group_id
    }
    if data.resource and data.resource.pool.business_unit.company.group_id != group_id:
        of_others["resource_id"] = _(
            "%(name)s belongs to another company group than %(unit)s.",
            name=data.resource,
            unit=data.business_unit.name,
        )
    return of_others


def period_fault(starts_at: datetime, ends_at: datetime) -> str | None:
    """Why nothing can be rented in that period, whatever it is; None when it can."""
    if ends_at <= starts_at:
        return _("The end must lie after the start.")
    if ends_at - starts_at > LONGEST:
        return _("A contract lasts at most five years: check the year.")
    return None


def _has(contract: Contract | None, customer: Customer) -> bool:
    return contract is not None and contract.customer is customer


def _problem(resource: Resource, data: ContractData, contract: Contract | None) -> str | None:
    """Why the resource cannot be had for the period; None when it can."""
    if not resource.active and not (contract and contract.resource is resource):
        return _("%(resource)s is no longer rented out.", resource=resource)
    if resource.active_from and not serves(resource, data.starts_at):
        return _(
            "%(resource)s is rented out from %(day)s.",
            resource=resource,
            day=day(resource.active_from),
        )
    taken = clashes(resource, data.starts_at, data.ends_at)
    others = [other for other in taken if other is not contract]
    return _taken(resource, others[0]) if others else None


def _taken(resource: Resource, other: Contract) -> str:
    return _(
        "%(resource)s is taken by contract %(contract)s from %(start)s to %(end)s. "
        "Choose another period or another resource.",
        resource=resource,
        contract=other,
        start=moment(other.local(other.starts_at)),
        end=moment(other.local(other.ends_at)),
    )
