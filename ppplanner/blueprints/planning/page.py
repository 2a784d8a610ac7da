"""What the board's templates draw: groups of resources, in chunks that come as one scrolls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from typing import Any

from markupsafe import Markup

from ppplanner.blueprints.contracts.labels import STATUSES
from ppplanner.blueprints.planning import scale
from ppplanner.blueprints.planning.bars import Bars
from ppplanner.blueprints.planning.filters import SHOWN
from ppplanner.blueprints.planning.marks import marks_of
from ppplanner.blueprints.planning.state import BoardState
from ppplanner.blueprints.planning.words import SAID, SHORTCUTS, VIEWS
from ppplanner.clock import local_day, midnight, now
from ppplanner.services.planning import board, moves
from ppplanner.services.planning.board import Booking, Row, Strip
from ppplanner.services.planning.timeline import Window, lanes

#: Rows that come and go together while one scrolls.
CHUNK = 10
#: Rows that come with the page itself: more than most screens hold.
AT_ONCE = 20


@dataclass(frozen=True)
class Chunk:
    """Some rows of one group; `first` is the number of the first one in the whole board."""

    rows: Sequence[Row]
    first: int
    #: Whether they come with the page, or when they come into sight.
    drawn: bool


@dataclass
class Group:
    """Rows under one heading, such as a business unit."""

    name: str
    detail: str
    first: int
    count: int
    chunks: list[Chunk] = field(default_factory=list)


@dataclass(frozen=True)
class Drawn:
    """The bars of some rows by resource, and the strip of those without."""

    tracks: dict[int, Markup]
    strip: Strip
    strip_bars: Markup
    lanes: int


def board_page(state: BoardState) -> dict[str, Any]:
    """What the page shows, with the rows that are in sight at first."""
    window, choice, moment = state.window(), state.choice(), now()
    rows = board.rows(choice, window)
    groups = grouped(rows)
    shown = [
        row.id for group in groups for chunk in group.chunks if chunk.drawn for row in chunk.rows
    ]
    today = local_day(moment, window.zone)
    return {
        "state": state,
        "window": window,
        "columns": scale.columns(window, today),
        "title": scale.title(window),
        "today": today,
        "now_minutes": (moment - window.start) // timedelta(minutes=1),
        "now_at": window.share(moment) if window.start <= moment < window.end else None,
        "groups": groups,
        "count": len(rows),
        "rowcount": 2 + len(groups) + len(rows),
        "drawn": drawn(state, shown),
        "views": VIEWS,
        "said": SAID,
        "shortcuts": SHORTCUTS,
        "statuses": [(status, STATUSES[status]) for status in SHOWN],
    }


def grouped(rows: Iterable[Row]) -> list[Group]:
    """The rows under their headings, numbered: the scale is 1, the strip 2, headings count, too."""
    groups: list[Group] = []
    number, drawn = 3, 0
    for _key, members in groupby(rows, key=lambda row: row.group_id):
        each = list(members)
        group = Group(each[0].group, each[0].group_detail, number, len(each))
        for start in range(0, len(each), CHUNK):
            part = each[start : start + CHUNK]
            group.chunks.append(Chunk(part, number + 1 + start, drawn < AT_ONCE))
            drawn += len(part)
        number += 1 + len(each)
        groups.append(group)
    return groups


def drawn(state: BoardState, resource_ids: Sequence[int], strip: bool = True) -> Drawn:
    """The bars of these resources, and of the contracts without one."""
    window, choice, moment = state.window(), state.choice(), now()
    by_resource = board.bookings(resource_ids, choice, window, moment) if resource_ids else {}
    loose = board.strip(choice, window) if strip else Strip((), 0)
    everything = [*loose.bookings, *(each for row in by_resource.values() for each in row)]
    bars = Bars(
        window,
        moment,
        board.zones(),
        moves.why_fixed({each.id: each.status for each in everything}),
        marks_of([each.id for each in everything]),
    )
    chosen = _lanes(loose.bookings)
    return Drawn(
        {key: bars.draw(by_resource.get(key, ())) for key in resource_ids},
        loose,
        Markup("").join(map(bars.draw_lane, loose.bookings, chosen)),
        max(chosen, default=0) + 1,
    )


def _lanes(bookings: Iterable[Booking]) -> list[int]:
    return lanes((each.starts_at, each.ends_at) for each in bookings)


def not_yet(row: Row, window: Window) -> int:
    """How much of the window, in thousandths, goes by before the resource comes into use."""
    if row.active_from is None or row.active_from <= window.first:
        return 0
    return window.share(midnight(row.active_from, window.zone))
