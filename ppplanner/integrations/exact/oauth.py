"""Exact's OAuth 2 dialect: consent, code exchange, renewal. No database and no lock: see auth.py.

What is particular: the refresh token is replaced at every renewal and the old one dies at once; a
renewal is refused until 570 seconds after the last; `expires_in` comes as text; credentials go in
the form; the same error words mean different things at different steps.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NoReturn

import requests
from authlib.integrations.requests_client import OAuth2Session

from ppplanner.clock import now as present

from .errors import (
    AppRejected,
    Call,
    ExactError,
    ExactNotConnected,
    ExactRejected,
    ExactUnavailable,
    OutcomeUnknown,
    TooEarly,
    classify,
    nothing_went_out,
)

log = logging.getLogger(__name__)

RENEWABLE_AFTER = timedelta(seconds=570)
USUAL_LIFE = 600  # seconds
#: How long before its end a token is renewed: the middle of the half minute in which Exact allows
#: it, so that clocks of several machines may differ by a quarter.
BEFORE_THE_END = timedelta(seconds=15)
#: A refresh token that is not used for so long dies (API facts 2.2).
DIES_UNUSED_AFTER = timedelta(days=30)
TIMEOUT = (5.0, 20.0)  # seconds to connect, seconds between two bytes

_TOKEN = Call("POST", "oauth2/token")


@dataclass(frozen=True)
class App:
    """Our registration in Exact's App Center, on one country site."""

    base_url: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str


