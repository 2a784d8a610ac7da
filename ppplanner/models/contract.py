"""Contracts: a customer holds a resource for a period, at a price."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.clock import now
from ppplanner.models.base import (
    Base,
    Key,
    Moment,
    Money,
    Percentage,
    Quantity,
    Tracked,
    UnitPrice,
    one_of,
)
from ppplanner.models.customer import Customer
from ppplanner.models.ledger import CostCarrier, CostCentre, GLAccount, VatCode
from ppplanner.models.organisation import BusinessUnit
from ppplanner.models.rate import CatalogueItem, PriceLineType, Rate, RateType
from ppplanner.models.resource import Resource
from ppplanner.models.user import User
from ppplanner.money import line_net


class ContractStatus(StrEnum):
    IN_PREPARATION = "in_preparation"
    CONFIRMED = "confirmed"
    OPEN = "open"
    CHECKED_IN = "checked_in"
    INVOICED = "invoiced"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class PriceBasis(StrEnum):
    """Which period is charged."""

    #: As agreed: `starts_at` to `ends_at`.
    PLANNED = "planned"
    #: As it went: from check-out to check-in, as far as they have happened.
    ACTUAL = "actual"


class Periodicity(StrEnum):
    """How often a contract that runs on is invoiced."""

    WEEKLY = "weekly"
    FOUR_WEEKLY = "four_weekly"
    MONTHLY = "monthly"


class PayMoment(StrEnum):
    """When money is asked for: tells colleagues, and binds bookings from a web site."""

    RESERVATION = "reservation"
    CHECK_OUT = "check_out"
    CHECK_IN = "check_in"
    INVOICE = "invoice"


class Contract(Base, Tracked):
    """One rental, from `starts_at` until before `ends_at` (both UTC).

    The database refuses a second contract on the same resource at an overlapping time unless one of
    them is cancelled: an exclusion constraint on PostgreSQL, triggers on SQLite (first migration).
    """

    __tablename__ = "contracts"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_ends"),
        CheckConstraint("deposit >= 0", name="deposit_not_negative"),
        Index("ix_contracts_resource_period", "resource_id", "starts_at", "ends_at"),
        Index("ix_contracts_starts_at_id", "starts_at", "id"),
        Index("ix_contracts_ends_at_id", "ends_at", "id"),
    )
    untracked = frozenset({"created_at", "invoice_day"})

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
    #: Counted in these units; None lets the period decide (services/pricing/tariffs.py).
    rate_type: Mapped[RateType | None] = mapped_column(one_of(RateType))
    price_basis: Mapped[PriceBasis] = mapped_column(
        one_of(PriceBasis), default=PriceBasis.PLANNED, server_default="planned"
    )
    #: A mark on an open contract, not a status: the customer has brought the resource back.
    ready_for_check_in_at: Mapped[Moment | None]
    #: None: invoiced once, or when somebody does it.
    periodicity: Mapped[Periodicity | None] = mapped_column(one_of(Periodicity))
    #: Of a periodic contract: the day from which an invoice run takes it along.
    next_invoice_date: Mapped[date | None] = mapped_column(index=True)
    #: Of a monthly one: the day of the month on which its periods end, 31 for the last one. A next
    #: invoice date at the end of a short month does not tell.
    invoice_day: Mapped[int | None]
    #: EUR that is asked as security instead of what the resource asks; None leaves it to that.
    deposit: Mapped[Money | None]
    payment_moment: Mapped[PayMoment | None] = mapped_column(one_of(PayMoment))
    deposit_moment: Mapped[PayMoment | None] = mapped_column(one_of(PayMoment, "depositmoment"))
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
    handovers: Mapped[list[Handover]] = relationship(
        back_populates="contract", order_by="Handover.id", cascade="all, delete-orphan"
    )

    def __str__(self) -> str:
        return f"C{self.number}"

    def local(self, moment: datetime) -> datetime:
        """The moment in the time zone of the contract's business unit, in which it is shown."""
        return moment.astimezone(ZoneInfo(self.business_unit.company.timezone))

    @property
    def check_out(self) -> Handover | None:
        return self._handover(HandoverKind.CHECK_OUT)

    @property
    def check_in(self) -> Handover | None:
        return self._handover(HandoverKind.CHECK_IN)

    def _handover(self, kind: HandoverKind) -> Handover | None:
        return next((each for each in self.handovers if each.kind is kind), None)

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether the periods share a moment; touching ones do not."""
        return self.starts_at < ends_at and starts_at < self.ends_at


class HandoverKind(StrEnum):
    CHECK_OUT = "check_out"
    CHECK_IN = "check_in"


class Handover(Base, Tracked):
    """A resource goes to the customer, or comes back: when it really did, and in which state."""

    __tablename__ = "handovers"
    __table_args__ = (
        UniqueConstraint("contract_id", "kind"),
        CheckConstraint("mileage >= 0", name="mileage_not_negative"),
        CheckConstraint("fuel between 0 and 8", name="fuel_in_eighths"),
    )
    part_of = "contract_id"
    untracked = frozenset({"recorded_at"})

    id: Mapped[Key]
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id", ondelete="CASCADE"))
    kind: Mapped[HandoverKind] = mapped_column(one_of(HandoverKind))
    at: Mapped[Moment]
    #: Kilometres on the counter; None when the thing has none.
    mileage: Mapped[int | None]
    #: Eighths of a tank; None when there is none.
    fuel: Mapped[int | None]
    remarks: Mapped[str] = mapped_column(String(1000), default="")
    recorded_at: Mapped[Moment] = mapped_column(default=now)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    contract: Mapped[Contract] = relationship(back_populates="handovers")
    recorded_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return str(self.kind)


class LineKind(StrEnum):
    #: Follows the period, the resource and its rates.
    RENT = "rent"
    #: Follows the rates that name it.
    SURCHARGE = "surcharge"
    #: Follow the check-in.
    KILOMETRES = "kilometres"
    FUEL = "fuel"
    #: Typed by a person, or taken from the catalogue; recalculation leaves it alone.
    EXTRA = "extra"


class PriceLine(Base, Tracked):
    """One line of a contract's price: units x unit price, less a discount, without VAT."""

    __tablename__ = "price_lines"
    __table_args__ = (CheckConstraint("discount >= 0", name="discount_not_negative"),)
    part_of = "contract_id"
    untracked = frozenset({"counted_units"})

    id: Mapped[Key]
    contract_id: Mapped[int] = mapped_column(
        ForeignKey("contracts.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    kind: Mapped[LineKind] = mapped_column(one_of(LineKind))
    line_type_id: Mapped[int | None] = mapped_column(ForeignKey("price_line_types.id"))
    #: Where its price came from, if from a list.
    rate_id: Mapped[int | None] = mapped_column(ForeignKey("rates.id", ondelete="SET NULL"))
    item_id: Mapped[int | None] = mapped_column(
        ForeignKey("catalogue_items.id", ondelete="SET NULL")
    )
    #: Recalculation leaves the unit price as a person set it.
    price_locked: Mapped[bool] = mapped_column(default=False)
    description: Mapped[str] = mapped_column(String(200))
    units: Mapped[Quantity]
    #: What the units came to when they were last counted: typed ones stay until that changes. None
    #: on lines that nobody counts.
    counted_units: Mapped[Quantity | None]
    unit_price: Mapped[UnitPrice]
    discount: Mapped[Percentage] = mapped_column(default=Decimal(0))
    vat_code_id: Mapped[int] = mapped_column(ForeignKey("vat_codes.id"))
    gl_account_id: Mapped[int | None] = mapped_column(ForeignKey("gl_accounts.id"))
    cost_centre_id: Mapped[int | None] = mapped_column(ForeignKey("cost_centres.id"))
    cost_carrier_id: Mapped[int | None] = mapped_column(ForeignKey("cost_carriers.id"))
    #: A person chose them: they stay, whatever resource or rate the line gets.
    cost_centre_locked: Mapped[bool] = mapped_column(default=False, server_default=false())
    cost_carrier_locked: Mapped[bool] = mapped_column(default=False, server_default=false())

    contract: Mapped[Contract] = relationship(back_populates="lines")
    line_type: Mapped[PriceLineType | None] = relationship()
    rate: Mapped[Rate | None] = relationship()
    item: Mapped[CatalogueItem | None] = relationship()
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

    @property
    def vat_percentage(self) -> Decimal:
        """That of its VAT code as it is now; the line of an invoice keeps the one of its day."""
        return self.vat_code.percentage
