"""The present moment and the local day. Moments are aware and in UTC; days are those of a place."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

BRUSSELS = "Europe/Brussels"
#: The smallest difference between two moments that the databases keep.
TICK = timedelta(microseconds=1)


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def local_day(moment: datetime, zone: str = BRUSSELS) -> date:
    """The calendar day on which `moment` falls in the time zone `zone`."""
    return moment.astimezone(ZoneInfo(zone)).date()


def today(zone: str = BRUSSELS) -> date:
    """The present day in the time zone `zone`."""
    return local_day(now(), zone)


def day_starts(days_ahead: int, zone: str = BRUSSELS) -> datetime:
    """Midnight of the day that many days after today, in UTC."""
    return midnight(today(zone) + timedelta(days=days_ahead), zone)


def midnight(day: date, zone: str = BRUSSELS) -> datetime:
    """When the day begins in the time zone `zone`, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
