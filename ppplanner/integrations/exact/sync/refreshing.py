"""Once a day the lists that people pick from are fetched anew, while nobody works: so what Exact no
longer offers is seen before a booking is refused for it. Nothing is chosen by this.
"""

from __future__ import annotations

import logging
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement

from ppplanner.clock import now
from ppplanner.extensions import db

from ..connect import connections, get_connection, open_client
from ..errors import ExactError
from ..models import ExactConnection
from ..settings import exact_settings
from ..turns import CLOCKS_APART, awake, passed, take_turn
from .lists import keep_lists, read_lists
from .nights import last_due

log = logging.getLogger(__name__)

#: In the company's time zone: the night's invoices are through, and nobody is at work yet.
QUIET = time(4, 30)
#: After a try that failed. It holds up nothing: whoever sends finds out what is wrong.
AGAIN = timedelta(hours=1)


def lists_due() -> list[int]:
    """The connections whose lists are to be fetched anew."""
    return [each.id for each in connections(*_conditions(now())) if _is_due(each)]


def _is_due(connection: ExactConnection) -> bool:
    """Only where the link is on: a link that is off asks Exact nothing."""
    if not connection.is_ready or not exact_settings.load(connection.company_id).enabled:
        return False
    moment, fetched_at = now(), connection.lists_fetched_at
    _day, due_at = last_due(moment, QUIET, connection.company.timezone)
    return fetched_at is None or fetched_at < due_at or fetched_at > moment + CLOCKS_APART


def _conditions(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """Logged in, not at rest, and not tried a moment ago."""
    return awake(moment), passed(ExactConnection.lists_asked_at, moment, AGAIN)


def refresh_if_due(connection_id: int) -> None:
    """Fetch the lists of a connection, if it is time. Commits."""
    if not _claim(connection_id):
        return
    try:
        items = read_lists(open_client(connection_id), connection_id)
    except ExactError as error:
        db.session.rollback()
        log.warning("connection %s: the lists could not be fetched: %s", connection_id, error)
        return
    connection = get_connection(connection_id)
    keep_lists(connection, items)
    connection.last_answer_at = now()
    db.session.commit()
    log.info("connection %s: %s lines of lists are fresh", connection_id, len(items))


def _claim(connection_id: int) -> bool:
    """Whether it is time, and nobody else is at it. Commits."""
    connection, moment = db.session.get(ExactConnection, connection_id), now()
    if connection is None or not _is_due(connection):
        return False
    return take_turn(connection_id, ExactConnection.lists_asked_at, moment, *_conditions(moment))
