"""Contracts drawn as bars. A board has hundreds: each is one element, written by hand.

A bar's text, its state and its place are in its classes and attributes; `static/board.css` does the
rest. Moments beside the place are those of the wall clock at the contract's business unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import format_date
from markupsafe import Markup, escape

from ppplanner.addons.manifest import Mark
from ppplanner.blueprints.contracts.labels import STATUSES
from ppplanner.blueprints.contracts.period import TYPED
from ppplanner.blueprints.markup import icon
from ppplanner.i18n import _
from ppplanner.models import ContractStatus
from ppplanner.services.planning.board import Booking
from ppplanner.services.planning.moves import version
from ppplanner.services.planning.timeline import WHOLE, Place, Window

#: Nobody minds when somebody comes five minutes late.
PUNCTUAL = timedelta(minutes=5)
#: Thousandths of the window below which a bar has no room for words and marks.
ROOM = 55

Period = tuple[datetime, datetime]


@dataclass
class Bars:
    """Draws the bars of one board, as it is at `moment`."""

    window: Window
    moment: datetime
    zones: Mapping[int, str]
    #: By contract: why it must stay where it is.
    fixed: Mapping[int, str]
    marks: Mapping[int, Sequence[Mark]]
    _days: dict[date, str] = field(default_factory=dict)
    _signs: dict[tuple[str, str], str] = field(default_factory=dict)

    def draw(self, bookings: Iterable[Booking]) -> Markup:
        """The bars of one row."""
        return Markup("".join(part for booking in bookings for part in self._parts(booking)))

    def draw_lane(self, booking: Booking, lane: int) -> Markup:
        """The bar of one contract, in one of several lanes."""
        return Markup("".join(self._parts(booking, f" lane-{lane}")))

    def _parts(self, booking: Booking, lane: str = "") -> Iterator[str]:
        if place := self.window.place(booking.starts_at, booking.ends_at):
            yield self._bar(booking, place, lane)
        for period, late in beyond(booking, self.moment):
            if place := self.window.place(*period):
                kind = "beyond late" if late else "beyond"
                yield f'<i class="{kind} l{place.left} w{place.width}"></i>'

    def _bar(self, booking: Booking, place: Place, lane: str) -> str:
        zone = self._zone(booking.business_unit_id)
        starts_at, ends_at = (
            each.astimezone(zone) for each in (booking.starts_at, booking.ends_at)
        )
        fixed = self.fixed.get(booking.id)
        held = f' data-fixed="{escape(fixed)}"' if fixed else ""
        marks = self.marks.get(booking.id, ())
        label = self._label(booking, starts_at, ends_at, marks)
        return (
            f'<a class="{_classes(booking, place)}{lane}" id="booking-{booking.id}"'
            f' href="{self._url}{booking.id}" draggable="false" data-contract="{booking.id}"'
            f' data-seen="{version(booking)}" data-starts="{starts_at:{TYPED}}"'
            f' data-ends="{ends_at:{TYPED}}" data-status="{booking.status}"{held}'
            f' aria-label="{escape(label)}">{self._inside(booking, place, marks)}</a>'
        )

    def _inside(self, booking: Booking, place: Place, marks: Sequence[Mark]) -> str:
        hatched = "".join(
            f'<i class="unused l{left} w{width}"></i>'
            for left, width in self._unused(booking, place)
        )
        if place.width < ROOM:
            return hatched
        ready = [self._sign("flag", "green")] if booking.ready_for_check_in_at else []
        signs = "".join((*ready, *(self._sign(mark.icon, mark.colour) for mark in marks)))
        return f"{hatched}{signs}{escape(booking.customer)} · C{booking.number}"

    def _unused(self, booking: Booking, place: Place) -> Iterator[tuple[int, int]]:
        """Planned time in which the resource was not out, in thousandths of the bar."""
        for period in unused(booking):
            if part := self.window.place(*period):
                left = round((part.left - place.left) * WHOLE / place.width)
                yield left, min(max(round(part.width * WHOLE / place.width), 1), WHOLE - left)

    def _label(
        self, booking: Booking, starts_at: datetime, ends_at: datetime, marks: Sequence[Mark]
    ) -> str:
        """What somebody hears who cannot see the bar."""
        begins, ends = (f"{self._day(each)} {each:%H:%M}" for each in (starts_at, ends_at))
        what = f"{booking.customer} · C{booking.number}, {begins} – {ends}"
        notes = [self._statuses[booking.status], *(str(mark.title) for mark in marks)]
        if booking.ready_for_check_in_at:
            notes.append(self._ready_words)
        return ", ".join((what, *notes))

    def _day(self, moment: datetime) -> str:
        day = moment.date()
        if day not in self._days:
            self._days[day] = str(format_date(day, "EEE d MMM"))
        return self._days[day]

    def _sign(self, name: str, colour: str) -> str:
        """An icon on a bar, drawn once a board."""
        if (name, colour) not in self._signs:
            self._signs[name, colour] = f'<span class="sign sign-{colour}">{icon(name)}</span>'
        return self._signs[name, colour]

    def _zone(self, unit_id: int) -> ZoneInfo:
        return ZoneInfo(self.zones.get(unit_id, self.window.zone))

    @cached_property
    def _statuses(self) -> dict[ContractStatus, str]:
        return {status: str(words) for status, words in STATUSES.items()}

    @cached_property
    def _ready_words(self) -> str:
        return _("Ready for check-in")

    @cached_property
    def _url(self) -> str:
        return url_for("contracts.show", contract_id=0).removesuffix("0")


def _classes(booking: Booking, place: Place) -> str:
    kinds = {
        "small": place.width < ROOM,
        "before": place.before,
        "after": place.after,
        "other": not booking.chosen,
    }
    named = (name for name, holds in kinds.items() if holds)
    return " ".join(("booking", f"l{place.left}", f"w{place.width}", *named))


def unused(booking: Booking) -> Iterator[Period]:
    """Planned time before the resource really left, and after it really came back."""
    if booking.out_at and booking.out_at - booking.starts_at > PUNCTUAL:
        yield booking.starts_at, min(booking.out_at, booking.ends_at)
    if booking.in_at and booking.ends_at - booking.in_at > PUNCTUAL:
        yield max(booking.in_at, booking.starts_at), booking.ends_at


def beyond(booking: Booking, moment: datetime) -> Iterator[tuple[Period, bool]]:
    """Time outside the plan in which the resource was out, and whether it is so still."""
    if booking.out_at and booking.starts_at - booking.out_at > PUNCTUAL:
        yield (booking.out_at, booking.starts_at), False
    still_out = booking.status is ContractStatus.OPEN and booking.in_at is None
    back = moment if still_out else booking.in_at
    if back and back - booking.ends_at > PUNCTUAL:
        yield (booking.ends_at, back), still_out
