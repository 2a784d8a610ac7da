"""One page of a list as a person sees it: the rows, their cells, and ways to go on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Response, current_app, request
from sqlalchemy import Select, func, or_, select
from werkzeug.datastructures import MultiDict

from ppplanner.addons.manifest import BulkAction, Cell, ListColumn
from ppplanner.addons.registry import registry
from ppplanner.blueprints.htmx import render_page
from ppplanner.blueprints.keyset import PAGE_SIZE, Order, Slice, fetch
from ppplanner.blueprints.list_state import ListState, record_id
from ppplanner.blueprints.listing import Column, Listing
from ppplanner.extensions import db
from ppplanner.formats import number
from ppplanner.i18n import _
from ppplanner.permissions import allowed

log = logging.getLogger(__name__)

#: Beyond this many rows a list says "1,000+" instead of counting on.
COUNT_LIMIT = 1000


def render_list(listing: Listing, template: str = "list.html", **context: Any) -> Response:
    """The page of a list; for htmx the part below the search box, or the cells it asks for.

    A template of its own extends "list.html".
    """
    page = ListPage(listing, ListState.read(listing, request.args))
    fragment = "cells" if "cells" in request.args else "rows"
    return render_page(template, fragment, page=page, **context)


@dataclass(frozen=True)
class RowView:
    """A row as the template draws it; `cells` in the order of the columns."""

    id: int
    label: Any
    url: str | None
    muted: bool
    cells: list[Cell]


class ListPage:
    """What the templates of a list get, as `page`."""

    def __init__(self, listing: Listing, state: ListState) -> None:
        self.listing, self.state = listing, state
        self.columns = [*listing.columns, *map(self._added, registry().list_columns(listing.name))]

    @property
    def path(self) -> str:
        """Where this list lives, without its state."""
        return f"{request.script_root}{request.path}"

    @property
    def main(self) -> str:
        """The key of the column that carries the link."""
        return self.listing.main or self.columns[0].key

    @cached_property
    def bulk_actions(self) -> list[BulkAction]:
        own = [action for action in self.listing.bulk_actions if allowed(action.permission)]
        return [*own, *registry().bulk_actions(self.listing.name)]

    @cached_property
    def rows(self) -> list[RowView]:
        return self._views(self._slice.rows)

    @cached_property
    def asked_rows(self) -> list[RowView]:
        """The rows named in the URL's `cells`, as far as the person may see them."""
        asked = MultiDict(("id", part) for part in request.args["cells"].split(","))
        ids = asked.getlist("id", type=record_id)[:PAGE_SIZE]
        query = self.listing.rows().where(self.listing.key.in_(ids))
        return self._views(list(db.session.scalars(query.options(*self.listing.options)).unique()))

    def moving_cells(self, rows: Sequence[RowView]) -> list[int]:
        """The rows that are to be asked for again soon."""
        return [row.id for row in rows if any(cell.moving for cell in row.cells)]

    def poll_url(self, rows: Sequence[RowView]) -> str | None:
        """Where the cells that still move are found; None when all of them rest."""
        ids = ",".join(str(row_id) for row_id in self.moving_cells(rows))
        return f"{request.script_root}{request.path}?cells={ids}" if ids else None

    @cached_property
    def count(self) -> str:
        """How many rows there are in all, in words: "312", or "1,000+"."""
        ids = self._query.order_by(None).with_only_columns(self.listing.key).limit(COUNT_LIMIT + 1)
        found = db.session.scalar(select(func.count()).select_from(ids.subquery())) or 0
        return _("%(count)s+", count=number(COUNT_LIMIT)) if found > COUNT_LIMIT else number(found)

    @property
    def previous_url(self) -> str | None:
        return self.state.url(before=self.rows[0].id) if self._slice.has_previous else None

    @property
    def next_url(self) -> str | None:
        return self.state.url(after=self.rows[-1].id) if self._slice.has_next else None

    def direction(self, column: Column) -> str | None:
        """How the list is sorted by `column`, as `aria-sort` says it; None when it is not."""
        if self.state.sort.removeprefix("-") != column.key:
            return None
        return "descending" if self.state.sort.startswith("-") else "ascending"

    def sort_url(self, column: Column) -> str:
        turned = self.direction(column) == "ascending"
        return self.state.sorted_by(f"-{column.key}" if turned else column.key).url()

    @cached_property
    def _query(self) -> Select[Any]:
        query = self.listing.rows()
        for word in self.state.q.split() if self.listing.search else ():
            looks = (column.icontains(word, autoescape=True) for column in self.listing.search)
            query = query.where(or_(*looks))
        for each in self.listing.filters:
            if value := self.state.chosen[each.key]:
                query = query.where(each.apply(value))
        return query

    @cached_property
    def _slice(self) -> Slice:
        state = self.state
        return fetch(
            db.session(), self._query, self._order, state.after, state.before, self.listing.options
        )

    @property
    def _order(self) -> Order:
        key = self.state.sort.removeprefix("-")
        column = next(column for column in self.listing.columns if column.key == key)
        return Order(column.sort, self.listing.key, self.state.sort.startswith("-"))

    def _views(self, records: Sequence[Any]) -> list[RowView]:
        listing = self.listing
        cells = zip(*(_cells(column, records, self._id) for column in self.columns), strict=True)
        return [
            RowView(
                id=self._id(record),
                label=listing.label(record),
                url=listing.open(record) if listing.open else None,
                muted=listing.muted(record),
                cells=list(row),
            )
            for record, row in zip(records, cells, strict=True)
        ]

    def _id(self, record: Any) -> int:
        return int(getattr(record, self.listing.key.key))

    def _added(self, column: ListColumn) -> Column:
        """A column of an add-on; when it breaks, its cells stay empty and the list stands."""

        def load(records: Sequence[Any]) -> Mapping[int, Any]:
            try:
                return column.load([self._id(record) for record in records])
            except Exception:
                if current_app.testing or current_app.debug:
                    raise
                log.exception("column %s of list %s failed", column.key, column.list)
                return {}

        return Column(f"more-{column.key}", column.title, load=load)


def _cells(
    column: Column, records: Sequence[Any], identify: Callable[[Any], int]
) -> Iterator[Cell]:
    """What `column` shows of each record, in their order."""
    loaded = column.load(records) if column.load and records else {}
    shown = current_app.jinja_env.filters[column.show] if column.show else None
    for record in records:
        value = loaded.get(identify(record), "") if column.load else _value(column, record)
        if isinstance(value, Cell):
            yield value
        else:
            yield Cell(shown(value) if shown else value)


def _value(column: Column, record: Any) -> Any:
    value = column.value(record) if column.value else getattr(record, column.key)
    return "" if value is None and not column.show else value
