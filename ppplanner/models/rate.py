"""What renting costs."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.models.base import Base, Key, Tracked, UnitPrice
from ppplanner.models.ledger import VatCode


class Rate(Base, Tracked):
    """A price per day (EUR, without VAT) for resources that share it."""

    __tablename__ = "rates"
    __table_args__ = (
        UniqueConstraint("group_id", "name"),
        CheckConstraint("day_price >= 0", name="day_price_not_negative"),
    )

    id: Mapped[Key]
    group_id: Mapped[int] = mapped_column(ForeignKey("company_groups.id"))
    name: Mapped[str] = mapped_column(String(60))
    day_price: Mapped[UnitPrice]
    vat_code_id: Mapped[int] = mapped_column(ForeignKey("vat_codes.id"))
    #: Revenue account by code: each business unit finds it in its own chart of accounts.
    gl_code: Mapped[str | None] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(default=True)

    vat_code: Mapped[VatCode] = relationship()

    def __str__(self) -> str:
        return self.name
