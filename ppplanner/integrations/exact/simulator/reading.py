"""GET: lists with filter and pages, one record by key, the lines inside a record, /$count."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, request

from . import answers
from .computed import COMPUTED, Asker
from .core import Simulator
from .derived import FORMULAS, LINKS, Reader
from .errors import Refused, not_found, wrong_query
from .metadata import NAVIGATION, Resource, resources
from .odata.paging import Page, page
from .odata.query import NORMAL_PAGE, Query, read_query, refuse_too_wide
from .places import Place
from .store import Books
from .values import Record

DELETED = "sync/Deleted"
DELETIONS_KEPT = timedelta(days=61)


@dataclass(frozen=True)
class Reading:
    """One GET in one administration. Who lacks rights may be shown an empty list."""

    sim: Simulator
    asker: Asker
    books: Books
    resource: Resource
    sees_all: bool = True

    @property
    def reader(self) -> Reader:
        today = self.sim.clock.wall().replace(hour=0, minute=0, second=0, microsecond=0)
        language = request.headers.get("CustomDescriptionLanguage", "").partition("-")[0]
        return Reader(self.books, request.host_url.rstrip("/"), today, language.upper())

    def query(self) -> Query:
        if any(len(request.args.getlist(name)) > 1 for name in request.args):
            raise wrong_query()
        return read_query(request.args.to_dict(), self.resource, self.sim.options)

    def records(self, query: Query) -> list[Record]:
        """All records that may fit; equalities on a plain property narrow them at once."""
        if not self.sees_all:
            return []
        if self.resource.path in COMPUTED:
            return COMPUTED[self.resource.path](self.asker, self.books)
        if self.resource.path == DELETED:
            return self._still_logged()
        table = self.books.table(self.resource.source)
        for name, values in (query.filter.among if query.filter else {}).items():
            if self._is_plain(name):
                stored = {each.strip() if self._is_padded(name) else each for each in values}
                return [record for each in stored for record in table.by(name, each)]
        return list(table)

    def _still_logged(self) -> list[Record]:
        """Deletions are told for two months; who was away longer has to compare everything."""
        since = self.sim.clock.wall() - DELETIONS_KEPT
        return [each for each in self.books.table(DELETED) if each["DeletedDate"] >= since]

    def _is_plain(self, name: str) -> bool:
        """Whether the stored value is what a filter compares, but for padding."""
        text = self.resource.properties[name].kind == "String"
        looked_up = name in LINKS.get(self.resource.source, {})
        computed = (self.resource.source, name) in FORMULAS
        return not looked_up and not computed and (not text or self.sim.options.case_sensitive)

    def _is_padded(self, name: str) -> bool:
        prop = self.resource.properties[name]
        return bool(prop.left or prop.right)

    def page_size(self) -> int:
        normal = self.resource.page_size == NORMAL_PAGE
        return self.sim.options.page_size if normal else self.resource.page_size


def list_records(reading: Reading) -> Response:
    query = reading.query()
    if not query.after:
        refuse_too_wide(query, reading.resource)
    query = _in_row_order(query, reading.resource)
    view = reading.reader.view(reading.resource)
    found = page(reading.records(query), query, reading.resource, view, reading.page_size())
    return _page_answer(reading, reading.resource, query, found)


def _in_row_order(query: Query, resource: Resource) -> Query:
    """Sync resources come in the order of their row versions, which is their key."""
    return replace(query, order=()) if resource.timestamp_filter else query


def _page_answer(reading: Reading, resource: Resource, query: Query, found: Page) -> Response:
    reader = reading.reader
    entities = [answers.entity(reader, resource, record, query) for record in found.records]
    following = _next_address(found) if found.token else None
    inline = found.count if query.count else None
    return answers.many(entities, following, inline, reading.sim.options.bare_lists)


def _next_address(found: Page) -> str:
    kept = {
        name: text
        for name, text in request.args.items()
        if name not in ("$skip", "$skiptoken", "$top")
    }
    if found.left is not None:
        kept["$top"] = str(found.left)
    kept["$skiptoken"] = found.token or ""
    query = urlencode(kept, safe="$'(),", quote_via=quote)
    return f"{request.base_url}?{query}"


def count(reading: Reading) -> Response:
    """A plain number; asking for it as JSON is a mistake."""
    if answers.wants_json():
        raise Refused(415, "Unsupported media type requested.")
    query = reading.query()
    refuse_too_wide(replace(query, select=("*",)), reading.resource)
    view = reading.reader.view(reading.resource)
    found = page(reading.records(query), query, reading.resource, view, 1)
    return Response(str(found.count), content_type="text/plain;charset=utf-8")


def read_one(reading: Reading, place: Place) -> Response:
    record = _record(reading, place.key or ())
    if record is None:
        raise not_found()
    if place.collection is None:
        return answers.one(answers.entity(reading.reader, place.resource, record, reading.query()))
    return _inside(reading, place, record)


def _inside(reading: Reading, place: Place, record: Record) -> Response:
    name = place.collection or ""
    if name not in NAVIGATION:
        return answers.many([], None, None)
    resource = resources()[NAVIGATION[name][0]]
    key = record[place.resource.keys[0]]
    lines = answers.nested_records(reading.reader, record, name, key)
    query = read_query(request.args.to_dict(), resource, reading.sim.options)
    view = reading.reader.view(resource)
    return _page_answer(
        reading, resource, query, page(lines, query, resource, view, reading.page_size())
    )


def _record(reading: Reading, key: tuple[Any, ...]) -> Record | None:
    for record in _candidates(reading, key):
        if tuple(record.get(name) for name in reading.resource.keys) == key:
            return record
    return None


def _candidates(reading: Reading, key: tuple[Any, ...]) -> list[Record]:
    if reading.resource.path in COMPUTED:
        return reading.records(Query())
    found = reading.books.table(reading.resource.source).get(*key)
    return [found] if found and reading.sees_all else []
