"""What the planning board remembers: steps to undo, and calendars to subscribe to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.clock import now
from ppplanner.models.base import Base, Key, Moment, Tracked
from ppplanner.models.organisation import Pool
from ppplanner.models.resource import Resource


class BoardStep(Base):
    """One thing a person did on the board, with what it takes to undo and redo it."""

    __tablename__ = "board_steps"
    __table_args__ = (Index("ix_board_steps_user", "user_id", "id"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    at: Mapped[Moment] = mapped_column(default=now)
    #: One per contract: {"contract_id": 7, "before": {...} or null, "after": {...}}.
    moves: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    undone: Mapped[bool] = mapped_column(default=False)


class CalendarFeed(Base, Tracked):
    """The secret behind which a resource's or a pool's contracts can be read as a calendar."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        CheckConstraint("(resource_id is null) <> (pool_id is null)", name="resource_or_pool"),
    )
    untracked = frozenset({"secret"})

    id: Mapped[Key]
    resource_id: Mapped[int | None] = mapped_column(
        ForeignKey("resources.id", ondelete="CASCADE"), unique=True
    )
    pool_id: Mapped[int | None] = mapped_column(
        ForeignKey("pools.id", ondelete="CASCADE"), unique=True
    )
    secret: Mapped[str] = mapped_column(String(64), unique=True)
    #: Whether events tell who rents; otherwise only the contract's number.
    names_customers: Mapped[bool] = mapped_column(default=True)
    renewed_at: Mapped[Moment] = mapped_column(default=now)

    resource: Mapped[Resource | None] = relationship()
    pool: Mapped[Pool | None] = relationship()

    def __str__(self) -> str:
        return str(self.resource or self.pool)
