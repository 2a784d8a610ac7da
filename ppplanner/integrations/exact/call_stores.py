"""Where the count of calls lives: in Redis for all workers, and in the database while it is away.

Calls are counted in one place at a time. Now and then the count in Redis is noted in the database,
too, so that a Redis that was emptied does not pass for a day without calls; and what was counted
in the database while Redis was away is joined to what Redis still knows, once it is back.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any, Protocol, TypeAlias

import redis
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from ppplanner.clock import now
from ppplanner.extensions import db

from .call_counts import NOTED_EVERY, Count, State
from .models import ExactCalls

log = logging.getLogger(__name__)

Change: TypeAlias = Callable[[State], State]

_FORGET_AFTER = 2 * 24 * 3600  # seconds
#: Seconds for which a Redis that did not answer is left alone, so that nobody waits for it.
_LEFT_ALONE = 10


class Store(Protocol):
    """Keeps one `State` per key, in which only one caller at a time changes something."""

    def update(self, key: str, fresh: State, change: Change) -> None:
        """For whoever has no transaction open."""

    def look(self, key: str) -> State | None:
        """For pages, within their transaction."""


class Aside(Store, Protocol):
    """Keeps what another store lacks."""

    def read(self, key: str) -> State | None:
        """For whoever has no transaction open."""


class TableStore:
    """For all processes, in the database. Each change is a transaction of its own, on a connection
    of its own: whoever calls Exact has none open.
    """

    def update(self, key: str, fresh: State, change: Change) -> None:
        try:
            with db.engine.begin() as connection:
                known = _locked(connection, key)
                _write(connection, key, change(known or fresh), is_new=known is None)
        except IntegrityError:  # somebody was faster with the first call of all
            self.update(key, fresh, change)

    def read(self, key: str) -> State | None:
        with db.engine.connect() as connection:
            return _read(connection, key)

    def look(self, key: str) -> State | None:
        return _read(db.session.connection(), key)


def _locked(connection: Connection, key: str) -> State | None:
    """What is known; nobody else changes it until the transaction ends."""
    touch = update(ExactCalls).where(ExactCalls.key == key).values(changed_at=now())
    return _read(connection, key) if connection.execute(touch).rowcount else None


def _read(connection: Connection, key: str) -> State | None:
    stored = connection.scalar(select(ExactCalls.state).where(ExactCalls.key == key))
    return None if stored is None else _from_json(stored)


def _write(connection: Connection, key: str, state: State, *, is_new: bool) -> None:
    values = {"state": asdict(state), "changed_at": now()}
    if is_new:
        connection.execute(insert(ExactCalls).values(key=key, **values))
    else:
        connection.execute(update(ExactCalls).where(ExactCalls.key == key).values(**values))


class RedisStore:
    """For all workers; `aside` keeps the count while Redis is away, and a note of it else."""

    def __init__(self, client: redis.Redis, aside: Aside) -> None:
        self._client = client
        self._aside = aside
        self._away_until = 0.0
        self._counted_aside: set[str] = set()
        self._noted: dict[str, float] = {}

    def update(self, key: str, fresh: State, change: Change) -> None:
        state = self._in_redis(lambda: self._changed(key, fresh, change))
        if state is None:
            self._count_aside(key, fresh, change)
        else:
            self._counted_aside.discard(key)
            self._note(key, state)

    def _count_aside(self, key: str, fresh: State, change: Change) -> None:
        """What nobody can count is not refused here: Exact counts, too."""
        self._counted_aside.add(key)
        with _best_effort():
            self._aside.update(key, fresh, change)
            return
        change(fresh)

    def look(self, key: str) -> State | None:
        stored = self._in_redis(lambda: self._client.hgetall(key))
        return _from_hash(stored or {}) or self._aside.look(key)

    def _in_redis(self, ask: Callable[[], Any]) -> Any:
        """Redis' answer; None while it is away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            return ask()
        except redis.RedisError as error:
            log.warning("Exact's calls are counted without Redis: %s", type(error).__name__)
            self._away_until = time.monotonic() + _LEFT_ALONE
            return None

    def _changed(self, key: str, fresh: State, change: Change) -> State:
        """The new state; `change` runs again when somebody else was faster."""

        def step(pipe: redis.client.Pipeline) -> State:
            stored = _from_hash(pipe.hgetall(key))
            before = self._known(key, stored) or fresh
            after = change(before)
            pipe.multi()
            if after != stored:
                pipe.hset(key, mapping=_to_hash(after))
                pipe.expire(key, _FORGET_AFTER)
            return after

        done: list[State] = []
        self._client.transaction(lambda pipe: done.append(step(pipe)), key)
        return done[-1]

    def _known(self, key: str, stored: State | None) -> State | None:
        """What Redis knows, with what was counted aside meanwhile."""
        if stored and key not in self._counted_aside:
            return stored
        aside = None
        with _best_effort():
            aside = self._aside.read(key)
        if stored and aside:
            return stored.joined(aside)
        return stored or (replace(aside, whole=False) if aside else None)

    def _note(self, key: str, state: State) -> None:
        """Keep it aside now and then, as a count that lacks the calls made since."""
        last = state.recent[-1] if state.recent else 0.0
        if abs(last - self._noted.get(key, 0.0)) >= NOTED_EVERY:
            self._noted[key] = last
            noted = replace(state, whole=False)
            with _best_effort():
                self._aside.update(key, noted, lambda _before: noted)


@contextmanager
def _best_effort() -> Iterator[None]:
    """A database that does not take a count breaks no call: least of all one that is made."""
    try:
        yield
    except SQLAlchemyError as error:
        log.warning("Exact's calls are not counted aside: %s", type(error).__name__)


def _to_hash(state: State) -> dict[Any, Any]:
    return {name: json.dumps(value) for name, value in asdict(state).items()}


def _from_hash(stored: Mapping[Any, Any]) -> State | None:
    """The state as stored; None if there is none, or one of another version."""
    try:
        return _from_json({name.decode(): json.loads(value) for name, value in stored.items()})
    except ValueError:
        return None


def _from_json(stored: Mapping[str, Any]) -> State | None:
    try:
        minute, day = Count(**stored["minute"]), Count(**stored["day"])
        recent = tuple(map(float, stored["recent"]))
        return State(**{**stored, "minute": minute, "day": day, "recent": recent})
    except (KeyError, TypeError, ValueError):
        return None
