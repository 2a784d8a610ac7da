"""Records on their way to Exact, for tests that need no Exact: in whatever state."""

from __future__ import annotations

from collections.abc import Sequence

from ppplanner.extensions import db
from ppplanner.i18n import Message
from ppplanner.integrations.exact import outbox, queueing
from ppplanner.integrations.exact.items import Record, item_of
from ppplanner.integrations.exact.models import (
    ConnectionState,
    ExactConnection,
    ExactOutboxEntry,
    ExactRun,
    WorkState,
)
from ppplanner.models import Company
from tests.factories import make_company


def make_connection(company: Company | str = "Verhuur Maes") -> ExactConnection:
    """A link that looks ready, but leads nowhere."""
    connection = ExactConnection(
        company=make_company(name=company) if isinstance(company, str) else company,
        base_url="https://exact.invalid",
        client_id="app",
        client_secret="secret",
        state=ConnectionState.CONNECTED,
        division=1,
    )
    db.session.add(connection)
    db.session.flush()
    return connection


def sent(
    connection: ExactConnection,
    record: Record,
    state: WorkState,
    *reasons: Message,
    words: Sequence[str] = (),
    run: ExactRun | None = None,
) -> ExactOutboxEntry:
    """A record that was put on its way, and came so far."""
    item = item_of(record)
    entry = queueing.queue(connection, item, by="Anke", run=run)
    if entry is None:  # saving it has put it there
        entry = outbox.newest(item.kind, [item.record_id])[item.record_id, connection.id]
        entry.run = run
    match state:
        case WorkState.SENDING:
            db.session.flush()
            outbox.begin(entry.id)
        case WorkState.DONE:
            outbox.settle(entry)
        case WorkState.REFUSED | WorkState.HELD:
            outbox.refuse(entry, reasons, words)
            outbox.note_attempt(entry, "send", "refused", reasons, words)
            entry.state = state
        case _ if reasons:
            outbox.postpone(entry, reasons, None)
    db.session.commit()
    return entry
