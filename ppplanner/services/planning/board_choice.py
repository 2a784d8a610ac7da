"""What a person chooses to see of the board, as conditions for its queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import ColumnElement, or_, true

from ppplanner.models import (
    BusinessUnit,
    Contract,
    ContractStatus,
    Customer,
    Pool,
    Resource,
    ResourceType,
)


class Grouping(StrEnum):
    """What the rows are grouped by."""

    UNIT = "unit"
    POOL = "pool"
    TYPE = "type"


@dataclass(frozen=True)
class Choice:
    """What a person wants to see of the board, and what of it they may see."""

    grouping: Grouping = Grouping.UNIT
    unit_id: int | None = None
    pool_id: int | None = None
    type_id: int | None = None
    #: These three point out contracts: rows without such a contract are left out.
    customer_id: int | None = None
    status: ContractStatus | None = None
    text: str = ""
    resources: ColumnElement[bool] = field(default_factory=true)
    contracts: ColumnElement[bool] = field(default_factory=true)

    @property
    def points_out(self) -> bool:
        return bool(self.customer_id or self.status or self.text)

    @property
    def fleet(self) -> list[ColumnElement[bool]]:
        """What the person wants to see of the fleet."""
        wanted = {
            BusinessUnit.id: self.unit_id,
            Pool.id: self.pool_id,
            ResourceType.id: self.type_id,
        }
        return [column == value for column, value in wanted.items() if value]

    def pointed_out(self, named: ColumnElement[bool]) -> list[ColumnElement[bool]]:
        """Contracts that the choice points out; `named` is what the search means by it."""
        conditions = []
        if self.customer_id:
            conditions.append(Contract.customer_id == self.customer_id)
        if self.status:
            conditions.append(Contract.status == self.status)
        if self.text:
            conditions.append(named)
        return conditions

    @property
    def contract_named(self) -> ColumnElement[bool]:
        """Contracts whose customer or number the search names."""
        by_customer = Customer.name.icontains(self.text, autoescape=True)
        number = self.text.upper().removeprefix("C")
        if number.isdecimal() and len(number) < 10:
            return or_(by_customer, Contract.number == int(number))
        return by_customer

    @property
    def resource_named(self) -> ColumnElement[bool]:
        """Resources whose plate, code, brand or model the search names."""
        columns = (Resource.code, Resource.licence_plate, Resource.brand, Resource.model)
        return or_(*(column.icontains(self.text, autoescape=True) for column in columns))
