"""The stretch of days that a report is about: a month, a quarter, a year, or days of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from flask import request

from ppplanner.clock import today
from ppplanner.formats import day
from ppplanner.i18n import _, _l
from ppplanner.locales import timezone

KINDS = {
    "month": _l("Month"),
    "quarter": _l("Quarter"),
    "year": _l("Year"),
    "own": _l("Own dates"),
}
MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
#: A longer one answers slowly, and shows nothing that years side by side do not.
LONGEST = timedelta(days=3 * 366)


@dataclass(frozen=True)
class Period:
    """From the first day until and including the last; `fault` says why another was asked."""

    kind: str
    first: date
    last: date
    fault: str = ""

    @property
    def title(self) -> str:
        return _("%(first)s to %(last)s", first=day(self.first), last=day(self.last))

    def moved(self, steps: int) -> dict[str, str]:
        """The address of the one before (-1) or after (1)."""
        months = MONTHS.get(self.kind)
        if months:
            return {
                "period": self.kind,
                "from": str(self.first + relativedelta(months=months * steps)),
            }
        length = (self.last - self.first + timedelta(days=1)) * steps
        return _own(self.first + length, self.last + length)

    def params(self) -> dict[str, str]:
        """What the address says of it."""
        if self.kind == "own":
            return _own(self.first, self.last)
        return {"period": self.kind, "from": str(self.first)}


def _own(first: date, last: date) -> dict[str, str]:
    return {"period": "own", "from": str(first), "to": str(last)}


def asked_period() -> Period:
    """The period that the address asks for; what makes no sense becomes this month, and says so."""
    kind = request.args.get("period", "month")
    present = today(timezone())
    try:
        first = _day("from") or present
        last = _day("to") or first
    except ValueError:
        return _of_months("month", present, _("Type days that exist: this is the present month."))
    if kind in MONTHS:
        return _of_months(kind, first)
    if last < first:
        fault = _("The last day lies before the first: this is the present month.")
        return _of_months("month", present, fault)
    if last - first > LONGEST:
        fault = _("A report covers three years at most: this is the present month.")
        return _of_months("month", present, fault)
    return Period("own", first, last)


def _day(name: str) -> date | None:
    """Raises ValueError for a day that is none, or lies in another age."""
    text = request.args.get(name, "")
    found = date.fromisoformat(text) if text else None
    if found and not EARLIEST <= found <= LATEST:
        raise ValueError(text)
    return found


def _of_months(kind: str, within: date, fault: str = "") -> Period:
    """The month, quarter or year that a day lies in."""
    months = MONTHS[kind]
    first = within.replace(month=(within.month - 1) // months * months + 1, day=1)
    return Period(kind, first, first + relativedelta(months=months, days=-1), fault)
