"""The utilisation report: as a page with pictures, and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ppplanner import formats
from ppplanner.blueprints import charts
from ppplanner.blueprints.htmx import render_page
from ppplanner.blueprints.reports import bp
from ppplanner.blueprints.reports.files import as_file
from ppplanner.blueprints.reports.period import KINDS, Period, asked_period
from ppplanner.blueprints.reports.utilisation import (
    GROUPS,
    ReportColumn,
    ReportRow,
    among,
    columns,
    rows_by,
    sort_rows,
)
from ppplanner.i18n import _
from ppplanner.locales import timezone
from ppplanner.permissions import require
from ppplanner.services.overviews.utilisation import Use, day_edges, over_time, uses

#: Bars in the picture; the table holds all.
SHOWN_BARS = 20


@bp.get("/")
@require("resources.view")
def index() -> ResponseReturnValue:
    return redirect(url_for(".utilisation"))


@bp.get("/utilisation")
@require("resources.view")
def utilisation() -> Response:
    """How much resources are used in a period; `as=csv` or `as=xlsx` gives the table as a file."""
    period, group, shown = asked_period(), _asked("by", GROUPS, "resource"), columns()
    sort = _asked_sort(shown)
    edges = day_edges(period.first, period.last, timezone())
    rows = sort_rows(rows_by(group, uses(edges[0], edges[-1], *among())), sort)
    if ending := _asked("as", ("csv", "xlsx"), ""):
        return as_file(ending, str(GROUPS[group]), shown, rows, period)
    return render_page(
        "reports/utilisation.html",
        "content",
        period=period,
        kinds=KINDS,
        group=group,
        groups=GROUPS,
        sort=sort,
        columns=shown,
        rows=rows,
        total=reduce(add, (row.use for row in rows), Use()),
        bars=_bars(rows),
        hidden_bars=max(len(rows) - SHOWN_BARS, 0),
        days=_days(period, over_time(edges, *among())) if rows else None,
        url=lambda **changed: _url(period, group, sort, **changed),
    )


def _asked(name: str, choices: Any, default: str) -> str:
    value = request.args.get(name, default)
    return value if value in choices else default


def _asked_sort(shown: Sequence[ReportColumn]) -> str:
    sort, known = request.args.get("sort", ""), {"name", *(column.key for column in shown)}
    return sort if sort.removeprefix("-") in known else "-share"


def _url(period: Period, group: str, sort: str, /, **changed: str) -> str:
    """This report with something else chosen."""
    state = {**period.params(), "by": group, "sort": sort, **changed}
    return url_for(".utilisation", **state)  # type: ignore[arg-type]


def _bars(rows: Sequence[ReportRow]) -> list[charts.Bar]:
    """The most used ones."""
    most = sort_rows(rows, "-share")[:SHOWN_BARS]
    return [charts.share_bar(row.name, row.use.share) for row in most]


def _days(period: Period, uses: Sequence[Use]) -> dict[str, Any]:
    """The line over time, and what it says in words."""
    shares = [use.share for use in uses]
    known = [share for share in shares if share is not None]
    return {
        "points": charts.line(shares),
        "table": list(_day_rows(period, shares)),
        "words": _("The lowest day had %(low)s, the highest %(high)s.", **_ends(known)),
    }


def _ends(shares: Sequence[Decimal]) -> dict[str, str]:
    low, high = min(shares, default=Decimal(0)), max(shares, default=Decimal(0))
    return {"low": formats.share(low), "high": formats.share(high)}


def _day_rows(period: Period, shares: Sequence[Decimal | None]) -> Iterator[tuple[str, str]]:
    first = period.first.toordinal()
    for place, share in enumerate(shares):
        yield formats.day(period.first.fromordinal(first + place)), formats.share(share) or "–"
