"""How the coming days of a resource look: a strip of days, each free or taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import format_date

from ppplanner.clock import day_starts, local_day
from ppplanner.models import Contract, Resource
from ppplanner.services.renting.occupancy import clashes

SHOWN_DAYS = 28


@dataclass(frozen=True)
class DayOfUse:
    """One day, and the first contract that holds the resource on it."""

    day: date
    contract: Contract | None

    @property
    def weekday(self) -> str:
        """Its name in two or three letters."""
        return str(format_date(self.day, "EEEEEE"))


def next_days(resource: Resource) -> list[DayOfUse]:
    """Today and the days that follow, in the time zone of the resource's business."""
    zone = resource.pool.business_unit.company.timezone
    edges = [day_starts(ahead, zone) for ahead in range(SHOWN_DAYS + 1)]
    held = clashes(resource, edges[0], edges[-1])
    return [
        DayOfUse(local_day(start, zone), _first(held, start, end))
        for start, end in zip(edges, edges[1:], strict=False)
    ]


def _first(contracts: list[Contract], start: datetime, end: datetime) -> Contract | None:
    return next((each for each in contracts if each.overlaps(start, end)), None)
