"""Codes and tokens: who consented to what, and what may be renewed when.

A *grant* is one consent. Its refresh token changes with every renewal and the old one is dead
at once; its access token lives ten minutes and may be renewed only in its last half minute.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from .clock import Clock
from .options import Options, RegisteredApp

ACCESS_LIFE = timedelta(minutes=10)
REFRESH_LIFE = timedelta(days=30)
CODE_LIFE = timedelta(seconds=180)
TOKEN_BYTES = 900
REMEMBERED_TOKENS = 1_000


class TokenRefused(Exception):
    """The token endpoint's no."""

    def __init__(self, status: int, error: str, description: str = "", reason: str = ""):
        super().__init__(description or error)
        self.status = status
        self.error = error
        self.description = description
        self.reason = reason


TOO_EARLY = "Rate limit exceeded: access_token not expired"
NO_CHAIN = "Token is not allowed, because of invalid or empty chainId"


@dataclass
class Grant:
    """One consent by one user to one app, for the administrations ticked."""

    id: str
    client_id: str
    user: str
    divisions: list[int]
    redirect_uri: str
    code: str
    code_at: float
    code_used: bool = False
    refresh_token: str = ""
    issued_at: float = 0
    access: dict[str, float] = field(default_factory=dict)
    """Access tokens given out, with the moment each ends (seconds since 1970)."""
    ended: bool = False


class TokenBook:
    """All grants. Callers hold the state's lock."""

    def __init__(self, options: Options, clock: Clock):
        self.options = options
        self.clock = clock
        self.reset()

    def reset(self) -> None:
        self.grants: dict[str, Grant] = {}
        self._used_refresh: dict[str, str] = {}
        self._calls: dict[tuple[str, str, str], int] = {}
        self.outcomes: Counter[str] = Counter()
        """How often a token was "exchanged" or "renewed", or refused: "400 access_denied"."""

    def _now(self) -> float:
        return self.clock.now().timestamp()

    def consent(
        self, app: RegisteredApp, user: str, divisions: list[int], redirect_uri: str
    ) -> str:
        """Note that this user allowed this app in; the code to hand back."""
        # Exact's codes hold characters that must be encoded in an address.
        code = "stampBE001." + base64.b64encode(secrets.token_bytes(96)).decode() + "/+=="
        grant = Grant(
            secrets.token_hex(8), app.client_id, user, divisions, redirect_uri, code, self._now()
        )
        self.grants[grant.id] = grant
        return code

    def exchange(self, app: RegisteredApp, code: str, redirect_uri: str) -> Grant:
        """The first pair of tokens for a code, which works once and for 180 seconds."""
        grant = next((each for each in self.grants.values() if each.code == code), None)
        if grant is None or grant.client_id != app.client_id:
            raise TokenRefused(400, "invalid_grant", NO_CHAIN)
        self._count_call(grant)
        too_old = self._now() - grant.code_at > CODE_LIFE.total_seconds()
        if grant.code_used or grant.ended or too_old:
            raise TokenRefused(400, "invalid_grant", NO_CHAIN)
        if grant.redirect_uri != redirect_uri:
            raise TokenRefused(400, "invalid_request")
        grant.code_used = True
        if self.options.one_chain_per_user:
            self._end_others(grant)
        self.outcomes["exchanged"] += 1
        return self._issue(grant)

    def refresh(self, app: RegisteredApp, token: str) -> Grant:
        """The next pair of tokens; the refresh token handed in dies."""
        grant = self._by_refresh_token(token)
        if grant is None or grant.client_id != app.client_id:
            raise TokenRefused(400, "invalid_grant", NO_CHAIN)
        self._count_call(grant)
        if _digest(token) in self._used_refresh:
            raise TokenRefused(401, "unauthorized_client", "Old refresh token used.")
        if grant.ended:
            raise TokenRefused(400, "invalid_grant", NO_CHAIN)
        self._refuse_when_late(grant)
        if self._now() - grant.issued_at < self.options.token_age_before_refresh:
            raise TokenRefused(
                400, "access_denied", TOO_EARLY, f"TooEarlyToRefreshTokens: {TOO_EARLY}"
            )
        self._remember(token, grant)
        self.outcomes["renewed"] += 1
        return self._issue(grant)

    def holder(self, access_token: str) -> Grant | None:
        """Whose access token this is, also when it is over."""
        return next((each for each in self.grants.values() if access_token in each.access), None)

    def is_valid(self, grant: Grant, access_token: str) -> bool:
        return not grant.ended and self._now() < grant.access[access_token]

    def revoke(self) -> None:
        """End every connection, as when the user's rights or password change."""
        for grant in self.grants.values():
            grant.ended = True

    def as_facts(self) -> dict[str, Any]:
        return {
            "grants": [asdict(grant) for grant in self.grants.values()],
            "used": self._used_refresh,
        }

    def load_facts(self, facts: dict[str, Any] | None) -> None:
        if facts:
            self.grants = {each["id"]: Grant(**each) for each in facts["grants"]}
            self._used_refresh = facts["used"]

    def _by_refresh_token(self, token: str) -> Grant | None:
        spent_by = self._used_refresh.get(_digest(token))
        if spent_by is not None:
            return self.grants.get(spent_by)
        issued = (each for each in self.grants.values() if each.refresh_token)
        return next((each for each in issued if each.refresh_token == token), None)

    def _remember(self, token: str, grant: Grant) -> None:
        self._used_refresh[_digest(token)] = grant.id
        while len(self._used_refresh) > REMEMBERED_TOKENS:
            del self._used_refresh[next(iter(self._used_refresh))]

    def _refuse_when_late(self, grant: Grant) -> None:
        end = datetime.fromtimestamp(grant.issued_at, UTC) + REFRESH_LIFE
        now = self.clock.now()
        if now > end:
            text = f"The refresh token expired at {_american(end)} and it is now {_american(now)}"
            raise TokenRefused(400, "invalid_request", text)

    def _end_others(self, grant: Grant) -> None:
        for other in self.grants.values():
            same = (other.client_id, other.user) == (grant.client_id, grant.user)
            if same and other is not grant and other.code_used:
                other.ended = True

    def _issue(self, grant: Grant) -> Grant:
        now = self._now()
        grant.issued_at = now
        grant.refresh_token = "stampBE001." + secrets.token_urlsafe(TOKEN_BYTES)
        grant.access = {token: end for token, end in grant.access.items() if end > now}
        grant.access[secrets.token_urlsafe(TOKEN_BYTES)] = now + ACCESS_LIFE.total_seconds()
        return grant

    def _count_call(self, grant: Grant) -> None:
        key = (grant.client_id, grant.user, f"{self.clock.now():%Y-%m-%d}")
        self._calls[key] = self._calls.get(key, 0) + 1
        limit = self.options.token_calls_per_day
        if limit is not None and self._calls[key] > limit:
            raise TokenRefused(429, "access_denied", "Rate limit exceeded")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _american(moment: datetime) -> str:
    return f"{moment.month}/{moment.day}/{moment:%Y} {moment.hour % 12 or 12}:{moment:%M:%S %p}"
