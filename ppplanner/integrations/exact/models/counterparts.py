"""What in Exact is what here: the lists that people pick from, and what they, or we, picked."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.clock import now
from ppplanner.models import Customer, GLAccount, VatCode
from ppplanner.models.base import Base, Key, Moment, Tracked, one_of


class ListKind(StrEnum):
    JOURNAL = "journal"
    VAT_CODE = "vat_code"
    GL_ACCOUNT = "gl_account"
    PAYMENT_CONDITION = "payment_condition"


class ExactListItem(Base):
    """A line of a list that was fetched from Exact, from which people pick instead of typing."""

    __tablename__ = "exact_list_items"
    __table_args__ = (UniqueConstraint("connection_id", "kind", "code"),)

    id: Mapped[Key]
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("exact_connections.id", ondelete="CASCADE")
    )
    kind: Mapped[ListKind] = mapped_column(one_of(ListKind))
    exact_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(200))
    #: What decides whether it can be picked: kind of journal, percentage, blocked.
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class ExactCustomerLink(Base):
    """Which relation in Exact a customer is."""

    __tablename__ = "exact_customer_links"
    __table_args__ = (UniqueConstraint("connection_id", "account_id"),)

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True
    )
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("exact_connections.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(String(20), default="")
    linked_at: Mapped[Moment] = mapped_column(default=now)
    #: What Exact was last told of the customer, or told us, in the words of `NewAccount`: only what
    #: differs from it goes there. None: linked before this was kept; of a field: it was sent, and
    #: no answer came yet.
    known: Mapped[dict[str, str | None] | None] = mapped_column(JSON)

    customer: Mapped[Customer] = relationship()


class ExactCostLink(Base):
    """Which cost centre or cost unit in Exact one of our cost centres or cost carriers is."""

    __tablename__ = "exact_cost_links"
    __table_args__ = (UniqueConstraint("connection_id", "kind", "exact_id"),)

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    record_id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("exact_connections.id", ondelete="CASCADE"), primary_key=True
    )
    exact_id: Mapped[UUID]
    #: Exact never changes it.
    code: Mapped[str] = mapped_column(String(8))
    #: What Exact was last told of its name, or told us; "" while one is sent without answer.
    name: Mapped[str] = mapped_column(String(60))
    linked_at: Mapped[Moment] = mapped_column(default=now)


class ExactGLAccountLink(Base, Tracked):
    """Which GL account in Exact one of ours is. It is only ever read there (mission S35)."""

    __tablename__ = "exact_gl_account_links"

    gl_account_id: Mapped[int] = mapped_column(
        ForeignKey("gl_accounts.id", ondelete="CASCADE"), primary_key=True
    )
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("exact_connections.id", ondelete="CASCADE"), primary_key=True
    )
    exact_id: Mapped[UUID]
    code: Mapped[str] = mapped_column(String(30))

    gl_account: Mapped[GLAccount] = relationship()

    def __str__(self) -> str:
        return self.code


class ExactVatLink(Base, Tracked):
    """Which VAT code in Exact one of ours is."""

    __tablename__ = "exact_vat_links"

    vat_code_id: Mapped[int] = mapped_column(
        ForeignKey("vat_codes.id", ondelete="CASCADE"), primary_key=True
    )
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("exact_connections.id", ondelete="CASCADE"), primary_key=True
    )
    code: Mapped[str] = mapped_column(String(30))

    vat_code: Mapped[VatCode] = relationship()

    def __str__(self) -> str:
        return self.code
