"""The tables of the link with Exact. The core's tables do not know that they exist."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.clock import now
from ppplanner.models import (
    BusinessUnit,
    Company,
    Customer,
    GLAccount,
    TransactionMethod,
    TransactionType,
    VatCode,
)
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
            "language",
            "lists_asked_at",
            "collected_at",
            "payments_fetched_at",
            "loss_told_at",
            "warned_days",
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
    #: That person's language, in which transactions are described; "" for none of ours.
    language: Mapped[str] = mapped_column(String(2), default="", server_default="")
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
    #: That of customers whom we make there; "" leaves it to Exact.
    payment_condition: Mapped[str] = mapped_column(String(20), default="", server_default="")
    #: Since when the nightly run is on: nights before it are not made up.
    nightly_since: Mapped[Moment | None]
    lists_fetched_at: Mapped[Moment | None]
    #: When the clock last tried to fetch them.
    lists_asked_at: Mapped[Moment | None]
    #: When transactions were last put on their way, and open items last read.
    collected_at: Mapped[Moment | None]
    payments_fetched_at: Mapped[Moment | None]

    #: Which worker sends for this connection, and until when it may.
    leased_by: Mapped[str | None] = mapped_column(String(100))
    leased_until: Mapped[Moment | None]
    #: Nothing is sent before this moment; why, as a stored message.
    paused_until: Mapped[Moment | None]
    pause_reason: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    failures: Mapped[int] = mapped_column(default=0)
    last_answer_at: Mapped[Moment | None]
    #: When the administrators were told that the login is lost; None while it is not.
    loss_told_at: Mapped[Moment | None]
    #: How many days before the login dies of disuse they were last warned; None since it was used.
    warned_days: Mapped[int | None] = mapped_column(SmallInteger)

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
    #: What Exact was last told of the customer, or told us, in the words of `NewAccount`: only what
    #: differs from it goes there. None: linked before this was kept.
    known: Mapped[dict[str, str] | None] = mapped_column(JSON)

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
    #: What Exact was last told of its name, or told us.
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
    #: What goes first, whatever was queued first: see `outbox.RANKS`.
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


class ExactCalls(Base):
    """How many calls an app has left in an administration, while the queue's server, which counts
    them otherwise, is away.
    """

    __tablename__ = "exact_calls"

    #: Of app and administration: see `quota.quota_key`.
    key: Mapped[str] = mapped_column(String(400), primary_key=True)
    state: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_at: Mapped[Moment] = mapped_column(default=now)


class ExactCountedError(Base):
    """An answer that Exact counts: more than ten of an endpoint in an hour, and it blocks the app.
    A call that may get one takes a place before it is made, and gives it back if all went well.
    """

    __tablename__ = "exact_counted_errors"
    __table_args__ = (Index("ix_exact_counted_errors_endpoint", "key", "resource", "at"),)

    id: Mapped[Key]
    #: Of app, person and administration: see `fuse`.
    key: Mapped[str] = mapped_column(String(400))
    #: The endpoint, such as `crm/Accounts`.
    resource: Mapped[str] = mapped_column(String(80))
    at: Mapped[Moment] = mapped_column(default=now)
    #: The answer; None while the call is under way. Two do not count, and tell that refusals may be
    #: over: 200 for a good answer, and 0 for a person who says so.
    status: Mapped[int | None] = mapped_column(SmallInteger)
