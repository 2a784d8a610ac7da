"""The rows that a list shows in a given state: for its pages, its files and its selections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select

from ppplanner.blueprints.lists.keyset import Order
from ppplanner.blueprints.lists.list_state import ListState
from ppplanner.blueprints.lists.list_words import holds
from ppplanner.extensions import db

#: Rows that are read at once where all of them are wanted.
BATCH = 1000


def matching(state: ListState) -> Select[Any]:
    """What search and filters leave of the rows that this person may see."""
    query = state.listing.rows()
    for word in state.q.split() if state.listing.search else ():
        query = query.where(or_(*_places(state, word)))
    for each in state.filters:
        if value := state.chosen[each.key]:
            query = query.where(each.condition(value))
    return query


def _places(state: ListState, word: str) -> Iterator[ColumnElement[bool]]:
    """Where a word is looked for; nowhere when it fits none of the list's ways to search."""
    yield false()
    for place in state.listing.search:
        condition = place(word) if callable(place) else holds(place, word)
        if condition is not None:
            yield condition


def count_up_to(state: ListState, limit: int) -> int:
    """How many rows match, counting no further than one more than `limit`.

    In the order of the key: without one, SQLite may begin with a table that is only joined.
    """
    key = state.listing.key
    ids = matching(state).order_by(None).order_by(key).with_only_columns(key).limit(limit + 1)
    return db.session.scalar(select(func.count()).select_from(ids.subquery())) or 0


def matching_ids(state: ListState, limit: int) -> list[int]:
    """The ids of the first rows that match, one more than `limit` at most, in no order."""
    query = matching(state).order_by(None).with_only_columns(state.listing.key).limit(limit + 1)
    return list(db.session.scalars(query))


def order(state: ListState) -> Order:
    key = state.sort.removeprefix("-")
    column = next(column for column in state.listing.columns if column.key == key)
    return Order.of(
        state.listing.rows(), column.sort, state.listing.key, state.sort.startswith("-")
    )


def batches(state: ListState, size: int = BATCH) -> Iterator[Sequence[Any]]:
    """All rows that match, in the list's order, `size` at a time: memory stays level.

    No row comes twice. One that a colleague moves ahead in the order meanwhile is missed.
    """
    sorting, rows, place = order(state), matching(state), None
    while True:
        query = sorting.apply(rows if place is None else rows.where(sorting.beyond(place)))
        query = query.options(*state.listing.options).add_columns(sorting.column).limit(size)
        found = db.session.execute(query).unique().all()
        yield [record for record, _value in found]
        if len(found) < size:
            return
        last, value = found[-1]
        place = value, state.listing.id_of(last)
