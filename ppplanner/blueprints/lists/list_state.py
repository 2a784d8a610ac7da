"""Where a person is in a list: search, sort, filters, columns, page. The URL holds all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from flask import request
from werkzeug.datastructures import MultiDict

from ppplanner.addons.registry import registry
from ppplanner.blueprints.lists.filters import AnyFilter, Filter, Options
from ppplanner.blueprints.lists.listing import Listing
from ppplanner.blueprints.records import record_id

#: Between the keys of columns in the URL.
COMMA = ","


def every_filter(listing: Listing) -> list[AnyFilter]:
    """The list's own filters, then those of add-ons."""
    added = registry().list_filters(listing.name)
    return [
        *listing.filters,
        *(Filter(each.key, each.label, each.choices, each.apply, each.any) for each in added),
    ]


@dataclass(frozen=True)
class ListState:
    """Read from the URL, and written back to it."""

    listing: Listing
    #: The list's own, then those of add-ons.
    filters: Sequence[AnyFilter] = ()
    q: str = ""
    sort: str = ""
    #: The choices of each filter, asked once a request, and the one chosen.
    options: Mapping[str, Options] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    #: The keys of the columns that the URL asks for; none when it leaves that to the person.
    columns: tuple[str, ...] = ()
    #: The saved view that this began with.
    view: int | None = None
    after: int | None = None
    before: int | None = None

    @classmethod
    def read(cls, listing: Listing, args: MultiDict[str, str]) -> ListState:
        """What cannot be understood is left out, so an old bookmark still opens."""
        sortable = {column.key for column in listing.columns if column.sort is not None}
        sort = args.get("sort", "")
        filters = every_filter(listing)
        options = {each.key: each.options() for each in filters}
        return cls(
            listing,
            filters,
            q=args.get("q", "").strip()[:100],
            sort=sort if sort.removeprefix("-") in sortable else listing.sort,
            options=options,
            chosen={each.key: each.read(args, options[each.key]) for each in filters},
            columns=tuple(filter(None, args.get("columns", "").split(COMMA))),
            view=args.get("view", type=record_id),
            after=args.get("after", type=record_id),
            before=args.get("before", type=record_id),
        )

    @property
    def narrowed(self) -> bool:
        """Whether something is left out that a fresh list would show."""
        return bool(self.q) or bool(self._changed)

    @property
    def _changed(self) -> list[AnyFilter]:
        return [each for each in self.filters if self.chosen[each.key] != each.default]

    def params(self) -> dict[str, str]:
        """What differs from a fresh list, without the place in it."""
        params = {"view": str(self.view)} if self.view else {}
        params |= {"q": self.q} if self.q else {}
        params |= {"sort": self.sort} if self.sort != self.listing.sort else {}
        params |= {"columns": COMMA.join(self.columns)} if self.columns else {}
        for each in self._changed:
            params |= each.params(self.chosen[each.key])
        return params

    def url(self, **more: int | str) -> str:
        """This state as an URL; `after` or `before` is the place in the list."""
        query = urlencode({**self.params(), **more}, safe=COMMA)
        return f"{request.script_root}{request.path}?{query}".rstrip("?")

    def sorted_by(self, sort: str) -> ListState:
        return replace(self, sort=sort)

    def choosing(self, key: str, value: str) -> ListState:
        return replace(self, chosen={**self.chosen, key: value})

    def words(self, choice: AnyFilter) -> object:
        """The present choice of a filter, for people."""
        return choice.words(self.chosen[choice.key], self.options[choice.key])

    def fresh(self) -> ListState:
        """The list without search and filters, sorted as it is."""
        chosen = {each.key: each.default for each in self.filters}
        return replace(self, q="", chosen=chosen, view=None, columns=())
