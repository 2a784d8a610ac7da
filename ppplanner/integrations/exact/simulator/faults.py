"""Trouble on demand: what goes wrong next, for tests and for showing it in the demo."""

from __future__ import annotations

import random
import threading
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """A way to fail; `handled` tells whether the request has done its work by then."""

    description: str
    handled: bool = False


KINDS = {
    "drop_before": Kind("The connection closes before the request is handled."),
    "drop_after": Kind("The request is handled, then the connection closes unanswered.", True),
    "crash": Kind("500 with the generic crash text, nothing done."),
    "crash_after": Kind("500 with the generic crash text, although it was handled.", True),
    "unavailable": Kind("503, maintenance, as an HTML page."),
    "gateway_timeout": Kind("504, nothing done."),
    "throttled": Kind("429 with the minutely headers."),
    "throttled_day": Kind("429 with the daily headers."),
    "empty": Kind("500 with an empty body, nothing done."),
    "empty_after": Kind("The right status with an empty body, after handling.", True),
    "malformed": Kind("The right status with half of the JSON, after handling.", True),
    "objection": Kind("500 with a text of your own, nothing done."),
    "other_answer": Kind("The right status with a text of your own, after handling.", True),
    "slow": Kind("Handled only after the wait; a client that gave up finds it done later."),
    "slow_after": Kind("Handled at once, answered after the wait.", True),
    "revoked": Kind("Every login ends; a person has to consent again."),
}


@dataclass
class Fault:
    """One planned trouble: which requests it meets, how often, how likely."""

    kind: str
    method: str | None = None
    resource: str | None = None
    times: int | None = 1
    """How many requests it meets; None goes on until cleared."""
    probability: float = 1.0
    seconds: float = 30.0
    after: int = 0
    """How many matching requests pass first."""
    text: str = ""
    """What those answer that have a text of their own."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"Unknown kind of fault: {self.kind}")

    @property
    def handled(self) -> bool:
        return KINDS[self.kind].handled

    def meets(self, method: str, resource: str) -> bool:
        return self.method in (None, method) and self.resource in (None, resource)


class Faults:
    """The planned troubles, oldest first; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []
        self._random = random.Random(7)

    def plan(self, fault: Fault) -> Fault:
        with self._lock:
            self._planned.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()

    def planned(self) -> list[Fault]:
        with self._lock:
            return list(self._planned)

    def take(self, method: str, resource: str) -> Fault | None:
        """The trouble for this request, used up once."""
        with self._lock:
            for fault in self._planned:
                if fault.meets(method, resource) and self._strikes(fault):
                    self._use_up(fault)
                    return fault
        return None

    def as_facts(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.planned()]

    def _strikes(self, fault: Fault) -> bool:
        if fault.after > 0:
            fault.after -= 1
            return False
        return fault.probability >= 1 or self._random.random() < fault.probability

    def _use_up(self, fault: Fault) -> None:
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._planned.remove(fault)
