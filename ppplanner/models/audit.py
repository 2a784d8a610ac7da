"""The history: who changed what, from, to."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ppplanner.clock import now
from ppplanner.models.base import Base, Key, Moment


class Change(Base):
    """One field of one record changed; without `field` the record was made or deleted."""

    __tablename__ = "changes"
    __table_args__ = (
        Index("ix_changes_record", "entity", "record_id", "id"),
        Index("ix_changes_whole", "whole", "whole_id", "id"),
    )

    id: Mapped[Key]
    at: Mapped[Moment] = mapped_column(default=now)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    #: The person's name at that time, or what did it ("nightly run").
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(10))
    entity: Mapped[str] = mapped_column(String(40))
    record_id: Mapped[int]
    #: The table and key of the record that this one is a part of, where it is one.
    whole: Mapped[str] = mapped_column(String(40), default="")
    whole_id: Mapped[int | None]
    field: Mapped[str] = mapped_column(String(60), default="")
    old: Mapped[str | None] = mapped_column(Text)
    new: Mapped[str | None] = mapped_column(Text)
