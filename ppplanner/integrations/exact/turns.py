"""What the clock does for a connection every so often: only one process gets the turn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, and_, or_, update
from sqlalchemy.orm import InstrumentedAttribute

from ppplanner.extensions import db

from .models import ConnectionState, ExactConnection

#: Where it is kept when something was last done, or from when on it may be done.
Kept: TypeAlias = InstrumentedAttribute[datetime | None]
#: What was done so far in the future was done by a clock that has been set back since.
CLOCKS_APART = timedelta(minutes=5)


def reached(column: Kept, moment: datetime) -> ColumnElement[bool]:
    """Whether the moment from which something may be done is there, or none is named."""
    return or_(column.is_(None), column <= moment)


def passed(column: Kept, moment: datetime, every: timedelta) -> ColumnElement[bool]:
    """Whether it was last done so long ago, or never, or by a clock that was wrong."""
    return or_(reached(column, moment - every), column > moment + CLOCKS_APART)


def awake(moment: datetime) -> ColumnElement[bool]:
    """Logged in, and not at rest."""
    logged_in = ExactConnection.state == ConnectionState.CONNECTED
    return and_(logged_in, reached(ExactConnection.paused_until, moment))


def take_turn(
    connection_id: int, column: Kept, moment: datetime, *conditions: ColumnElement[bool]
) -> bool:
    """Note in `column` that it is done now, as long as the conditions hold; whether they did, and
    no other process was faster. Commits.
    """
    claimed = claim(connection_id, {column: moment}, *conditions)
    db.session.commit()
    return claimed


def claim(
    connection_id: int, values: Mapping[Any, object], *conditions: ColumnElement[bool]
) -> bool:
    """Set these values, as long as the conditions hold; whether they did, and no other process was
    faster. The caller commits, with what it does for having been first.
    """
    claimed = db.session.scalar(
        update(ExactConnection)
        .where(ExactConnection.id == connection_id, *conditions)
        .values(dict(values))
        .returning(ExactConnection.id)
    )
    return claimed is not None
