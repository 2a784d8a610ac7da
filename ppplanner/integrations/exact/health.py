"""How the link of a company is doing: what waits, what was refused, why nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import aliased

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import Message
from ppplanner.models import Invoice

from . import outbox
from .connect import calls_today
from .models import ExactConnection, ExactOutboxEntry, WorkState
from .quota import Count
from .standing import why_it_rests


@dataclass(frozen=True)
class Health:
    """What people want to know of a connection at a glance."""

    waiting: int
    refused: int
    #: Why nothing is sent now; empty while it works.
    rests: list[Message]
    rests_until: datetime | None
    calls: Count


def health_of(connection: ExactConnection) -> Health:
    until = connection.paused_until
    return Health(
        waiting=count_waiting([connection.id]),
        refused=len(refused_invoices([connection.id])),
        rests=why_it_rests(connection),
        rests_until=until if connection.is_connected and until and until > now() else None,
        calls=calls_today(connection),
    )


def count_waiting(connection_ids: Sequence[int]) -> int:
    """How many records are on their way."""
    query = select(func.count()).select_from(ExactOutboxEntry)
    query = query.where(
        ExactOutboxEntry.connection_id.in_(connection_ids),
        ExactOutboxEntry.state.in_(outbox.OPEN),
    )
    return db.session.scalar(query) or 0


def refused_invoices(
    connection_ids: Sequence[int], *conditions: ColumnElement[bool]
) -> list[tuple[Invoice, list[Message]]]:
    """The invoices whose last try ended in a no, newest no first, with the reasons; of those for
    which the conditions (on Invoice) hold.
    """
    later = aliased(ExactOutboxEntry)
    tried_again = exists().where(
        later.kind == ExactOutboxEntry.kind,
        later.record_id == ExactOutboxEntry.record_id,
        later.id > ExactOutboxEntry.id,
    )
    query = (
        select(Invoice, ExactOutboxEntry)
        .join(ExactOutboxEntry, ExactOutboxEntry.record_id == Invoice.id)
        .where(
            ExactOutboxEntry.connection_id.in_(connection_ids),
            ExactOutboxEntry.state == WorkState.REFUSED,
            ExactOutboxEntry.kind == "invoice",
            ~tried_again,
            *conditions,
        )
        .order_by(ExactOutboxEntry.id.desc())
    )
    return [
        (invoice, [Message.from_json(reason) for reason in entry.reasons])
        for invoice, entry in db.session.execute(query)
    ]
