"""The four kinds of trouble with Exact, and the one function that tells them apart.

    ExactError
      ExactUnavailable      nobody need act: not reached, busy, a limit; try again later
        EndpointStopped     one endpoint has refused too much; the others go on
        TooEarly            the login was renewed a moment ago by somebody else; read it again
      ExactRejected         Exact says no, and says why; a person fixes the cause
        AccessRefused       not to this record but to us: rights, scope, administration, licence
        AppRejected         Exact does not know our app: client id, secret or return address
      ExactNotConnected     the login is gone; stop everything, show "log in again"
      OutcomeUnknown        a write went out and no usable answer came back: look it up first

The line between the first and the last is drawn by what could have happened in Exact, not by what
we would like: whenever a write may have been carried out, the outcome is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from ppplanner.clock import BRUSSELS
from ppplanner.i18n import N_, Message

from . import odata
from .limits import ERROR_BLOCK, Limits, pause_after_refusal
from .messages import (
    NOT_CONNECTED,
    STOPPED,
    UNAVAILABLE,
    closes_all,
    endpoint_name,
    explain,
)


@dataclass(frozen=True)
class Call:
    """What was asked of Exact: the verb, and the resource such as `crm/Accounts`."""

    method: str
    resource: str

    @property
    def writes(self) -> bool:
        return self.method != "GET"


class ExactError(Exception):
    """The parent of all trouble with Exact; `messages` says it to a person."""

    @property
    def messages(self) -> list[Message]:
        raise NotImplementedError


class ExactUnavailable(ExactError):
    """Not now. `reason` is a key of `messages.UNAVAILABLE`; `retry_at` (UTC) if Exact named it."""

    def __init__(self, reason: str, retry_at: datetime | None = None) -> None:
        super().__init__(f"Exact is not available: {reason}")
        self.reason = reason
        self.retry_at = retry_at

    @property
    def messages(self) -> list[Message]:
        return [Message(UNAVAILABLE[self.reason])]


class EndpointStopped(ExactUnavailable):
    """We do not ask there until `retry_at`, so that Exact does not lock the app: see `fuse`."""

    about_link = False
    retry_at: datetime

    def __init__(
        self, resource: str, refusals: int, retry_at: datetime, zone: str = BRUSSELS
    ) -> None:
        super().__init__("fuse", retry_at)
        self.resource = resource
        self.refusals = refusals
        self.until = f"{retry_at.astimezone(ZoneInfo(zone)):%H:%M}"

    @property
    def messages(self) -> list[Message]:
        what = {"count": self.refusals, "what": endpoint_name(self.resource), "time": self.until}
        return [Message(STOPPED, what)]


class TooEarly(ExactUnavailable):
    """A renewal within 570 seconds of the last: somebody else was faster, read the tokens again."""

    def __init__(self) -> None:
        super().__init__("too_early")


class ExactRejected(ExactError):
    """Exact's no. `texts` are its own words in the language of whoever gave consent."""

    def __init__(self, status: int, texts: Iterable[str] = (), reason_header: str = "") -> None:
        self.status = status
        self.texts = list(texts)
        self.reason_header = reason_header
        super().__init__(f"Exact refuses ({status}): {'; '.join(self.texts) or reason_header}")

    @property
    def messages(self) -> list[Message]:
        return explain(self.texts, status=self.status, reason=self.reason_header)

    @property
    def about_link(self) -> bool:
        """Whether Exact would refuse everything else, too."""
        return False


class AccessRefused(ExactRejected):
    """Status 403: we lack the rights. Each costs a counted error (more than 10 of an endpoint in an
    hour block the app).
    """

    def __init__(
        self, status: int, texts: Iterable[str] = (), reason_header: str = "", resource: str = ""
    ) -> None:
        super().__init__(status, texts, reason_header)
        self.resource = resource

    @property
    def about_link(self) -> bool:
        """So it is when the user, the licence or the whole administration is closed to us."""
        return closes_all(self.texts, self.reason_header)


class AppRejected(ExactRejected):
    """Exact knows no such app: client id, client secret or return address do not fit together."""

    @property
    def messages(self) -> list[Message]:
        return [
            Message(
                N_(
                    "Exact does not know this app. Compare the client id, the client secret and "
                    "the return address with the app registration in Exact's App Center."
                )
            )
        ]


