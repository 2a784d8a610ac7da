"""The bookkeeper's lists: GL accounts, VAT codes, cost centres, cost carriers."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.models.base import Base, Key, Percentage, Tracked, one_of
from ppplanner.models.organisation import BusinessUnit


class VatTreatment(StrEnum):
    """Why this VAT and not another."""

    DOMESTIC = "domestic"
    #: To a firm with a VAT number in another state of the European Union, which pays the VAT.
    INTRA_COMMUNITY = "intra_community"
    #: Outside the European Union.
    EXPORT = "export"
    EXEMPT = "exempt"


class VatCode(Base, Tracked):
    """A rate of VAT as the firm names it: "21", "6", "EU" for intra-community."""

    __tablename__ = "vat_codes"
    __table_args__ = (
        CheckConstraint("percentage >= 0", name="percentage_not_negative"),
        CheckConstraint(
            "treatment = 'domestic' or percentage = 0", name="percentage_only_domestic"
        ),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(10), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    percentage: Mapped[Percentage]
    treatment: Mapped[VatTreatment] = mapped_column(
        one_of(VatTreatment), default=VatTreatment.DOMESTIC, server_default="domestic"
    )
    #: Printed on the invoice when VAT is not charged: the article of the law that says so.
    legal_text: Mapped[str] = mapped_column(String(200), default="")
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class GLAccount(Base, Tracked):
    """An account of a business unit's general ledger."""

    __tablename__ = "gl_accounts"
    __table_args__ = (
        UniqueConstraint("business_unit_id", "code"),
        Index(
            "uq_gl_accounts_default_revenue",
            "business_unit_id",
            unique=True,
            sqlite_where=text("default_revenue"),
            postgresql_where=text("default_revenue"),
        ),
    )

    id: Mapped[Key]
    business_unit_id: Mapped[int] = mapped_column(ForeignKey("business_units.id"))
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    #: Takes the invoice lines of its business unit for which nothing else says where they go.
    default_revenue: Mapped[bool] = mapped_column(default=False)
    #: "manual", or the name of the add-on that brought the record in.
    origin: Mapped[str] = mapped_column(String(20), default="manual")
    active: Mapped[bool] = mapped_column(default=True)

    business_unit: Mapped[BusinessUnit] = relationship()

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CostCentre(Base, Tracked):
    """Where a cost or revenue arises: a department, a branch. Codes have at most 8 characters."""

    __tablename__ = "cost_centres"
    __table_args__ = (UniqueConstraint("group_id", "code"),)

    id: Mapped[Key]
    group_id: Mapped[int] = mapped_column(ForeignKey("company_groups.id"))
    code: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(60))
    origin: Mapped[str] = mapped_column(String(20), default="manual")
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CostCarrier(Base, Tracked):
    """What a cost or revenue is for: one van, one project. Codes have at most 8 characters."""

    __tablename__ = "cost_carriers"
    __table_args__ = (UniqueConstraint("group_id", "code"),)

    id: Mapped[Key]
    group_id: Mapped[int] = mapped_column(ForeignKey("company_groups.id"))
    code: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(60))
    origin: Mapped[str] = mapped_column(String(20), default="manual")
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
