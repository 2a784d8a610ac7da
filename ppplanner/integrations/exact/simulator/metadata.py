"""What Exact's reference says about each resource; the table that drives the rest.

`resources.json` holds one line per property: its Edm type, then letters (K key, M mandatory on
POST, P writable on POST, U writable on PUT), then `max50` for the longest text and `left18` or
`right3` for blanks added in answers. Bulk and sync resources name their `source` and repeat
only what differs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

NAVIGATION = {
    "SalesEntryLines": ("salesentry/SalesEntryLines", "EntryID"),
    "GeneralJournalEntryLines": ("generaljournalentry/GeneralJournalEntryLines", "EntryID"),
    "CashEntryLines": ("financialtransaction/CashEntryLines", "EntryID"),
    "VATPercentages": ("vat/VatPercentages", "VATCodeID"),
}
"""Collections inside an entity: the resource of their records, and what ties these to it."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a resource; `kind` is the Edm type without its prefix."""

    name: str
    kind: str
    flags: str = ""
    longest: int | None = None
    left: int = 0
    right: int = 0

    @property
    def is_key(self) -> bool:
        return "K" in self.flags

    @property
    def mandatory(self) -> bool:
        return "M" in self.flags

    @property
    def collection(self) -> bool:
        return self.kind.startswith("Collection")

    def writable(self, verb: str) -> bool:
        return ("P" if verb == "POST" else "U") in self.flags


@dataclass(frozen=True)
class Resource:
    """One resource: its address below the division, and what may be done with it."""

    path: str
    model: str
    methods: frozenset[str]
    scope: str | None
    page_size: int
    properties: dict[str, Property]
    keys: tuple[str, ...]
    filter_any_of: frozenset[str]
    select_or_top: bool
    select_required: bool
    timestamp_filter: bool
    source: str

    @property
    def type_name(self) -> str:
        return f"Exact.Web.Api.Models.{self.model}"

    def has(self, name: str) -> bool:
        return name in self.properties

    def collections(self) -> list[Property]:
        return [each for each in self.properties.values() if each.collection]


def _property(name: str, line: str) -> Property:
    found = Property(name, line.split()[0])
    for word in line.split()[1:]:
        if word.startswith("max"):
            found = replace(found, longest=int(word[3:]))
        elif word.startswith("left"):
            found = replace(found, left=int(word[4:]))
        elif word.startswith("right"):
            found = replace(found, right=int(word[5:]))
        else:
            found = replace(found, flags=word)
    return found


def _properties(raw: dict[str, Any], source: Resource | None) -> dict[str, Property]:
    own = {name: _property(name, line) for name, line in raw["properties"].items()}
    if source is None:
        return own
    left_out = raw.get("without", "").split()
    kept = {name: each for name, each in source.properties.items() if name not in left_out}
    return kept | own


def _resource(path: str, raw: dict[str, Any], source: Resource | None) -> Resource:
    properties = _properties(raw, source)
    own_keys = tuple(name for name, each in properties.items() if each.is_key)
    return Resource(
        path=path,
        model=source.model if source else raw["model"],
        methods=frozenset(raw.get("methods", "GET").split()),
        scope=raw.get("scope"),
        page_size=raw.get("page_size", 60),
        properties=properties,
        keys=("Timestamp",) if "Timestamp" in properties else own_keys,
        filter_any_of=frozenset(raw.get("filter_any_of", "").split()),
        select_or_top=raw.get("select_or_top", False),
        select_required=raw.get("select_required", False),
        timestamp_filter=raw.get("timestamp_filter", False),
        source=raw.get("source", path),
    )


@cache
def resources() -> dict[str, Resource]:
    """Every resource by its path, such as `crm/Accounts`."""
    raw = json.loads((Path(__file__).parent / "resources.json").read_text("utf-8"))
    found: dict[str, Resource] = {}
    for path, each in raw.items():
        found[path] = _resource(path, each, found.get(each.get("source", "")))
    return found
