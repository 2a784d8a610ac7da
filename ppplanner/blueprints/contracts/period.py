"""Moments as people type them (in the time zone of the business) and as they are kept (UTC)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import DateTimeLocalField

from ppplanner.clock import now
from ppplanner.errors import Invalid
from ppplanner.i18n import _

#: Other years are slips of the keyboard.
YEARS = range(2000, 2101)
#: When people come to fetch something, for the proposal of a new contract.
OPENING_HOURS = range(7, 19)
TYPED = "%Y-%m-%dT%H:%M"


class MomentField(DateTimeLocalField):
    """A day and a time of day, without time zone: `to_utc` gives it one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, format=[TYPED, f"{TYPED}:%S"], **kwargs)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("Fill in a day and a time.")) from error
        if self.data is not None and self.data.year not in YEARS:
            raise ValueError(_("Check the year."))


def to_utc(local: datetime, zone: str, field: str = "starts_at") -> datetime:
    """The moment in UTC. Raises Invalid at `field` for an hour that the clock skips in spring."""
    moment = local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if to_local(moment, zone) != local:
        raise Invalid(
            **{field: _("The clock skips this hour on that day: choose an earlier or later one.")}
        )
    return moment


def to_local(moment: datetime, zone: str) -> datetime:
    """The moment as the clock on the wall shows it, to the minute."""
    local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return local.replace(second=0, microsecond=0)


def read_moment(text: str | None, zone: str) -> datetime | None:
    """What an address says, in UTC; None when it says nothing, or nonsense."""
    try:
        local = datetime.strptime(text or "", TYPED)
        return to_utc(local, zone) if local.year in YEARS else None
    except (ValueError, Invalid):
        return None


def first_proposal(zone: str) -> dict[str, Any]:
    """The period that a new contract starts with: a day from the next full hour on, or, after
    closing time, from the next morning on.
    """
    start = to_local(now(), zone).replace(minute=0) + timedelta(hours=1)
    if start.hour not in OPENING_HOURS:
        start = start.replace(hour=8) + timedelta(days=1 if start.hour > 8 else 0)
    return {"starts_at": start, "ends_at": start + timedelta(days=1)}
