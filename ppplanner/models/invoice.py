"""Invoices and credit notes, their lines, their numbers and their PDF."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
from ppplanner.models.organisation import BusinessUnit, Company
from ppplanner.money import vat_amount


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


@dataclass(frozen=True)
class VatTotal:
    """What an invoice holds of one VAT code: base and VAT in EUR."""

    vat_code: VatCode
    percentage: Decimal
    base: Decimal
    vat: Decimal


class NumberSeries(Base):
    """The next number of a gapless series; `services/invoices/numbering.py` gives one at a time."""

    __tablename__ = "number_series"
    __table_args__ = (UniqueConstraint("company_id", "kind", "year"),)

    id: Mapped[Key]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    kind: Mapped[InvoiceKind] = mapped_column(one_of(InvoiceKind))
    year: Mapped[int]
    next_number: Mapped[int] = mapped_column(default=1)
    #: No document of the series may be dated before it.
    last_date: Mapped[date | None]


class Invoice(Base, Tracked):
    """An invoice or credit note. Once confirmed it has a number and never changes again."""

    __tablename__ = "invoices"
    __table_args__ = (
        UniqueConstraint("company_id", "kind", "year", "number"),
        CheckConstraint(
            "(state = 'draft') = (number is null)", name="number_exactly_when_confirmed"
        ),
        Index("ix_invoices_invoice_date_id", "invoice_date", "id"),
        Index("ix_invoices_due_date_id", "due_date", "id"),
        Index("ix_invoices_net_id", "net", "id"),
        Index("ix_invoices_gross_id", "gross", "id"),
        Index("ix_invoices_state", "state", "invoice_date", "id"),
        Index("ix_invoices_payment_state", "payment_state", "due_date", "id"),
    )
    untracked = frozenset({"created_at"})

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
    credited_invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"))
    year: Mapped[int | None]
    number: Mapped[int | None]
    #: The number as people write it, such as "2026-00042"; empty while a draft.
    reference: Mapped[str] = mapped_column(String(30), default="", index=True)
    invoice_date: Mapped[date]
    due_date: Mapped[date]
    #: The last invoice of its contract.
    final: Mapped[bool] = mapped_column(default=True)
    #: Totals in EUR: without VAT, the VAT, with VAT.
    net: Mapped[Money] = mapped_column(default=Decimal(0))
    vat: Mapped[Money] = mapped_column(default=Decimal(0))
    gross: Mapped[Money] = mapped_column(default=Decimal(0))
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
    document: Mapped[InvoiceDocument | None] = relationship(
        back_populates="invoice", cascade="all, delete-orphan"
    )

    def __str__(self) -> str:
        return self.reference or f"#{self.id}"

    @property
    def is_draft(self) -> bool:
        return self.state is DocumentState.DRAFT

    def vat_totals(self) -> list[VatTotal]:
        """Base and VAT per VAT code, in the order of the lines.

        VAT is computed on the total of a rate, never per line (Belgian royal decree of 8 July
        2025).
        """
        return vat_totals(self.lines)


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
    position: Mapped[int]
    description: Mapped[str] = mapped_column(String(200))
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


def vat_totals(lines: Iterable[InvoiceLine]) -> list[VatTotal]:
    """Base and VAT per VAT code and percentage, in the order in which they first occur."""
    groups: dict[tuple[VatCode, Decimal], list[InvoiceLine]] = {}
    for line in lines:
        groups.setdefault((line.vat_code, line.vat_percentage), []).append(line)
    return [_vat_total(percentage, group) for (_, percentage), group in groups.items()]


def _vat_total(percentage: Decimal, lines: list[InvoiceLine]) -> VatTotal:
    base = sum((line.net for line in lines), Decimal(0))
    return VatTotal(lines[0].vat_code, percentage, base, vat_amount(base, percentage))
