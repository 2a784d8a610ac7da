"""Creates, changes and deletes records of any resource; the rules of each are in `rules/`."""

from __future__ import annotations

import uuid
from typing import Any

from .errors import not_found
from .metadata import Resource
from .payload import Payload
from .rules import rules_for
from .rules.base import Rules
from .seed.blank import blank
from .values import Record
from .work import Work


def create(work: Work, resource: Resource, payload: Payload) -> Record:
    """Store a new record, or raise Refused with every objection at once."""
    rules = rules_for(resource.path)
    record = blank(resource.path) | payload.values
    _stamp(work, resource, record, new=True)
    rules.complete(work, record, payload)
    _check_common(work, resource, rules, record)
    for prop in resource.collections():
        if prop.mandatory and not payload.lines.get(prop.name):
            work.problems.add("mandatory", "Lines")
    rules.check(work, record, payload)
    work.problems.raise_if_any()
    existing = rules.existing(work, record)
    if existing is not None:
        return existing
    rules.store(work, record, payload)
    return record


def update(work: Work, resource: Resource, key: tuple[Any, ...], payload: Payload) -> None:
    """Merge what was sent into a record."""
    old = find(work, resource, key)
    rules = rules_for(resource.path)
    record = old | payload.values
    _stamp(work, resource, record, new=False)
    rules.check_change(work, old, record, payload)
    work.problems.raise_if_any()
    _check_common(work, resource, rules, record, payload)
    rules.check(work, record, payload)
    work.problems.raise_if_any()
    rules.store_change(work, old, record)


def delete(work: Work, resource: Resource, key: tuple[Any, ...]) -> None:
    record = find(work, resource, key)
    rules = rules_for(resource.path)
    rules.check_delete(work, record)
    work.problems.raise_if_any()
    work.remove(resource.path, record)
    rules.after_delete(work, record)


def find(work: Work, resource: Resource, key: tuple[Any, ...]) -> Record:
    record = work.table(resource.path).get(*key)
    if record is None:
        raise not_found()
    return record


def _stamp(work: Work, resource: Resource, record: Record, new: bool) -> None:
    stamps = {
        "Modified": work.now,
        "Modifier": work.user.id,
        "ModifierFullName": work.user.full_name,
    }
    if new:
        stamps |= {
            "Created": work.now,
            "Creator": work.user.id,
            "CreatorFullName": work.user.full_name,
            "Division": work.books.code,
            resource.keys[0]: str(uuid.uuid4()),
        }
    record.update((name, value) for name, value in stamps.items() if resource.has(name))


def _check_common(
    work: Work,
    resource: Resource,
    rules: Rules,
    record: Record,
    payload: Payload | None = None,
) -> None:
    """Mandatory fields, lengths and unique fields; for a change only what was sent."""
    for prop in resource.properties.values():
        value = record.get(prop.name)
        asked = prop.mandatory and not prop.collection and prop.name not in rules.optional
        if asked and value in (None, ""):
            work.problems.add("mandatory", prop.name)
        if prop.longest and isinstance(value, str) and len(value) > prop.longest:
            work.problems.add("too_long", prop.name, limit=prop.longest)
    for name in rules.unique:
        if payload is None or name in payload.values:
            taken = work.table(resource.path).by(name, record[name])
            if record[name] is not None and taken:
                work.problems.add("exists")
