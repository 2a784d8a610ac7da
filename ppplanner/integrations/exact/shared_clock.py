"""The clock by which all hosts read the leases: those of their own may differ."""

from __future__ import annotations

from typing import Any

from sqlalchemy import DateTime, func

from ppplanner.clock import now
from ppplanner.extensions import db


def shared_now() -> Any:
    """The moment on the database's clock, for use in a statement. SQLite has but one host."""
    if db.engine.dialect.name == "postgresql":
        return func.clock_timestamp(type_=DateTime(timezone=True))
    return now()
