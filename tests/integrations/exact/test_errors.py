"""Which kind of trouble an answer or an exception is, and what a person reads about it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from urllib3.exceptions import (
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
)

from ppplanner.integrations.exact.errors import (
    AccessRefused,
    AppRejected,
    Call,
    ExactError,
    ExactNotConnected,
    ExactRejected,
    ExactUnavailable,
    OutcomeUnknown,
    TooEarly,
    classify,
)
from ppplanner.integrations.exact.odata import Unreadable

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
READ = Call("GET", "crm/Accounts")
WRITE = Call("POST", "salesentry/SalesEntries")
CRASH = "A problem has occurred. The cause of this issue will be investigated as soon as possible."


def answer(status: int, body: str = "", **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = body.encode()
    response.encoding = "utf-8"
    response.headers.update(headers)
    return response


def error_body(text: str) -> str:
    return json.dumps({"error": {"code": "", "message": {"lang": "", "value": text}}})


def ms(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


# --- answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("call", [READ, WRITE])
@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 501])
def test_a_refusal_is_a_matter_for_a_person(call: Call, status: int) -> None:
    trouble = classify(call, answer(status, error_body("No.")), NOW)
    assert isinstance(trouble, ExactRejected)
    assert (trouble.status, trouble.texts) == (status, ["No."])


def test_a_function_that_exact_does_not_have_is_a_refusal_even_without_words() -> None:
    assert isinstance(classify(READ, answer(501), NOW), ExactRejected)


def test_each_of_several_texts_is_kept() -> None:
    body = error_body("Mandatory: Customer\r\nMandatory: Journal\r\n")
    trouble = classify(WRITE, answer(500, body), NOW)
    assert isinstance(trouble, ExactRejected)
    assert trouble.texts == ["Mandatory: Customer", "Mandatory: Journal"]


def test_of_endless_words_only_what_somebody_will_read_is_kept() -> None:
    body = error_body("\r\n".join(["x" * 10_000] * 1_000))
    trouble = classify(WRITE, answer(500, body), NOW)
    assert isinstance(trouble, ExactRejected)
    assert trouble.texts == ["x" * 500] * 20


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>Server Error</html>",
        "Internal Server Error",
        error_body(""),
        error_body(CRASH),
        error_body("Object reference not set to an instance of an object."),
        error_body("Er is een probleem opgetreden. De oorzaak wordt onderzocht."),
        error_body("Un problème est survenu."),
        error_body("An error occurred while processing this request."),
        error_body("Er is een onverwachte fout opgetreden."),
        error_body("Une erreur inattendue s'est produite."),
        error_body("Le délai d'attente a expiré."),
        error_body("Une erreur s’est produite."),
        error_body("Es ist ein Problem aufgetreten. Die Ursache wird untersucht."),
        error_body("Ein unerwarteter Fehler ist aufgetreten."),
        error_body("Bei der Verarbeitung ist ein Fehler aufgetreten."),
        error_body("Der Objektverweis wurde nicht auf eine Objektinstanz festgelegt."),
        error_body("Zeitüberschreitung der Anforderung."),
        error_body("Der Dienst ist vorübergehend nicht verfügbar."),
        error_body("Interner Serverfehler"),
        '{"error": "x"}',
        "[]",
    ],
)
def test_a_crash_is_not_a_refusal(body: str) -> None:
    read = classify(READ, answer(500, body), NOW)
    assert isinstance(read, ExactUnavailable)
    assert read.reason == "crash"
    assert isinstance(classify(WRITE, answer(500, body), NOW), OutcomeUnknown)


@pytest.mark.parametrize("status", [408, 502, 503, 504, 302, 200, 201])
def test_after_an_unusable_answer_a_write_may_have_landed(status: int) -> None:
    got = answer(status, "<html>maintenance</html>")
    assert isinstance(classify(READ, got, NOW), ExactUnavailable)
    trouble = classify(WRITE, got, NOW)
    assert isinstance(trouble, OutcomeUnknown)
    assert (trouble.method, trouble.resource) == ("POST", "salesentry/SalesEntries")


def test_an_invalid_access_token_means_not_connected() -> None:
    trouble = classify(READ, answer(401, Reason="TokenExpired"), NOW)
    assert isinstance(trouble, ExactNotConnected)
    assert trouble.reason == "TokenExpired"


def test_the_reason_header_of_a_refusal_is_kept() -> None:
    trouble = classify(READ, answer(403, "Forbidden", Reason="BlockedUser"), NOW)
    assert isinstance(trouble, ExactRejected)
    assert (trouble.reason_header, trouble.texts) == ("BlockedUser", ["Forbidden"])
    assert "blocked" in trouble.messages[0].text


def test_a_refusal_as_a_page_has_no_texts() -> None:
    trouble = classify(READ, answer(403, "<html><h1>Forbidden</h1></html>"), NOW)
    assert isinstance(trouble, ExactRejected)
    assert trouble.texts == []
    assert trouble.messages[0].text.startswith("The person who logged in lacks rights")


# --- limits -----------------------------------------------------------------------------------


def test_the_limit_of_a_minute_names_its_end() -> None:
    reset = NOW + timedelta(seconds=40)
    got = answer(
        429, **{"X-RateLimit-Minutely-Remaining": "0", "X-RateLimit-Minutely-Reset": ms(reset)}
    )
    trouble = classify(WRITE, got, NOW)
    assert isinstance(trouble, ExactUnavailable)
    assert (trouble.reason, trouble.retry_at) == ("minute", reset + timedelta(seconds=1))


def test_the_limit_of_a_day_lasts_until_its_reset() -> None:
    reset = datetime(2026, 3, 11, tzinfo=UTC)
    got = answer(429, **{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": ms(reset)})
    trouble = classify(READ, got, NOW)
    assert isinstance(trouble, ExactUnavailable)
    assert (trouble.reason, trouble.retry_at) == ("day", reset + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("headers", "reason", "until"),
    [
        ({"X-RateLimit-Minutely-Limit": "60"}, "minute", NOW + timedelta(seconds=61)),
        ({"X-RateLimit-Limit": "5000"}, "day", datetime(2026, 3, 11, 0, 0, 1, tzinfo=UTC)),
        ({}, "limit", NOW + timedelta(seconds=61)),
    ],
)
def test_only_the_group_that_was_hit_is_sent(
    headers: dict[str, str], reason: str, until: datetime
) -> None:
    trouble = classify(READ, answer(429, **headers), NOW)
    assert isinstance(trouble, ExactUnavailable)
    assert (trouble.reason, trouble.retry_at) == (reason, until)


def test_calls_left_and_still_refused_is_the_limit_on_errors() -> None:
    got = answer(429, **{"X-RateLimit-Remaining": "4000", "X-RateLimit-Minutely-Remaining": "50"})
    trouble = classify(READ, got, NOW)
    assert isinstance(trouble, ExactUnavailable)
    assert trouble.reason == "errors"
    assert trouble.retry_at == NOW + timedelta(hours=1, seconds=1)


@pytest.mark.parametrize(
    "text",
    [
        "API rate limit exceeded",
        "API-limiet overschreden",
        "Te veel verzoeken",
        "La limite de l'API est dépassée",
        "La limite de débit de l’API est dépassée",
        "Trop de requêtes",
        "API-Limit überschritten",
        "Zu viele Anfragen",
    ],
)
def test_the_limit_on_errors_is_known_by_its_text_too(text: str) -> None:
    trouble = classify(READ, answer(403, error_body(text)), NOW)
    assert isinstance(trouble, ExactUnavailable)
    assert trouble.reason == "errors"


@pytest.mark.parametrize(
    "text",
    [
        "Kredietlimiet overschreden",
        "Limite de crédit dépassée",
        "Limite de débit dépassée",
        "Credit limit exceeded",
        "Kreditlimit überschritten",
    ],
)
def test_another_limit_is_a_matter_for_a_person(text: str) -> None:
    assert isinstance(classify(WRITE, answer(500, error_body(text)), NOW), ExactRejected)


@pytest.mark.parametrize(
    ("reason", "text", "about_link"),
    [
        ("NoDivisionAccess: 12", "Forbidden", True),
        ("LicenseExpired", "Forbidden", True),
        ("", "Forbidden - User division is not within division scope", True),
        ("NoAccess", "Forbidden", False),
        ("", "Cannot manage 'crm.accounts' scope.", False),
    ],
)
def test_some_missing_rights_are_about_the_whole_link(
    reason: str, text: str, about_link: bool
) -> None:
    trouble = classify(WRITE, answer(403, error_body(text), Reason=reason), NOW)
    assert isinstance(trouble, AccessRefused)
    assert (trouble.about_link, trouble.resource) == (about_link, WRITE.resource)


@pytest.mark.parametrize("reset", ["", "soon", "-1", "0", str(10**30), "1683936000"])
def test_a_limit_is_never_retried_at_once(reset: str) -> None:
    got = answer(
        429, **{"X-RateLimit-Minutely-Remaining": "0", "X-RateLimit-Minutely-Reset": reset}
    )
    trouble = classify(READ, got, NOW)
    assert isinstance(trouble, ExactUnavailable)
    assert trouble.retry_at is not None
    assert NOW + timedelta(seconds=5) <= trouble.retry_at <= NOW + timedelta(seconds=61)


# --- no answer --------------------------------------------------------------------------------

POOL: Any = object()


def wrapped(cause: Exception) -> requests.ConnectionError:
    return requests.ConnectionError(MaxRetryError(POOL, "/", cause))


@pytest.mark.parametrize(
    "error",
    [
        requests.ConnectTimeout(),
        requests.exceptions.ProxyError(),
        wrapped(NewConnectionError(POOL, "refused")),
        wrapped(NameResolutionError("host", POOL, OSError())),  # type: ignore[arg-type]
        requests.exceptions.SSLError(
            MaxRetryError(POOL, "/", Exception("CERTIFICATE_VERIFY_FAILED"))
        ),
    ],
    ids=lambda error: type(error).__name__,
)
def test_without_a_connection_nothing_went_out(error: Exception) -> None:
    for call in (READ, WRITE):
        trouble = classify(call, error, NOW)
        assert isinstance(trouble, ExactUnavailable)
        assert trouble.reason == "no_connection"


@pytest.mark.parametrize(
    "error",
    [
        requests.ReadTimeout(),
        requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError())),
        wrapped(ReadTimeoutError(POOL, "/", "late")),
        requests.exceptions.ChunkedEncodingError(),
        requests.exceptions.SSLError("EOF occurred in violation of protocol"),
        Unreadable("not JSON"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_once_it_went_out_a_write_may_have_landed(error: Exception) -> None:
    assert isinstance(classify(READ, error, NOW), ExactUnavailable)
    assert isinstance(classify(WRITE, error, NOW), OutcomeUnknown)


# --- what a person reads ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: ExactUnavailable("day"),
        lambda: TooEarly(),
        lambda: ExactRejected(500, ["Mandatory: Journal"]),
        lambda: ExactRejected(400),
        lambda: AppRejected(400),
        lambda: ExactNotConnected("old"),
        lambda: OutcomeUnknown("POST", "crm/Accounts"),
    ],
)
def test_every_kind_has_a_sentence(make: Callable[[], ExactError]) -> None:
    for message in make().messages:
        assert (message.text % dict(message.params)).endswith(".")
