"""Shapes answers: JSON in Exact's verbose dialect, or Atom for those who did not ask for JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, request

from . import atom
from .derived import Reader
from .errors import Refused
from .metadata import NAVIGATION, Resource, resources
from .odata.query import Query
from .payload import Payload
from .values import Record, outgoing

JSON = "application/json;odata=verbose;charset=utf-8"
Entity = dict[str, Any]


def wants_json() -> bool:
    return "application/json" in request.headers.get("Accept", "")


def entity(reader: Reader, resource: Resource, record: Record, query: Query) -> Entity:
    """The record as it stands in an answer: metadata first, unset values as null."""
    get = reader.view(resource)(record)
    shown: Entity = _metadata(reader, resource, record)
    for name, prop in resource.properties.items():
        if prop.collection:
            if query.opens(name):
                shown[name] = {"results": _unfolded(reader, resource, record, name, query)}
            elif query.shows(name):
                shown[name] = _deferred(reader, resource, record, name)
        elif query.shows(name):
            shown[name] = outgoing(prop, get(name))
    return shown


def echo(reader: Reader, resource: Resource, record: Record, payload: Payload) -> Entity:
    """The answer to a POST without `Prefer`: what was not sent is null, but for the key."""
    full = entity(reader, resource, record, Query())
    known = payload.sent | set(resource.keys) | {"__metadata"}
    for name, value in full.items():
        is_link = isinstance(value, dict)
        if name not in known and not is_link:
            full[name] = None
    return full


def nested_records(reader: Reader, record: Record, collection: str, key: Any) -> list[Record]:
    """The records inside an entity, in the order of their lines."""
    if collection not in NAVIGATION:
        return []
    path, foreign_key = NAVIGATION[collection]
    found = reader.books.table(path).by(foreign_key, key)
    return sorted(found, key=lambda line: line.get("LineNumber") or 0)


def one(found: Entity, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    if wants_json():
        return _json({"d": found}, status, headers)
    return _xml(atom.entry(found), status, headers)


def many(
    found: list[Entity], following: str | None, count: int | None, bare: bool = False
) -> Response:
    """A page of a list; `bare` leaves `results` out where it is all of the answer."""
    if bare and wants_json() and not following and count is None:
        return _json({"d": found})
    body: dict[str, Any] = {"results": found}
    if count is not None:
        body["__count"] = str(count)
    if following:
        body["__next"] = following
    if wants_json():
        return _json({"d": body})
    return _xml(atom.feed(found, following, count))


def error(refused: Refused) -> Response:
    if not wants_json():
        return _xml(atom.error(refused.message), refused.status, refused.headers)
    message = {"lang": "", "value": refused.message}
    return _json({"error": {"code": "", "message": message}}, refused.status, refused.headers)


def address(reader: Reader, resource: Resource, record: Record) -> str:
    """The key URL of a record."""
    key = ",".join(_key_part(resource, record, name) for name in resource.keys)
    where = "" if resource.path.startswith("current/") else f"{reader.books.code}/"
    return f"{reader.root}/api/v1/{where}{resource.path}({key})"


def _key_part(resource: Resource, record: Record, name: str) -> str:
    kind, value = resource.properties[name].kind, record[name]
    written = {"Guid": f"guid'{value}'", "String": f"'{value}'"}.get(kind, str(value))
    return written if len(resource.keys) == 1 else f"{name}={written}"


def _metadata(reader: Reader, resource: Resource, record: Record) -> Entity:
    uri = address(reader, resource, record)
    return {"__metadata": {"uri": uri, "type": resource.type_name}}


def _deferred(reader: Reader, resource: Resource, record: Record, name: str) -> Entity:
    return {"__deferred": {"uri": f"{address(reader, resource, record)}/{name}"}}


def _unfolded(
    reader: Reader, resource: Resource, record: Record, name: str, query: Query
) -> list[Entity]:
    lines = nested_records(reader, record, name, record[resource.keys[0]])
    if not lines:
        return []
    inner = Query(select=query.nested(name))
    path, _ = NAVIGATION[name]
    return [entity(reader, resources()[path], line, inner) for line in lines]


def _json(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, dict(headers or {}), content_type=JSON)


def _xml(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    kind = "application/atom+xml;charset=utf-8"
    return Response(text, status, dict(headers or {}), content_type=kind)
