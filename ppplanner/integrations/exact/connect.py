"""Opens the client of a connection: login, limits and health put together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

from flask import current_app
from sqlalchemy import ColumnElement, select, update

from ppplanner import jobs
from ppplanner.clock import now
from ppplanner.errors import NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import User

from . import steps
from .auth import Login, app_of
from .call_counts import Count, Priority
from .call_stores import RedisStore, TableStore
from .client import TIMEOUT, ExactClient
from .errors import Call, ExactNotConnected
from .fuse import Fuse
from .models import ExactConnection
from .oauth import App
from .quota import Quota, quota_key
from .transport import Timeout


def open_client(
    connection_id: int,
    priority: Priority = "background",
    *,
    division: int | None = None,
    timeout: Timeout = TIMEOUT,
    heartbeat: Callable[[], None] = lambda: None,
) -> ExactClient:
    """The client of a connection's administration, or of another one that the login covers.
    `heartbeat` comes every few seconds while a turn is waited for, and before each call; it may
    stop the call. Before a write, it is noted as the step that it takes, which does the same.

    Commits: calls need no open transaction. Raises ExactNotConnected when a person has to log in
    first.
    """
    connection = db.session.get(ExactConnection, connection_id)
    if connection is None or not connection.is_connected:
        db.session.commit()
        raise ExactNotConnected("no login")
    app, division = app_of(connection), division or connection.division
    quota = _quota(app, division, priority)
    fuse = Fuse.of(connection, division, priority)
    db.session.commit()
    login = Login(connection_id, app)

    def before_call(call: Call) -> None:
        fuse.before_call(call)
        quota.wait_for_turn(call, idle=heartbeat)
        login.keep_fresh()
        if not steps.note_before(call):
            heartbeat()

    return ExactClient(
        login.session,
        app.base_url,
        division,
        before_call=before_call,
        after_call=fuse.after_call,
        on_limits=quota.on_limits,
        on_unauthorized=login.try_newer,
        timeout=timeout,
    )


def _quota(app: App, division: int | None, priority: Priority) -> Quota:
    key = quota_key(app.base_url, app.client_id, division)
    return Quota(_calls(), key, priority)


def _calls() -> RedisStore:
    """The count of calls; one per process, whichever of its threads asks first: it remembers what
    was counted aside.
    """
    store = RedisStore(jobs.redis(), TableStore())
    return cast(RedisStore, current_app.extensions.setdefault("exact.calls", store))


def calls_today(connection: ExactConnection) -> Count:
    """How many calls Exact allows today for this administration, and how many are left."""
    return _quota(app_of(connection), connection.division, "person").today()


def time_for(connection: ExactConnection, calls: int, after: datetime | None = None) -> timedelta:
    """How long the work of a connection takes for so many calls; `after`: it rests until then."""
    quota = _quota(app_of(connection), connection.division, "background")
    return quota.time_for(calls, after)


def sharing_login(connection: ExactConnection) -> list[str]:
    """The other companies that come as the same app and the same person.

    With Exact, each new login of an app and person ends the one before (API facts 2.4), so that
    these companies log each other out.
    """
    if not connection.consented_by:
        return []
    same = {
        "base_url": connection.base_url,
        "client_id": connection.client_id,
        "consented_by": connection.consented_by,
    }
    query = select(ExactConnection).filter_by(**same).where(ExactConnection.id != connection.id)
    return sorted(other.company.name for other in db.session.scalars(query))


def note_answer(connection_id: int) -> None:
    """Exact answered: the link is healthy. Commits."""
    db.session.execute(
        update(ExactConnection)
        .where(ExactConnection.id == connection_id)
        .values(last_answer_at=now(), failures=0, paused_until=None, pause_reason=None)
    )
    db.session.commit()


def connections(*conditions: ColumnElement[bool]) -> list[ExactConnection]:
    """All connections, or those for which the conditions hold, by company."""
    query = select(ExactConnection).where(*conditions).order_by(ExactConnection.company_id)
    return list(db.session.scalars(query))


def connection_of(company_id: int) -> ExactConnection | None:
    return db.session.scalar(select(ExactConnection).filter_by(company_id=company_id))


def get_connection(connection_id: int) -> ExactConnection:
    """Raises NotFound."""
    connection = db.session.get(ExactConnection, connection_id)
    if connection is None:
        raise NotFound(_("There is no such connection with Exact (any more)."))
    return connection


def connection_for(user: User, *conditions: ColumnElement[bool]) -> ExactConnection | None:
    """The connection that a person's work is about, of those for which the conditions hold: of the
    business unit chosen in the top bar, or the only usable one.
    """
    known = connections(*conditions)
    if user.business_unit:
        company_id = user.business_unit.company_id
        return next((each for each in known if each.company_id == company_id), None)
    usable = [connection for connection in known if connection.is_ready]
    return next(iter((*usable, *known)), None)
