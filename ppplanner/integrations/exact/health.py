"""How the link of a company is doing: what waits, what was refused, why nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ppplanner.clock import now
from ppplanner.i18n import Message

from . import fuse, outbox
from .attention import count_matters
from .call_counts import Count
from .connect import calls_today
from .models import ExactConnection, ExactOutboxEntry
from .standing import why_some_waits


@dataclass(frozen=True)
class Health:
    """What people want to know of a connection at a glance."""

    waiting: int
    #: Refused, or held back by a setting.
    need_person: int
    #: Why nothing, or not all, is sent now; empty while it works.
    rests: list[Message]
    rests_until: datetime | None
    calls: Count


def health_of(connection: ExactConnection) -> Health:
    return Health(
        waiting=outbox.count_waiting([connection.id]),
        need_person=count_matters(ExactOutboxEntry.connection_id == connection.id),
        rests=why_some_waits(connection),
        rests_until=_goes_on_at(connection),
        calls=calls_today(connection),
    )


def _goes_on_at(connection: ExactConnection) -> datetime | None:
    """When the link goes on, or what else of it waits the longest."""
    if not connection.is_connected:
        return None
    until = connection.paused_until
    if until and until > now():
        return until
    return max((stop.retry_at for stop in fuse.stops(connection)), default=None)
