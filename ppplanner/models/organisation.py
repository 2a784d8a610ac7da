"""Company group > company > business unit (the branch) > pool."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.clock import BRUSSELS, now
from ppplanner.models.base import Base, Key, Moment, Tracked, one_of


class CompanyGroup(Base, Tracked):
    """Companies that share customers, rates, cost centres and cost carriers: a holding, say."""

    __tablename__ = "company_groups"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    #: Switched off, there is no trace of them on any screen.
    uses_cost_centres: Mapped[bool] = mapped_column(default=True, server_default=true())
    uses_cost_carriers: Mapped[bool] = mapped_column(default=True, server_default=true())
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
    #: Printed on each invoice; `invoice_terms_in` has the languages that differ.
    invoice_terms: Mapped[str] = mapped_column(String(1000), default="")
    invoice_terms_in: Mapped[dict[str, str]] = mapped_column(
        JSON, default=dict, server_default="{}"
    )

    group: Mapped[CompanyGroup] = relationship(back_populates="companies")
    business_units: Mapped[list[BusinessUnit]] = relationship(back_populates="company")

    def __str__(self) -> str:
        return self.name


class FileKind(StrEnum):
    LOGO = "logo"
    #: Goes along with each invoice that is mailed.
    CONDITIONS = "conditions"


class CompanyFile(Base):
    """A file of a company: its logo, its general conditions in a language."""

    __tablename__ = "company_files"
    __table_args__ = (UniqueConstraint("company_id", "kind", "language"),)

    id: Mapped[Key]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    kind: Mapped[FileKind] = mapped_column(one_of(FileKind))
    #: Of the text in it; "" for a logo, and for conditions that go to everybody else.
    language: Mapped[str] = mapped_column(String(2), default="")
    filename: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(60))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    uploaded_at: Mapped[Moment] = mapped_column(default=now)

    company: Mapped[Company] = relationship()


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
    #: Who sends its mails to customers, and who those with invoices; empty falls back on its name
    #: and `email` (domain 2.3).
    mail_name: Mapped[str] = mapped_column(String(80), default="", server_default="")
    mail_address: Mapped[str] = mapped_column(String(128), default="", server_default="")
    invoice_mail_name: Mapped[str] = mapped_column(String(80), default="", server_default="")
    invoice_mail_address: Mapped[str] = mapped_column(String(128), default="", server_default="")

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
