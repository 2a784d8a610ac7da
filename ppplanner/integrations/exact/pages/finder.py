"""What the dialogs in which somebody looks for something in Exact have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

from flask import abort, request

from ppplanner.errors import DomainError

from ..client import ExactClient
from ..connect import open_client
from ..errors import ExactError
from ..transport import Timeout
from .trouble import at_the_screen

T = TypeVar("T")

#: As many as Exact gives in one call.
MOST_HITS = 60
LONGEST_SEARCH = 100
#: A person waits: seconds to connect, seconds between two bytes.
TIMEOUT: Timeout = (3.0, 12.0)


def typed(values: Mapping[str, str]) -> str:
    """What the person looks for, on one line and no longer than the field allows."""
    return " ".join(values.get("q", "").split())[:LONGEST_SEARCH].strip()


def picked(field: str) -> UUID | None:
    """The hit that the person chose by its button, named `field`. Enter in the search field means
    the first hit, provided that it is a hit of what is typed now; None means: search.
    """
    chosen = request.form.get(field) or _first_hit()
    return _exact_id(chosen) if chosen else None


def _first_hit() -> str:
    stale = typed(request.form) != request.form.get("found_by", "")
    return "" if stale else request.form.get("first_hit", "")


def _exact_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        abort(404)


def person_at(connection_id: int) -> ExactClient:
    """The client for somebody who waits at the screen. Raises ExactError."""
    return open_client(connection_id, "person", timeout=TIMEOUT)


def asked(question: Callable[[], T]) -> T:
    """What Exact answers. Raises DomainError with what the person can do when it does not."""
    try:
        return question()
    except ExactError as error:
        raise DomainError(at_the_screen(error)) from error
