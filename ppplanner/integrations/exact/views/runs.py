"""What runs are called, and what became of each of their records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from flask import render_template
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from ppplanner.addons.manifest import Cell
from ppplanner.blueprints.markup import Badge
from ppplanner.formats import moment
from ppplanner.i18n import _, _l

from ..models import ExactOutboxEntry, ExactRun, Kind, RunKind, WorkState
from ..outbox import OPEN
from ..runs import Fate
from ..standing import Place, Stage, Standing, standings_by_place
from .badges import STAGES, stage_badge
from .entries import reasons_of, state_badges

KINDS: dict[RunKind, LazyString] = {
    RunKind.NIGHT: _l("Nightly run"),
    RunKind.INTERVAL: _l("Interval run"),
    RunKind.MANUAL: _l("By hand"),
}


def title(run: ExactRun) -> str:
    return _("%(kind)s, %(moment)s", kind=KINDS[run.kind], moment=moment(run.started_at))


def started_by(run: ExactRun) -> str:
    return run.started_by or _("The clock")


def begun_by(run: ExactRun) -> str:
    """The same as a sentence of the run's page."""
    return _("By %(name)s", name=run.started_by) if run.started_by else _("By the clock")


def state_of(count: Mapping[Fate, int]) -> Cell:
    """Whether a run of whose entries so many became this goes on; it is asked for again then."""
    moving = count[Fate.OPEN] > 0
    if moving:
        badge = Badge(_("going on"), "blue")
    elif count[Fate.FAILED]:
        partly = count[Fate.WENT] + count[Fate.INCOMPLETE] > 0
        badge = Badge(_("partly done"), "amber") if partly else Badge(_("nothing went"), "red")
    elif count[Fate.INCOMPLETE]:
        badge = Badge(*STAGES[Stage.INCOMPLETE])
    else:
        badge = Badge(_("done"), "green")
    return Cell(Markup("{}").format(badge), moving=moving)


def outcomes(entries: Sequence[ExactOutboxEntry]) -> Mapping[int, Cell]:
    """What became of each, in a fixed number of queries; what still moves is asked for again."""
    ids: dict[Kind, list[int]] = defaultdict(list)
    for entry in entries:
        ids[Kind(entry.kind)].append(entry.record_id)
    places = {kind: standings_by_place(kind, some) for kind, some in ids.items()}
    badges = {**state_badges(entries), **_stays(entries)}
    return {each.id: _outcome(each, places[Kind(each.kind)], badges[each.id]) for each in entries}


def _stays(entries: Sequence[ExactOutboxEntry]) -> dict[int, Badge]:
    """What is settled with a reason did not go: a switch keeps it here."""
    settled = (each for each in entries if each.state is WorkState.DONE and each.reasons)
    return {each.id: Badge(_("stays here")) for each in settled}


def _outcome(entry: ExactOutboxEntry, places: Mapping[Place, Standing], state: Badge) -> Cell:
    """How the record fared in this run; with its number in Exact, or with where it stands since
    another run has taken it on.
    """
    now, done = places[entry.record_id, entry.connection_id], entry.state is WorkState.DONE
    since = None if done or now.entry_id == entry.id else stage_badge(now)
    html = render_template(
        "exact/_outcome.html",
        state=state,
        number=now.number if done else "",
        reasons=reasons_of(entry),
        words=entry.words,
        since=since,
    )
    return Cell(Markup(html), moving=entry.state in OPEN)
