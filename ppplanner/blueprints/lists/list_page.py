"""One page of a list as a person sees it: the rows, their cells, and ways to go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response, current_app, request
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from ppplanner.addons.manifest import BulkAction, Cell
from ppplanner.addons.registry import registry
from ppplanner.blueprints.htmx import render_page
from ppplanner.blueprints.lists import list_export, selection
from ppplanner.blueprints.lists.column_chooser import ColumnChooser
from ppplanner.blueprints.lists.keyset import PAGE_SIZE, Slice, fetch
from ppplanner.blueprints.lists.list_columns import (
    chosen_keys,
    contents,
    main_column,
    shown_columns,
)
from ppplanner.blueprints.lists.list_query import count_up_to, matching, order
from ppplanner.blueprints.lists.list_state import COMMA, ListState
from ppplanner.blueprints.lists.listing import Column, Listing
from ppplanner.blueprints.records import record_id
from ppplanner.extensions import db
from ppplanner.formats import number
from ppplanner.i18n import _
from ppplanner.models import SavedView
from ppplanner.permissions import allowed
from ppplanner.services.list_settings import views_of

#: Beyond this many rows a list says "1,000+" instead of counting on.
COUNT_LIMIT = 1000


def render_list(listing: Listing, template: str = "list.html", **context: Any) -> Response:
    """The page of a list; for htmx the part below the search box, or the cells it asks for.

    With `as` in the URL it is the same rows in another shape: a file, the ids, or the question
    which columns to show. A template of its own extends "list.html".
    """
    page = ListPage(listing, ListState.read(listing, request.args))
    match request.args.get("as"):
        case "csv":
            return list_export.as_csv(page.state, page.columns)
        case "xlsx":
            return list_export.as_xlsx(page.state, page.columns)
        case "ids":
            return selection.every_id(page.state)
        case "columns":
            chooser = ColumnChooser.read(listing, page.keys, request.args)
            return render_page("lists/columns.html", "dialog", page=page, chooser=chooser)
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
        self.keys = chosen_keys(state)
        self.columns = shown_columns(listing, self.keys)

    @property
    def path(self) -> str:
        """Where this list lives, without its state."""
        return f"{request.script_root}{request.path}"

    @property
    def main(self) -> str:
        return main_column(self.listing)

    @cached_property
    def bulk_actions(self) -> list[BulkAction]:
        own = [
            action
            for action in self.listing.bulk_actions
            if allowed(action.permission) and action.offered()
        ]
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
        columns = {"columns": COMMA.join(self.state.columns)} if self.state.columns else {}
        query = urlencode({"cells": ids, **columns}, safe=COMMA)
        return f"{self.path}?{query}" if ids else None

    @cached_property
    def count(self) -> str:
        """How many rows there are in all, in words: "312", or "1,000+"."""
        on_one_page = not self._slice.has_previous and not self._slice.has_next
        found = len(self.rows) if on_one_page else count_up_to(self.state, COUNT_LIMIT)
        return _("%(count)s+", count=number(COUNT_LIMIT)) if found > COUNT_LIMIT else number(found)

    @cached_property
    def views(self) -> list[SavedView]:
        """The person's saved views of this list."""
        if not current_user.is_authenticated:
            return []
        return views_of(current_user.id, self.listing.name)

    @cached_property
    def view(self) -> SavedView | None:
        """The view that the present state began with."""
        return next((view for view in self.views if view.id == self.state.view), None)

    @property
    def kept(self) -> dict[str, str]:
        """What a saved view keeps of the present state."""
        params = replace(self.state, view=None).params()
        shown = COMMA.join(column.key for column in self.columns)
        return params | {"columns": shown} if self.keys else params

    @property
    def kept_query(self) -> str:
        return urlencode(self.kept, safe=COMMA)

    @property
    def view_changed(self) -> bool:
        """Whether the view would show something else than the page does."""
        return self.view is not None and dict(parse_qsl(self.view.query)) != self.kept

    def view_url(self, view: SavedView) -> str:
        return f"{self.path}?view={view.id}&{view.query}".rstrip("&")

    def own_columns_url(self) -> str:
        """The present state, with the columns left to the person."""
        return replace(self.state, columns=()).url()

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
    def _slice(self) -> Slice:
        state = self.state
        place = state.after, state.before
        return fetch(db.session(), matching(state), order(state), *place, self.listing.options)

    def _views(self, records: Sequence[Any]) -> list[RowView]:
        listing = self.listing
        cells = zip(*(_cells(listing, column, records) for column in self.columns), strict=True)
        return [
            RowView(
                id=listing.id_of(record),
                label=listing.label(record),
                url=listing.open(record) if listing.open else None,
                muted=listing.muted(record),
                cells=list(row),
            )
            for record, row in zip(records, cells, strict=True)
        ]


def _cells(listing: Listing, column: Column, records: Sequence[Any]) -> Iterator[Cell]:
    """What `column` shows of each record, in their order."""
    shown = current_app.jinja_env.filters[column.show] if column.show else None
    for value in contents(listing, column, records):
        if isinstance(value, Cell):
            yield value
        else:
            yield Cell(shown(value) if shown else value)
