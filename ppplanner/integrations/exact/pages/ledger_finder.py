"""The dialog that looks for GL accounts, cost centres and cost carriers in Exact."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from flask import Response, request
from flask_babel.speaklater import LazyString

from ppplanner.blueprints.htmx import render_page
from ppplanner.models import BusinessUnit

from ..errors import ExactError
from .finder import LONGEST_SEARCH, MOST_HITS, typed
from .trouble import at_the_screen


@dataclass(frozen=True)
class Hit:
    """One that Exact has, whether we have it already, and why nothing can be booked on it."""

    id: UUID
    code: str
    name: str
    known: bool
    closed: str = ""


@dataclass
class Found:
    """What a search brought: hits, or what went wrong."""

    hits: Sequence[Hit] = field(default_factory=list)
    trouble: str = ""

    @property
    def perhaps_more(self) -> bool:
        return len(self.hits) == MOST_HITS


@dataclass(frozen=True)
class Words:
    """What the dialog says of a kind of record."""

    lead: LazyString
    #: Exact has none like that.
    nothing: LazyString


def show(
    words: Words,
    look: Callable[[str], Sequence[Hit]],
    *,
    search_url: str,
    import_url: str,
    units: Sequence[BusinessUnit] = (),
    unit: BusinessUnit | None = None,
) -> Response:
    """The dialog, or for htmx only what was found; `look` asks Exact. A hit goes to `unit`, one of
    `units`, where that matters.
    """
    text = typed(request.args)
    return render_page(
        "exact/ledger_search.html",
        "hits" if "q" in request.args else "dialog",
        words=words,
        q=text,
        found=_found(look, text) if text else Found(),
        search_url=search_url,
        import_url=import_url,
        units=units,
        unit=unit,
        longest=LONGEST_SEARCH,
    )


def _found(look: Callable[[str], Sequence[Hit]], text: str) -> Found:
    """Those whose code begins as typed stand first: Enter takes the first."""
    start = text.casefold()
    try:
        hits = look(text)
    except ExactError as error:
        return Found(trouble=at_the_screen(error))
    return Found(sorted(hits, key=lambda hit: not hit.code.casefold().startswith(start)))
