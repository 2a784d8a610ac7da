"""Which columns a list has, which of them a person sees, and what they hold."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import current_app
from flask_login import current_user

from ppplanner.addons.manifest import ListColumn
from ppplanner.addons.registry import registry
from ppplanner.blueprints.lists.list_state import ListState
from ppplanner.blueprints.lists.listing import Column, Listing
from ppplanner.services.list_settings import columns_of

log = logging.getLogger(__name__)


def every_column(listing: Listing) -> list[Column]:
    """The list's own columns, then those of add-ons."""
    added = registry().list_columns(listing.name)
    own = (column for column in listing.columns if column.when is None or column.when())
    return [*own, *(_added(listing, column) for column in added)]


def main_column(listing: Listing) -> str:
    """The key of the column that carries the link: it is always shown."""
    return listing.main or listing.columns[0].key


def chosen_keys(state: ListState) -> Sequence[str]:
    """The columns that the URL asks for, or else the person; none when nobody chose."""
    if state.columns or not current_user.is_authenticated:
        return state.columns
    return columns_of(current_user.id, state.listing.name)


def shown_columns(listing: Listing, keys: Sequence[str]) -> list[Column]:
    """The columns called `keys`, in that order; without keys those that everybody sees at first.

    Chosen ones show at every width: the person wanted them. Keys of columns that are gone, or that
    the person may not see any more, are passed over.
    """
    columns = {column.key: column for column in every_column(listing)}
    known = list(dict.fromkeys(key for key in keys if key in columns))
    if not known:
        return [column for column in columns.values() if not column.hidden]
    if (main := main_column(listing)) not in known:
        known.insert(0, main)
    return [replace(columns[key], wide="") for key in known]


def contents(listing: Listing, column: Column, records: Sequence[Any]) -> Iterator[Any]:
    """What `column` holds for each record, in their order: text, Badge, Cell, number, day."""
    loaded = column.load(records) if column.load and records else {}
    for record in records:
        if column.load:
            yield loaded.get(listing.id_of(record), "")
        else:
            yield _value(column, record)


def _value(column: Column, record: Any) -> Any:
    value = column.value(record) if column.value else getattr(record, column.key)
    return "" if value is None and not column.show else value


def _added(listing: Listing, column: ListColumn) -> Column:
    """A column of an add-on; when it breaks, its cells stay empty and the list stands."""

    def load(records: Sequence[Any]) -> Mapping[int, Any]:
        try:
            return column.load([listing.id_of(record) for record in records])
        except Exception:
            if current_app.testing or current_app.debug:
                raise
            log.exception("column %s of list %s failed", column.key, column.list)
            return {}

    return Column(f"more-{column.key}", column.title, load=load, hidden=column.hidden)
