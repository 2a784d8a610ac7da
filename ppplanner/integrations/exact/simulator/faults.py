"""Trouble on demand and by chance: what goes wrong next, for tests and for showing it in the demo.

A call draws once: which of the troubles that fit meets it follows from the seed, the method, the
resource, and how many such calls there were before. So the same calls meet the same troubles,
however many callers there are and whatever they do elsewhere.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any, Literal

At = Literal["line", "service", "answer"]
"""Where it goes wrong: before the service hears the call; in the service, which refuses the call
(and counts it); or on the way back, when the call has done its work.
"""


@dataclass(frozen=True)
class Kind:
    """A way to fail. `blind` ones may strike any call by chance: they pass by themselves, without
    a person who mends something.
    """

    description: str
    at: At = "line"
    blind: bool = True


KINDS = {
    "drop_before": Kind("The connection closes before the request is handled."),
    "drop_after": Kind("The request is handled, then the connection closes unanswered.", "answer"),
    "crash": Kind("500 with the generic crash text, nothing done.", "service"),
    "crash_after": Kind("500 with the generic crash text, although it was handled.", "answer"),
    "objection": Kind("500 with an objection (or a text of your own).", "service", blind=False),
    "bad_request": Kind("400, counted by the limit on errors.", "service", blind=False),
    "unauthorized": Kind("401, counted by the limit on errors.", "service", blind=False),
    "forbidden": Kind("403 with a Reason (or one of your own), counted.", "service", blind=False),
    "not_found": Kind("404, counted by the limit on errors.", "service", blind=False),
    "unavailable": Kind("503, maintenance, as an HTML page."),
    "gateway_timeout": Kind("504, nothing done."),
    "throttled": Kind("429 with the minutely headers."),
    "throttled_day": Kind("429 with the daily headers.", blind=False),
    "throttled_bare": Kind("429 without any headers."),
    "empty": Kind("500 with an empty body, nothing done."),
    "empty_after": Kind("The right status with an empty body, after handling.", "answer"),
    "malformed": Kind("The right status with half of the JSON, after handling.", "answer"),
    "other_answer": Kind(
        "The right status with a text of your own, after handling.", "answer", blind=False
    ),
    "slow": Kind("Handled only after the wait; a client that gave up finds it done later."),
    "slow_after": Kind("Handled at once, answered after the wait.", "answer"),
    "revoked": Kind("Every login ends; a person has to consent again.", blind=False),
}
BLIND_KINDS = tuple(name for name, kind in KINDS.items() if kind.blind)


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
    met: int = 0
    """How many requests it met so far."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"Unknown kind of fault: {self.kind}")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"Not a chance between 0 and 1: {self.probability}")

    @property
    def at(self) -> At:
        return KINDS[self.kind].at

    def meets(self, method: str, resource: str) -> bool:
        return self.method in (None, method) and self.resource in (None, resource)


class Faults:
    """The planned troubles, oldest first; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []
        self.sow(0)

    def sow(self, seed: int) -> None:
        """Begin a reproducible series of chances; what was counted so far starts anew."""
        with self._lock:
            self.seed = seed
            self.struck: Counter[str] = Counter()
            self._drawn: Counter[tuple[str, str]] = Counter()

    def plan(self, *faults: Fault) -> Fault:
        """Add troubles; the last of them."""
        with self._lock:
            self._planned.extend(faults)
        return faults[-1]

    def clear(self) -> None:
        """Nothing goes wrong any more; how often something did is still known."""
        with self._lock:
            self._planned.clear()

    def planned(self) -> list[Fault]:
        with self._lock:
            return list(self._planned)

    def take(self, method: str, resource: str) -> Fault | None:
        """The trouble for this request, used up once.

        Each one by chance strikes as often as it says, as long as their chances add up to at
        most 1: one request meets one trouble.
        """
        with self._lock:
            if not self._planned:
                return None
            drawn = self._draw(method, resource)
            for fault in self._fitting(method, resource):
                if drawn < fault.probability:
                    return self._strike(fault)
                drawn -= fault.probability
        return None

    def as_facts(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self.planned()]

    def _draw(self, method: str, resource: str) -> float:
        """A number from 0 up to 1."""
        self._drawn[method, resource] += 1
        words = f"{self.seed}/{method}/{resource}/{self._drawn[method, resource]}"
        return int.from_bytes(blake2b(words.encode(), digest_size=6).digest()) / 2**48

    def _fitting(self, method: str, resource: str) -> Iterable[Fault]:
        for fault in self._planned:
            if fault.meets(method, resource):
                if fault.after <= 0:
                    yield fault
                else:
                    fault.after -= 1

    def _strike(self, fault: Fault) -> Fault:
        fault.met += 1
        self.struck[fault.kind] += 1
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._planned.remove(fault)
        return fault
