"""The history of all records: who changed what, from, to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, url_for
from markupsafe import Markup
from sqlalchemy import ColumnElement, select

from ppplanner.addons.registry import registry
from ppplanner.blueprints.costs import is_used, told_here
from ppplanner.blueprints.history_lines import HistoryLine, by_entity, in_words, names_of
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.lists.listing import Column, Filter, Listing
from ppplanner.blueprints.markup import icon
from ppplanner.blueprints.settings import bp
from ppplanner.blueprints.vocabulary import KINDS, kind_of
from ppplanner.clock import day_starts
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.locales import timezone
from ppplanner.models import Change, User
from ppplanner.permissions import allowed, require

#: How many days back a period begins.
PERIODS = {"today": 0, "week": 6, "month": 29, "year": 364}
#: The choice of what no person did.
NOBODY = "0"
#: A longer text is cut: the history tells, it does not archive.
LONGEST = 160


def _records(changes: Sequence[Change]) -> Mapping[int, Any]:
    """What was changed: the kind of record and its name, leading to its page."""
    return {
        change.id: _record(entity, change, names)
        for entity, model, some in by_entity(changes)
        for names in [names_of(model, {change.record_id for change in some})]
        for change in some
    }


def _record(entity: str, change: Change, names: Mapping[int, str]) -> Markup:
    kind, name = kind_of(entity), names.get(change.record_id)
    shown = Markup("{} <strong>{}</strong>").format(kind.title, name or change.old or "")
    if name is None or kind.endpoint is None or not allowed(kind.permission):
        return shown
    place: dict[str, Any] = {kind.argument: change.record_id}
    url = url_for(kind.endpoint, **place)
    return Markup('{} <a href="{}">{}</a>').format(kind.title, url, name)


def _changes(changes: Sequence[Change]) -> Mapping[int, Any]:
    """What happened to it, in words."""
    return {
        change.id: _told(change, line)
        for entity, model, some in by_entity(changes)
        for change, line in zip(some, in_words(some, entity, model), strict=True)
    }


def _told(change: Change, line: HistoryLine) -> str | Markup:
    if line.action == "created":
        return _("Made")
    if line.action == "deleted":
        return _("Deleted")
    if change.field == "session_version":
        return str(line.field)
    if (change.entity, change.field) == ("roles", "permissions"):
        return _rights(change)
    return Markup(
        '<p class="change-told">{} <del>{}</del> {}'
        '<span class="visually-hidden"> {} </span> <ins>{}</ins></p>'
    ).format(
        _("%(name)s:", name=line.field),
        _short(line.old),
        icon("arrow-right"),
        _("became"),
        _short(line.new),
    )


def _rights(change: Change) -> str:
    """Which rights a role gained and lost."""
    titles = {right.name: str(right.title) for right in registry().permissions()}
    before, after = (
        set(filter(None, (text or "").split(", "))) for text in (change.old, change.new)
    )
    gained = [titles.get(name, name) for name in sorted(after - before)]
    lost = [titles.get(name, name) for name in sorted(before - after)]
    sentences = []
    if gained:
        sentences.append(_("Gained: %(rights)s.", rights="; ".join(gained)))
    if lost:
        sentences.append(_("Lost: %(rights)s.", rights="; ".join(lost)))
    return " ".join(sentences)


def _short(text: str | None) -> str:
    if not text:
        return "–"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _people() -> list[tuple[str, str]]:
    people = db.session.scalars(select(User).order_by(User.name))
    return [*((str(each.id), each.name) for each in people), (NOBODY, _("ppplanner itself"))]


def _by(value: str) -> ColumnElement[bool]:
    return Change.user_id.is_(None) if value == NOBODY else Change.user_id == int(value)


def _kinds() -> list[tuple[str, str]]:
    kinds = ((name, str(kind.title)) for name, kind in KINDS.items() if is_used(name))
    return sorted(kinds, key=lambda kind: kind[1])


def _since(value: str) -> ColumnElement[bool]:
    return Change.at >= day_starts(-PERIODS[value], timezone())


HISTORY = Listing(
    name="history",
    title=_l("History"),
    query=lambda: select(Change).where(told_here()),
    key=Change.id,
    columns=[
        Column("at", _l("When"), show="moment", sort=Change.id),
        Column("actor", _l("Who")),
        Column("record", _l("What"), load=_records),
        Column("told", _l("What changed"), load=_changes),
    ],
    sort="-at",
    search=[Change.actor, Change.old, Change.new],
    search_hint=_l("Person, or old or new value"),
    filters=[
        Filter("who", _l("Who"), _people, apply=_by, any=_l("Everybody")),
        Filter(
            "what",
            _l("What"),
            _kinds,
            apply=lambda value: Change.entity == value,
            any=_l("Everything"),
        ),
        Filter(
            "period",
            _l("When"),
            [
                ("today", _l("Today")),
                ("week", _l("Last 7 days")),
                ("month", _l("Last 30 days")),
                ("year", _l("Last 365 days")),
            ],
            apply=_since,
            any=_l("Ever"),
        ),
    ],
    empty=_l("Every change of a record will stand here: who made it, from what, to what."),
)


@bp.get("/history")
@require("history.view")
def history() -> Response:
    return render_list(HISTORY, "settings/history.html")
