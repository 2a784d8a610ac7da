"""What happened between us and Exact about a record, and what Exact says of it since."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ppplanner.clock import now
from ppplanner.models.base import Base, Key, Moment, one_of


class StepState(StrEnum):
    #: Noted and committed before the call; found like this later, its outcome is unknown.
    SENDING = "sending"
    CONFIRMED = "confirmed"
    #: Not carried out: Exact refused it, or was never reached.
    NOT_DONE = "not_done"


class ExactStep(Base):
    """One write to Exact, remembered before it is made: never twice, never lost."""

    __tablename__ = "exact_steps"
    __table_args__ = (UniqueConstraint("connection_id", "kind", "record_id", "action"),)

    id: Mapped[Key]
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("exact_connections.id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(30))
    state: Mapped[StepState] = mapped_column(one_of(StepState))
    exact_id: Mapped[UUID | None]
    #: What Exact calls it, for people: the number of a booking, the code of a customer. While
    #: the outcome is unknown, the name under which it may be there.
    label: Mapped[str] = mapped_column(String(60), default="")
    started_at: Mapped[Moment] = mapped_column(default=now)
    confirmed_at: Mapped[Moment | None]


class ExactAttempt(Base):
    """One thing that happened between us and Exact about one record: the story of a document."""

    __tablename__ = "exact_attempts"
    __table_args__ = (Index("ix_exact_attempts_record", "kind", "record_id", "id"),)

    id: Mapped[Key]
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("exact_connections.id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    action: Mapped[str] = mapped_column(String(30))
    at: Mapped[Moment] = mapped_column(default=now)
    result: Mapped[str] = mapped_column(String(20))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    words: Mapped[list[str]] = mapped_column(JSON, default=list)


class ExactPayment(Base):
    """An invoice that Exact says is paid. What it says later it may take back."""

    __tablename__ = "exact_payments"

    invoice_id: Mapped[int] = mapped_column(
        ForeignKey("invoices.id", ondelete="CASCADE"), primary_key=True
    )
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("exact_connections.id", ondelete="CASCADE")
    )
    seen_at: Mapped[Moment] = mapped_column(default=now)
