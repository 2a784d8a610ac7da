"""The question which columns of a list to show, and in which order.

All of it stands in the address, so that "up" and "down" are links to the same question, and it
works without scripts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from ppplanner.blueprints.lists.list_columns import every_column, main_column, shown_columns
from ppplanner.blueprints.lists.listing import Column, Listing


@dataclass(frozen=True)
class ColumnChooser:
    """All columns of a list in the order of the question, and the keys of those that show."""

    columns: Sequence[Column]
    shown: frozenset[str]
    #: The column that cannot be hidden.
    main: str

    @classmethod
    def read(
        cls, listing: Listing, keys: Sequence[str], args: MultiDict[str, str]
    ) -> ColumnChooser:
        """As the address says, or as the list stands when it says nothing yet."""
        present = [column.key for column in shown_columns(listing, keys)]
        asked = "order" in args
        order = args.getlist("order") if asked else present
        shown = args.getlist("columns-shown") if asked else present
        columns = _in_order(every_column(listing), order)
        _move(columns, args.get("up", ""), -1)
        _move(columns, args.get("down", ""), 1)
        main = main_column(listing)
        return cls(columns, frozenset({*shown, main}), main)


def _in_order(columns: Sequence[Column], order: Sequence[str]) -> list[Column]:
    """Those named in `order`, then the others as they stand."""
    places = {key: place for place, key in enumerate(order)}
    return sorted(columns, key=lambda column: places.get(column.key, len(places)))


def _move(columns: list[Column], key: str, by: int) -> None:
    at = next((at for at, column in enumerate(columns) if column.key == key), None)
    if at is not None and 0 <= at + by < len(columns):
        columns[at], columns[at + by] = columns[at + by], columns[at]
