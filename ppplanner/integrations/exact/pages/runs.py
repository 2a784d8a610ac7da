"""The runs, and the page of one: when, who, what went, what waits, what failed and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload

from ppplanner.addons.manifest import Cell
from ppplanner.blueprints.htmx import make_response, wants_fragment
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.lists.listing import Column, Filter, Listing
from ppplanner.blueprints.records import find
from ppplanner.i18n import _l
from ppplanner.permissions import require

from ..models import ExactOutboxEntry, ExactRun, RunKind
from ..runs import Fate, counts, fate
from ..views import entries
from ..views.companies import company_filter
from ..views.progress import Progress
from ..views.reached import seen
from ..views.runs import KINDS, begun_by, outcomes, started_by, state_of, title
from .blueprint import bp

Runs = Sequence[ExactRun]


def _sum(runs: Runs, *fates: Fate) -> Mapping[int, int]:
    found = counts([run.id for run in runs], seen())
    return {key: sum(count[each] for each in fates) for key, count in found.items()}


def _states(runs: Runs) -> Mapping[int, Cell]:
    found = counts([run.id for run in runs], seen())
    return {run.id: state_of(found[run.id]) for run in runs}


RUNS = Listing(
    name="exact_runs",
    title=_l("Exact: runs"),
    query=lambda: select(ExactRun),
    key=ExactRun.id,
    columns=[
        Column("started_at", _l("Begun"), show="moment", sort=ExactRun.started_at),
        Column("kind", _l("What"), value=lambda run: KINDS[run.kind]),
        Column("by", _l("By"), value=started_by, wide="lg"),
        Column("company", _l("Company"), value=lambda run: run.company.name, wide="xl"),
        Column(
            "went",
            _l("In Exact"),
            load=lambda runs: _sum(runs, *PARTS["went"]),
            show="number",
            align="end",
        ),
        Column(
            "failed",
            _l("Refused or on hold"),
            load=lambda runs: _sum(runs, *PARTS["failed"]),
            show="number",
            align="end",
            wide="md",
        ),
        Column("state", _l("State"), load=_states),
    ],
    sort="-started_at",
    open=lambda run: url_for("exact.run", run_id=run.id),
    label=title,
    filters=[
        Filter(
            "kind",
            _l("What"),
            choices=[(kind.value, text) for kind, text in KINDS.items()],
            apply=lambda value: ExactRun.kind == RunKind(value),
            any=_l("All"),
        ),
        company_filter(ExactRun.company_id),
    ],
    options=(joinedload(ExactRun.company),),
    empty=_l(
        "A run puts much on its way to Exact at once: a night, an interval, or what somebody"
        " forwards by hand."
    ),
)


@bp.get("/runs")
@require("exact.view")
def runs() -> Response:
    return render_list(RUNS, "exact/list.html")


def _in_state(value: str) -> ColumnElement[bool]:
    return fate().in_(PARTS[value])


#: What became of the records of a run, as its page counts them.
PARTS: Mapping[str, Sequence[Fate]] = {
    "went": (Fate.WENT, Fate.INCOMPLETE),
    "incomplete": (Fate.INCOMPLETE,),
    "open": (Fate.OPEN,),
    "failed": (Fate.FAILED,),
}
PART_NAMES = {
    "went": _l("In Exact"),
    "incomplete": _l("Booked, PDF missing"),
    "open": _l("On their way"),
    "failed": _l("Refused or on hold"),
}

ENTRIES = Listing(
    name="exact_run_entries",
    title=_l("Run"),
    query=lambda: select(ExactOutboxEntry).where(seen()),
    key=ExactOutboxEntry.id,
    columns=[entries.WHAT, entries.KIND, Column("outcome", _l("State"), load=outcomes)],
    sort="kind",
    open=entries.page_of,
    label=lambda entry: entry.title,
    search=(ExactOutboxEntry.title,),
    search_hint=_l("Number, code or name"),
    filters=[
        Filter(
            "state",
            _l("State"),
            choices=list(PART_NAMES.items()),
            apply=_in_state,
            any=_l("All"),
        ),
        entries.KIND_FILTER,
    ],
    empty=_l("There is nothing in this run that you may see."),
)


@bp.get("/runs/<int:run_id>")
@require("exact.view")
def run(run_id: int) -> Response:
    of = find(ExactRun, run_id)
    return render_list(
        replace(ENTRIES, title=title(of), query=lambda: _entries_of(of)),
        "exact/run.html",
        by=begun_by(of),
        **_progress(of),
    )


def _entries_of(of: ExactRun) -> Select[Any]:
    return select(ExactOutboxEntry).where(ExactOutboxEntry.run_id == of.id, seen())


def _progress(of: ExactRun) -> dict[str, Any]:
    progress = Progress.of(of)
    return {"run": of, "progress": progress, "state": state_of(progress.count).html}


@bp.get("/runs/<int:run_id>/progress")
@require("exact.view")
def run_progress(run_id: int) -> ResponseReturnValue:
    """How far the run is: its page asks until nothing of it is on the way, then loads anew."""
    of = find(ExactRun, run_id)
    if not wants_fragment():
        return redirect(url_for(".run", run_id=run_id))
    told = _progress(of)
    if not told["progress"].open:
        return make_response("", refresh=True)
    return render_template("exact/_run_progress.html", **told)
