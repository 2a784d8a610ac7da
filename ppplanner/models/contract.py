"""Contracts: a customer holds a resource for a period, at a price."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.clock import now
from ppplanner.models.base import (
    Base,
    Key,
    Moment,
    Percentage,
    Quantity,
    Tracked,
    UnitPrice,
    one_of,
)
from ppplanner.models.customer import Customer
from ppplanner.models.ledger import CostCarrier, CostCentre, GLAccount, VatCode
from ppplanner.models.organisation import BusinessUnit
from ppplanner.models.resource import Resource
from ppplanner.money import line_net


class ContractStatus(StrEnum):
    IN_PREPARATION = "in_preparation"
    CONFIRMED = "confirmed"
    OPEN = "open"
    CHECKED_IN = "checked_in"
    INVOICED = "invoiced"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Contract(Base, Tracked):
    """One rental, from `starts_at` until before `ends_at` (both UTC).

    The database refuses a second contract on the same resource at an overlapping time unless one of
    them is cancelled: an exclusion constraint on PostgreSQL, triggers on SQLite (first migration).
    """

    __tablename__ = "contracts"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_ends"),
        Index("ix_contracts_resource_period", "resource_id", "starts_at", "ends_at"),
        Index("ix_contracts_starts_at_id", "starts_at", "id"),
    )
    untracked = frozenset({"created_at"})

    id: Mapped[Key]
    number: Mapped[int] = mapped_column(unique=True)
    business_unit_id: Mapped[int] = mapped_column(ForeignKey("business_units.id"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    driver_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"))
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    status: Mapped[ContractStatus] = mapped_column(
        one_of(ContractStatus), default=ContractStatus.IN_PREPARATION
    )
    remarks: Mapped[str] = mapped_column(String(1000), default="")
    created_at: Mapped[Moment] = mapped_column(default=now)

    business_unit: Mapped[BusinessUnit] = relationship()
    customer: Mapped[Customer] = relationship(foreign_keys=[customer_id])
    driver: Mapped[Customer | None] = relationship(foreign_keys=[driver_id])
    resource: Mapped[Resource | None] = relationship()
    lines: Mapped[list[PriceLine]] = relationship(
        back_populates="contract",
        order_by="PriceLine.position",
        cascade="all, delete-orphan",
    )

    def __str__(self) -> str:
        return f"C{self.number}"

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether the periods share a moment; touching ones do not."""
        return self.starts_at < ends_at and starts_at < self.ends_at


class LineKind(StrEnum):
    #: Follows the period, the resource and its rate.
    RENT = "rent"
    #: Typed by a person; recalculation leaves it alone.
    EXTRA = "extra"


class PriceLine(Base, Tracked):
    """One line of a contract's price: units x unit price, less a discount, without VAT."""

    __tablename__ = "price_lines"
    __table_args__ = (CheckConstraint("discount >= 0", name="discount_not_negative"),)
    part_of = "contract_id"

    id: Mapped[Key]
    contract_id: Mapped[int] = mapped_column(
        ForeignKey("contracts.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    kind: Mapped[LineKind] = mapped_column(one_of(LineKind))
    description: Mapped[str] = mapped_column(String(200))
    units: Mapped[Quantity]
    unit_price: Mapped[UnitPrice]
    discount: Mapped[Percentage] = mapped_column(default=Decimal(0))
    vat_code_id: Mapped[int] = mapped_column(ForeignKey("vat_codes.id"))
    gl_account_id: Mapped[int | None] = mapped_column(ForeignKey("gl_accounts.id"))
    cost_centre_id: Mapped[int | None] = mapped_column(ForeignKey("cost_centres.id"))
    cost_carrier_id: Mapped[int | None] = mapped_column(ForeignKey("cost_carriers.id"))

    contract: Mapped[Contract] = relationship(back_populates="lines")
    vat_code: Mapped[VatCode] = relationship()
    gl_account: Mapped[GLAccount | None] = relationship()
    cost_centre: Mapped[CostCentre | None] = relationship()
    cost_carrier: Mapped[CostCarrier | None] = relationship()

    def __str__(self) -> str:
        return self.description

    @property
    def net(self) -> Decimal:
        """What it comes to in EUR without VAT."""
        return line_net(self.units, self.unit_price, self.discount)
