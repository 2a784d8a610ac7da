"""Mails: written down in the transaction of the change, sent by a job."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.clock import now
from ppplanner.models.base import Base, Key, Moment, one_of
from ppplanner.models.invoice import Invoice


class MailState(StrEnum):
    WAITING = "waiting"
    #: The mail server took it.
    SENT = "sent"
    #: Refused for good: see `error`.
    FAILED = "failed"


class Mail(Base):
    """One mail: with an invoice to a customer, or without to a colleague. Its attachments are put
    to it when it is sent.
    """

    __tablename__ = "mails"
    __table_args__ = (Index("ix_mails_waiting", "state", "next_attempt_at"),)

    id: Mapped[Key]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    invoice_id: Mapped[int | None] = mapped_column(
        ForeignKey("invoices.id", ondelete="CASCADE"), index=True
    )
    sender_name: Mapped[str] = mapped_column(String(80))
    sender_address: Mapped[str] = mapped_column(String(128))
    recipient: Mapped[str] = mapped_column(String(128))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    #: The Message-ID: stays the same when it is tried again, so that nobody reads it twice.
    message_key: Mapped[str] = mapped_column(String(128), unique=True)
    state: Mapped[MailState] = mapped_column(one_of(MailState), default=MailState.WAITING)
    error: Mapped[str] = mapped_column(String(500), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[Moment] = mapped_column(default=now)
    next_attempt_at: Mapped[Moment] = mapped_column(default=now)
    sent_at: Mapped[Moment | None]

    invoice: Mapped[Invoice | None] = relationship()
