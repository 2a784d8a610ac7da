"""One call to Exact: address, headers, limits, pages, and every failure as one of our kinds.

`ExactClient` is built on this and on nothing else; no other file sends anything but tokens.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from math import inf
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit
from uuid import UUID

import requests
from authlib.integrations.base_client import InvalidTokenError, MissingTokenError

from ppplanner.clock import now

from . import odata
from .errors import Call, ExactNotConnected, ExactRejected, ExactUnavailable, classify
from .limits import Limits

log = logging.getLogger(__name__)

R = TypeVar("R")
Read = Callable[[Mapping[str, Any]], R]
Timeout = tuple[float, float]

PAGES = 2000  # more than any list here has; an endless one ends there
#: The limits that are over within a minute or so.
FOR_A_MOMENT = {"minute", "limit"}
_READ = {"Accept": "application/json"}
_WRITE = {**_READ, "Content-Type": "application/json", "Prefer": "return=representation"}


class Transport:
    """Talks to one administration on one site. Not for several threads at once."""

    def __init__(
        self,
        session: requests.Session,
        base_url: str,
        division: int | None,
        *,
        before_call: Callable[[Call], None] | None = None,
        after_call: Callable[[Call, int | None], None] | None = None,
        on_limits: Callable[[Limits], None] | None = None,
        on_unauthorized: Callable[[], bool] | None = None,
        timeout: Timeout,
    ) -> None:
        self.base_url = base_url
        self.division = division
        self._session = session
        self._before_call = before_call or (lambda call: None)
        self._after_call = after_call or (lambda call, status: None)
        self._on_limits = on_limits or (lambda limits: None)
        self._on_unauthorized = on_unauthorized or (lambda: False)
        self._timeout = timeout
        #: How many calls in a row, up to the last, had no usable answer; infinite until the first.
        self.unanswered = inf

    # reading

    def entities(
        self, resource: str, read: Read[R], options: Mapping[str, str], division: str = ""
    ) -> Iterator[R]:
        """Every entity, page by page as they are asked for."""
        call = Call("GET", resource)
        url: str | None = f"{self._url(resource, division)}?{odata.query(options)}"
        seen: set[str] = set()
        while url:
            if url in seen or len(seen) >= PAGES:
                raise classify(call, odata.Unreadable("pages without end"), now())
            seen.add(url)
            records, url = self._page(call, url, read)
            yield from records

    def peek(self, resource: str, options: Mapping[str, str]) -> datetime | None:
        """Only see whether we may ask; the moment that it is at Exact, if the answer says."""
        call, url = Call("GET", resource), f"{self._url(resource)}?{odata.query(options)}"
        return odata.moment_of(self._exchange(call, url).headers.get("Date"))

    def _page(self, call: Call, url: str, read: Read[R]) -> tuple[list[R], str | None]:
        answer = self._exchange(call, url)
        try:
            body = odata.loads(answer.text)
            records = [read(row) for row in odata.rows(body)]
            return records, self._own(odata.next_page(body))
        except odata.Unreadable as error:
            raise classify(call, error, now()) from error

    def _own(self, url: str | None) -> str | None:
        """The next page, if it is ours: the token goes nowhere but to our own administration."""
        if url is None:
            return None
        parts, path = urlsplit(url), unquote(urlsplit(url).path)
        here = f"{parts.scheme}://{parts.netloc}".lower() == self.base_url.lower()
        if not here or not path.startswith(f"/api/v1/{self.division}/") or ".." in path:
            raise odata.Unreadable("the next page lies elsewhere")
        return url

    # writing

    def create(
        self, resource: str, body: Mapping[str, Any], read: Read[R], timeout: Timeout | None = None
    ) -> R:
        """The new entity as Exact stored it."""
        call = Call("POST", resource)
        answer = self._exchange(call, self._url(resource), body, timeout)
        try:
            (row,) = odata.rows({"d": _entity(odata.loads(answer.text))})
            return read(row)
        except ValueError as error:
            raise classify(call, odata.Unreadable(str(error)), now()) from error

    def change(self, resource: str, key: UUID, body: Mapping[str, Any]) -> None:
        """Change the given fields; Exact leaves the others as they are."""
        url = f"{self._url(resource)}({odata.literal(key)})"
        self._exchange(Call("PUT", resource), url, body)

    # one call

    def _url(self, resource: str, division: str = "") -> str:
        if not (division or self.division):
            raise ValueError("No administration was chosen.")
        return f"{self.base_url}/api/v1/{division or self.division}/{resource}"

    def _exchange(
        self,
        call: Call,
        url: str,
        body: Mapping[str, Any] | None = None,
        timeout: Timeout | None = None,
    ) -> requests.Response:
        """A successful answer. A login that has run out is renewed once, if somebody can."""
        _protect_ledger(call)
        try:
            return self._attempt(call, url, body, timeout)
        except ExactNotConnected:
            if not self._on_unauthorized():
                raise
        return self._attempt(call, url, body, timeout)

    def _attempt(
        self,
        call: Call,
        url: str,
        body: Mapping[str, Any] | None,
        timeout: Timeout | None,
        put_off: bool = False,
    ) -> requests.Response:
        """One that Exact puts off for a moment has done nothing: it is made once more, when
        `before_call` says that its turn has come.
        """
        answer = self._counted(call, url, body, timeout)
        limits = Limits.from_headers(answer.headers, now())
        if answer.status_code in (200, 201, 204):
            self.unanswered = 0
            self._on_limits(limits)
            return answer
        trouble = classify(call, answer, now())
        if isinstance(trouble, ExactRejected):
            self.unanswered = 0
        limit = trouble if isinstance(trouble, ExactUnavailable) else None
        self._on_limits(replace(limits, blocked_until=limit.retry_at if limit else None))
        if limit and limit.reason in FOR_A_MOMENT and not put_off:
            return self._attempt(call, url, body, timeout, put_off=True)
        raise trouble

    def _counted(
        self, call: Call, url: str, body: Mapping[str, Any] | None, timeout: Timeout | None
    ) -> requests.Response:
        """Send it between its two hooks; the second hears also of a call that was not made."""
        status = None
        try:
            self._take_turn(call)
            self.unanswered += 1
            answer = self._send(call, url, body, timeout)
            status = answer.status_code
        finally:
            self._after_call(call, status)
        return answer

    def _take_turn(self, call: Call) -> None:
        """Limits and login first; a renewal of the login without an answer counts as a call."""
        try:
            self._before_call(call)
        except ExactUnavailable as error:
            if error.reason == "no_answer":
                self.unanswered += 1
            raise

    def _send(
        self, call: Call, url: str, body: Mapping[str, Any] | None, timeout: Timeout | None
    ) -> requests.Response:
        """Send it. The trail has no query and no body: both hold people's names."""
        started, outcome = time.monotonic(), ""
        try:
            answer = self._session.request(
                call.method,
                url,
                data=None if body is None else odata.dumps(body).encode(),
                headers=_READ if body is None else _WRITE,
                timeout=timeout or self._timeout,
                allow_redirects=False,
            )
            outcome = str(answer.status_code)
            return answer
        except (MissingTokenError, InvalidTokenError) as error:
            outcome = type(error).__name__
            raise ExactNotConnected(outcome) from None
        except requests.RequestException as error:
            outcome = type(error).__name__
            raise classify(call, error, now()) from None
        finally:
            spent = (time.monotonic() - started) * 1000
            log.info("%s %s -> %s in %d ms", call.method, urlsplit(url).path, outcome, spent)


def _entity(answer: Any) -> Any:
    """The one entity of an answer to POST, as a list."""
    found = answer.get("d") if isinstance(answer, dict) else None
    if isinstance(found, dict) and "results" not in found:
        return [found]
    return found


def _protect_ledger(call: Call) -> None:
    """GL accounts in Exact are never created or changed, whoever asks for it (mission S35)."""
    if call.writes and "glaccounts" in call.resource.lower():
        raise PermissionError("GL accounts in Exact are never written.")
