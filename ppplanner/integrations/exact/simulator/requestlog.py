"""What was asked and what was answered."""

from __future__ import annotations

import itertools
import json
import threading
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

KEPT = 20_000
LONGEST_ANSWER = 4_000
WRITES = frozenset({"POST", "PUT", "DELETE"})


@dataclass
class Call:
    """One request and its answer; `status` is None when the connection was cut."""

    number: int
    at: datetime
    method: str
    path: str
    query: str
    resource: str
    division: int | None
    body: Any = None
    status: int | None = None
    answer: str = ""
    milliseconds: float = 0
    fault: str = ""

    @property
    def question(self) -> str:
        """The query as a person reads it."""
        return unquote(self.query)

    @property
    def message(self) -> str:
        """The error text of the answer, if it has one."""
        try:
            return str(json.loads(self.answer)["error"]["message"]["value"])
        except (ValueError, KeyError, TypeError):
            return ""

    @property
    def pretty_body(self) -> str:
        return json.dumps(self.body, indent=2, ensure_ascii=False) if self.body else ""


class RequestLog:
    """The calls so far, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self.answers: dict[str, Counter[str]] = {}
        """How often each status came, by call: `{"POST crm/Accounts": {"201": 3, "cut off": 1}}`;
        of all calls, also of those no longer kept.
        """

    def __iter__(self) -> Iterator[Call]:
        return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)

    def open(self, at: datetime, method: str, path: str, query: str, body: Any) -> Call:
        """Note a call that came in; the answer is filled in later."""
        number = next(self._numbers)
        division, resource = where(path)
        call = Call(number, at, method, path, query, resource, division, body)
        self._calls.append(call)
        return call

    def close(self, call: Call) -> None:
        """Count what became of a call."""
        with self._lock:
            counted = self.answers.setdefault(f"{call.method} {call.resource}", Counter())
            counted[str(call.status or "cut off")] += 1

    def calls(
        self,
        resource: str | None = None,
        method: str | None = None,
        status: int | None = None,
        division: int | None = None,
    ) -> list[Call]:
        """The calls that fit everything given, such as `calls("crm/Accounts", "POST")`."""
        return [
            call
            for call in self
            if resource in (None, call.resource)
            and method in (None, call.method)
            and status in (None, call.status)
            and division in (None, call.division)
        ]

    def count(self, resource: str | None = None, method: str | None = None) -> int:
        return len(self.calls(resource, method))

    def writes(self, resource: str | None = None) -> list[Call]:
        """Calls that change something, whether they succeeded or not; not those for tokens."""
        return [
            call
            for call in self.calls(resource)
            if call.method in WRITES and not call.resource.startswith("oauth2/")
        ]

    def last(self) -> Call:
        return self._calls[-1]

    def clear(self) -> None:
        self._calls.clear()
        self.answers = {}
        self._numbers = itertools.count(1)


def where(path: str) -> tuple[int | None, str]:
    """Division and resource of an address: `/api/v1/1/crm/Accounts(guid'…')` -> 1, crm/Accounts."""
    parts = path.removeprefix("/api/").removeprefix("v1/").split("/")
    division = None
    if parts[0].isdigit():
        division = int(parts.pop(0))
    resource = "/".join(parts).partition("(")[0].removesuffix("/$count")
    return division, resource


def readable_body(kind: str, raw: bytes) -> Any:
    """A request body fit for the log: no secrets, no file contents."""
    if "json" not in kind:
        return None
    try:
        body = json.loads(raw)
    except ValueError:
        return raw[:LONGEST_ANSWER].decode("utf-8", "replace")
    if isinstance(body, dict) and isinstance(body.get("Attachment"), str):
        body["Attachment"] = f"({len(body['Attachment'])} characters of base64)"
    return body
