"""What renting costs: price ranges, their rates, and what else can be charged."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.models.base import Base, Key, Tracked, UnitPrice, one_of
from ppplanner.models.ledger import VatCode


class RateType(StrEnum):
    """What a rate counts, from the shortest on."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    #: One price for the whole contract.
    ONCE = "once"


class ItemKind(StrEnum):
    #: Rented or sold from stock, not planned.
    ARTICLE = "article"
    #: Always charged with the rates that name it.
    SURCHARGE = "surcharge"
    #: A service or intervention, added when it occurs: at check-out or check-in, say.
    EXTRA_CHARGE = "extra_charge"


class LineRole(StrEnum):
    """The price line types that the application itself charges with."""

    RENT = "rent"
    KILOMETRES = "kilometres"
    FUEL = "fuel"


class Translated:
    """Has a name for colleagues, and, where they differ, names in the customers' languages."""

    name: Mapped[str]
    #: By language: {"fr": "Nettoyage"}. A language that is missing uses `name`.
    names: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)

    def name_in(self, language: str) -> str:
        return self.names.get(language) or self.name


class Booked:
    """Says where its revenue goes, by code: each business unit finds the account in its own chart,
    each company group the cost centre and cost carrier among its own (domain 7.4).
    """

    gl_code: Mapped[str | None] = mapped_column(String(20))
    cost_centre_code: Mapped[str | None] = mapped_column(String(8))
    cost_carrier_code: Mapped[str | None] = mapped_column(String(8))


rate_surcharges = Table(
    "rate_surcharges",
    Base.metadata,
    Column("rate_id", ForeignKey("rates.id", ondelete="CASCADE"), primary_key=True),
    Column("item_id", ForeignKey("catalogue_items.id", ondelete="CASCADE"), primary_key=True),
)


class PriceRange(Base, Tracked):
    """Resources that cost the same: "Large van". Its rates say how much."""

    __tablename__ = "price_ranges"
    __table_args__ = (
        UniqueConstraint("group_id", "name"),
        CheckConstraint("km_per_day >= 0", name="km_per_day_not_negative"),
        CheckConstraint("km_price >= 0", name="km_price_not_negative"),
        CheckConstraint("fuel_price >= 0", name="fuel_price_not_negative"),
    )

    id: Mapped[Key]
    group_id: Mapped[int] = mapped_column(ForeignKey("company_groups.id"))
    name: Mapped[str] = mapped_column(String(60))
    #: Kilometres included for each day; None when nobody counts them.
    km_per_day: Mapped[int | None]
    #: EUR without VAT for each kilometre more.
    km_price: Mapped[UnitPrice] = mapped_column(default=Decimal(0))
    #: EUR without VAT for each litre of fuel that is missing at check-in.
    fuel_price: Mapped[UnitPrice] = mapped_column(default=Decimal(0))
    active: Mapped[bool] = mapped_column(default=True)

    rates: Mapped[list[Rate]] = relationship(
        back_populates="price_range", order_by="Rate.id", cascade="all, delete-orphan"
    )

    def __str__(self) -> str:
        return self.name

    def rate(self, rate_type: RateType) -> Rate | None:
        """Its rate of that type, if it is charged."""
        found = (rate for rate in self.rates if rate.rate_type is rate_type and rate.active)
        return next(found, None)


class Rate(Base, Tracked, Booked):
    """A price range x a rate type: EUR per hour, day, week, month, or once, without VAT."""

    __tablename__ = "rates"
    __table_args__ = (
        UniqueConstraint("price_range_id", "rate_type"),
        CheckConstraint("price >= 0", name="price_not_negative"),
    )
    part_of = "price_range_id"

    id: Mapped[Key]
    price_range_id: Mapped[int] = mapped_column(ForeignKey("price_ranges.id", ondelete="CASCADE"))
    rate_type: Mapped[RateType] = mapped_column(one_of(RateType))
    price: Mapped[UnitPrice]
    vat_code_id: Mapped[int] = mapped_column(ForeignKey("vat_codes.id"))
    #: Best price: its units become longer ones (days weeks, weeks months) when that is cheaper.
    rolls_up: Mapped[bool] = mapped_column(default=False)
    #: What the invoice says, by language, with {resource}, {first} and {last}.
    invoice_text: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    active: Mapped[bool] = mapped_column(default=True)

    price_range: Mapped[PriceRange] = relationship(back_populates="rates")
    vat_code: Mapped[VatCode] = relationship()
    surcharges: Mapped[list[CatalogueItem]] = relationship(
        secondary=rate_surcharges, order_by="CatalogueItem.name"
    )

    def __str__(self) -> str:
        return f"{self.price_range.name}: {self.rate_type}"


class PriceLineType(Base, Tracked, Translated, Booked):
    """What a price line is about, for the books: rent, damage, a fine, bringing and fetching."""

    __tablename__ = "price_line_types"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60), unique=True)
    #: The type that the application itself charges with, if it is one of those.
    role: Mapped[LineRole | None] = mapped_column(one_of(LineRole), unique=True)
    #: Proposed for its lines; None leaves it to the rate.
    vat_code_id: Mapped[int | None] = mapped_column(ForeignKey("vat_codes.id"))
    active: Mapped[bool] = mapped_column(default=True)

    vat_code: Mapped[VatCode | None] = relationship()

    def __str__(self) -> str:
        return self.name


class CatalogueItem(Base, Tracked, Translated, Booked):
    """An article, a surcharge or an extra charge, with its price in EUR without VAT."""

    __tablename__ = "catalogue_items"
    __table_args__ = (
        UniqueConstraint("group_id", "kind", "name"),
        CheckConstraint("price >= 0", name="price_not_negative"),
    )

    id: Mapped[Key]
    group_id: Mapped[int] = mapped_column(ForeignKey("company_groups.id"))
    kind: Mapped[ItemKind] = mapped_column(one_of(ItemKind))
    name: Mapped[str] = mapped_column(String(60))
    price: Mapped[UnitPrice]
    #: A surcharge: for each unit of the rate; otherwise once a contract.
    per_unit: Mapped[bool] = mapped_column(default=False)
    vat_code_id: Mapped[int] = mapped_column(ForeignKey("vat_codes.id"))
    line_type_id: Mapped[int | None] = mapped_column(ForeignKey("price_line_types.id"))
    active: Mapped[bool] = mapped_column(default=True)

    vat_code: Mapped[VatCode] = relationship()
    line_type: Mapped[PriceLineType | None] = relationship()

    def __str__(self) -> str:
        return self.name
