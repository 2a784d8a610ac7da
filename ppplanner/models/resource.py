"""Things that are rented out: vans, cars, machines, rooms."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from ppplanner.models.base import Base, Key, Money, Tracked
from ppplanner.models.ledger import CostCarrier, CostCentre
from ppplanner.models.organisation import Pool
from ppplanner.models.rate import PriceRange
from ppplanner.plates import one_notation


class ResourceType(Base, Tracked):
    """A kind of resource, such as "Van" or "Meeting room"."""

    __tablename__ = "resource_types"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60), unique=True)

    def __str__(self) -> str:
        return self.name


class Resource(Base, Tracked):
    """One thing that one contract at a time can hold."""

    __tablename__ = "resources"
    __table_args__ = (
        CheckConstraint("deposit >= 0", name="deposit_not_negative"),
        CheckConstraint("tank_litres > 0", name="tank_litres_positive"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    #: In one notation (plates.py), so that no plate is there twice; None when there is no plate.
    licence_plate: Mapped[str | None] = mapped_column(String(15), unique=True)
    brand: Mapped[str] = mapped_column(String(40), default="")
    model: Mapped[str] = mapped_column(String(60), default="")
    type_id: Mapped[int] = mapped_column(ForeignKey("resource_types.id"))
    pool_id: Mapped[int] = mapped_column(ForeignKey("pools.id"), index=True)
    price_range_id: Mapped[int | None] = mapped_column(ForeignKey("price_ranges.id"))
    #: EUR that a customer leaves as security; None when nothing is asked.
    deposit: Mapped[Money | None]
    #: What its tank holds, in litres; None when fuel is not counted.
    tank_litres: Mapped[int | None]
    cost_centre_id: Mapped[int | None] = mapped_column(ForeignKey("cost_centres.id"))
    cost_carrier_id: Mapped[int | None] = mapped_column(ForeignKey("cost_carriers.id"))
    active_from: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)

    type: Mapped[ResourceType] = relationship()
    pool: Mapped[Pool] = relationship()
    price_range: Mapped[PriceRange | None] = relationship()
    cost_centre: Mapped[CostCentre | None] = relationship()
    cost_carrier: Mapped[CostCarrier | None] = relationship()

    def __str__(self) -> str:
        return self.title

    @validates("licence_plate")
    def _in_one_notation(self, _name: str, plate: str | None) -> str | None:
        return one_notation(plate or "") or None

    @property
    def title(self) -> str:
        """The plate (or code) with brand and model: "1-ABC-123 Ford Transit"."""
        return " ".join(filter(None, (self.licence_plate or self.code, self.brand, self.model)))
