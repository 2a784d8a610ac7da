"""The filter "Exact" of a list of the core: where its records stand."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from ppplanner.addons.manifest import ListFilter
from ppplanner.i18n import _l

from ..conditions import Choice, stands
from ..items import MODELS
from ..models import Kind
from ..standing import BOOKS
from .reached import any_link, ids_within_reach

WORDS: dict[Choice, LazyString] = {
    Choice.NOT_SENT: _l("Not in Exact"),
    Choice.MOVING: _l("On the way to Exact"),
    Choice.HELD: _l("On hold"),
    Choice.REFUSED: _l("Refused"),
}
THERE = _l("In Exact")
BOOKED = _l("Booked in Exact")
INCOMPLETE = _l("Booked, PDF missing")


def exact_filter(list_name: str, kind: Kind) -> ListFilter:
    words = WORDS | {Choice.THERE: BOOKED if kind in BOOKS else THERE}
    if kind is Kind.INVOICE:
        words |= {Choice.INCOMPLETE: INCOMPLETE}
    return ListFilter(
        list_name,
        "exact",
        "Exact",
        choices=lambda: [(each.value, text) for each, text in words.items()],
        apply=lambda value: stands(kind, MODELS[kind].id, Choice(value), ids_within_reach()),
        any=_l("All"),
        permission="exact.view",
        offered=any_link,
    )
