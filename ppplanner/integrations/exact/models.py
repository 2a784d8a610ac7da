"""The tables of the link with Exact. The core's tables do not know that they exist."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.clock import now
from ppplanner.models import Company, Customer, GLAccount, VatCode
from ppplanner.models.base import Base, Key, Moment, Tracked, one_of

from .vault import Sealed


class ConnectionState(StrEnum):
    DISCONNECTED = "disconnected"
    CONNECTED = "connected"
    #: The login has ended; work waits until a person logs in again.
    NEEDS_LOGIN = "needs_login"


class ExactConnection(Base, Tracked):
    """A company's link with its administration in Exact: where, as which app, with which tokens."""

    __tablename__ = "exact_connections"
    untracked = frozenset(
        {
            "client_secret",
            "access_token",
            "refresh_token",
            "obtained_at",
            "expires_at",
            "renewing_until",
            "leased_by",
            "leased_until",
            "paused_until",
            "pause_reason",
            "failures",
            "last_answer_at",
            "lists_fetched_at",
        }
    )

    id: Mapped[Key]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"), unique=True)
    base_url: Mapped[str] = mapped_column(String(200))
    client_id: Mapped[str] = mapped_column(String(100))
    client_secret: Mapped[str] = mapped_column(Sealed)
    state: Mapped[ConnectionState] = mapped_column(
        one_of(ConnectionState), default=ConnectionState.DISCONNECTED
    )
    #: The person who gave consent, as Exact names them.
    consented_by: Mapped[str] = mapped_column(String(100), default="")
    access_token: Mapped[str | None] = mapped_column(Sealed)
    refresh_token: Mapped[str | None] = mapped_column(Sealed)
    obtained_at: Mapped[Moment | None]
    expires_at: Mapped[Moment | None]
    #: Until when some process holds the right to renew the tokens.
    renewing_until: Mapped[Moment | None]

    #: The number of the administration; chosen by a person and never changed by Exact.
    division: Mapped[int | None]
    division_name: Mapped[str] = mapped_column(String(100), default="")
    sales_journal: Mapped[str] = mapped_column(String(20), default="")
    #: Since when the nightly run is on: nights before it are not made up.
    nightly_since: Mapped[Moment | None]
    lists_fetched_at: Mapped[Moment | None]

    #: Which worker sends for this connection, and until when it may.
    leased_by: Mapped[str | None] = mapped_column(String(100))
    leased_until: Mapped[Moment | None]
    #: Nothing is sent before this moment; why, as a stored message.
    paused_until: Mapped[Moment | None]
    pause_reason: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    failures: Mapped[int] = mapped_column(default=0)
    last_answer_at: Mapped[Moment | None]

    company: Mapped[Company] = relationship()

    def __str__(self) -> str:
        return self.division_name or self.base_url

    @property
    def is_connected(self) -> bool:
        return self.state is ConnectionState.CONNECTED

    @property
    def is_ready(self) -> bool:
        """Whether work can be sent: logged in, and the administration chosen."""
        return self.is_connected and self.division is not None


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

    customer: Mapped[Customer] = relationship()


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


class WorkState(StrEnum):
    #: It will be sent; `reason` says why not yet, if it was tried.
    WAITING = "waiting"
    #: A worker is at it.
    SENDING = "sending"
    DONE = "done"
    #: Exact, or a missing setting, says no: a person cures the cause and tries again.
    REFUSED = "refused"


class ExactOutboxEntry(Base):
    """Something that Exact has to be told, noted in the transaction that made it true."""

    __tablename__ = "exact_outbox"
    __table_args__ = (
        Index("ix_exact_outbox_due", "connection_id", "state", "id"),
        Index("ix_exact_outbox_record", "kind", "record_id", "id"),
        Index(
            "uq_exact_outbox_open_invoice",
            "record_id",
            unique=True,
            sqlite_where=text("kind = 'invoice' and state in ('waiting', 'sending')"),
            postgresql_where=text("kind = 'invoice' and state in ('waiting', 'sending')"),
        ),
    )

    id: Mapped[Key]
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("exact_connections.id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    state: Mapped[WorkState] = mapped_column(one_of(WorkState), default=WorkState.WAITING)
    #: Stored messages: why it waits or was refused.
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    #: Exact's own words, shown beside ours.
    words: Mapped[list[str]] = mapped_column(JSON, default=list)
    #: How often it failed by itself: each time its own pause grows.
    tries: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[Moment | None]
    queued_by: Mapped[str] = mapped_column(String(80), default="")
    queued_at: Mapped[Moment] = mapped_column(default=now)
    settled_at: Mapped[Moment | None]

    connection: Mapped[ExactConnection] = relationship()


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
    #: What Exact calls it, for people: the number of a booking, the code of a customer.
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


class ExactNight(Base):
    """A nightly run: its row is made first, under a unique key, so that a night runs once."""

    __tablename__ = "exact_nights"
    __table_args__ = (UniqueConstraint("connection_id", "night_of"),)

    id: Mapped[Key]
    connection_id: Mapped[int] = mapped_column(
        ForeignKey("exact_connections.id", ondelete="CASCADE")
    )
    night_of: Mapped[date]
    started_at: Mapped[Moment] = mapped_column(default=now)
    queued: Mapped[int] = mapped_column(default=0)
