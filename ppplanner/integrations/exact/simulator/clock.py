"""The simulator's own time, which tests and the demo can move."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")


class Clock:
    """Real time, unless it is moved, set, frozen or made to run at another speed."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.speed = 1.0
        self._real = self._shown = datetime.now(UTC)

    def now(self) -> datetime:
        """The moment in UTC."""
        return self._shown + (datetime.now(UTC) - self._real) * self.speed

    def wall(self) -> datetime:
        """What the clock on Exact's wall says, without a zone: so it stands in `Modified`."""
        return self.now().astimezone(BRUSSELS).replace(tzinfo=None)

    def utc_offset_hours(self) -> float:
        offset = self.now().astimezone(BRUSSELS).utcoffset() or timedelta()
        return offset / timedelta(hours=1)

    def set(self, moment: datetime) -> None:
        """Show this moment from now on; it must carry a zone."""
        self._shown, self._real = moment.astimezone(UTC), datetime.now(UTC)

    def jump(
        self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0
    ) -> None:
        self.set(self.now() + timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days))

    def run(self, speed: float = 1.0) -> None:
        """Go on from the present moment at this speed; 0 stands still."""
        self.set(self.now())
        self.speed = speed

    def freeze(self) -> None:
        self.run(0)
