"""How many calls and how many errors Exact puts up with (section 5 of the API facts)."""

from __future__ import annotations

from collections import Counter, deque
from datetime import UTC, datetime, time, timedelta

from .clock import Clock
from .errors import Refused
from .options import Options

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
COUNTED_ERRORS = frozenset({400, 401, 403, 404})
EXCEEDED = "API rate limit exceeded"
UNLIMITED = 1_000_000

MINUTES_KEPT = 2_000

Headers = dict[str, str]
Asked = tuple[str, str, int, str]
"""App, user, division and endpoint: errors are counted for each."""


class Limits:
    """Counts calls per app and division, errors per app, user, division and endpoint."""

    def __init__(self, options: Options, clock: Clock):
        self.options = options
        self.clock = clock
        self.reset()

    def reset(self) -> None:
        self._minutes: dict[tuple[str, int], tuple[datetime, int]] = {}
        self._days: dict[tuple[str, int], tuple[datetime, int]] = {}
        self._errors: dict[Asked, list[datetime]] = {}
        self._blocked: dict[Asked, datetime] = {}
        self.minutes: dict[int, deque[int]] = {}
        """Per division, how many calls each minute's window let through, oldest first."""
        self.most_errors: Counter[tuple[int, str]] = Counter()
        """Per division and endpoint, the most counted errors that one app and user had within an
        hour; the block starts one above the limit.
        """

    def take(self, app: str, division: int) -> Headers:
        """Count one call; the headers for its answer. Raises Refused (429) when it is too many."""
        now, key = self.clock.now(), (app, division)
        minute = _window(self._minutes, key, now, now + MINUTE)
        day = _window(self._days, key, now, midnight(now))
        per_minute = self.options.calls_per_minute or UNLIMITED
        per_day = self.options.calls_per_day or UNLIMITED
        if day[1] >= per_day:
            raise Refused(429, EXCEEDED, daily(per_day, 0, day[0]))
        if minute[1] >= per_minute:
            raise Refused(429, EXCEEDED, minutely(per_minute, 0, minute[0]))
        self._minutes[key] = (minute[0], minute[1] + 1)
        self._note_minute(division, minute[1] + 1)
        self._days[key] = (day[0], day[1] + 1)
        left_today, left_now = per_day - day[1] - 1, per_minute - minute[1] - 1
        return daily(per_day, left_today, day[0]) | minutely(per_minute, left_now, minute[0])

    def _note_minute(self, division: int, used: int) -> None:
        minutes = self.minutes.setdefault(division, deque(maxlen=MINUTES_KEPT))
        if used == 1 or not minutes:
            minutes.append(0)
        minutes[-1] += 1

    def refuse_when_blocked(self, app: str, user: str, division: int, endpoint: str) -> None:
        end = self._blocked.get((app, user, division, endpoint))
        if end is not None and self.clock.now() < end:
            raise Refused(429, EXCEEDED)

    def note(self, status: int, app: str, user: str, division: int, endpoint: str) -> bool:
        """Count an answer; True when this error is the one too many and starts the block."""
        limit = self.options.errors_per_hour
        if status not in COUNTED_ERRORS or limit is None:
            return False
        now, key = self.clock.now(), (app, user, division, endpoint)
        recent = [moment for moment in self._errors.get(key, []) if now - moment < HOUR]
        self._errors[key] = [*recent, now]
        worst = self.most_errors[division, endpoint]
        self.most_errors[division, endpoint] = max(worst, len(recent) + 1)
        if len(recent) < limit:
            return False
        self._blocked[key] = now + HOUR
        self._errors[key] = []
        return True


def minutely(limit: int, remaining: int, reset: datetime) -> Headers:
    return {
        "X-RateLimit-Minutely-Limit": str(limit),
        "X-RateLimit-Minutely-Remaining": str(remaining),
        "X-RateLimit-Minutely-Reset": _milliseconds(reset),
    }


def daily(limit: int, remaining: int, reset: datetime) -> Headers:
    return {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": _milliseconds(reset),
    }


def _window(
    windows: dict[tuple[str, int], tuple[datetime, int]],
    key: tuple[str, int],
    now: datetime,
    fresh_end: datetime,
) -> tuple[datetime, int]:
    """The running window of a key: when it ends and what was used; a new one when it is over."""
    end, used = windows.get(key, (now, 0))
    return (end, used) if now < end else (fresh_end, 0)


def midnight(now: datetime) -> datetime:
    return datetime.combine(now.date() + timedelta(days=1), time(), UTC)


def _milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))
