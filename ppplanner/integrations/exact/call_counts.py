"""The rules by which calls to Exact are let go: what is left of a minute and of a day, and when.

How Exact places its minute nobody documents, and its headers may be missing. So of any minute and
a bit no more calls are let go than a minute allows, wherever Exact's begins; what the headers say
can only make it less. From a third of a minute's calls on, work in the background is spread evenly,
so that a person at the screen finds the next call soon.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from .limits import (
    DAY_CALLS,
    LONGEST_DAY,
    LONGEST_MINUTE,
    MINUTE_CALLS,
    Limits,
    Window,
    next_midnight,
)

Priority = Literal["person", "background"]

#: A minute, and what one call may take longer to reach Exact than another, in seconds.
SPAN = 60.5
#: Exact's clock and ours may differ: so many seconds after the moment that it named.
AFTERWARDS = 1.0
#: The parts that work in the background leaves to people: 2 of 60 calls, a twentieth of a day's.
KEPT_OF_MINUTE, KEPT_OF_DAY = 30, 20
#: The part of a minute's calls that may go one after the other, before they are spread.
AT_ONCE = 3
#: How long calls that make up for slow ones pause, as a part of the pause of evenly spread ones.
CATCHING_UP = 0.5
#: The longest pause between spread calls, in seconds; so long rests whoever knows of no calls.
LONGEST_PAUSE = 1.5
#: Of an app that may call more often than so in a minute, only Exact's own count is looked at.
UNCOUNTED = 1000
#: A count that was noted aside may lack calls of so many seconds.
NOTED_EVERY = 30.0


@dataclass(frozen=True)
class Count:
    """What is left of one limit. `guessed`: Exact has not yet said when it starts anew."""

    allowed: int
    left: int
    resets_at: float
    guessed: bool = True

    def seen(self, window: Window | None) -> Count:
        """The count after an answer: Exact's word goes, but calls still under way stay counted."""
        if window is None:
            return self
        resets_at = window.resets_at.timestamp() if window.resets_at else self.resets_at
        later = 0.0 if self.guessed else resets_at - self.resets_at
        if later < -AFTERWARDS:
            return self  # a late answer from the window before
        allowed = window.allowed or self.allowed
        anew = later > AFTERWARDS
        own = allowed if anew else allowed - (self.allowed - self.left)
        left = own if window.left is None else min(own, window.left)
        return Count(allowed, left, resets_at, self.guessed and window.resets_at is None)

    def joined(self, other: Count) -> Count:
        """Of two counts of the same limit, the later; of the same time, the lower."""
        if self.guessed != other.guessed:
            return other if self.guessed else self
        if abs(self.resets_at - other.resets_at) > AFTERWARDS:
            return max(self, other, key=lambda count: count.resets_at)
        return min(self, other, key=lambda count: count.left)


