"""Reads the part of an address after the division: resource, key, and what follows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import not_found, wrong_query
from .metadata import Resource
from .odata.lexer import Literal, literals

WITH_KEY = re.compile(r"([A-Za-z/]+)\(([^()]*)\)(?:/([A-Za-z_0-9]+))?")
NAMED = re.compile(r"(?:^|,)(\w+)=")
LITERAL_TYPES = {"Guid": "guid", "String": "string"}


@dataclass(frozen=True)
class Place:
    """`collection` is set for addresses such as `SalesEntries(guid'…')/SalesEntryLines`."""

    resource: Resource
    key: tuple[Any, ...] | None = None
    collection: str | None = None
    count: bool = False


def find_place(address: str, known: Mapping[str, Resource]) -> Place:
    """Where an address points; raises Refused (404, or 400 for a malformed key)."""
    if address in known:
        return Place(known[address])
    path = address.removesuffix("/$count")
    if path != address and path in known:
        return Place(known[path], count=True)
    match = WITH_KEY.fullmatch(address)
    if match is None or match[1] not in known:
        raise not_found()
    resource = known[match[1]]
    if match[3] and not (resource.has(match[3]) and resource.properties[match[3]].collection):
        raise not_found()
    return Place(resource, _key(match[2], resource), match[3])


def _key(text: str, resource: Resource) -> tuple[Any, ...]:
    names = NAMED.findall(text)
    found = literals(NAMED.sub(lambda match: "," if match.start() else "", text))
    if len(found) != len(resource.keys) or (len(found) > 1 and len(names) != len(found)):
        raise wrong_query()
    by_name = dict(zip(names or resource.keys, found, strict=True))
    if by_name.keys() != set(resource.keys):
        raise wrong_query()
    return tuple(_value(resource, name, by_name[name]) for name in resource.keys)


def _value(resource: Resource, name: str, literal: Literal) -> Any:
    wanted = LITERAL_TYPES.get(resource.properties[name].kind, "number")
    if literal.type != wanted:
        raise wrong_query()
    return literal.value
