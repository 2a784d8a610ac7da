"""Customers, private and business."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.clock import now
from ppplanner.models.base import Base, Key, Moment, Tracked, one_of
from ppplanner.models.ledger import VatCode


class CustomerKind(StrEnum):
    PRIVATE = "private"
    BUSINESS = "business"


class CustomerStatus(StrEnum):
    ACTIVE = "active"
    WARNING = "warning"
    BLOCKED = "blocked"
    INACTIVE = "inactive"


class Delivery(StrEnum):
    """How a customer gets invoices."""

    MAIL = "mail"
    POST = "post"
    NONE = "none"


class Customer(Base, Tracked):
    """Somebody who rents: a person with a first and last name, or a firm with a company name."""

    __tablename__ = "customers"
    __table_args__ = (
        UniqueConstraint("group_id", "number"),
        UniqueConstraint("group_id", "vat_key"),
        CheckConstraint("kind = 'private' or company_name <> ''", name="business_has_name"),
        CheckConstraint("kind = 'business' or last_name <> ''", name="private_has_name"),
        Index("ix_customers_name_id", "name", "id"),
    )
    untracked = frozenset({"name", "vat_key", "created_at"})

    id: Mapped[Key]
    group_id: Mapped[int] = mapped_column(ForeignKey("company_groups.id"))
    number: Mapped[int]
    kind: Mapped[CustomerKind] = mapped_column(one_of(CustomerKind))
    #: What lists show and sort by: the company name, or "Last First".
    name: Mapped[str] = mapped_column(String(200))
    company_name: Mapped[str] = mapped_column(String(100), default="")
    first_name: Mapped[str] = mapped_column(String(60), default="")
    last_name: Mapped[str] = mapped_column(String(60), default="")
    vat_number: Mapped[str] = mapped_column(String(35), default="")
    #: The VAT number without punctuation, for finding doubles; None without a number.
    vat_key: Mapped[str | None] = mapped_column(String(40))
    street: Mapped[str] = mapped_column(String(100), default="")
    postcode: Mapped[str] = mapped_column(String(12), default="")
    city: Mapped[str] = mapped_column(String(60), default="")
    country: Mapped[str] = mapped_column(String(2), default="BE")
    language: Mapped[str] = mapped_column(String(2), default="nl")
    email: Mapped[str] = mapped_column(String(128), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    iban: Mapped[str] = mapped_column(String(42), default="")
    #: Days between an invoice's date and its due date.
    payment_days: Mapped[int] = mapped_column(default=30)
    #: The VAT code of all that this customer gets, such as that for intra-community services; None
    #: leaves it to what is sold.
    vat_code_id: Mapped[int | None] = mapped_column(ForeignKey("vat_codes.id"))
    #: None: as the company does by default.
    invoice_delivery: Mapped[Delivery | None] = mapped_column(one_of(Delivery))
    #: Where invoices are mailed to, if not to `email`.
    invoice_email: Mapped[str] = mapped_column(String(128), default="", server_default="")
    #: Whether a confirmed invoice is mailed by itself; None: as the company does by default.
    mail_invoices: Mapped[bool | None]
    status: Mapped[CustomerStatus] = mapped_column(
        one_of(CustomerStatus), default=CustomerStatus.ACTIVE
    )
    #: "manual", or the name of the add-on that brought the record in.
    origin: Mapped[str] = mapped_column(String(20), default="manual")
    created_at: Mapped[Moment] = mapped_column(default=now)

    vat_code: Mapped[VatCode | None] = relationship()

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """The name as an address shows it: "First Last", or the company name."""
        if self.kind is CustomerKind.BUSINESS:
            return self.company_name
        return f"{self.first_name} {self.last_name}".strip()
