"""Where a person is in a list: search, sort, filters, page. The URL holds all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from flask import request
from werkzeug.datastructures import MultiDict

from ppplanner.blueprints.listing import Filter, Listing, Options
from ppplanner.blueprints.records import LARGEST_ID


@dataclass(frozen=True)
class ListState:
    """Read from the URL, and written back to it."""

    listing: Listing
    q: str = ""
    sort: str = ""
    #: The choices of each filter, asked once a request, and the one chosen.
    options: Mapping[str, Options] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    after: int | None = None
    before: int | None = None

    @classmethod
    def read(cls, listing: Listing, args: MultiDict[str, str]) -> ListState:
        """What cannot be understood is left out, so an old bookmark still opens."""
        sortable = {column.key for column in listing.columns if column.sort is not None}
        sort = args.get("sort", "")
        options = {each.key: each.options() for each in listing.filters}
        return cls(
            listing,
            q=args.get("q", "").strip()[:100],
            sort=sort if sort.removeprefix("-") in sortable else listing.sort,
            options=options,
            chosen={each.key: _chosen(each, options[each.key], args) for each in listing.filters},
            after=args.get("after", type=record_id),
            before=args.get("before", type=record_id),
        )

    @property
    def narrowed(self) -> bool:
        """Whether something is left out that a fresh list would show."""
        return bool(self.q) or any(
            self.chosen[each.key] != each.default for each in self.listing.filters
        )

    def params(self) -> dict[str, str]:
        """What differs from a fresh list, without the place in it."""
        params = {"q": self.q} if self.q else {}
        if self.sort != self.listing.sort:
            params["sort"] = self.sort
        changed = (each for each in self.listing.filters if self.chosen[each.key] != each.default)
        return params | {each.key: self.chosen[each.key] for each in changed}

    def url(self, **place: int) -> str:
        """This state as an URL; `after` or `before` is the place in the list."""
        query = urlencode({**self.params(), **place})
        return f"{request.script_root}{request.path}?{query}".rstrip("?")

    def sorted_by(self, sort: str) -> ListState:
        return replace(self, sort=sort)

    def choosing(self, key: str, value: str) -> ListState:
        return replace(self, chosen={**self.chosen, key: value})

    def fresh(self) -> ListState:
        """The list without search and filters, sorted as it is."""
        return replace(self, q="", chosen={each.key: each.default for each in self.listing.filters})


def record_id(text: str) -> int:
    """An id out of a URL. Raises ValueError when no record can have it."""
    number = int(text)
    if not 0 < number <= LARGEST_ID:
        raise ValueError(text)
    return number


def _chosen(choice: Filter, options: Options, args: MultiDict[str, str]) -> str:
    value = args.get(choice.key, choice.default)
    return value if value in {option for option, _text in options} else choice.default
