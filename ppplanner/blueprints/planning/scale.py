"""The scale above the board, in the person's language: hours, days or weeks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from babel.dates import format_interval, format_skeleton
from flask_babel import format_date, get_locale

from ppplanner.clock import midnight
from ppplanner.i18n import _
from ppplanner.services.planning.timeline import DAY, View, Window


@dataclass(frozen=True)
class Column:
    """One piece of time, from `left` on in thousandths of the window."""

    left: int
    width: int
    text: str
    #: A second word, such as the day of the week.
    detail: str = ""
    day: date | None = None
    #: Weekends are shaded, the present day stands out.
    weekend: bool = False
    today: bool = False


def title(window: Window) -> str:
    """The window in words: "23–29 November 2026"."""
    if window.view is View.DAY:
        return _skeleton("yMMMEd", window.first)
    if window.view in (View.MONTH, View.QUARTER):
        return _skeleton("yMMMM" if window.view is View.MONTH else "yQQQ", window.first)
    return str(format_interval(window.first, window.until - DAY, "yMMMMd", locale=get_locale()))


def columns(window: Window, today: date) -> list[Column]:
    if window.view is View.DAY:
        return list(_hours(window))
    return list(_weeks(window, today) if window.view is View.QUARTER else _days(window, today))


def _hours(window: Window) -> Iterator[Column]:
    weekend = window.first.weekday() >= 5
    for begin, end in pairwise([*window.hours, window.end]):
        yield _column(window, begin, end, text=f"{begin:%H}", weekend=weekend)


def _days(window: Window, today: date) -> Iterator[Column]:
    short = len(window.days) > 14
    for day, begin, end in _bounds(window, [*window.days, window.until]):
        yield _column(
            window,
            begin,
            end,
            text=str(day.day) if short else _skeleton("MMMd", day),
            detail=str(format_date(day, "EEEEE" if short else "EEE")),
            day=day,
            weekend=day.weekday() >= 5,
            today=day == today,
        )


def _weeks(window: Window, today: date) -> Iterator[Column]:
    """From Monday to Sunday; where the quarter cuts one short, there is no room for words."""
    mondays = [day for day in window.days[1:] if day.weekday() == 0]
    for day, begin, end in _bounds(window, [window.first, *mondays, window.until]):
        yield _column(
            window,
            begin,
            end,
            text=_skeleton("MMMd", day) if end - begin > 5 * DAY else "",
            detail=_("week %(number)s", number=day.isocalendar().week),
            day=day,
            today=begin <= midnight(today, window.zone) < end,
        )


def _bounds(window: Window, days: list[date]) -> Iterator[tuple[date, datetime, datetime]]:
    for day, following in pairwise(days):
        yield day, midnight(day, window.zone), midnight(following, window.zone)


def _column(
    window: Window,
    begin: datetime,
    end: datetime,
    text: str,
    detail: str = "",
    day: date | None = None,
    weekend: bool = False,
    today: bool = False,
) -> Column:
    left = window.share(begin)
    return Column(left, window.share(end) - left, text, detail, day, weekend, today)


def _skeleton(pattern: str, day: date) -> str:
    return str(format_skeleton(pattern, day, locale=get_locale()))