@dataclass(frozen=True)
class State:
    """Everything that is shared about one app in one administration. Moments in epoch seconds."""

    minute: Count
    day: Count
    blocked_until: float = 0.0
    #: When the calls of the last minute were let go, oldest first.
    recent: tuple[float, ...] = ()
    #: How many seconds work in the background spends on a call, its waiting not counted: the
    #: average of how many calls; 0 unknown.
    spent: float = 0.0
    timed: int = 0
    #: Whether all calls are in it; else somebody may have made some that we do not know of.
    whole: bool = True

    @classmethod
    def fresh(cls, now: datetime) -> State:
        return cls(_new_minute(MINUTE_CALLS, now), _new_day(DAY_CALLS, now))

    def at(self, now: datetime) -> State:
        """The state at this moment: windows that have ended start anew, and where calls may be
        missing, the worst is supposed.
        """
        moment = now.timestamp()
        known = self._possible(now)
        state = known if known.whole else known._suspicious(moment)
        minute, day = state.minute, state.day
        if moment >= minute.resets_at + (0 if minute.guessed else AFTERWARDS):
            minute = _new_minute(minute.allowed, now)
        if moment >= day.resets_at:
            day = _new_day(day.allowed, now)
        gone = bisect_right(state.recent, moment - SPAN)
        return replace(state, minute=minute, day=day, recent=state.recent[gone:])

    def _possible(self, now: datetime) -> State:
        """Without moments that lie too far ahead: somebody has put the clock back since."""
        minute_ends, day_ends = ((now + each).timestamp() for each in (LONGEST_MINUTE, LONGEST_DAY))
        minute, day = self.minute, self.day
        return replace(
            self,
            minute=minute if minute.resets_at <= minute_ends else _new_minute(minute.allowed, now),
            day=day if day.resets_at <= day_ends else _new_day(day.allowed, now),
            blocked_until=self.blocked_until if self.blocked_until <= day_ends else 0.0,
            recent=tuple(each for each in self.recent if each <= minute_ends),
        )

    def _suspicious(self, moment: float) -> State:
        """As if a whole minute's calls had gone, evenly, up to the longest pause from now: so that
        nobody is let go before it is sure that Exact has room. Nobody called: then nothing is
        missing.
        """
        allowed = self.minute.allowed
        last_known = self.recent[-1] if self.recent else 0.0
        if moment - last_known > SPAN + NOTED_EVERY or allowed > UNCOUNTED:
            return replace(self, whole=True)
        each, end = SPAN / allowed, moment + LONGEST_PAUSE
        recent = tuple(round(end - each * (allowed - 1 - n), 3) for n in range(allowed))
        day = replace(self.day, left=max(0, self.day.left - allowed))
        return replace(self, day=day, recent=recent, whole=True)

    def joined(self, other: State) -> State:
        """One state of two, whose calls were counted side by side."""
        moments = (Counter(self.recent) | Counter(other.recent)).elements()
        return replace(
            self,
            minute=self.minute.joined(other.minute),
            day=self.day.joined(other.day),
            blocked_until=max(self.blocked_until, other.blocked_until),
            recent=tuple(sorted(moments)),
            whole=self.whole and other.whole,
        )

    def refusal(self, priority: Priority, now: datetime) -> tuple[str, float] | None:
        """Why the next call may not be made at this moment, and until when; None if it may. Of a
        state `at` the same moment.
        """
        moment = now.timestamp()
        if moment < self.blocked_until:
            return "limit", self.blocked_until + AFTERWARDS
        if self.day.left <= self.kept_of_day(priority):
            return "day", self.day.resets_at + AFTERWARDS
        if not self.minute.guessed and self.minute.left <= self._kept_of_minute(priority):
            return "minute", self.minute.resets_at + AFTERWARDS
        turn = self.turn(priority, moment)
        return ("minute", turn) if turn > moment else None

    def kept_of_day(self, priority: Priority) -> int:
        return self.day.allowed // KEPT_OF_DAY if priority == "background" else 0

    def _kept_of_minute(self, priority: Priority) -> int:
        return self.minute.allowed // KEPT_OF_MINUTE if priority == "background" else 0

    def in_a_minute(self, priority: Priority) -> int:
        """How many calls any minute has for this priority."""
        return self.minute.allowed - self._kept_of_minute(priority)

    def turn(self, priority: Priority, moment: float) -> float:
        """When the next call may go, as far as our own calls of the last minute say."""
        used, most = len(self.recent), self.in_a_minute(priority)
        if self.minute.allowed > UNCOUNTED:
            return moment
        if used >= most:
            return self.recent[used - most] + SPAN
        if not used or priority == "person" or used < self.minute.allowed // AT_ONCE:
            return moment
        spread = (self.recent[0] + SPAN - moment) / (most - used + 1)
        pause = max(spread, SPAN / most * CATCHING_UP)
        return self.recent[-1] + min(pause, LONGEST_PAUSE)

    def after_call(self, now: datetime) -> State:
        counted = self.minute.allowed <= UNCOUNTED
        recent = (*self.recent, round(now.timestamp(), 3)) if counted else ()
        return replace(
            self,
            minute=replace(self.minute, left=self.minute.left - 1),
            day=replace(self.day, left=self.day.left - 1),
            recent=recent,
        )

    def after_answer(self, limits: Limits) -> State:
        blocked = limits.blocked_until.timestamp() if limits.blocked_until else 0.0
        return replace(
            self,
            minute=self.minute.seen(limits.minute),
            day=self.day.seen(limits.day),
            blocked_until=max(self.blocked_until, blocked),
        )


def _new_minute(allowed: int, now: datetime) -> Count:
    return Count(allowed, allowed, (now + timedelta(minutes=1)).timestamp())


def _new_day(allowed: int, now: datetime) -> Count:
    return Count(allowed, allowed, next_midnight(now).timestamp())
