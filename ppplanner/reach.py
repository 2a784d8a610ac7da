"""How far a right reaches, and what lies within.

    resource            its pool
    contract            the pool of its resource; without one, its business unit
    invoice             its contract; without one, its business unit
    GL account,         their business unit
    transaction, refund
    request, terminal,
    cash register
    customer, prices,   their company group
    cost centre/carrier
    lines, handovers    what they are a part of
    anything else       the company that its column `company_id` names, if it has that

Whoever has a right in one pool has it, as far as a business unit, a company or a company group is
concerned, in those of that pool. What has no place, such as a VAT code, lies within every reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import aliased

from ppplanner.extensions import db
from ppplanner.models import (
    Base,
    BusinessUnit,
    CalendarFeed,
    CashCount,
    CashRegister,
    CatalogueItem,
    Company,
    CompanyGroup,
    Contract,
    CostCarrier,
    CostCentre,
    Customer,
    FinancialYear,
    GLAccount,
    Handover,
    Invoice,
    InvoiceLine,
    InvoiceRunItem,
    Pool,
    PriceLine,
    PriceRange,
    Rate,
    RefundRequest,
    Resource,
    RoleGrant,
    Terminal,
    Transaction,
)


class Place(NamedTuple):
    """One path through the organisation, by the keys; a branch may end early."""

    group_id: int
    company_id: int | None
    unit_id: int | None
    pool_id: int | None


@dataclass(frozen=True)
class Reach:
    """Where somebody has a right: everywhere, or in what these keys name."""

    everywhere: bool = False
    groups: frozenset[int] = frozenset()
    companies: frozenset[int] = frozenset()
    units: frozenset[int] = frozenset()
    pools: frozenset[int] = frozenset()


EVERYWHERE = Reach(everywhere=True)


def places() -> list[Place]:
    """The whole organisation, in one query."""
    query = (
        select(CompanyGroup.id, Company.id, BusinessUnit.id, Pool.id)
        .outerjoin(Company, Company.group_id == CompanyGroup.id)
        .outerjoin(BusinessUnit, BusinessUnit.company_id == Company.id)
        .outerjoin(Pool, Pool.business_unit_id == BusinessUnit.id)
    )
    return [Place(*row) for row in db.session.execute(query)]


def reach_of(grants: Iterable[RoleGrant], organisation: Callable[[], Iterable[Place]]) -> Reach:
    """How far grants reach together. `organisation` is only asked when a grant has a place."""
    grants = list(grants)
    if any(grant.group_id is None and grant.pool_id is None for grant in grants):
        return EVERYWHERE
    if not grants:
        return Reach()
    groups, pools = ({getattr(grant, key) for grant in grants} for key in ("group_id", "pool_id"))
    inside = [
        place
        for place in organisation()
        if place.group_id in groups or (place.pool_id is not None and place.pool_id in pools)
    ]
    keys = (frozenset(key for key in column if key) for column in zip(*inside, strict=True))
    return Reach(False, *keys)


def within(model: type[Base], reach: Reach) -> ColumnElement[bool]:
    """Which records of `model` lie within `reach`: simply true when that is everywhere."""
    condition = None if reach.everywhere else _condition(model)
    return condition(reach) if condition else true()


def lies_within(record: Any, reach: Reach) -> bool:
    """Whether a record that is in the database lies within `reach`."""
    model = type(record)
    if reach.everywhere or not has_place(model):
        return True
    query = select(model.id).where(model.id == record.id, within(model, reach))
    return db.session.scalar(query) is not None


def has_place(model: type[Base]) -> bool:
    """Whether records of `model` belong somewhere; the others are for the whole installation."""
    return _condition(model) is not None


def _condition(model: type[Base]) -> Callable[[Reach], ColumnElement[bool]] | None:
    known = CONDITIONS.get(model)
    return known or (_by_company(model) if hasattr(model, "company_id") else None)


def _by_company(model: Any) -> Callable[[Reach], ColumnElement[bool]]:
    return lambda reach: model.company_id.in_(reach.companies)


def _by_group(model: Any) -> Callable[[Reach], ColumnElement[bool]]:
    return lambda reach: model.group_id.in_(reach.groups)


def _by_unit(model: Any) -> Callable[[Reach], ColumnElement[bool]]:
    return lambda reach: model.business_unit_id.in_(reach.units)


def _contracts(reach: Reach, contract: Any = Contract) -> ColumnElement[bool]:
    resource = aliased(Resource)
    placed = select(resource.id).where(
        resource.id == contract.resource_id, resource.pool_id.in_(reach.pools)
    )
    waiting = contract.resource_id.is_(None) & contract.business_unit_id.in_(reach.units)
    return or_(waiting, placed.correlate(contract).exists())


def _invoices(reach: Reach, invoice: Any = Invoice) -> ColumnElement[bool]:
    loose = invoice.contract_id.is_(None) & invoice.business_unit_id.in_(reach.units)
    return or_(loose, _part_of_contract(invoice)(reach))


def _part_of_contract(model: Any) -> Callable[[Reach], ColumnElement[bool]]:
    def condition(reach: Reach) -> ColumnElement[bool]:
        contract = aliased(Contract)
        whole = select(contract.id).where(
            contract.id == model.contract_id, _contracts(reach, contract)
        )
        return whole.correlate(model).exists()

    return condition


def _invoice_lines(reach: Reach) -> ColumnElement[bool]:
    invoice = aliased(Invoice)
    whole = select(invoice.id).where(
        invoice.id == InvoiceLine.invoice_id, _invoices(reach, invoice)
    )
    return whole.correlate(InvoiceLine).exists()


def _rates(reach: Reach) -> ColumnElement[bool]:
    ranges = select(PriceRange.id).where(PriceRange.group_id.in_(reach.groups))
    return Rate.price_range_id.in_(ranges)


def _feeds(reach: Reach) -> ColumnElement[bool]:
    resources = select(Resource.id).where(Resource.pool_id.in_(reach.pools))
    return CalendarFeed.pool_id.in_(reach.pools) | CalendarFeed.resource_id.in_(resources)


def _financial_years(reach: Reach) -> ColumnElement[bool]:
    return or_(
        FinancialYear.group_id.in_(reach.groups),
        FinancialYear.company_id.in_(reach.companies),
        FinancialYear.business_unit_id.in_(reach.units),
    )


def _cash_counts(reach: Reach) -> ColumnElement[bool]:
    registers = select(CashRegister.id).where(CashRegister.business_unit_id.in_(reach.units))
    return CashCount.register_id.in_(registers)


CONDITIONS: Mapping[type[Base], Callable[[Reach], ColumnElement[bool]]] = {
    CompanyGroup: lambda reach: CompanyGroup.id.in_(reach.groups),
    Company: lambda reach: Company.id.in_(reach.companies),
    BusinessUnit: lambda reach: BusinessUnit.id.in_(reach.units),
    Pool: lambda reach: Pool.id.in_(reach.pools),
    Resource: lambda reach: Resource.pool_id.in_(reach.pools),
    Contract: _contracts,
    PriceLine: _part_of_contract(PriceLine),
    Handover: _part_of_contract(Handover),
    Invoice: _invoices,
    InvoiceLine: _invoice_lines,
    InvoiceRunItem: _part_of_contract(InvoiceRunItem),
    FinancialYear: _financial_years,
    GLAccount: _by_unit(GLAccount),
    Transaction: _by_unit(Transaction),
    RefundRequest: _by_unit(RefundRequest),
    Terminal: _by_unit(Terminal),
    CashRegister: _by_unit(CashRegister),
    CashCount: _cash_counts,
    Customer: _by_group(Customer),
    CostCentre: _by_group(CostCentre),
    CostCarrier: _by_group(CostCarrier),
    PriceRange: _by_group(PriceRange),
    Rate: _rates,
    CatalogueItem: _by_group(CatalogueItem),
    CalendarFeed: _feeds,
}
