"""A count of calls that is kept in this process alone, where a test asks neither Redis nor the
database.
"""

from __future__ import annotations

from threading import Lock

from ppplanner.integrations.exact.call_counts import State
from ppplanner.integrations.exact.call_stores import Change


class MemoryStore:
    """A `Store`, and an `Aside`."""

    def __init__(self) -> None:
        self._states: dict[str, State] = {}
        self._lock = Lock()

    def update(self, key: str, fresh: State, change: Change) -> None:
        with self._lock:
            self._states[key] = change(self._states.get(key, fresh))

    def look(self, key: str) -> State | None:
        return self._states.get(key)

    read = look
