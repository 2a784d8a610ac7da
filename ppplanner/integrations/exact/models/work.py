"""What goes to Exact, one by one and together."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.clock import now
from ppplanner.models import Company
from ppplanner.models.base import Base, Key, Moment, one_of

from .connection import ExactConnection


class Kind(StrEnum):
    """What goes to Exact."""

    COST_CENTRE = "cost_centre"
    COST_CARRIER = "cost_carrier"
    CUSTOMER = "customer"
    INVOICE = "invoice"
    TRANSACTION = "transaction"


class RunKind(StrEnum):
    NIGHT = "night"
    #: Transactions, every so many minutes.
    INTERVAL = "interval"
    #: Somebody forwarded a selection, or tried again.
    MANUAL = "manual"


class ExactRun(Base):
    """Much that was put on its way together. Its row is made first, under a unique key, so that a
    night or an interval runs once. How it goes is seen from its entries in the outbox.
    """

    __tablename__ = "exact_runs"
    __table_args__ = (
        UniqueConstraint("connection_id", "kind", "slot"),
        Index("ix_exact_runs_started", "started_at", "id"),
    )

    id: Mapped[Key]
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("exact_connections.id", ondelete="CASCADE")
    )
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    kind: Mapped[RunKind] = mapped_column(one_of(RunKind))
    #: Which night or interval it is; None for what a person started.
    slot: Mapped[str | None] = mapped_column(String(40))
    started_at: Mapped[Moment] = mapped_column(default=now)
    #: "" for the clock.
    started_by: Mapped[str] = mapped_column(String(80), default="")

    connection: Mapped[ExactConnection] = relationship()
    company: Mapped[Company] = relationship()


class WorkState(StrEnum):
    #: It will be sent; `reason` says why not yet, if it was tried.
    WAITING = "waiting"
    #: A worker is at it.
    SENDING = "sending"
    DONE = "done"
    #: Exact, or a missing setting, says no: a person cures the cause and tries again.
    REFUSED = "refused"
    #: Something is missing that a person has to set; afterwards it goes by itself.
    HELD = "held"


class ExactOutboxEntry(Base):
    """Something that Exact has to be told, noted in the transaction that made it true."""

    __tablename__ = "exact_outbox"
    __table_args__ = (
        Index(
            "ix_exact_outbox_due",
            "connection_id",
            "rank",
            "id",
            sqlite_where=text("state in ('waiting', 'sending')"),
            postgresql_where=text("state in ('waiting', 'sending')"),
        ),
        Index("ix_exact_outbox_record", "kind", "record_id", "id"),
        Index("ix_exact_outbox_run", "run_id", "state"),
        Index(
            "uq_exact_outbox_open",
            "connection_id",
            "kind",
            "record_id",
            unique=True,
            sqlite_where=text("state in ('waiting', 'sending')"),
            postgresql_where=text("state in ('waiting', 'sending')"),
        ),
    )

    id: Mapped[Key]
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("exact_connections.id", ondelete="CASCADE")
    )
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    #: Whose it is; None for what the whole company shares, such as a customer.
    business_unit_id: Mapped[int | None] = mapped_column(ForeignKey("business_units.id"))
    #: A `Kind`.
    kind: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    #: What the record is called, as it was put on its way.
    title: Mapped[str] = mapped_column(String(120), default="")
    #: What goes first, whatever was queued first: see `items.RANKS`.
    rank: Mapped[int] = mapped_column(SmallInteger, default=0)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("exact_runs.id", ondelete="SET NULL"))
    state: Mapped[WorkState] = mapped_column(one_of(WorkState), default=WorkState.WAITING)
    #: Stored messages: why it waits or was refused.
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    #: Exact's own words, shown beside ours.
    words: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: How often it failed by itself: each time its own pause grows.
    tries: Mapped[int] = mapped_column(default=0)
    #: The record changed while it was being sent: it goes once more.
    again: Mapped[bool] = mapped_column(default=False)
    not_before: Mapped[Moment | None]
    queued_by: Mapped[str] = mapped_column(String(80), default="")
    queued_at: Mapped[Moment] = mapped_column(default=now)
    settled_at: Mapped[Moment | None]

    connection: Mapped[ExactConnection] = relationship()
    run: Mapped[ExactRun | None] = relationship()
