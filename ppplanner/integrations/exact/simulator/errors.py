"""How Exact says no.

Refused             one HTTP answer: status, text, and for 403 and 429 the headers
  wrong_payload()   400, the request could not be read
  wrong_query()     400, the address could not be read
Problems            collects business objections; any of them makes an HTTP 500
"""

from __future__ import annotations

from collections.abc import Mapping

from .messages import sentence

SYNTAX = "Bad Request - Error in query syntax."
STREAM = "Error processing request stream. "
CRASH = "A problem has occurred. The cause of this issue will be investigated as soon as possible."


class Refused(Exception):
    """Ends the request with this status and text."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None):
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


def wrong_query(message: str = SYNTAX) -> Refused:
    return Refused(400, message)


def wrong_payload(message: str) -> Refused:
    return Refused(400, STREAM + message)


def forbidden(reason: str, message: str = "Forbidden") -> Refused:
    return Refused(403, message, {"Reason": reason})


def unauthorized() -> Refused:
    return Refused(401, "Unauthorized", {"WWW-Authenticate": "Bearer"})


def not_found(message: str = "Resource not found for the segment.") -> Refused:
    return Refused(404, message)


class Problems:
    """Objections of the administration, in the language of the user who consented."""

    def __init__(self, language: str):
        self.language = language
        self.messages: list[str] = []

    def add(self, kind: str, subject: str = "", **details: object) -> None:
        text = sentence(self.language, kind, subject, **details)
        if text not in self.messages:
            self.messages.append(text)

    def raise_if_any(self) -> None:
        if self.messages:
            raise Refused(500, "\r\n".join(self.messages))

    def refuse(self, kind: str, subject: str = "", **details: object) -> Refused:
        """The answer for an objection that leaves nothing else to check."""
        self.add(kind, subject, **details)
        return Refused(500, "\r\n".join(self.messages))
