"""Company group > company > business unit (the branch) > pool."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.clock import BRUSSELS
from ppplanner.models.base import Base, Key, Tracked


class CompanyGroup(Base, Tracked):
    """Companies that share customers, rates, cost centres and cost carriers: a holding, say."""

    __tablename__ = "company_groups"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    companies: Mapped[list[Company]] = relationship(back_populates="group")

    def __str__(self) -> str:
        return self.name


class Company(Base, Tracked):
    """A legal entity: it has a VAT number, numbers its invoices and keeps its own books."""

    __tablename__ = "companies"

    id: Mapped[Key]
    group_id: Mapped[int] = mapped_column(ForeignKey("company_groups.id"))
    name: Mapped[str] = mapped_column(String(80), unique=True)
    vat_number: Mapped[str] = mapped_column(String(20), default="")
    street: Mapped[str] = mapped_column(String(80), default="")
    postcode: Mapped[str] = mapped_column(String(12), default="")
    city: Mapped[str] = mapped_column(String(40), default="")
    country: Mapped[str] = mapped_column(String(2), default="BE")
    email: Mapped[str] = mapped_column(String(128), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    iban: Mapped[str] = mapped_column(String(42), default="")
    bic: Mapped[str] = mapped_column(String(11), default="")
    timezone: Mapped[str] = mapped_column(String(40), default=BRUSSELS)
    invoice_terms: Mapped[str] = mapped_column(String(1000), default="")

    group: Mapped[CompanyGroup] = relationship(back_populates="companies")
    business_units: Mapped[list[BusinessUnit]] = relationship(back_populates="company")

    def __str__(self) -> str:
        return self.name


class BusinessUnit(Base, Tracked):
    """A location or department of a company, with a chart of accounts of its own."""

    __tablename__ = "business_units"

    id: Mapped[Key]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    code: Mapped[str] = mapped_column(String(10), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    street: Mapped[str] = mapped_column(String(80), default="")
    postcode: Mapped[str] = mapped_column(String(12), default="")
    city: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(128), default="")

    company: Mapped[Company] = relationship(back_populates="business_units")
    pools: Mapped[list[Pool]] = relationship(back_populates="business_unit")

    def __str__(self) -> str:
        return self.name


class Pool(Base, Tracked):
    """A set of resources within a business unit."""

    __tablename__ = "pools"
    __table_args__ = (UniqueConstraint("business_unit_id", "name"),)

    id: Mapped[Key]
    business_unit_id: Mapped[int] = mapped_column(ForeignKey("business_units.id"))
    name: Mapped[str] = mapped_column(String(80))

    business_unit: Mapped[BusinessUnit] = relationship(back_populates="pools")

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        """With its business unit in front, unless they share a name: "Liège · Vans"."""
        unit = self.business_unit.name
        return self.name if self.name == unit else f"{unit} · {self.name}"
