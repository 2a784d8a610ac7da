"""How far a run is, in numbers and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from ppplanner.blueprints.invoice_runs.labels import time_left
from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import Message

from ..connect import time_for
from ..messages import UNAVAILABLE
from ..models import ExactOutboxEntry, ExactRun
from ..runs import Fate, counts
from ..standing import why_some_waits
from ..sync.effort import calls_for
from .reached import seen

#: The rests of which Exact says when they end.
LIMITS = frozenset(UNAVAILABLE[reason] for reason in ("minute", "day", "limit", "errors"))
#: When nothing has moved for so long, people wonder.
STANDS_STILL = timedelta(minutes=3)


@dataclass(frozen=True)
class Progress:
    """What became of the entries of a run that the person may see, and how it goes on."""

    run: ExactRun
    count: Mapping[Fate, int]
    #: When the last one was settled, or else when the run began.
    moved_at: datetime

    @classmethod
    def of(cls, run: ExactRun) -> Progress:
        last = select(func.max(ExactOutboxEntry.settled_at)).where(
            ExactOutboxEntry.run_id == run.id
        )
        moved_at = db.session.scalar(last)
        return cls(run, counts([run.id], seen())[run.id], moved_at or run.started_at)

    @property
    def total(self) -> int:
        return sum(self.count.values())

    @property
    def open(self) -> int:
        return self.count[Fate.OPEN]

    @property
    def went(self) -> int:
        return self.count[Fate.WENT] + self.count[Fate.INCOMPLETE]

    @property
    def incomplete(self) -> int:
        """Booked, too, but without the PDF."""
        return self.count[Fate.INCOMPLETE]

    @property
    def failed(self) -> int:
        return self.count[Fate.FAILED]

    @property
    def settled(self) -> int:
        return self.total - self.open

    @property
    def delays(self) -> list[Message]:
        """Why the rest has to wait."""
        return why_some_waits(self.run.connection) if self.open else []

    @property
    def stands_still(self) -> bool:
        return bool(self.open) and now() - self.moved_at > STANDS_STILL

    @property
    def left(self) -> timedelta | None:
        """How long the rest takes, from the calls that it still needs and what Exact allows; None
        when nobody can tell.
        """
        connection, delays = self.run.connection, self.delays
        if not self.open or any(each.text not in LIMITS for each in delays):
            return None
        if self.stands_still and not delays:
            return None
        return time_for(connection, calls_for(self.run), after=connection.paused_until)

    @property
    def remaining(self) -> str:
        """The same in words; "" when nobody can tell."""
        left = self.left
        return "" if left is None else time_left(left)
