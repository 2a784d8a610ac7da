"""Contracts: making and changing them, and the rule that a resource is rented once at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import moment
from ppplanner.i18n import _
from ppplanner.models import (
    BusinessUnit,
    Contract,
    ContractStatus,
    Customer,
    CustomerStatus,
    Invoice,
    Resource,
)
from ppplanner.services.numbering import next_running_number
from ppplanner.services.pricing import price_contract

LONGEST = timedelta(days=5 * 366)
#: The name of the constraint (PostgreSQL) and the text of the trigger (SQLite) in the migration.
NO_OVERLAP = "contracts_no_overlap"
EDITABLE = frozenset({ContractStatus.IN_PREPARATION, ContractStatus.CONFIRMED})


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


def save_contract(data: ContractData, contract: Contract | None = None) -> Contract:
    """Make a contract, or change the one given, and price it. The caller commits.

    Raises Invalid for what a person can mend: a period the wrong way round, a resource that is taken.
    """
    _check(data, contract)
    if contract is None:
        contract = Contract(number=next_running_number(Contract.number, start=1001))
        contract.status = ContractStatus.IN_PREPARATION
    elif contract.status not in EDITABLE:
        raise DomainError(_("This contract can no longer be changed."))
    for name in ContractData.__dataclass_fields__:
        setattr(contract, name, getattr(data, name))
    db.session.add(contract)
    with db.session.no_autoflush:
        price_contract(contract)
    _flush(contract)
    return contract


def clashes(
    resource: Resource, starts_at: datetime, ends_at: datetime
) -> list[Contract]:
    """The contracts that hold the resource at some moment of the period."""
    query = (
        select(Contract)
        .where(
            Contract.resource_id == resource.id,
            Contract.status != ContractStatus.CANCELLED,
            Contract.starts_at < ends_at,
            Contract.ends_at > starts_at,
        )
        .order_by(Contract.starts_at)
    )
    return list(db.session.scalars(query))


def confirm_contract(contract: Contract) -> None:
    """Reviewed: it holds. The caller commits."""
    if contract.status is not ContractStatus.IN_PREPARATION:
        raise DomainError(_("Only a contract in preparation can be confirmed."))
    contract.status = ContractStatus.CONFIRMED


def cancel_contract(contract: Contract) -> None:
    """It does not take place; its resource is free again. The caller commits."""
    if contract.status not in EDITABLE:
        raise DomainError(_("This contract can no longer be cancelled."))
    if db.session.scalar(
        select(Invoice.id).filter_by(contract_id=contract.id).limit(1)
    ):
        raise DomainError(
            _("This contract has an invoice: credit or discard it first.")
        )
    contract.status = ContractStatus.CANCELLED


def _check(data: ContractData, contract: Contract | None) -> None:
    if data.ends_at <= data.starts_at:
        raise Invalid(ends_at=_("The end must lie after the start."))
    if data.ends_at - data.starts_at > LONGEST:
        raise Invalid(ends_at=_("A contract lasts at most five years: check the year."))
    if data.customer.status is CustomerStatus.BLOCKED and contract is None:
        raise Invalid(
            customer_id=_("%(name)s is blocked.", name=data.customer.full_name)
        )
    if data.resource is not None:
        _check_resource(data.resource, data, contract)


def _check_resource(
    resource: Resource, data: ContractData, contract: Contract | None
) -> None:
    if not resource.active:
        raise Invalid(
            resource_id=_("%(resource)s is no longer rented out.", resource=resource)
        )
    with db.session.no_autoflush:
        taken = clashes(resource, data.starts_at, data.ends_at)
    if others := [other for other in taken if other is not contract]:
        raise Invalid(resource_id=_taken(resource, others[0]))


def _taken(resource: Resource, other: Contract) -> str:
    return _(
        "%(resource)s is taken by contract %(contract)s from %(start)s to %(end)s. "
        "Choose another period or another resource.",
        resource=resource,
        contract=other,
        start=moment(other.starts_at),
        end=moment(other.ends_at),
    )


def _flush(contract: Contract) -> None:
    """Flush; the database has the last word when two people take one resource at the same moment."""
    resource = contract.resource
    try:
        db.session.flush()
    except DBAPIError as error:
        if NO_OVERLAP not in str(error.orig):
            raise
        raise Invalid(
            resource_id=_(
                "A colleague has just taken %(resource)s. Choose another one.",
                resource=resource,
            )
        ) from error
