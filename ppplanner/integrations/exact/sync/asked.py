"""What a run asked Exact for: what it found there ahead of its turn, and what it need not ask for
again. Each run has a client of its own, and forgets with it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from .. import bodies
from ..client import ExactClient

T = TypeVar("T")

#: How far the clocks here and there may differ.
CLOCKS_APART = timedelta(minutes=5)


@dataclass(frozen=True)
class Found(Generic[T]):
    """What Exact had under a key, when it was asked at that moment."""

    items: Sequence[T]
    at: datetime


def entry_key(reference: str) -> Hashable:
    """Of sales entries; Exact does not tell capitals from small letters."""
    return "entry", bodies.your_ref(reference).casefold()


def document_key(subject: str) -> Hashable:
    return "document", bodies.subject(subject).casefold()


def lines_key(cash: bool, day: date, account_id: UUID | None) -> Hashable:
    """Of the lines of cash entries, or journal entries, of a day and a relation; None: of all."""
    return "lines", cash, day, account_id


def is_older(created: datetime | None, ours: datetime | None) -> bool:
    """Whether Exact had something before we made ours, for certain: its moments may be those of its
    own wall clock, up to two hours ahead (API facts 4), but never behind.
    """
    return created is not None and ours is not None and created < ours - CLOCKS_APART


_in_vain: WeakKeyDictionary[ExactClient, set[Hashable]] = WeakKeyDictionary()
_found: WeakKeyDictionary[ExactClient, dict[Hashable, Found[Any]]] = WeakKeyDictionary()


def in_vain(client: ExactClient) -> set[Hashable]:
    """The things that this run need not ask for again; whoever asks in vain adds to them."""
    return _in_vain.setdefault(client, set())


def keep(client: ExactClient, key: Hashable, found: Found[Any]) -> None:
    """Remember what was found, or that nothing was."""
    _found.setdefault(client, {})[key] = found


def found(client: ExactClient, key: Hashable) -> Found[Any] | None:
    """What this run has found under the key; None when it did not ask."""
    return _found.get(client, {}).get(key)
