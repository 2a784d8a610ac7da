"""Logged in with Exact, for everybody at once: one renewal per expiry over all processes and hosts.

A renewal kills the refresh token it uses. So whoever renews first takes a lease on the connection
in the database, reads the pair again, renews only if nobody else did, and commits the new pair
before its first use. No transaction is open during the call.

    killed before the call              the lease runs out, the next one renews
    killed after Exact's answer         the next one on this machine finds the pair put by on disk
    the database is busy just then      tried for long; the pair is put by meanwhile
    the lease ran out meanwhile         a pair is stored only in place of the one that it replaces
    clocks apart by up to 15 seconds    renewed in the middle of the half minute that Exact allows
    clocks further apart                Exact says "too early" or 401, and is believed
    the answer is lost                  asked once more; if Exact had renewed, a person logs in
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from sqlalchemy import or_, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import Message

from . import oauth, renewed
from .errors import (
    AccessRefused,
    ExactError,
    ExactNotConnected,
    ExactRejected,
    ExactUnavailable,
    OutcomeUnknown,
    TooEarly,
)
from .messages import UNAVAILABLE
from .models import ConnectionState, ExactConnection
from .oauth import App, TokenSet, renewal_due
from .shared_clock import shared_now
from .turns import claim
from .vault import UNREADABLE

log = logging.getLogger(__name__)

#: How long a renewal may take before others may try; above the time-outs of two calls.
RENEWAL_LEASE = timedelta(seconds=60)
#: How long, at least, a pair is used on that Exact finds too fresh to renew; longer each time.
TOO_FRESH = timedelta(seconds=30)
#: A pair that is refused at such an age was never any good.
JUST_OBTAINED = timedelta(minutes=1)
#: Seconds between two looks at what the renewing process has got.
LOOK_AGAIN = 0.2
#: Seconds for which a renewed pair is offered to a database that is busy: with the pair put by on
#: this machine's disk, and without.
OFFERED_FOR, OFFERED_AT_MOST = 60, 600
#: Seconds between two such offers; SQLite waits for its turn by itself.
OFFER_AGAIN = 1
NEVER = datetime.min.replace(tzinfo=UTC)


def app_of(connection: ExactConnection, redirect_uri: str = "") -> App:
    """Our registration as the token endpoint wants to see it."""
    return App(connection.base_url, connection.client_id, connection.client_secret, redirect_uri)


def store_tokens(connection: ExactConnection, tokens: TokenSet) -> None:
    """Keep a pair, in place of the one before. The caller commits, before the first use."""
    connection.access_token, connection.refresh_token = tokens.access_token, tokens.refresh_token
    connection.obtained_at, connection.expires_at = tokens.obtained_at, tokens.expires_at
    connection.state, connection.renewing_until = ConnectionState.CONNECTED, None
    connection.loss_told_at = connection.warned_days = None


def fresh_tokens(connection_id: int, refused: str = "") -> TokenSet:
    """The tokens of a connection, renewed if need be: if it is time, or if the access token is
    `refused` by Exact. Opens and commits transactions of its own.

    Raises ExactNotConnected when a person has to log in (and notes it), ExactUnavailable when Exact
    cannot be reached, when another process does not finish its renewal, when Exact wants the token
    neither used nor renewed, or when it cannot be read with our keys.
    """
    deadline = now() + RENEWAL_LEASE
    while now() < deadline:
        tokens = _stored(connection_id)
        if _holds(tokens, refused):
            return tokens
        if lease := _take_lease(connection_id):
            return _renew(connection_id, lease, refused)
        time.sleep(LOOK_AGAIN)
    raise ExactUnavailable("no_answer")


def recover(connection_id: int) -> bool:
    """Store the pair that somebody renewed on this machine and could not store; whether there was
    one. A login that was taken for lost is there again. Commits.
    """
    connection = db.session.get_one(ExactConnection, connection_id, populate_existing=True)
    stored = tokens_of(connection)
    db.session.commit()
    found = renewed.put_by_for(connection_id, stored) if stored.refresh_token else None
    if found is not None:
        _store(connection_id, stored, found)
        log.warning("connection %s: a renewed login that was put by is stored now", connection_id)
    renewed.forget(connection_id)
    return found is not None


def lose_login(connection_id: int, stored: TokenSet) -> bool:
    """Note that a person has to log in again, unless somebody just did; the work waits. Commits."""
    connection = _locked(connection_id)
    lost = tokens_of(connection).refresh_token == stored.refresh_token
    if lost:
        connection.state, connection.renewing_until = ConnectionState.NEEDS_LOGIN, None
    db.session.commit()
    return lost


class Login:
    """The login of one connection for as long as a client lives: its session always carries a
    valid access token.
    """

    def __init__(self, connection_id: int, app: App) -> None:
        self._connection_id = connection_id
        self._tokens = fresh_tokens(connection_id)
        self.session = oauth.api_session(app, self._tokens)

    def keep_fresh(self) -> None:
        """Renew before the call, if it is time."""
        if now() >= renewal_due(self._tokens):
            self._use(fresh_tokens(self._connection_id))

    def try_newer(self) -> bool:
        """Exact takes the token for invalid: use the one that somebody has stored meanwhile, or one
        renewed before its time. Raises ExactNotConnected when Exact gives none: the login is lost.
        """
        self._use(fresh_tokens(self._connection_id, refused=self._tokens.access_token))
        return True

    def _use(self, tokens: TokenSet) -> None:
        self._tokens = tokens
        self.session.token = {"access_token": tokens.access_token, "token_type": "Bearer"}


def _holds(tokens: TokenSet, refused: str) -> bool:
    return now() < renewal_due(tokens) and tokens.access_token != refused


def _renew(connection_id: int, lease: datetime, refused: str) -> TokenSet:
    """Renew the pair; the lease is ours. Another process may have been faster just before."""
    connection = db.session.get_one(ExactConnection, connection_id, populate_existing=True)
    app, stored = app_of(connection), tokens_of(connection)
    db.session.commit()
    if _holds(stored, refused):
        _drop_lease(connection_id, lease)
        return stored
    if renewed.put_by_for(connection_id, stored):
        recover(connection_id)
        return fresh_tokens(connection_id, refused)
    try:
        _keep(connection_id, stored, _ask_for_renewal(app, stored.refresh_token))
    except TooEarly:
        _keep_a_while(connection_id, lease, stored, refused)
    except (ExactNotConnected, ExactRejected) as error:
        _take_no(connection_id, lease, stored, error)
    except ExactUnavailable:
        _drop_lease(connection_id, lease)
        raise
    return _stored(connection_id)


def _take_no(connection_id: int, lease: datetime, stored: TokenSet, error: ExactError) -> None:
    """The login is lost when the token endpoint says so; a page that somebody else put in its place
    (404, 403) says nothing about it. Raises what holds, unless a newer pair was stored meanwhile.
    """
    if not _is_final(error):
        _drop_lease(connection_id, lease)
        raise ExactUnavailable("unusable_answer") from error
    if lose_login(connection_id, stored):
        raise ExactNotConnected(str(error)) from error


def _is_final(error: ExactError) -> bool:
    if isinstance(error, ExactRejected):
        own_words = bool(error.texts) and not isinstance(error, AccessRefused)
        return own_words or error.status == 401
    return True


def _ask_for_renewal(app: App, refresh_token: str) -> TokenSet:
    """Renew; when the answer is lost, ask once more: Exact may never have got the question."""
    if app.client_secret == UNREADABLE:
        raise ExactUnavailable("key")
    try:
        return oauth.refresh(app, refresh_token)
    except OutcomeUnknown:
        try:
            return oauth.refresh(app, refresh_token)
        except OutcomeUnknown as lost:
            raise ExactUnavailable("no_answer") from lost


# --- the new pair -----------------------------------------------------------------------------


def _keep(connection_id: int, stored: TokenSet, tokens: TokenSet) -> None:
    """Store the new pair before its first use, however busy the database is: the one before is
    dead.
    """
    safe = renewed.put_by(connection_id, stored, tokens)
    gives_up_at = time.monotonic() + (OFFERED_FOR if safe else OFFERED_AT_MOST)
    while True:
        try:
            _store(connection_id, stored, tokens)
            break
        except (OperationalError, InterfaceError, NoConnectionFree) as error:
            db.session.rollback()
            if time.monotonic() > gives_up_at:
                raise
            log.error("connection %s: a renewed login waits to be stored: %s", connection_id, error)
            time.sleep(OFFER_AGAIN)
    renewed.forget(connection_id)


def _store(connection_id: int, stored: TokenSet, tokens: TokenSet) -> None:
    """Put a pair in the place of the one that it replaces, unless a person logged in or out
    meanwhile. Commits.
    """
    connection = _locked(connection_id)
    if tokens_of(connection).refresh_token == stored.refresh_token:
        store_tokens(connection, tokens)
    db.session.commit()


def _keep_a_while(connection_id: int, lease: datetime, stored: TokenSet, refused: str) -> None:
    """Exact finds the pair too fresh to renew, so it holds, and our clock is ahead of the one by
    which it was stored. If Exact refuses it all the same, that is for Exact to sort out.
    """
    if stored.access_token == refused:
        _wait_for_the_window(connection_id, lease, stored)
    used_on = stored.expires_at - stored.obtained_at - timedelta(seconds=oauth.USUAL_LIFE)
    log.warning("connection %s: Exact finds a renewal too early; are clocks apart?", connection_id)
    _store(connection_id, stored, replace(stored, expires_at=now() + max(TOO_FRESH, used_on)))


def _wait_for_the_window(connection_id: int, lease: datetime, stored: TokenSet) -> NoReturn:
    """Refused, and too fresh to renew. One that has never worked is lost; else the link rests until
    Exact allows a renewal, which tells. Nobody asks before: such calls are counted errors.
    """
    age = now() - stored.obtained_at
    if timedelta() <= age < JUST_OBTAINED and lose_login(connection_id, stored):
        raise ExactNotConnected("refused, and too fresh to renew")
    until = min(renewal_due(stored), now() + oauth.RENEWABLE_AFTER)
    until = max(until, now() + TOO_FRESH)
    _drop_lease(connection_id, lease, paused_until=until, pause_reason=_refused().to_json())
    raise ExactUnavailable("refused", until)


def _refused() -> Message:
    return Message(UNAVAILABLE["refused"])


# --- the lease --------------------------------------------------------------------------------


def _take_lease(connection_id: int) -> datetime | None:
    """Until when the right to renew is ours; None while somebody else has it. Commits."""
    moment = shared_now()
    free = or_(
        ExactConnection.renewing_until.is_(None),
        ExactConnection.renewing_until < moment,
    )
    taken = db.session.scalar(
        update(ExactConnection)
        .where(ExactConnection.id == connection_id, free)
        .values(renewing_until=moment + RENEWAL_LEASE)
        .returning(ExactConnection.renewing_until)
    )
    db.session.commit()
    return taken


def _drop_lease(connection_id: int, lease: datetime, **values: object) -> None:
    """End the lease, and note what we found, unless somebody else has the lease by now. Commits."""
    ours = ExactConnection.renewing_until == lease
    claim(connection_id, {"renewing_until": None, **values}, ours)
    db.session.commit()


# --- reading ----------------------------------------------------------------------------------


def _stored(connection_id: int) -> TokenSet:
    connection = db.session.get(ExactConnection, connection_id, populate_existing=True)
    if connection is None or not connection.is_connected:
        db.session.commit()
        raise ExactNotConnected("no login")
    tokens, reason, until = tokens_of(connection), connection.pause_reason, connection.paused_until
    db.session.commit()
    if UNREADABLE in (tokens.access_token, tokens.refresh_token):
        raise ExactUnavailable("key")
    if reason == _refused().to_json() and until and until > now():
        raise ExactUnavailable("refused", until)
    return tokens


def _locked(connection_id: int) -> ExactConnection:
    return db.session.get_one(
        ExactConnection, connection_id, populate_existing=True, with_for_update=True
    )


def tokens_of(connection: ExactConnection) -> TokenSet:
    return TokenSet(
        connection.access_token or "",
        connection.refresh_token or "",
        connection.obtained_at or NEVER,
        connection.expires_at or NEVER,
    )
