"""Running numbers of customers and contracts; those of invoices are in `invoices/numbering.py`."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from ppplanner.extensions import db
from ppplanner.services.locking import take_turn


def next_running_number(column: InstrumentedAttribute[int], start: int) -> int:
    """One more than the highest in use, at least `start`. Whoever asks meanwhile waits until the
    caller commits.
    """
    take_turn(f"number {column}")
    highest = db.session.scalar(select(func.max(column)))
    return max((highest or 0) + 1, start)
