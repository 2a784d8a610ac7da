"""Invoices and credit notes, their lines, their numbers and their PDF."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
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
from ppplanner.models.contract import Contract
from ppplanner.models.customer import Customer
from ppplanner.models.ledger import CostCarrier, CostCentre, GLAccount, VatCode
from ppplanner.models.organisation import BusinessUnit, Company, CompanyGroup


class InvoiceKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class DocumentState(StrEnum):
    DRAFT = "draft"
    CONFIRMED = "confirmed"


class PaymentState(StrEnum):
    UNKNOWN = "unknown"
    NOT_PAID = "not_paid"
    PARTIALLY_PAID = "partially_paid"
    FULLY_PAID = "fully_paid"
    NEVER_PAID = "never_paid"


class FinancialYear(Base, Tracked):
    """A book year of a company group, a company or a business unit: the level on which the company
    numbers its invoices (domain 8.2). Those of one owner never overlap; unused, they go with it.
    """

    __tablename__ = "financial_years"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="starts_before_ends"),
        CheckConstraint(
            "(case when group_id is null then 0 else 1 end)"
            " + (case when company_id is null then 0 else 1 end)"
            " + (case when business_unit_id is null then 0 else 1 end) = 1",
            name="one_owner",
        ),
        UniqueConstraint("group_id", "name"),
        UniqueConstraint("company_id", "name"),
        UniqueConstraint("business_unit_id", "name"),
    )

    id: Mapped[Key]
    group_id: Mapped[int | None] = mapped_column(
        ForeignKey("company_groups.id", ondelete="CASCADE")
    )
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    business_unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("business_units.id", ondelete="CASCADE")
    )
    #: How its numbers begin: "2026".
    name: Mapped[str] = mapped_column(String(10))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    #: Nothing can be confirmed in it any more.
    closed: Mapped[bool] = mapped_column(default=False)

    group: Mapped[CompanyGroup | None] = relationship()
    company: Mapped[Company | None] = relationship()
    business_unit: Mapped[BusinessUnit | None] = relationship()

    def __str__(self) -> str:
        return self.name

    @property
    def owner(self) -> CompanyGroup | Company | BusinessUnit:
        owner = self.group or self.company or self.business_unit
        assert owner  # the database sees to it that there is one
        return owner


class NumberSeries(Base):
    """The next number of a gapless series; `services/invoices/numbering.py` gives one at a time.

    Credit notes stand in the series of invoices unless the company keeps one for them.
    """

    __tablename__ = "number_series"
    __table_args__ = (
        UniqueConstraint("financial_year_id", "kind"),
        CheckConstraint("next_number > 0", name="next_number_positive"),
    )

    id: Mapped[Key]
    financial_year_id: Mapped[int] = mapped_column(ForeignKey("financial_years.id"))
    kind: Mapped[InvoiceKind] = mapped_column(one_of(InvoiceKind))
    next_number: Mapped[int] = mapped_column(default=1)
    #: No document of the series may be dated before it.
    last_date: Mapped[date | None]

    financial_year: Mapped[FinancialYear] = relationship()


class Invoice(Base, Tracked):
    """An invoice or credit note. Once confirmed it has a number and never changes again."""

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("series_id", "number"),
        CheckConstraint(
            "(state = 'draft') = (number is null)", name="number_exactly_when_confirmed"
        ),
        Index("ix_invoices_invoice_date_id", "invoice_date", "id"),
        Index("ix_invoices_due_date_id", "due_date", "id"),
        Index("ix_invoices_net_id", "net", "id"),
        Index("ix_invoices_gross_id", "gross", "id"),
        Index("ix_invoices_state", "state", "invoice_date", "id"),
        Index("ix_invoices_payment_state", "payment_state", "due_date", "id"),
        Index("ix_invoices_balance_id", "balance", "id"),
        Index(
            "uq_invoices_reference",
            "company_id",
            "reference",
            unique=True,
            sqlite_where=text("reference <> ''"),
            postgresql_where=text("reference <> ''"),
        ),
    )
    untracked = frozenset({"created_at", "series_id"})

    id: Mapped[Key]
    kind: Mapped[InvoiceKind] = mapped_column(one_of(InvoiceKind), default=InvoiceKind.INVOICE)
    state: Mapped[DocumentState] = mapped_column(one_of(DocumentState), default=DocumentState.DRAFT)
    payment_state: Mapped[PaymentState] = mapped_column(
        one_of(PaymentState), default=PaymentState.NOT_PAID
    )
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    business_unit_id: Mapped[int] = mapped_column(ForeignKey("business_units.id"), index=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contracts.id"), index=True)
    #: What a credit note takes back.
    credited_invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), index=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("number_series.id"))
    number: Mapped[int | None]
    #: The number as people write it, such as "2026-00042"; empty while a draft.
    reference: Mapped[str] = mapped_column(String(30), default="", index=True)
    invoice_date: Mapped[date]
    due_date: Mapped[date]
    #: The day up to and including which the rent of its contract was asked for; None: to the end.
    invoiced_until: Mapped[date | None]
    #: The last invoice of its contract.
    final: Mapped[bool] = mapped_column(default=True)
    #: Totals in EUR: without VAT, the VAT, with VAT.
    net: Mapped[Money] = mapped_column(default=Decimal(0))
    vat: Mapped[Money] = mapped_column(default=Decimal(0))
    gross: Mapped[Money] = mapped_column(default=Decimal(0))
    #: What is still open of a confirmed document, in EUR: its total, less credit notes and
    #: collections. Kept by `services/invoices/balances.py`.
    balance: Mapped[Money] = mapped_column(default=Decimal(0))
    #: What had been paid when it was confirmed, in EUR: printed on it, and not asked for again.
    prepaid: Mapped[Money] = mapped_column(default=Decimal(0))
    #: Belgian structured communication (mod 97), twelve digits; empty while a draft.
    payment_reference: Mapped[str] = mapped_column(String(12), default="")
    created_at: Mapped[Moment] = mapped_column(default=now)
    confirmed_at: Mapped[Moment | None]

    company: Mapped[Company] = relationship()
    business_unit: Mapped[BusinessUnit] = relationship()
    customer: Mapped[Customer] = relationship()
    contract: Mapped[Contract | None] = relationship()
    credited_invoice: Mapped[Invoice | None] = relationship(remote_side="Invoice.id")
    lines: Mapped[list[InvoiceLine]] = relationship(
        back_populates="invoice",
        order_by="InvoiceLine.position",
        cascade="all, delete-orphan",
    )
    #: VAT by code, in the order of the lines. Computed on the total of a rate, never per line
    #: (Belgian royal decree of 8 July 2025): `services/invoices/totals.py`.
    vat_totals: Mapped[list[InvoiceVat]] = relationship(
        back_populates="invoice", order_by="InvoiceVat.id", cascade="all, delete-orphan"
    )
    series: Mapped[NumberSeries | None] = relationship()
    document: Mapped[InvoiceDocument | None] = relationship(
        back_populates="invoice", cascade="all, delete-orphan"
    )

    def __str__(self) -> str:
        return self.reference or f"#{self.id}"

    @property
    def is_draft(self) -> bool:
        return self.state is DocumentState.DRAFT

    @property
    def is_credit_note(self) -> bool:
        return self.kind is InvoiceKind.CREDIT_NOTE


class InvoiceLine(Base):
    """One line of an invoice, in EUR without VAT. A credit note has negative amounts."""

    __tablename__ = "invoice_lines"

    id: Mapped[Key]
    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("invoices.id", ondelete="CASCADE"), index=True
    )
    price_line_id: Mapped[int | None] = mapped_column(
        ForeignKey("price_lines.id", ondelete="SET NULL"), index=True
    )
    #: The line that a credit note takes back, or a part of it.
    credited_line_id: Mapped[int | None] = mapped_column(ForeignKey("invoice_lines.id"), index=True)
    position: Mapped[int]
    description: Mapped[str] = mapped_column(String(200))
    #: The local days that it charges, both included; None for what has no period.
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    units: Mapped[Quantity]
    unit_price: Mapped[UnitPrice]
    discount: Mapped[Percentage] = mapped_column(default=Decimal(0))
    net: Mapped[Money]
    vat_code_id: Mapped[int] = mapped_column(ForeignKey("vat_codes.id"))
    #: The percentage of the VAT code when the line was made.
    vat_percentage: Mapped[Percentage]
    gl_account_id: Mapped[int | None] = mapped_column(ForeignKey("gl_accounts.id"))
    cost_centre_id: Mapped[int | None] = mapped_column(ForeignKey("cost_centres.id"))
    cost_carrier_id: Mapped[int | None] = mapped_column(ForeignKey("cost_carriers.id"))

    invoice: Mapped[Invoice] = relationship(back_populates="lines")
    vat_code: Mapped[VatCode] = relationship()
    gl_account: Mapped[GLAccount | None] = relationship()
    cost_centre: Mapped[CostCentre | None] = relationship()
    cost_carrier: Mapped[CostCarrier | None] = relationship()
    credited_line: Mapped[InvoiceLine | None] = relationship(remote_side="InvoiceLine.id")


class InvoiceVat(Base):
    """What an invoice holds of one VAT code: base and VAT in EUR."""

    __tablename__ = "invoice_vat"
    __table_args__ = (UniqueConstraint("invoice_id", "vat_code_id", "percentage"),)

    id: Mapped[Key]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoices.id", ondelete="CASCADE"))
    vat_code_id: Mapped[int] = mapped_column(ForeignKey("vat_codes.id"))
    percentage: Mapped[Percentage]
    base: Mapped[Money]
    vat: Mapped[Money]

    invoice: Mapped[Invoice] = relationship(back_populates="vat_totals")
    vat_code: Mapped[VatCode] = relationship()


class InvoiceDocument(Base):
    """The PDF of a confirmed invoice: made once, the same bytes ever after."""

    __tablename__ = "invoice_documents"

    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("invoices.id", ondelete="CASCADE"), primary_key=True
    )
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_at: Mapped[Moment] = mapped_column(default=now)

    invoice: Mapped[Invoice] = relationship(back_populates="document")
