"""What keeps a login alive, and who hears of it when it is about to end, or has ended.

The clock looks every so often. A mail is written down in the transaction that notes that people
were told, so that each warning, and each loss, is told once.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_

from ppplanner.clock import local_day, now
from ppplanner.extensions import db
from ppplanner.formats import day
from ppplanner.i18n import _, ngettext
from ppplanner.services.mails.notices import Notice, notify

from .auth import fresh_tokens, lose_login, recover, tokens_of
from .connect import connections, get_connection, note_answer
from .errors import ExactNotConnected, ExactUnavailable
from .models import ConnectionState, ExactConnection
from .oauth import DIES_UNUSED_AFTER
from .outbox import count_waiting
from .settings import exact_settings
from .sync.failures import rest
from .turns import awake, claim

log = logging.getLogger(__name__)

#: A login that nobody used for so long is renewed, where the link is on.
UNUSED = timedelta(days=7)
#: How many days before its end people hear of it.
WARNINGS = (14, 7, 3, 1)
#: Who hears of it.
RIGHT = "exact.configure"

ONE_DAY = timedelta(days=1)


def ends_at(connection: ExactConnection) -> datetime | None:
    """When Exact ends the login, unless it is used before; None when nobody is logged in."""
    used = connection.obtained_at if connection.is_connected else None
    return used + DIES_UNUSED_AFTER if used else None


# --- keeping it alive -------------------------------------------------------------------------


def unused_logins() -> list[int]:
    """The connections whose login is to be renewed, though nobody needs it just now."""
    known = connections(*_unused(now()))
    return [each.id for each in known if exact_settings.load(each.company_id).enabled]


def keep_alive(connection_id: int) -> None:
    """Renew a login that nobody uses, so that it does not die of that. Commits."""
    if connection_id not in unused_logins():
        return
    try:
        fresh_tokens(connection_id)
    except ExactUnavailable as error:
        rest(connection_id, error)
    except ExactNotConnected:
        log.warning("connection %s: the login that nobody used is lost", connection_id)
    else:
        note_answer(connection_id)
        log.info("connection %s: a login that nobody used was renewed", connection_id)


def _unused(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    return awake(moment), ExactConnection.obtained_at <= moment - UNUSED


# --- telling people ---------------------------------------------------------------------------


def watch_logins() -> None:
    """Tell people of logins that are about to end, or have ended. Commits each."""
    for connection_id in [each.id for each in connections()]:
        try:
            _watch(connection_id, now())
        except Exception:
            db.session.rollback()
            log.exception("connection %s: its login cannot be watched", connection_id)


def _watch(connection_id: int, moment: datetime) -> None:
    connection = get_connection(connection_id)
    end = ends_at(connection)
    if end is not None and end <= moment:
        _take_for_lost(connection)
    elif end is not None and (days := _warning_due(end, moment)):
        _warn(connection_id, days, end)
    db.session.commit()
    lost = get_connection(connection_id).state is ConnectionState.NEEDS_LOGIN
    if lost and not recover(connection_id):
        _tell_loss(connection_id, moment)


def _take_for_lost(connection: ExactConnection) -> None:
    """While the link is on, Exact says so itself when it is asked for a renewal (`keep_alive`): our
    clock may be wrong.
    """
    if not exact_settings.load(connection.company_id).enabled:
        lose_login(connection.id, tokens_of(connection))


def _warning_due(end: datetime, moment: datetime) -> int | None:
    """The last of the warnings that are due: whoever was not told before hears of it once."""
    return min((days for days in WARNINGS if end - moment <= days * ONE_DAY), default=None)


def _warn(connection_id: int, days: int, end: datetime) -> None:
    warned, used = ExactConnection.warned_days, ExactConnection.obtained_at
    unchanged = used == end - DIES_UNUSED_AFTER
    if claim(connection_id, {warned: days}, unchanged, or_(warned.is_(None), warned > days)):
        connection = get_connection(connection_id)
        notify(connection.company, RIGHT, lambda: _warning(connection, end))
        log.warning("connection %s: its login ends in %s days or less", connection_id, days)


def _tell_loss(connection_id: int, moment: datetime) -> None:
    told, lost = ExactConnection.loss_told_at, ExactConnection.state == ConnectionState.NEEDS_LOGIN
    if claim(connection_id, {told: moment}, lost, told.is_(None)):
        connection = get_connection(connection_id)
        notify(connection.company, RIGHT, lambda: _loss(connection))
        log.warning("connection %s: its login is lost", connection_id)
    db.session.commit()


# --- the words --------------------------------------------------------------------------------


def _loss(connection: ExactConnection) -> Notice:
    name, waiting = connection.company.name, count_waiting([connection.id])
    waits = ngettext(
        "%(num)s record waits to go there; it is kept.",
        "%(num)s records wait to go there; they are kept.",
        waiting,
    )
    return Notice(
        _("The login with Exact of %(company)s has ended", company=name),
        [
            _(
                "The login with Exact of %(company)s has ended, and nothing goes to Exact until "
                "somebody logs in again.",
                company=name,
            ),
            waits if waiting else _("Nothing waits to go there at this moment."),
            _(
                "Open ppplanner and press “Log in with Exact again” in the red bar at the top. "
                "What waits then goes by itself."
            ),
        ],
    )


def _warning(connection: ExactConnection, end: datetime) -> Notice:
    name, last = connection.company.name, end_in_words(connection)
    return Notice(
        _("The login with Exact of %(company)s ends on %(day)s", company=name, day=last),
        [
            _(
                "Nobody has used the login with Exact of %(company)s for some time. Exact ends a "
                "login after 30 days without use: this one on %(day)s.",
                company=name,
                day=last,
            ),
            how_to_keep(connection),
        ],
    )


def end_in_words(connection: ExactConnection) -> str:
    """The day on which the login ends, where the company is."""
    end = ends_at(connection)
    return day(local_day(end, connection.company.timezone)) if end else ""


def how_to_keep(connection: ExactConnection) -> str:
    if exact_settings.load(connection.company_id).enabled:
        return _(
            "ppplanner renews it by itself, but has not reached Exact. Look at Settings, Exact "
            "Online, for the reason; or log in with Exact again there."
        )
    return _(
        "The link is switched off, so ppplanner asks nothing of Exact. To keep the login, switch "
        "the link on, or log in with Exact again, both under Settings, Exact Online."
    )
