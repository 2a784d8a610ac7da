"""Staying under Exact's limits: all workers count together, and nobody makes the call too many.

Whoever wants to call waits for its turn: a person at the screen for a few seconds, a worker for as
long as Exact's minute lasts. When the turn is too far away, the call is refused here, with the
moment at which to try it; Exact never has to.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ppplanner.clock import now as present

from .call_counts import Count, Priority, State
from .call_stores import Change, Store
from .errors import Call, ExactUnavailable
from .forecast import time_for
from .limits import Limits

#: How long a turn is waited for: by a person, and by a worker (Exact's minute, and a bit).
PATIENCE: dict[Priority, timedelta] = {
    "person": timedelta(seconds=3),
    "background": timedelta(seconds=75),
}
#: Seconds after which whoever waits shows a sign of life.
_IDLE_EVERY = 5.0
#: Longer than so many seconds nobody works on one call: it did something else in between.
_LONGEST_WORK = 30.0
#: So that a moment is past once it is reached, however it was rounded.
_TICK = timedelta(milliseconds=1)
#: Over about so many calls it is averaged what one takes.
_AVERAGED = 40


class Quota:
    """The count of one app in one administration, as its two hooks for `ExactClient`. Not for
    several threads at once.
    """

    def __init__(
        self,
        store: Store,
        key: str,
        priority: Priority = "background",
        clock: Callable[[], datetime] = present,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self._store = store
        self._key = key
        self._priority: Priority = priority
        self._clock = clock
        self._sleep = sleep or (lambda seconds: time.sleep(seconds))
        self._let_go: datetime | None = None

    def wait_for_turn(
        self,
        call: Call,
        at_most: timedelta | None = None,
        idle: Callable[[], None] = lambda: None,
    ) -> bool:
        """Count the call once its turn has come; whether it had to wait. While it waits, `idle` is
        called at least every five seconds.

        Raises ExactUnavailable with the moment at which to try it, when that is further away than
        `at_most` (by default as long as this priority has patience).
        """
        patience = PATIENCE[self._priority] if at_most is None else at_most
        asked = self._clock()
        give_up, spent = asked + patience, self._spent(asked)
        waited = False
        while turn := self._ask(spent):
            reason, retry_at = turn
            if retry_at > give_up:
                raise ExactUnavailable(reason, retry_at)
            self._rest_until(retry_at, idle)
            waited = True
        return waited

    def _rest_until(self, moment: datetime, idle: Callable[[], None]) -> None:
        while (left := (moment - self._clock()).total_seconds()) > 0:
            self._sleep(min(left, _IDLE_EVERY))
            idle()

    def _ask(self, spent: float) -> tuple[str, datetime] | None:
        """Why the call has to wait, and until when; None once it is counted, together with what the
        one before took.
        """
        now, refusals = self._clock(), []

        def count(state: State) -> State:
            state = state.at(now)
            refusals.append(state.refusal(self._priority, now))
            return state if refusals[-1] else _averaged(state.after_call(now), spent)

        self._change(now, count)
        if refusals[-1] is None:
            self._let_go = now
            return None
        reason, until = refusals[-1]
        return reason, datetime.fromtimestamp(until, UTC) + _TICK

    def _spent(self, now: datetime) -> float:
        """Seconds that the worker has spent on the call before this one; 0 when that says nothing,
        or was told already.
        """
        let_go, self._let_go = self._let_go, None
        if let_go is None or self._priority == "person":
            return 0.0
        spent = (now - let_go).total_seconds()
        return spent if spent < _LONGEST_WORK else 0.0

    def on_limits(self, limits: Limits) -> None:
        """Take over what an answer said."""
        now = self._clock()
        self._change(now, lambda state: state.at(now).after_answer(limits))

    def today(self) -> Count:
        """How many calls the day allows, and how many of them are left as far as is known."""
        return self._known(self._clock()).day

    def time_for(self, calls: int, after: datetime | None = None) -> timedelta:
        """How long work in the background needs for so many calls, as far as the limits and its own
        speed say; `after`: it begins only then.
        """
        now = self._clock()
        return time_for(self._known(now), calls, now, max(now, after or now))

    def _known(self, now: datetime) -> State:
        return (self._store.look(self._key) or State.fresh(now)).at(now)

    def _change(self, now: datetime, change: Change) -> None:
        self._store.update(self._key, State.fresh(now), change)


def _averaged(state: State, spent: float) -> State:
    if not spent:
        return state
    timed = min(state.timed + 1, _AVERAGED)
    average = state.spent + (spent - state.spent) / timed
    return replace(state, spent=round(average, 4), timed=timed)


def quota_key(base_url: str, client_id: str, division: int | None) -> str:
    """Limits count per app and administration; `current/Me` has no administration."""
    return f"exact:quota:{base_url}:{client_id}:{division or 0}"
