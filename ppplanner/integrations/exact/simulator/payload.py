"""Turns the JSON of a POST or PUT into values, refusing what Exact's parser refuses."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from .errors import Refused, wrong_payload
from .metadata import NAVIGATION, Property, Resource, resources
from .values import Record, WrongType, incoming

NET_TYPES = {
    "Binary": "Byte[]",
    "Boolean": "Boolean",
    "Byte": "Byte",
    "DateTime": "DateTime",
    "Double": "Double",
    "Guid": "Guid",
    "Int16": "Int16",
    "Int32": "Int32",
    "Int64": "Int64",
    "String": "String",
}


@dataclass
class Payload:
    """What was sent: writable values, the names of all properties, and the lines inside."""

    values: Record = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    lines: dict[str, list[Payload]] = field(default_factory=dict)


def read_payload(raw: bytes, content_type: str, resource: Resource, verb: str) -> Payload:
    """The body of a write; raises Refused (400 or 415)."""
    if "json" not in content_type:
        raise Refused(415, "Unsupported media type requested.")
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise wrong_payload("JSON text specified is not valid.") from error
    return _entity(body, resource, verb)


def _entity(body: Any, resource: Resource, verb: str) -> Payload:
    if not isinstance(body, dict):
        raise wrong_payload("The request should be a valid top-level resource object.")
    found = Payload()
    for name, value in body.items():
        if name != "__metadata":
            _take(found, resource, name, value, verb)
    return found


def _take(found: Payload, resource: Resource, name: str, value: Any, verb: str) -> None:
    prop = resource.properties.get(name)
    if prop is None:
        raise wrong_payload(
            f"The property name '{name}' specified for type '{resource.type_name}' is not valid."
        )
    found.sent.add(name)
    if prop.collection:
        _take_lines(found, prop, value, verb)
    else:
        converted = _converted(prop, value)
        if prop.writable(verb) and not prop.is_key:
            found.values[name] = converted


def _take_lines(found: Payload, prop: Property, value: Any, verb: str) -> None:
    if isinstance(value, dict) and "results" in value:
        value = value["results"]
    if value is None or prop.name not in NAVIGATION:
        return
    if verb != "POST":
        raise wrong_payload("Binding to new entities is not supported in an update operation.")
    if not isinstance(value, list):
        raise wrong_payload(f"The property '{prop.name}' should be a collection.")
    resource = resources()[NAVIGATION[prop.name][0]]
    found.lines[prop.name] = [_entity(each, resource, verb) for each in value]


def _converted(prop: Property, value: Any) -> Any:
    try:
        return incoming(prop, value)
    except WrongType as error:
        raise wrong_payload(
            "Error encountered in converting the value from request payload for property "
            f"'{prop.name}' to type '{NET_TYPES[prop.kind]}', which is the property's expected "
            "type. See inner exception for more detail."
        ) from error
