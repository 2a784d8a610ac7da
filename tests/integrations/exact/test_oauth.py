"""Consent, code exchange and renewal, with every odd answer of the token endpoint."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
from responses.matchers import header_matcher, urlencoded_params_matcher
from urllib3.exceptions import MaxRetryError, NewConnectionError

from ppplanner.integrations.exact import oauth
from ppplanner.integrations.exact.errors import (
    AppRejected,
    ExactError,
    ExactNotConnected,
    ExactRejected,
    ExactUnavailable,
    OutcomeUnknown,
    TooEarly,
)
from ppplanner.integrations.exact.oauth import App, TokenSet

SITE = "https://start.exactonline.be"
TOKEN_URL = f"{SITE}/api/oauth2/token"
APP = App(SITE, "client-id", "client secret+&=", "https://ppplanner.example/exact/return?x=1")
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
TOKENS = {
    "access_token": "new/access+token=",
    "token_type": "bearer",
    "expires_in": "600",
    "refresh_token": "new!refresh~tøken",
}


@pytest.fixture
def site() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def exchange() -> TokenSet:
    return oauth.exchange_code(APP, "the code+%2F", clock=lambda: NOW)


def renew() -> TokenSet:
    return oauth.refresh(APP, "old/refresh+tøken!", clock=lambda: NOW)


# --- the way there and back -------------------------------------------------------------------


@pytest.mark.parametrize(("force", "sent"), [(True, "1"), (False, "0")])
def test_the_person_is_sent_to_the_consent_page(force: bool, sent: str) -> None:
    url = urlsplit(oauth.consent_url(APP, "a state", force_login=force))
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{SITE}/api/oauth2/auth"
    assert parse_qs(url.query) == {
        "client_id": ["client-id"],
        "redirect_uri": [APP.redirect_uri],
        "response_type": ["code"],
        "state": ["a state"],
        "force_login": [sent],
    }


def test_the_code_comes_back_with_our_state() -> None:
    assert oauth.code_from_return({"code": "c", "state": "s"}, "s") == "c"


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ({"code": "c"}, "StateMismatch"),
        ({"code": "c", "state": "other"}, "StateMismatch"),
        ({"error": "access_denied", "state": "s"}, "ConsentRefused"),
        ({"state": "s"}, "ConsentRefused"),
    ],
)
def test_any_other_return_is_refused(args: dict[str, str], reason: str) -> None:
    with pytest.raises(ExactRejected) as refused:
        oauth.code_from_return(args, "s")
    assert refused.value.reason_header == reason
    assert "Log in with Exact" in refused.value.messages[0].text


def test_an_empty_state_never_fits() -> None:
    with pytest.raises(ExactRejected):
        oauth.code_from_return({"code": "c"}, "")


# --- tokens -----------------------------------------------------------------------------------


def test_the_code_is_exchanged_in_the_form_with_the_credentials(
    site: responses.RequestsMock,
) -> None:
    form = {
        "grant_type": "authorization_code",
        "code": "the code+%2F",
        "redirect_uri": APP.redirect_uri,
        "client_id": "client-id",
        "client_secret": "client secret+&=",
    }
    site.post(TOKEN_URL, json=TOKENS, match=[urlencoded_params_matcher(form)])
    tokens = exchange()
    assert tokens.access_token == "new/access+token="
    assert tokens.refresh_token == "new!refresh~tøken"
    assert "Authorization" not in site.calls[0].request.headers


def test_a_renewal_sends_the_refresh_token(site: responses.RequestsMock) -> None:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": "old/refresh+tøken!",
        "client_id": "client-id",
        "client_secret": "client secret+&=",
    }
    site.post(TOKEN_URL, json=TOKENS, match=[urlencoded_params_matcher(form)])
    assert renew().refresh_token == "new!refresh~tøken"


@pytest.mark.parametrize("expires_in", ["600", 600])
def test_the_life_of_a_token_comes_as_text_or_number(
    site: responses.RequestsMock, expires_in: Any
) -> None:
    site.post(TOKEN_URL, json={**TOKENS, "expires_in": expires_in})
    tokens = renew()
    assert tokens.expires_at == NOW + timedelta(seconds=600)
    assert oauth.renewable_at(tokens) == NOW + timedelta(seconds=570)


def test_a_slow_answer_never_makes_a_token_look_younger(site: responses.RequestsMock) -> None:
    site.post(TOKEN_URL, json=TOKENS)
    moments = iter([NOW, NOW + timedelta(seconds=4)])
    tokens = oauth.refresh(APP, "old", clock=lambda: next(moments))
    assert tokens.expires_at == NOW + timedelta(seconds=600)
    assert oauth.renewable_at(tokens) == NOW + timedelta(seconds=574)


def test_tokens_and_secrets_are_not_shown(
    site: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    site.post(TOKEN_URL, json=TOKENS)
    with caplog.at_level(logging.INFO):
        shown = repr(renew()) + repr(APP) + caplog.text
    assert "POST oauth2/token -> 200" in caplog.text
    for secret in (*TOKENS.values(), "old/refresh", "client secret"):
        assert secret not in shown or secret in ("bearer", "600")


def test_the_session_for_calls_carries_the_token_and_cannot_renew_it(
    site: responses.RequestsMock,
) -> None:
    site.get(SITE, match=[header_matcher({"Authorization": "Bearer an access token"})])
    session = oauth.api_session(APP, TokenSet("an access token", "r", NOW, NOW))
    assert session.get(SITE).status_code == 200
    assert "refresh_token" not in session.token
    assert session.client_secret is None


# --- refusals ---------------------------------------------------------------------------------

OLD = {"error": "unauthorized_client", "error_description": "Old refresh token used."}
EXPIRED = {
    "error": "invalid_request",
    "error_description": "The refresh token expired at 1/2/2026 3:04:05 PM and it is now …",
}
CHAIN = {
    "error": "invalid_grant",
    "error_description": "Token is not allowed, because of invalid or empty chainId",
}
EARLY = {
    "error": "access_denied",
    "error_description": "Rate limit exceeded: access_token not expired",
}
EARLY_REASON = {"Reason": "TooEarlyToRefreshTokens: Rate limit exceeded: access_token not expired"}


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind"),
    [
        (401, OLD, {}, ExactNotConnected),
        (400, OLD, {}, ExactNotConnected),
        (400, EXPIRED, {}, ExactNotConnected),
        (400, CHAIN, {}, ExactNotConnected),
        (400, EARLY, EARLY_REASON, TooEarly),
        (400, EARLY, {}, TooEarly),
        (401, {"error": "x", "error_description": "access token not expired"}, {}, TooEarly),
        (401, {"error": "access_denied"}, EARLY_REASON, TooEarly),
        (400, {"error": "invalid_request"}, {}, AppRejected),
        (401, {"error": "invalid_client"}, {}, AppRejected),
        (401, {"error": "unauthorized_client"}, {}, AppRejected),
        (400, {"error": "unsupported_grant_type"}, {}, ExactRejected),
        (403, {"error": "access_denied"}, {}, ExactRejected),
        (404, {}, {}, ExactRejected),
        (401, {}, {}, ExactRejected),
        (429, {}, {}, ExactUnavailable),
        (429, {"error": "slow_down"}, {}, ExactUnavailable),
        (500, {}, {}, ExactUnavailable),
        (503, {}, {}, ExactUnavailable),
    ],
)
@pytest.mark.parametrize("ask", [exchange, renew])
def test_each_refusal_is_of_its_kind(
    site: responses.RequestsMock,
    ask: Callable[[], TokenSet],
    status: int,
    body: dict[str, str],
    headers: dict[str, str],
    kind: type[ExactError],
) -> None:
    site.post(TOKEN_URL, status=status, json=body, headers=headers)
    with pytest.raises(kind) as refused:
        ask()
    assert type(refused.value) is kind


# --- lost answers -----------------------------------------------------------------------------

UNUSABLE: list[dict[str, Any]] = [
    {"body": requests.ReadTimeout()},
    {"body": requests.ConnectionError("reset by peer")},
    {"status": 502, "body": "<html>"},
    {"status": 504},
    {"status": 200, "body": ""},
    {"status": 200, "body": "<html>"},
    {"status": 200, "json": []},
    {"status": 200, "json": {"access_token": "only"}},
    {"status": 200, "json": {**TOKENS, "refresh_token": ""}},
    {"status": 200, "json": {**TOKENS, "expires_in": "soon"}},
    {"status": 302, "headers": {"Location": "https://elsewhere.example/"}},
]


@pytest.mark.parametrize("answer", UNUSABLE)
def test_a_renewal_whose_answer_was_lost_may_have_been_carried_out(
    site: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    site.post(TOKEN_URL, **answer)
    with pytest.raises(OutcomeUnknown):
        renew()
    assert len(site.calls) == 1


@pytest.mark.parametrize("answer", UNUSABLE)
def test_an_exchange_whose_answer_was_lost_is_simply_done_again(
    site: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    site.post(TOKEN_URL, **answer)
    with pytest.raises(ExactUnavailable):
        exchange()


@pytest.mark.parametrize("ask", [exchange, renew])
def test_without_a_connection_nothing_was_renewed(
    site: responses.RequestsMock, ask: Callable[[], TokenSet]
) -> None:
    pool: Any = object()
    refused = requests.ConnectionError(MaxRetryError(pool, "/", NewConnectionError(pool, "no")))
    site.post(TOKEN_URL, body=refused)
    with pytest.raises(ExactUnavailable) as trouble:
        ask()
    assert trouble.value.reason == "no_connection"


def test_every_call_has_a_time_out(
    site: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.post(TOKEN_URL, json=TOKENS)
    renew()
    assert site.calls[0].request.req_kwargs["timeout"] == oauth.TIMEOUT  # type: ignore[attr-defined]