@dataclass(frozen=True)
class TokenSet:
    """A pair of tokens. Both moments err on the safe side: obtained late, expiring early (UTC)."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    obtained_at: datetime
    expires_at: datetime


def renewable_at(tokens: TokenSet) -> datetime:
    """From when Exact accepts a renewal: 9 min 30 s after the last, 30 s before the end."""
    return tokens.obtained_at + RENEWABLE_AFTER


def renewal_due(tokens: TokenSet) -> datetime:
    """When to renew: shortly before the end, but not before Exact accepts it."""
    soon = max(tokens.expires_at - BEFORE_THE_END, renewable_at(tokens))
    return min(soon, tokens.expires_at)


def consent_url(app: App, state: str, force_login: bool = False) -> str:
    """Where to send the person who gives consent. `force_login` shows the login in any case."""
    url, _ = _session(app).create_authorization_url(
        f"{app.base_url}/api/oauth2/auth", state=state, force_login=int(force_login)
    )
    return str(url)


def code_from_return(args: Mapping[str, str], state: str) -> str:
    """The code with which Exact sent the person back; `args` are decoded once, as Flask does.

    Raises `ExactRejected` when consent was refused or the return is not the one we wait for.
    """
    if not state or not hmac.compare_digest(args.get("state", "").encode(), state.encode()):
        raise ExactRejected(400, reason_header="StateMismatch")
    if "error" in args or not args.get("code"):
        raise ExactRejected(403, reason_header="ConsentRefused")
    return args["code"]


def exchange_code(app: App, code: str, *, clock: Callable[[], datetime] = present) -> TokenSet:
    """The first pair of tokens. A lost answer costs nothing but another consent."""

    def fetch(session: OAuth2Session) -> Any:
        return session.fetch_token(
            _url(app), code=code, grant_type="authorization_code", **_options()
        )

    try:
        return _obtain(app, fetch, clock)
    except OutcomeUnknown as lost:
        raise ExactUnavailable("no_answer") from lost


def refresh(app: App, refresh_token: str, *, clock: Callable[[], datetime] = present) -> TokenSet:
    """The next pair; the given refresh token is dead from now on. Store the new one at once.

    Raises `TooEarly` if the last renewal is younger than 570 s (then somebody else renewed: read
    the stored pair again), `ExactNotConnected` if the token is spent, too old or unknown,
    `AppRejected`, `ExactUnavailable`. `OutcomeUnknown` is special: Exact may have replaced the
    token, and its answer was lost. Trying once more with the old token is right; if that ends in
    `ExactNotConnected`, the chain is broken and a person has to log in again.
    """

    def fetch(session: OAuth2Session) -> Any:
        return session.refresh_token(_url(app), refresh_token=refresh_token, **_options())

    return _obtain(app, fetch, clock)


def api_session(app: App, tokens: TokenSet) -> OAuth2Session:
    """The HTTP session for `ExactClient`.

    It carries the access token and nothing to renew it with: Authlib renews without a lock.
    """
    return OAuth2Session(
        app.client_id, token={"access_token": tokens.access_token, "token_type": "Bearer"}
    )


# --- the token endpoint -----------------------------------------------------------------------


def _session(app: App) -> OAuth2Session:
    session = OAuth2Session(
        app.client_id,
        app.client_secret,
        redirect_uri=app.redirect_uri,
        token_endpoint_auth_method="client_secret_post",
    )
    session.register_compliance_hook("access_token_response", _check)
    session.register_compliance_hook("refresh_token_response", _check)
    return session


def _url(app: App) -> str:
    return f"{app.base_url}/api/oauth2/token"


def _options() -> dict[str, Any]:
    return {"timeout": TIMEOUT, "allow_redirects": False}


def _obtain(
    app: App, fetch: Callable[[OAuth2Session], Any], clock: Callable[[], datetime]
) -> TokenSet:
    sent_at = clock()
    try:
        answer = fetch(_session(app))
    except requests.RequestException as error:
        log.info("POST oauth2/token -> %s", type(error).__name__)
        raise _without_answer(error) from None
    return TokenSet(
        answer["access_token"],
        answer["refresh_token"],
        obtained_at=clock(),
        expires_at=sent_at + timedelta(seconds=int(answer.get("expires_in", USUAL_LIFE))),
    )


def _without_answer(error: Exception) -> ExactError:
    if nothing_went_out(error):
        return ExactUnavailable("no_connection")
    return OutcomeUnknown(_TOKEN.method, _TOKEN.resource, "no_answer")


def _check(response: requests.Response) -> requests.Response:
    """Let a usable answer pass; Authlib's own reading of errors is too coarse for this server."""
    log.info(
        "POST oauth2/token -> %s in %d ms",
        response.status_code,
        response.elapsed.total_seconds() * 1000,
    )
    body = _body(response)
    if response.status_code == 200 and _has_tokens(body):
        return response
    if 400 <= response.status_code < 500 and "error" in body:
        _refuse(response, body)
    if response.status_code in (500, 503):
        raise ExactUnavailable("crash" if response.status_code == 500 else "no_answer")
    if response.status_code == 401:
        raise ExactRejected(401, reason_header=response.headers.get("Reason", ""))
    raise classify(_TOKEN, response, present())


def _body(response: requests.Response) -> dict[str, Any]:
    try:
        body = json.loads(response.text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _has_tokens(body: Mapping[str, Any]) -> bool:
    texts = all(isinstance(body.get(k), str) and body[k] for k in ("access_token", "refresh_token"))
    return texts and str(body.get("expires_in", USUAL_LIFE)).isdecimal()


def _refuse(response: requests.Response, body: Mapping[str, Any]) -> NoReturn:
    """Raise what a refusal of the token endpoint means (section 2.5 of the API facts)."""
    error, description = str(body["error"]), str(body.get("error_description") or "")
    about = f"{response.headers.get('Reason', '')} {description}".lower()
    if "tooearly" in about or "not expired" in about:
        raise TooEarly
    if error == "invalid_grant" or "refresh token" in about:
        raise ExactNotConnected(description or error)
    if error in ("invalid_request", "invalid_client", "unauthorized_client"):
        raise AppRejected(response.status_code, [description or error])
    if response.status_code == 429:
        raise classify(_TOKEN, response, present())
    raise ExactRejected(response.status_code, [description or error])
