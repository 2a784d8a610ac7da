"""The board on paper: a day as a list, a week as a table of resources and days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from ppplanner.blueprints.contracts.labels import STATUSES
from ppplanner.blueprints.planning import scale
from ppplanner.blueprints.planning.state import BoardState
from ppplanner.clock import local_day, midnight, now
from ppplanner.services.planning import board
from ppplanner.services.planning.board import Booking, Row
from ppplanner.services.planning.timeline import DAY, View, Window


@dataclass(frozen=True)
class Line:
    """A contract as paper shows it. Where it goes on before or after the day, a time is missing."""

    booking: Booking
    state: str
    starts: datetime | None
    ends: datetime | None


def paper(state: BoardState) -> dict[str, Any]:
    """The board's day, or the week in which it lies, with all of its rows."""
    state = replace(state, view=View.DAY if state.view is View.DAY else View.WEEK)
    window, choice, moment = state.window(), state.choice(), now()
    rows = board.rows(choice, window)
    bookings = board.bookings([row.id for row in rows], choice, window, moment)
    bookings[0] = list(board.strip(choice, window).bookings)
    lines = {key: _by_day(window, some) for key, some in bookings.items()}
    return {
        "title": scale.title(window),
        "window": window,
        "columns": scale.columns(window, local_day(moment, window.zone)),
        "groups": _groups(rows),
        "lines": lines,
        "moment": moment.astimezone(ZoneInfo(window.zone)),
        "back": state.url(),
    }


def _groups(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    return [
        (members[0].group, members)
        for _key, each in groupby(rows, key=lambda row: row.group_id)
        if (members := list(each))
    ]


def _by_day(window: Window, bookings: Sequence[Booking]) -> dict[date, list[Line]]:
    return {day: list(_lines(day, window.zone, bookings)) for day in window.days}


def _lines(day: date, zone: str, bookings: Sequence[Booking]) -> Iterator[Line]:
    start, end = midnight(day, zone), midnight(day + DAY, zone)
    for booking in bookings:
        starts_at, ends_at = booking.starts_at, booking.ends_at
        if starts_at < end and ends_at > start:
            yield Line(
                booking,
                str(STATUSES[booking.status]),
                starts_at.astimezone(ZoneInfo(zone)) if starts_at >= start else None,
                ends_at.astimezone(ZoneInfo(zone)) if ends_at <= end else None,
            )
