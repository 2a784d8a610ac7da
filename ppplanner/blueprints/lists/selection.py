"""The rows that a person has chosen in a list, over all of its pages.

The browser keeps the ids. "All that match" asks this list for the ids of what its filters show at
that moment: the number said is the number acted upon, and a row that appears later is not swept
along. What comes back is looked up again, so nobody acts on what they may not see.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, jsonify, request
from sqlalchemy import select

from ppplanner.batches import batches
from ppplanner.blueprints.lists.list_query import matching_ids
from ppplanner.blueprints.lists.list_state import COMMA, ListState
from ppplanner.blueprints.lists.listing import Listing
from ppplanner.blueprints.records import record_id
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.formats import number
from ppplanner.i18n import _
from ppplanner.permissions import visible

#: More rows than this nobody chooses at once.
MOST = 5000


def selected_ids(listing: Listing, most: int = MOST) -> list[int]:
    """The ids that a bulk action is for: those posted as `ids` within reach of the route's right.

    They come one by one or with commas, and keep their order. The business unit in the top bar does
    not narrow them: it filters screens, and these rows were chosen on one. Raises DomainError above
    `most`.
    """
    asked = list(dict.fromkeys(_posted()))
    if len(asked) > most:
        raise DomainError(too_many(most))
    visible: set[int] = set()
    for some in batches(asked):
        visible.update(_visible(listing, some))
    return [key for key in asked if key in visible]


def too_many(most: int) -> str:
    return _(
        "Choose at most %(count)s rows at once: tick fewer, or narrow the list.", count=number(most)
    )


def every_id(state: ListState) -> Response:
    """The ids of all rows that match, for the browser; a sentence when they are too many."""
    ids = matching_ids(state, MOST)
    if len(ids) > MOST:
        return jsonify(ids=[], refused=too_many(MOST))
    return jsonify(ids=ids)


def _posted() -> list[int]:
    ids = []
    for text in COMMA.join(request.form.getlist("ids")).split(COMMA):
        try:
            ids.append(record_id(text))
        except ValueError:
            continue
    return ids


def _visible(listing: Listing, ids: Sequence[int]) -> list[int]:
    key = listing.key
    return list(db.session.scalars(select(key).where(key.in_(ids), visible(key.class_))))
