"""Stretches of days that have a name, as those who keep books ask for them."""

from __future__ import annotations

from datetime import date, timedelta

from ppplanner.blueprints.lists.filters import Stretch
from ppplanner.clock import today
from ppplanner.i18n import _l
from ppplanner.locales import timezone


def _today() -> date:
    return today(timezone())


def month(months_ago: int) -> tuple[date, date]:
    """The first and last day of a month."""
    first = _today().replace(day=1)
    for _each in range(months_ago):
        first = (first - timedelta(days=1)).replace(day=1)
    return first, _before_next_month(first)


def quarter() -> tuple[date, date]:
    """The first and last day of the present quarter: what VAT returns are about."""
    first, _last = month((_today().month - 1) % 3)
    return first, _before_next_month(first + timedelta(days=63))


def _before_next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def year(years_ago: int) -> tuple[date, date]:
    """The first and last day of a calendar year."""
    wanted = _today().year - years_ago
    return date(wanted, 1, 1), date(wanted, 12, 31)


TODAY = Stretch(_l("Today"), lambda: (_today(), _today()))
THIS_MONTH = Stretch(_l("This month"), lambda: month(0))
STRETCHES = (
    TODAY,
    THIS_MONTH,
    Stretch(_l("Last month"), lambda: month(1)),
    Stretch(_l("This quarter"), quarter),
    Stretch(_l("This year"), lambda: year(0)),
    Stretch(_l("Last year"), lambda: year(1)),
)
