"""The present moment and the local day. Moments are aware and in UTC; days are those of a place."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BRUSSELS = "Europe/Brussels"


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def local_day(moment: datetime, zone: str = BRUSSELS) -> date:
    """The calendar day on which `moment` falls in the time zone `zone`."""
    return moment.astimezone(ZoneInfo(zone)).date()


def today(zone: str = BRUSSELS) -> date:
    """The present day in the time zone `zone`."""
    return local_day(now(), zone)
