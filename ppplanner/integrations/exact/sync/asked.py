"""What a run asked Exact for in vain: the next invoice that names it does not ask again."""

from __future__ import annotations

from collections.abc import Hashable
from weakref import WeakKeyDictionary

from ..client import ExactClient

#: By client, since each run has its own.
_in_vain: WeakKeyDictionary[ExactClient, set[Hashable]] = WeakKeyDictionary()


def in_vain(client: ExactClient) -> set[Hashable]:
    """The things that this run need not ask for again; whoever asks in vain adds to them."""
    return _in_vain.setdefault(client, set())
