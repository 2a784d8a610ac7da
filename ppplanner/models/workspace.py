"""How each person has arranged their lists, and files they are about to import."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from ppplanner.clock import now
from ppplanner.models.base import Base, Key, Moment


class SavedView(Base):
    """A list as a person wants to find it again: its search, filters, order and columns."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("user_id", "list_name", "name"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    list_name: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    #: The list's address after the question mark.
    query: Mapped[str] = mapped_column(Text, default="")


class ListLayout(Base):
    """The columns that a person sees in a list, in their order."""

    __tablename__ = "list_layouts"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    list_name: Mapped[str] = mapped_column(String(40), primary_key=True)
    columns: Mapped[list[str]] = mapped_column(JSON, default=list)


class Upload(Base):
    """A file between its preview and the decision to import it."""

    __tablename__ = "uploads"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_at: Mapped[Moment] = mapped_column(default=now)