class ExactNotConnected(ExactError):
    """Nobody is logged in with Exact any more; a person has to give consent again."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(f"Not connected with Exact: {reason}")
        self.reason = reason

    @property
    def messages(self) -> list[Message]:
        return [Message(NOT_CONNECTED)]


class OutcomeUnknown(ExactError):
    """The write may or may not have been carried out. Never repeat it before a look-up."""

    def __init__(self, method: str, resource: str, reason: str = "") -> None:
        super().__init__(f"No usable answer to {method} {resource}: {reason}")
        self.method = method
        self.resource = resource
        self.reason = reason

    @property
    def messages(self) -> list[Message]:
        return [
            Message(
                N_(
                    "Exact did not confirm this. Before it is sent again, ppplanner looks up in "
                    "Exact whether it arrived."
                )
            )
        ]


# --- telling them apart -----------------------------------------------------------------------

_GATEWAY = {408, 502, 503, 504}
_SOON = timedelta(seconds=5)
# English | Dutch | French | German; of the limit, only the English was seen. "Limit" alone says
# nothing: Exact also refuses customers beyond their credit limit, or their "limite de débit".
_LIMIT_TEXT = re.compile(
    r"rate limit exceeded|too many requests"
    r"|\b(api|aanroep|verzoek)[\w-]*limiet|te veel (aanroepen|aanvragen|verzoeken)"
    r"|limite (de |d['’])(débit de )?(l['’]api|requêtes|appels)|trop (de requêtes|d['’]appels)"
    r"|\bapi[\w-]*limit\b|zu viele (anfragen|aufrufe)",
    re.IGNORECASE,
)
_CRASH_TEXT = re.compile(
    r"(a problem|an? (\w+ )?error) (has )?occurred|internal (server )?error"
    r"|er (is|heeft zich) een (\w+ )?(probleem|fout) (opgetreden|voorgedaan)"
    r"|(un problème|une erreur)( \w+)? (est survenue?|s['’]est produite?)"
    r"|(problem|fehler) (ist )?aufgetreten|interner (server-?)?fehler"
    r"|object reference not set|objectverwijzing|référence d['’]objet|objektverweis"
    r"|time-?out|délai d['’]attente|zeitüberschreitung|deadlock"
    r"|temporarily unavailable|tijdelijk niet beschikbaar|temporairement indisponible"
    r"|vorübergehend nicht verfügbar",
    re.IGNORECASE,
)


def classify(call: Call, got: requests.Response | Exception, now: datetime) -> ExactError:
    """The kind of trouble behind an answer or an exception.

    A 500 with words of its own is a refusal (that is how Exact validates); with the text of a
    crash, or none, it is not, and then a write may have landed. The same holds for every answer of
    a gateway that lost patience, and for a success that cannot be read.
    """
    if not isinstance(got, requests.Response):
        return _without_answer(call, got)
    status, texts = got.status_code, words(got)
    if status == 401:
        return ExactNotConnected(got.headers.get("Reason", "unauthorized"))
    if status == 429 or any(map(_LIMIT_TEXT.search, texts)):
        return _limited(got, now)
    if status < 400 or status in _GATEWAY:
        return _lost(call, "unusable_answer" if status < 400 else "no_answer")
    if status >= 500 and status != 501 and not _is_specific(texts):
        return _lost(call, "crash")
    reason = got.headers.get("Reason", "")
    if status == 403:
        return AccessRefused(status, texts, reason, call.resource)
    return ExactRejected(status, texts, reason)


def _limited(got: requests.Response, now: datetime) -> ExactUnavailable:
    limits = Limits.from_headers(got.headers, now)
    if got.status_code != 429:
        return ExactUnavailable("errors", now + ERROR_BLOCK)
    reason, until = pause_after_refusal(limits, now)
    return ExactUnavailable(reason, max(until + timedelta(seconds=1), now + _SOON))


def _without_answer(call: Call, error: Exception) -> ExactError:
    if nothing_went_out(error):
        return ExactUnavailable("no_connection")
    return _lost(call, "unusable_answer" if isinstance(error, odata.Unreadable) else "no_answer")


def _lost(call: Call, reason: str) -> ExactError:
    if call.writes:
        return OutcomeUnknown(call.method, call.resource, reason)
    return ExactUnavailable(reason)


def nothing_went_out(error: Exception) -> bool:
    """True only if it is certain that Exact saw nothing: the connection was never made."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    if isinstance(error, requests.exceptions.SSLError):
        return "CERTIFICATE_VERIFY_FAILED" in str(cause)
    return isinstance(cause, NewConnectionError | ConnectTimeoutError)


LONGEST_TEXT, MOST_TEXTS = 500, 20


def words(answer: requests.Response) -> list[str]:
    """Exact's own words, one entry per message; a page of HTML has none."""
    try:
        body = odata.loads(answer.text)
    except odata.Unreadable:
        return _plain_words(answer)
    error = body.get("error") if isinstance(body, dict) else None
    message = error.get("message") if isinstance(error, dict) else None
    value = message.get("value") if isinstance(message, dict) else message
    return _lines(value) if isinstance(value, str) else []


def _plain_words(answer: requests.Response) -> list[str]:
    """The 403 of a missing scope was seen as plain text; a plain 500 is some server's own page."""
    plain = answer.status_code == 403 and "<" not in answer.text
    return _lines(answer.text) if plain else []


def _lines(value: str) -> list[str]:
    """As many, and as much of each, as somebody will read."""
    lines = (line.strip()[:LONGEST_TEXT] for line in odata.storable(value).splitlines())
    return [line for line in lines if line][:MOST_TEXTS]


def _is_specific(texts: list[str]) -> bool:
    return bool(texts) and not any(map(_CRASH_TEXT.search, texts))
