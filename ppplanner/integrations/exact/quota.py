"""Staying under Exact's limits: all workers count together, and nobody makes the call too many.

A call that would be answered 429 is refused here, with the moment at which it may be tried. The
last calls of a minute and of a day are kept for people at the screen; work in the background stops
a little earlier. The count is shared through Redis, per app and administration; while Redis is
away each process counts for itself, corrected by what Exact's headers say.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Literal, Protocol

import redis

from ppplanner.clock import now as present

from .errors import Call, ExactUnavailable
from .limits import DAY_CALLS, MINUTE_CALLS, Limits, Window, next_midnight

log = logging.getLogger(__name__)

Priority = Literal["person", "background"]

_KEPT_FOR_PEOPLE = {"minute": 6, "day": 20}  # one sixth of a minute's calls, a twentieth of a day's
_FORGET_AFTER = timedelta(days=2)
_LEFT_ALONE = 30  # seconds


@dataclass(frozen=True)
class Count:
    """What is left of one limit. `guessed`: Exact has not yet said when it starts anew."""

    allowed: int
    left: int
    resets_at: float
    guessed: bool = True

    def kept(self, share: int) -> int:
        return self.allowed // share

    def seen(self, window: Window | None) -> Count:
        """The count after an answer: Exact's word goes, but calls still under way stay counted."""
        if window is None:
            return self
        resets_at = window.resets_at.timestamp() if window.resets_at else self.resets_at
        if not self.guessed and resets_at < self.resets_at:
            return self  # a late answer from the window before
        allowed = window.allowed or self.allowed
        anew = not self.guessed and resets_at > self.resets_at
        own = allowed if anew else allowed - (self.allowed - self.left)
        left = own if window.left is None else min(own, window.left)
        return Count(allowed, left, resets_at, self.guessed and window.resets_at is None)


@dataclass(frozen=True)
class State:
    """Everything that is shared about one app in one administration. Moments in epoch seconds."""

    minute: Count
    day: Count
    blocked_until: float = 0.0

    @classmethod
    def fresh(cls, now: datetime) -> State:
        return cls(_new_minute(MINUTE_CALLS, now), _new_day(DAY_CALLS, now))

    def at(self, now: datetime) -> State:
        """The state with windows that have ended started anew."""
        moment = now.timestamp()
        minute = self.minute if moment < self.minute.resets_at else None
        day = self.day if moment < self.day.resets_at else None
        return replace(
            self,
            minute=minute or _new_minute(self.minute.allowed, now),
            day=day or _new_day(self.day.allowed, now),
        )

    def refusal(self, priority: Priority, now: datetime) -> tuple[str, float] | None:
        """Why the next call may not be made, and until when; None if it may."""
        if now.timestamp() < self.blocked_until:
            return "limit", self.blocked_until
        for name, count in (("day", self.day), ("minute", self.minute)):
            kept = count.kept(_KEPT_FOR_PEOPLE[name]) if priority == "background" else 0
            if count.left <= kept:
                return name, count.resets_at
        return None

    def after_call(self) -> State:
        return replace(
            self,
            minute=replace(self.minute, left=self.minute.left - 1),
            day=replace(self.day, left=self.day.left - 1),
        )

    def after_answer(self, limits: Limits) -> State:
        blocked = limits.blocked_until.timestamp() if limits.blocked_until else 0.0
        return State(
            self.minute.seen(limits.minute),
            self.day.seen(limits.day),
            max(self.blocked_until, blocked),
        )


def _new_minute(allowed: int, now: datetime) -> Count:
    return Count(allowed, allowed, (now + timedelta(minutes=1)).timestamp())


def _new_day(allowed: int, now: datetime) -> Count:
    return Count(allowed, allowed, next_midnight(now).timestamp())


# --- where the state lives --------------------------------------------------------------------

Change = Callable[[State], State]


class Store(Protocol):
    """Keeps one `State` per key; `change` may raise, and then nothing is stored."""

    def update(self, key: str, fresh: State, change: Change) -> None: ...


class MemoryStore:
    """For one process."""

    def __init__(self) -> None:
        self._states: dict[str, State] = {}
        self._lock = Lock()

    def update(self, key: str, fresh: State, change: Change) -> None:
        with self._lock:
            self._states[key] = change(self._states.get(key, fresh))


class RedisStore:
    """For all workers. `change` runs again when somebody else was faster.

    Keep one per process: once Redis did not answer, it is left alone for a while, so that people do
    not wait for it, and the process counts for itself.
    """

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._alone = MemoryStore()
        self._away_until = 0.0

    def update(self, key: str, fresh: State, change: Change) -> None:
        if time.monotonic() < self._away_until:
            return self._alone.update(key, fresh, change)
        try:
            self._client.transaction(lambda pipe: self._step(pipe, key, fresh, change), key)
        except redis.RedisError as error:
            log.warning("Exact's calls are counted without Redis: %s", type(error).__name__)
            self._away_until = time.monotonic() + _LEFT_ALONE
            self._alone.update(key, fresh, change)

    @staticmethod
    def _step(pipe: redis.client.Pipeline, key: str, fresh: State, change: Change) -> None:
        stored = pipe.hgetall(key)
        state = change(_from_hash(stored) or fresh)
        pipe.multi()
        pipe.hset(key, mapping=_to_hash(state))
        pipe.expire(key, _FORGET_AFTER)


def _to_hash(state: State) -> dict[Any, Any]:
    return {name: json.dumps(value) for name, value in asdict(state).items()}


def _from_hash(stored: Mapping[Any, Any]) -> State | None:
    """The state as stored; None if there is none, or one of another version."""
    try:
        fields = {name.decode(): json.loads(value) for name, value in stored.items()}
        return State(Count(**fields["minute"]), Count(**fields["day"]), fields["blocked_until"])
    except (KeyError, TypeError, ValueError):
        return None


class Quota:
    """The count of one app in one administration, as its two hooks for `ExactClient`."""

    def __init__(
        self,
        store: Store,
        key: str,
        priority: Priority = "background",
        clock: Callable[[], datetime] = present,
    ) -> None:
        self._store = store
        self._key = key
        self._priority = priority
        self._clock = clock

    def before_call(self, call: Call) -> None:
        """Count the call, or raise `ExactUnavailable` with the moment at which to try it."""
        now = self._clock()

        def count(state: State) -> State:
            state = state.at(now)
            refused = state.refusal(self._priority, now)
            if refused:
                reason, until = refused
                raise ExactUnavailable(reason, datetime.fromtimestamp(until + 1, UTC))
            return state.after_call()

        self._store.update(self._key, State.fresh(now), count)

    def today(self) -> Count:
        """How many calls the day allows, and how many of them are left as far as is known."""
        now = self._clock()
        seen: list[Count] = []

        def look(state: State) -> State:
            seen.append(state.at(now).day)
            return state

        self._store.update(self._key, State.fresh(now), look)
        return seen[-1]

    def on_limits(self, limits: Limits) -> None:
        """Take over what an answer said."""
        now = self._clock()
        self._store.update(
            self._key, State.fresh(now), lambda state: state.at(now).after_answer(limits)
        )


def quota_key(base_url: str, client_id: str, division: int | None) -> str:
    """Limits count per app and administration; `current/Me` has no administration."""
    return f"exact:quota:{base_url}:{client_id}:{division or 0}"
