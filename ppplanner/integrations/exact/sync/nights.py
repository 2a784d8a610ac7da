"""The nightly run: once per night, by the company's own clock, whatever the clock change does."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ppplanner.clock import now
from ppplanner.extensions import db

from ..connect import connections
from ..models import ExactConnection, RunKind
from ..runs import begin_run
from ..settings import InvoiceMode, exact_settings
from .invoices import put_on_the_way, waiting_for_the_night

log = logging.getLogger(__name__)


def start_due_nights(at: datetime | None = None) -> list[int]:
    """Begin the runs that are due; the connections whose night has begun. Commits each."""
    moment, ids = at or now(), [connection.id for connection in connections()]
    begun = [connection_id for connection_id in ids if _try_to_start(connection_id, moment)]
    db.session.commit()
    return begun


def _try_to_start(connection_id: int, moment: datetime) -> bool:
    """A company whose night cannot begin, for whatever reason, holds up no other."""
    try:
        return _start(db.session.get_one(ExactConnection, connection_id), moment)
    except Exception:
        db.session.rollback()
        log.exception("connection %s: the night cannot begin", connection_id)
        return False


def _start(connection: ExactConnection, moment: datetime) -> bool:
    settings = exact_settings.load(connection.company_id)
    nightly = settings.invoices_send and settings.invoices_mode == InvoiceMode.NIGHTLY
    if not (settings.enabled and nightly and connection.nightly_since):
        return False
    due_on, due_at = last_due(moment, settings.night_time, connection.company.timezone)
    if due_at < connection.nightly_since:
        return False
    night = begin_run(connection, RunKind.NIGHT, slot=due_on.isoformat())
    if night is None:
        db.session.rollback()
        return False
    put_on_the_way(connection, waiting_for_the_night(connection), by="", run=night)
    db.session.commit()
    log.info("night of %s, connection %s has begun", due_on, connection.id)
    return True


def last_due(moment: datetime, night_time: time, zone: str) -> tuple[date, datetime]:
    """The latest night at or before `moment`: its local date, and its moment in UTC.

    A local time that the spring change leaves out is due when the clock would have shown it, had it
    not been put forward; one that the autumn change repeats is due the first time.
    """
    day = moment.astimezone(ZoneInfo(zone)).date()
    due = _in_utc(day, night_time, zone)
    if due > moment:
        day -= timedelta(days=1)
        due = _in_utc(day, night_time, zone)
    return day, due


def _in_utc(day: date, local: time, zone: str) -> datetime:
    return datetime.combine(day, local, ZoneInfo(zone)).astimezone(UTC)
