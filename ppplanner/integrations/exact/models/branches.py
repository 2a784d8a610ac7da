"""How the transactions of business units are booked in Exact."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.models import BusinessUnit, TransactionMethod, TransactionType
from ppplanner.models.base import Base, Key, Tracked


class ExactBranch(Base, Tracked):
    """How the transactions of a business unit are booked (mission S42 to S46)."""

    __tablename__ = "exact_branches"
    untracked = frozenset({"customer_gl_id"})

    business_unit_id: Mapped[int] = mapped_column(
        ForeignKey("business_units.id", ondelete="CASCADE"), primary_key=True
    )
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("exact_connections.id", ondelete="CASCADE")
    )
    cash_journal: Mapped[str] = mapped_column(String(20), default="")
    other_journal: Mapped[str] = mapped_column(String(20), default="")
    #: With variables such as {contract}: see `mapping.describe`.
    description: Mapped[str] = mapped_column(String(100), default="")
    customer_gl_id: Mapped[UUID | None]
    customer_gl_code: Mapped[str] = mapped_column(String(30), default="")

    business_unit: Mapped[BusinessUnit] = relationship()

    def __str__(self) -> str:
        return str(self.business_unit)


class ExactTypeAccount(Base, Tracked):
    """On which GL account in Exact a business unit books a type of transaction (mission S47); with
    a method, only what moves that way. Both together win over the type alone.
    """

    __tablename__ = "exact_type_accounts"
    untracked = frozenset({"gl_account_id"})
    __table_args__ = (
        Index(
            "uq_exact_type_accounts_type",
            "business_unit_id",
            "type_id",
            unique=True,
            sqlite_where=text("method_id is null"),
            postgresql_where=text("method_id is null"),
        ),
        UniqueConstraint("business_unit_id", "type_id", "method_id"),
        CheckConstraint(
            "(gl_account_id is null) = (not forwarded)", name="account_exactly_when_forwarded"
        ),
    )

    id: Mapped[Key]
    business_unit_id: Mapped[int] = mapped_column(
        ForeignKey("business_units.id", ondelete="CASCADE")
    )
    type_id: Mapped[int] = mapped_column(ForeignKey("transaction_types.id", ondelete="CASCADE"))
    method_id: Mapped[int | None] = mapped_column(
        ForeignKey("transaction_methods.id", ondelete="CASCADE")
    )
    gl_account_id: Mapped[UUID | None]
    gl_account_code: Mapped[str] = mapped_column(String(30), default="")
    #: Off: such transactions stay here, since the bookkeeper has them from elsewhere, such as the
    #: statements of the bank.
    forwarded: Mapped[bool] = mapped_column(default=True)

    type: Mapped[TransactionType] = relationship()
    method: Mapped[TransactionMethod | None] = relationship()

    def __str__(self) -> str:
        return f"{self.type} · {self.method}" if self.method else str(self.type)
