"""Logged in with Exact, for everybody at once: one renewal per expiry over all processes.

A renewal kills the refresh token it uses. So whoever renews first takes a lease on the connection
in the database, reads the pair again, renews only if nobody else did, and commits the new pair
before its first use. No transaction is open during the call.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, update

from ppplanner.clock import now
from ppplanner.extensions import db

from . import oauth
from .errors import (
    AppRejected,
    ExactNotConnected,
    ExactUnavailable,
    OutcomeUnknown,
)
from .models import ConnectionState, ExactConnection
from .oauth import App, TokenSet

#: How long a renewal may take before others may try; above the time-outs of the call.
RENEWAL_LEASE = timedelta(seconds=40)
#: Seconds between two looks at what the renewing process has got.
LOOK_AGAIN = 0.2
NEVER = datetime.min.replace(tzinfo=UTC)


def app_of(connection: ExactConnection, redirect_uri: str = "") -> App:
    """Our registration as the token endpoint wants to see it."""
    return App(connection.base_url, connection.client_id, connection.client_secret, redirect_uri)


def store_tokens(connection: ExactConnection, tokens: TokenSet) -> None:
    """Keep a pair, in place of the one before. The caller commits, before the first use."""
    connection.access_token, connection.refresh_token = tokens.access_token, tokens.refresh_token
    connection.obtained_at, connection.expires_at = tokens.obtained_at, tokens.expires_at
    connection.state, connection.renewing_until = ConnectionState.CONNECTED, None


def fresh_tokens(connection_id: int) -> TokenSet:
    """The tokens of a connection, renewed if need be. Opens and commits transactions of its own.

    Raises ExactNotConnected when a person has to log in (and notes it), ExactUnavailable when Exact
    cannot be reached or another process does not finish its renewal.
    """
    deadline = now() + RENEWAL_LEASE
    while now() < deadline:
        tokens = _stored(connection_id)
        if now() < tokens.expires_at:
            return tokens
        if _take_lease(connection_id):
            return _renew(connection_id)
        time.sleep(LOOK_AGAIN)
    raise ExactUnavailable("no_answer")


def lose_login(connection_id: int) -> None:
    """Note that a person has to log in again; the work waits. Commits."""
    _set(connection_id, state=ConnectionState.NEEDS_LOGIN, renewing_until=None)


class Login:
    """The login of one connection for as long as a client lives: its session always carries a
    valid access token.
    """

    def __init__(self, connection_id: int, app: App) -> None:
        self._connection_id = connection_id
        self._tokens = fresh_tokens(connection_id)
        self.session = oauth.api_session(app, self._tokens)

    def keep_fresh(self) -> None:
        """Renew before the call, if the access token has run out."""
        if now() >= self._tokens.expires_at:
            self._use(fresh_tokens(self._connection_id))

    def try_newer(self) -> bool:
        """Exact takes the token for invalid: whether somebody has stored a newer one, now in use.
        Otherwise the login is lost.
        """
        stored = fresh_tokens(self._connection_id)
        if stored.access_token == self._tokens.access_token:
            lose_login(self._connection_id)
            return False
        self._use(stored)
        return True

    def _use(self, tokens: TokenSet) -> None:
        self._tokens = tokens
        self.session.token = {"access_token": tokens.access_token, "token_type": "Bearer"}


def _renew(connection_id: int) -> TokenSet:
    """Renew the pair; the lease is ours. Another process may have been faster just before."""
    connection = db.session.get_one(ExactConnection, connection_id, populate_existing=True)
    app, stored = app_of(connection), _tokens(connection)
    db.session.commit()
    if now() < stored.expires_at:
        _set(connection_id, renewing_until=None)
        return stored
    try:
        renewed = _ask_for_renewal(app, stored.refresh_token)
    except (ExactNotConnected, AppRejected):
        lose_login(connection_id)
        raise
    except ExactUnavailable:
        _set(connection_id, renewing_until=None)
        raise
    store_tokens(db.session.get_one(ExactConnection, connection_id), renewed)
    db.session.commit()
    return renewed


def _ask_for_renewal(app: App, refresh_token: str) -> TokenSet:
    """Renew; when the answer is lost, ask once more: Exact may never have got the question."""
    try:
        return oauth.refresh(app, refresh_token)
    except OutcomeUnknown:
        try:
            return oauth.refresh(app, refresh_token)
        except OutcomeUnknown as lost:
            raise ExactUnavailable("no_answer") from lost


def _take_lease(connection_id: int) -> bool:
    free = or_(
        ExactConnection.renewing_until.is_(None),
        ExactConnection.renewing_until < now(),
    )
    taken = db.session.execute(
        update(ExactConnection)
        .where(ExactConnection.id == connection_id, free)
        .values(renewing_until=now() + RENEWAL_LEASE)
    )
    db.session.commit()
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def _stored(connection_id: int) -> TokenSet:
    connection = db.session.get(ExactConnection, connection_id, populate_existing=True)
    if connection is None or not connection.is_connected:
        db.session.commit()
        raise ExactNotConnected("no login")
    tokens = _tokens(connection)
    db.session.commit()
    return tokens


def _tokens(connection: ExactConnection) -> TokenSet:
    return TokenSet(
        connection.access_token or "",
        connection.refresh_token or "",
        connection.obtained_at or NEVER,
        connection.expires_at or NEVER,
    )


def _set(connection_id: int, **values: object) -> None:
    db.session.execute(
        update(ExactConnection).where(ExactConnection.id == connection_id).values(**values)
    )
    db.session.commit()
