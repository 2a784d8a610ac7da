"""Where a company's administration in Exact is, and how things stand between us."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.models import Company
from ppplanner.models.base import Base, Key, Moment, Tracked, one_of

from ..vault import Sealed


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
