"""What has to be counted, since Exact counts it too: calls, and answers of errors."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ppplanner.clock import now
from ppplanner.models.base import Base, Key, Moment


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
