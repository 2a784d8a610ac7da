"""Exact in a process of its own: the simulator, steered and looked at from the trial's process."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from multiprocessing.managers import BaseManager
from typing import Any, cast

from ppplanner.integrations.exact.simulator import ANTWERP, Options, RunningSimulator
from ppplanner.integrations.exact.simulator.faults import Fault
from ppplanner.integrations.exact.simulator.people import User
from ppplanner.integrations.exact.simulator.requestlog import Call, RequestLog
from ppplanner.integrations.exact.simulator.seed import administrations, fill
from ppplanner.integrations.exact.simulator.store import Books
from ppplanner.integrations.exact.simulator.values import Record

from .books import Relation
from .processes import Place, forks, prepare

ENTRIES = "salesentry/SalesEntries"
DOCUMENTS = "documents/Documents"
ATTACHMENTS = "documents/DocumentAttachments"
ACCOUNTS = "crm/Accounts"
TOKENS = "oauth2/token"
#: So many calls are remembered: all that a trial makes.
REMEMBERED = 1_000_000


class LongLog(RequestLog):
    """Remembers all calls of a trial, and how many are over."""

    def __init__(self) -> None:
        super().__init__()
        self._calls = deque(maxlen=REMEMBERED)
        self.closed = 0

    def close(self, call: Call) -> None:
        super().close(call)
        with self._lock:
            self.closed += 1

    def clear(self) -> None:
        super().clear()
        self.closed = 0


class Exact(RunningSimulator):
    """The simulator as a trial needs it. Calls from another process go to its methods only."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(replace(Options(), **options))
        self.log = LongLog()
        self.__enter__()

    def add_administration(self, division: int, user: str) -> None:
        """Unless it is there: one like the first, and somebody who may do everything there."""
        if division in self.state.books:
            return
        facts = {**administrations()[0], "Code": division, "HID": division, "Hid": division}
        with self.state.lock:
            books = Books(facts, self.state._changed)
            fill(books, self.clock)
            self.state.books[division] = books
            self.state.users[user] = User(user, user.title(), "Maes", "NL", (ANTWERP, division))

    def address(self) -> str:
        return self.url

    def app(self) -> tuple[str, str]:
        """The id and the secret with which we come."""
        return self.client_id, self.client_secret

    def return_address(self) -> str:
        return self.redirect_uri

    def relations(self, division: int) -> list[Relation]:
        """The customers on whom something can be booked."""
        found = self.accounts(division, Status="C", Blocked=False, EndDate=None)
        return [Relation(each["ID"], each["Code"], each["Name"]) for each in found]

    def set_options(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self.options, name, value)

    def plan(self, kind: str, **details: Any) -> None:
        """Plan trouble: see `Fault`."""
        self.faults.plan(Fault(kind, **details))

    def sow(self, seed: int) -> None:
        """Let chance follow from this seed."""
        self.faults.sow(seed)

    def struck(self) -> Counter[str]:
        """How often which trouble struck."""
        return self.faults.struck

    def end_trouble(self) -> None:
        self.faults.clear()

    def forget_calls(self) -> None:
        self.log.clear()

    def calls_made(self) -> int:
        return len(self.log)

    def traffic(self) -> tuple[int, int]:
        """How many calls were made so far, and how many of them are under way."""
        log = cast(LongLog, self.log)
        return len(log), len(log) - log.closed

    def answers(self) -> Counter[str]:
        """How often what was answered: by status, or the fault that took the answer's place."""
        return Counter(_outcome(call) for call in self.log)

    def asked(self) -> Counter[tuple[str, str]]:
        """How often what was asked: by method and resource."""
        return Counter((call.method, call.resource) for call in self.log)

    def moments(self, division: int) -> list[datetime]:
        """When an administration was asked for something."""
        return [call.at for call in self.log if call.division == division]

    def outcomes(self) -> list[tuple[datetime, str, str, int]]:
        """Each call that was answered: when, in which administration, which endpoint, and with
        which status.
        """
        answered = (call for call in self.log if call.path.startswith("/api/v1/"))
        return [
            (call.at, call.path.split("/")[3], call.resource, call.status)
            for call in answered
            if call.status
        ]

    def attached(self, division: int) -> list[Record]:
        """The attached files, each with the digest of its bytes instead of them."""
        found = self.attachments(division)
        return [{**each, "Content": sha256(each["Content"]).hexdigest()} for each in found]

    def story(self, *words: str) -> list[str]:
        """The calls in which one of these words appears."""
        return [
            _told(call)
            for call in self.log
            if any(word in f"{call.question} {call.body} {call.answer}" for word in words)
        ]


def _outcome(call: Call) -> str:
    return f"{call.status or 'no answer'}{f' ({call.fault})' if call.fault else ''}"


def _told(call: Call) -> str:
    others = call.question.count(" eq ") - 1
    said = f"for {others} others, too" if others > 1 else call.question or call.body
    what = f"{call.method} {call.resource} {said}"
    return f"{call.at:%H:%M:%S.%f} #{call.number} {what[:300]} -> {_outcome(call)}"


class _Manager(BaseManager):
    """Keeps the simulator's process."""


_Manager.register("Exact", Exact)


@contextmanager
def exact_beside(place: Place, **options: Any) -> Iterator[Exact]:
    """The simulator, answering in a process of its own that takes its time from the trial's clock.
    `options` are those of the simulator. What is given passes each call on to that process.
    """
    manager = _Manager(ctx=forks())
    manager.start(prepare, (place, "exact"))
    try:
        yield cast(Exact, manager.Exact(options))  # type: ignore[attr-defined]
    finally:
        manager.shutdown()
