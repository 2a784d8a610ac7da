"""Records as a fresh administration holds them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..metadata import resources
from ..people import USERS, guid
from ..values import Record

SET_UP = datetime(2019, 1, 7, 9, 15)


def blank(path: str) -> Record:
    """A record with every property of the resource, all of them empty."""
    return dict.fromkeys(resources()[path].properties)


def seeded(path: str, division: int, name: str, **values: Any) -> Record:
    """A record made when the administration was set up; `name` decides its guid."""
    resource, record = resources()[path], blank(path)
    record[resource.keys[0]] = guid(division, path, name)
    stamps = {
        "Division": division,
        "Created": SET_UP,
        "Modified": SET_UP,
        "Creator": USERS[0].id,
        "CreatorFullName": USERS[0].full_name,
        "Modifier": USERS[0].id,
        "ModifierFullName": USERS[0].full_name,
    }
    record.update((each, value) for each, value in stamps.items() if resource.has(each))
    unknown = values.keys() - record.keys()
    if unknown:
        raise KeyError(f"{path} has no {', '.join(sorted(unknown))}")
    return record | values
