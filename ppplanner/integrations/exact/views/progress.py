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

from ..conditions import NEEDS_PERSON
from ..models import ExactOutboxEntry, ExactRun, WorkState
from ..outbox import OPEN
from ..runs import counts
from ..standing import why_it_rests
from .reached import seen

#: Before so many records nobody can tell how long the others will take.
ENOUGH = 3
#: When nothing has moved for so long, people wonder.
STANDS_STILL = timedelta(minutes=3)


@dataclass(frozen=True)
class Progress:
    """The entries of a run that the person may see, by state, and how it goes on."""

    run: ExactRun
    by_state: Mapping[WorkState, int]
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
        return sum(self.by_state.values())

    @property
    def open(self) -> int:
        return sum(self.by_state[state] for state in OPEN)

    @property
    def went(self) -> int:
        return self.by_state[WorkState.DONE]

    @property
    def failed(self) -> int:
        return sum(self.by_state[state] for state in NEEDS_PERSON)

    @property
    def settled(self) -> int:
        return self.total - self.open

    @property
    def delays(self) -> list[Message]:
        """Why the rest has to wait."""
        return why_it_rests(self.run.connection) if self.open else []

    @property
    def stands_still(self) -> bool:
        return bool(self.open) and now() - self.moved_at > STANDS_STILL

    @property
    def remaining(self) -> str:
        """How long the rest takes at the speed so far, short pauses included; "" when nobody can
        tell.
        """
        blocked = self.delays and not self.run.connection.pause_reason
        if not self.open or self.settled < ENOUGH or blocked or self.stands_still:
            return ""
        each = (self.moved_at - self.run.started_at) / self.settled
        left = each * self.open - (now() - self.moved_at)
        return time_left(max(left, timedelta(0)))
