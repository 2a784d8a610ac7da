"""Invoice runs: what could be invoiced now, picked by a person, made by a job."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.clock import now
from ppplanner.models.base import Base, Key, Moment, Money, one_of
from ppplanner.models.contract import Contract, Periodicity
from ppplanner.models.invoice import Invoice
from ppplanner.models.organisation import BusinessUnit
from ppplanner.models.user import User


class RunState(StrEnum):
    CALCULATING = "calculating"
    #: A person looks at it and picks.
    READY = "ready"
    INVOICING = "invoicing"
    DONE = "done"


class InvoiceRun(Base):
    """One run: what to look for, how far it is. Its jobs can be killed and repeated at any time."""

    __tablename__ = "invoice_runs"
    __table_args__ = (
        CheckConstraint("done <= total", name="done_within_total"),
        Index("ix_invoice_runs_made_by_id_moved_at", "made_by_id", "moved_at"),
    )

    id: Mapped[Key]
    made_at: Mapped[Moment] = mapped_column(default=now)
    #: Whose rights say how far it reaches.
    made_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    #: None: all that its maker may invoice.
    business_unit_id: Mapped[int | None] = mapped_column(ForeignKey("business_units.id"))
    #: Rent is invoiced up to and including this day; of periodic contracts the whole periods that
    #: have ended by then.
    until: Mapped[date]
    invoice_date: Mapped[date]
    only_checked_in: Mapped[bool] = mapped_column(default=False)
    #: Only contracts that are invoiced this often; None for all.
    periodicity: Mapped[Periodicity | None] = mapped_column(one_of(Periodicity))
    #: Whether what is picked becomes confirmed invoices; otherwise drafts.
    confirm: Mapped[bool] = mapped_column(default=False)
    state: Mapped[RunState] = mapped_column(one_of(RunState), default=RunState.CALCULATING)
    #: Contracts (then: invoices) to look at in the present state, and how many are done.
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    #: When the work of the present state began, and when some of it was last done: how long the
    #: rest will take, and whether a job has died over it.
    began_at: Mapped[Moment] = mapped_column(default=now)
    moved_at: Mapped[Moment] = mapped_column(default=now)
    #: How far the calculation is: it goes by the keys of contracts.
    last_contract_id: Mapped[int] = mapped_column(default=0)

    made_by: Mapped[User] = relationship()
    business_unit: Mapped[BusinessUnit | None] = relationship()
    items: Mapped[list[InvoiceRunItem]] = relationship(
        back_populates="run", cascade="all, delete-orphan", passive_deletes=True
    )


class ItemState(StrEnum):
    PROPOSED = "proposed"
    #: Its invoice was made; without one, the draft has been discarded since.
    INVOICED = "invoiced"
    #: Nothing was left when its turn came: somebody else invoiced it.
    NOTHING_LEFT = "nothing_left"
    #: See `reasons`.
    FAILED = "failed"


class InvoiceRunItem(Base):
    """One contract of a run: what would be invoiced, whether it is picked, what became of it."""

    __tablename__ = "invoice_run_items"
    __table_args__ = (
        UniqueConstraint("run_id", "contract_id"),
        CheckConstraint(
            "invoice_id is null or state = 'invoiced'", name="invoice_only_when_invoiced"
        ),
        Index("ix_invoice_run_items_state", "run_id", "state", "id"),
    )

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("invoice_runs.id", ondelete="CASCADE"))
    contract_id: Mapped[int] = mapped_column(ForeignKey("contracts.id"), index=True)
    #: EUR without VAT: what would be invoiced, and what has been already.
    net: Mapped[Money]
    invoiced_net: Mapped[Money] = mapped_column(default=Decimal(0))
    #: What the invoice would hold: description, net (as text) and the days of each line.
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    picked: Mapped[bool] = mapped_column(default=True)
    state: Mapped[ItemState] = mapped_column(one_of(ItemState), default=ItemState.PROPOSED)
    invoice_id: Mapped[int | None] = mapped_column(
        ForeignKey("invoices.id", ondelete="SET NULL"), unique=True
    )
    #: Why it was not invoiced: messages, which each reader gets in a language of their own.
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")

    run: Mapped[InvoiceRun] = relationship(back_populates="items")
    contract: Mapped[Contract] = relationship()
    invoice: Mapped[Invoice | None] = relationship()
