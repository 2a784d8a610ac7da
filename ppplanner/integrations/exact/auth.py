"""Logged in with Exact, for everybody at once: one renewal per expiry over all processes.

A renewal kills the refresh token it uses. So whoever renews first takes a lease on the connection
in the database, reads the pair again, renews only if nobody else did, and commits the new pair
before its first use. No transaction is open during the call.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import or_, update

from ppplanner.clock import now
from ppplanner.extensions import db

from . import oauth
from .errors import ExactNotConnected, ExactRejected, ExactUnavailable, OutcomeUnknown, TooEarly
from .models import ConnectionState, ExactConnection
from .oauth import App, TokenSet

#: How long a renewal may take before others may try; above the time-outs of two calls.
RENEWAL_LEASE = timedelta(seconds=60)
#: How long a token surely holds that Exact finds too fresh to renew.
TOO_FRESH = timedelta(seconds=30)
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


def fresh_tokens(connection_id: int, refused: str = "") -> TokenSet:
    """The tokens of a connection, renewed if need be: if they have run out, or if the access token
    is `refused` by Exact. Opens and commits transactions of its own.

    Raises ExactNotConnected when a person has to log in (and notes it), ExactUnavailable when Exact
    cannot be reached or another process does not finish its renewal.
    """
    deadline = now() + RENEWAL_LEASE
    while now() < deadline:
        tokens = _stored(connection_id)
        if _holds(tokens, refused):
            return tokens
        if _take_lease(connection_id):
            return _renew(connection_id, refused)
        time.sleep(LOOK_AGAIN)
    raise ExactUnavailable("no_answer")


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
        """Exact takes the token for invalid: use the one that somebody has stored meanwhile, or one
        renewed before its time. Raises ExactNotConnected when Exact gives none: the login is lost.
        """
        self._use(fresh_tokens(self._connection_id, refused=self._tokens.access_token))
        return True

    def _use(self, tokens: TokenSet) -> None:
        self._tokens = tokens
        self.session.token = {"access_token": tokens.access_token, "token_type": "Bearer"}


def _holds(tokens: TokenSet, refused: str) -> bool:
    return now() < tokens.expires_at and tokens.access_token != refused


def _renew(connection_id: int, refused: str) -> TokenSet:
    """Renew the pair; the lease is ours. Another process may have been faster just before."""
    connection = db.session.get_one(ExactConnection, connection_id, populate_existing=True)
    app, stored = app_of(connection), _tokens(connection)
    db.session.commit()
    if _holds(stored, refused):
        _set(connection_id, renewing_until=None)
        return stored
    try:
        _keep(connection_id, stored, _ask_for_renewal(app, stored.refresh_token))
    except TooEarly:
        _keep_a_while(connection_id, stored, refused)
    except (ExactNotConnected, ExactRejected) as error:
        _lose_login(connection_id, stored)
        raise ExactNotConnected(str(error)) from error
    except ExactUnavailable:
        _set(connection_id, renewing_until=None)
        raise
    return _stored(connection_id)


def _keep(connection_id: int, stored: TokenSet, renewed: TokenSet) -> None:
    """Store the new pair before its first use, unless a person logged in or out meanwhile."""
    connection = db.session.get_one(
        ExactConnection, connection_id, populate_existing=True, with_for_update=True
    )
    if _tokens(connection).obtained_at == stored.obtained_at:
        store_tokens(connection, renewed)
    db.session.commit()


def _keep_a_while(connection_id: int, stored: TokenSet, refused: str) -> None:
    """Exact finds the pair too fresh to renew, so it holds, and our clock is ahead of Exact's. Only
    if Exact refuses it all the same is the login lost.
    """
    if stored.access_token == refused:
        _lose_login(connection_id, stored)
        raise ExactNotConnected("refused, and too fresh to renew")
    _keep(connection_id, stored, replace(stored, expires_at=now() + TOO_FRESH))


def _lose_login(connection_id: int, stored: TokenSet) -> None:
    """Note that a person has to log in again, unless somebody just did; the work waits. Commits."""
    db.session.execute(
        update(ExactConnection)
        .where(ExactConnection.id == connection_id)
        .where(ExactConnection.obtained_at == stored.obtained_at)
        .values(state=ConnectionState.NEEDS_LOGIN, renewing_until=None)
    )
    db.session.commit()


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
