"""What runs are called, and what became of each of their records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template
from flask_babel.speaklater import LazyString
from markupsafe import Markup

from ppplanner.addons.manifest import Cell
from ppplanner.blueprints.markup import Badge
from ppplanner.formats import moment
from ppplanner.i18n import _, _l

from ..conditions import NEEDS_PERSON
from ..models import ExactOutboxEntry, ExactRun, Kind, RunKind, WorkState
from ..outbox import OPEN
from ..standing import Place, Standing, standings_by_place
from .badges import stage_badge
from .entries import reasons_of, state_badge

KINDS: dict[RunKind, LazyString] = {
    RunKind.NIGHT: _l("Nightly run"),
    RunKind.INTERVAL: _l("Transactions at their interval"),
    RunKind.MANUAL: _l("By hand"),
}


def title(run: ExactRun) -> str:
    return _("%(kind)s, %(moment)s", kind=KINDS[run.kind], moment=moment(run.started_at))


def started_by(run: ExactRun) -> str:
    return run.started_by or _("The clock")


def state_of(by_state: Mapping[WorkState, int]) -> Cell:
    """Whether a run with so many entries in each state goes on; it is asked for again then."""
    moving = any(by_state[state] for state in OPEN)
    if moving:
        badge = Badge(_("going on"), "blue")
    elif any(by_state[state] for state in NEEDS_PERSON):
        badge = Badge(_("needs attention"), "red")
    else:
        badge = Badge(_("done"), "green")
    return Cell(Markup("{}").format(badge), moving=moving)


def outcomes(entries: Sequence[ExactOutboxEntry]) -> Mapping[int, Cell]:
    """What became of each, in a fixed number of queries; what still moves is asked for again."""
    ids: dict[Kind, list[int]] = defaultdict(list)
    for entry in entries:
        ids[Kind(entry.kind)].append(entry.record_id)
    places = {kind: standings_by_place(kind, some) for kind, some in ids.items()}
    return {each.id: _outcome(each, places[Kind(each.kind)]) for each in entries}


def _outcome(entry: ExactOutboxEntry, places: Mapping[Place, Standing]) -> Cell:
    """Where the record stands; of one that this run did not bring to its end, also how it fared
    here.
    """
    now = places[entry.record_id, entry.connection_id]
    if now.entry_id == entry.id:
        told: dict[str, Any] = {
            "badge_of_it": stage_badge(now),
            "reasons": now.reasons,
            "words": now.words,
        }
    else:
        told = {
            "badge_of_it": state_badge(entry.state),
            "reasons": reasons_of(entry),
            "words": entry.words,
        }
        done = entry.state is WorkState.DONE
        told |= {"number": now.number} if done else {"since": stage_badge(now)}
    html = render_template("exact/_outcome.html", **told)
    return Cell(Markup(html), moving=entry.state in OPEN)
