"""What Exact's rate headers say: 60 calls a minute and 5,000 a day, per app and administration.

A group of headers that is missing says nothing; above all it does not say "none left": an answer
429 carries only the group of the limit that was hit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MINUTE_CALLS = 60
DAY_CALLS = 5000
ERROR_BLOCK = timedelta(hours=1)  # more than 10 errors per endpoint and hour block the app's key
UNKNOWN_PAUSE = timedelta(seconds=60)

#: The furthest moments at which a minute and a day may start anew, for clocks that differ.
LONGEST_MINUTE, LONGEST_DAY = timedelta(minutes=2), timedelta(hours=26)

_PREFIX = "X-RateLimit-"


@dataclass(frozen=True)
class Window:
    """One limit as Exact last stated it; None where it said nothing."""

    allowed: int | None
    left: int | None
    resets_at: datetime | None

    @property
    def spent(self) -> bool:
        return self.left is not None and self.left <= 0


@dataclass(frozen=True)
class Limits:
    """What one answer told about the limits. `blocked_until` is set when it refused the call."""

    minute: Window | None = None
    day: Window | None = None
    blocked_until: datetime | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str], now: datetime) -> Limits:
        """Read both groups; `headers` must not care about upper and lower case."""
        return cls(
            _window(headers, "Minutely-", now + LONGEST_MINUTE),
            _window(headers, "", now + LONGEST_DAY),
        )


def _window(headers: Mapping[str, str], group: str, latest: datetime) -> Window | None:
    allowed, left, reset = (
        _number(headers.get(f"{_PREFIX}{group}{name}")) for name in ("Limit", "Remaining", "Reset")
    )
    if allowed is None and left is None and reset is None:
        return None
    possible = allowed if allowed and allowed > 0 else None
    return Window(possible, left, _moment(reset, latest))


def _number(value: str | None) -> int | None:
    try:
        return None if value is None else int(value)
    except ValueError:
        return None


def _moment(milliseconds: int | None, latest: datetime) -> datetime | None:
    """A reset in UTC epoch milliseconds; one that the limit cannot have is not believed."""
    if milliseconds is None or milliseconds < 0 or milliseconds > 10**14:
        return None
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment if moment < latest else None


def next_midnight(now: datetime) -> datetime:
    """When the daily limit starts anew: 00:00 UTC."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def pause_after_refusal(limits: Limits, now: datetime) -> tuple[str, datetime]:
    """Which limit an answer 429 stands for ("day", "minute", "errors", "limit"), and until when.

    Calls left in both groups, and refused all the same: that is the limit on errors.
    """
    minute, day = limits.minute, limits.day
    if day and (day.spent or minute is None):
        return "day", day.resets_at or next_midnight(now)
    if minute and (minute.spent or day is None):
        return "minute", minute.resets_at or now + UNKNOWN_PAUSE
    if minute and day:
        return "errors", now + ERROR_BLOCK
    return "limit", now + UNKNOWN_PAUSE
