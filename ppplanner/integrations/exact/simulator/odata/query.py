"""The query options of one request, checked against the resource."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import wrong_query
from ..metadata import Resource
from ..options import Options
from .filter import Filter, read
from .lexer import Literal, literals

KNOWN = {
    "$select",
    "$filter",
    "$top",
    "$skip",
    "$orderby",
    "$expand",
    "$inlinecount",
    "$skiptoken",
}
NORMAL_PAGE = 60
ROW_VERSION = re.compile(r"\s*Timestamp gt \d+L?\s*")
NEEDS_SELECT = "Please add a $select or a $top=1 statement to the query string."
NEEDS_FILTER = (
    "This endpoint has mandatory filtering applied. A GET request for this endpoint must have a "
    "$filter parameter with one of the following fields in the url:"
)


@dataclass(frozen=True)
class Query:
    """What a GET asks for. `select` is None when everything is wanted."""

    select: tuple[str, ...] | None = None
    filter: Filter | None = None
    top: int | None = None
    skip: int = 0
    order: tuple[tuple[str, bool], ...] = ()
    """Property and whether it goes down."""
    expand: tuple[str, ...] = ()
    count: bool = False
    after: tuple[Literal, ...] = ()
    """The $skiptoken: order values and key of the last record of the page before."""

    def nested(self, collection: str) -> tuple[str, ...] | None:
        """The properties selected inside a collection; None means all."""
        prefix = collection + "/"
        names = tuple(
            name.removeprefix(prefix) for name in self.select or () if name.startswith(prefix)
        )
        return names if names and "*" not in names else None

    def shows(self, name: str) -> bool:
        wanted = self.select
        return wanted is None or name in wanted or "*" in wanted

    def opens(self, collection: str) -> bool:
        """Whether the collection stands unfolded in the answer."""
        path = collection + "/"
        named = self.shows(collection) or any(each.startswith(path) for each in self.select or ())
        return collection in self.expand and named


def read_query(arguments: Mapping[str, str], resource: Resource, options: Options) -> Query:
    """The options of an address; raises Refused (400)."""
    given = {name: text for name, text in arguments.items() if name.startswith("$")}
    if given.keys() - KNOWN:
        raise wrong_query()
    expand = _expand(given.get("$expand"), resource)
    return Query(
        select=_select(given.get("$select"), resource, expand),
        filter=read(given["$filter"], resource, options) if "$filter" in given else None,
        top=_whole(given.get("$top")),
        skip=_whole(given.get("$skip")) or 0,
        order=_order(given.get("$orderby"), resource),
        expand=expand,
        count=_inline_count(given.get("$inlinecount")),
        after=tuple(literals(given["$skiptoken"])) if "$skiptoken" in given else (),
    )


def refuse_too_wide(query: Query, resource: Resource) -> None:
    """Refuse a list that Exact would not give without a filter or a selection."""
    names = query.filter.names if query.filter else frozenset()
    allowed = resource.filter_any_of
    if allowed and (not names & allowed or names - allowed):
        raise wrong_query(NEEDS_FILTER + ",".join(sorted(allowed)))
    if resource.select_required and query.select is None:
        raise wrong_query(NEEDS_SELECT)
    if resource.select_or_top and query.select is None and query.top != 1:
        raise wrong_query(NEEDS_SELECT)
    if resource.timestamp_filter and not _is_row_version(query):
        raise wrong_query()
    if resource.page_size > NORMAL_PAGE and query.skip:
        raise wrong_query()


def _is_row_version(query: Query) -> bool:
    """The one filter that sync resources take."""
    return query.filter is not None and bool(ROW_VERSION.fullmatch(query.filter.text))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


def _select(
    text: str | None, resource: Resource, expand: tuple[str, ...]
) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = _names(text)
    for name in names:
        head = name.partition("/")[0]
        if head != "*" and (not resource.has(head) or ("/" in name and head not in expand)):
            raise wrong_query()
    return names


def _expand(text: str | None, resource: Resource) -> tuple[str, ...]:
    names = _names(text) if text else ()
    for name in names:
        if not resource.has(name) or not resource.properties[name].collection:
            raise wrong_query()
    return names


def _order(text: str | None, resource: Resource) -> tuple[tuple[str, bool], ...]:
    found = []
    for part in _names(text) if text else ():
        name, _, direction = part.partition(" ")
        prop = resource.properties.get(name)
        if prop is None or prop.collection or direction.strip() not in ("", "asc", "desc"):
            raise wrong_query()
        found.append((name, direction.strip() == "desc"))
    return tuple(found)


def _whole(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdigit():
        raise wrong_query()
    return int(text)


def _inline_count(text: str | None) -> bool:
    if text not in (None, "allpages", "none"):
        raise wrong_query()
    return text == "allpages"
