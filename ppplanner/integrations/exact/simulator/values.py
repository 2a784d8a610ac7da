"""How a value travels: in by ISO date and plain JSON, out by /Date()/ and padded text."""

from __future__ import annotations

import base64
import binascii
import math
import re
from datetime import UTC, datetime
from typing import Any

from .clock import BRUSSELS
from .metadata import Property

Record = dict[str, Any]
"""A record as kept inside: dates as zone-less datetimes, guids in lower case, no padding."""

GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
WHOLE_NUMBERS = {
    "Byte": (0, 255),
    "Int16": (-(2**15), 2**15 - 1),
    "Int32": (-(2**31), 2**31 - 1),
    "Int64": (-(2**63), 2**63 - 1),
}
EPOCH = datetime(1970, 1, 1)


class WrongType(ValueError):
    """The value cannot be what the property wants."""


def incoming(prop: Property, raw: Any) -> Any:
    """The value of a JSON payload as kept inside; raises WrongType."""
    if raw is None:
        return None
    if prop.kind in WHOLE_NUMBERS:
        return _whole(prop, raw)
    reader = READERS.get(prop.kind)
    if reader is None:
        raise WrongType(prop.name)
    value: Any = reader(raw)
    return value.strip() if prop.left or prop.right else value


def outgoing(prop: Property, value: Any) -> Any:
    """The value as it stands in an answer."""
    if value is None or prop.kind == "Binary":
        return None
    if isinstance(value, datetime):
        return f"/Date({int((value - EPOCH).total_seconds() * 1000)})/"
    if isinstance(value, str):
        return padded(prop, value)
    return value


def padded(prop: Property, text: str) -> str:
    return text.rjust(prop.left) if prop.left else text.ljust(prop.right)


def parse_datetime(text: str) -> datetime:
    """A zone-less moment. A zone is accepted and shifts the value to the clock in Brussels."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongType(text) from error
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).astimezone(BRUSSELS).replace(tzinfo=None)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise WrongType(raw)
    return raw


def _guid(raw: Any) -> str:
    if not isinstance(raw, str) or not GUID.fullmatch(raw):
        raise WrongType(raw)
    return raw.lower()


def _moment(raw: Any) -> datetime:
    return parse_datetime(_text(raw))


def _number(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        raise WrongType(raw)
    try:
        number = float(raw)
    except ValueError as error:
        raise WrongType(raw) from error
    if not math.isfinite(number):
        raise WrongType(raw)
    return number


def _truth(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise WrongType(raw)
    return raw


def _bytes(raw: Any) -> bytes:
    try:
        return base64.b64decode(_text(raw), validate=True)
    except (binascii.Error, ValueError) as error:
        raise WrongType("Byte[]") from error


def _whole(prop: Property, raw: Any) -> int:
    if prop.kind == "Int64" and isinstance(raw, str) and raw.lstrip("-").isdigit():
        raw = int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise WrongType(raw)
    low, high = WHOLE_NUMBERS[prop.kind]
    if not low <= raw <= high:
        raise WrongType(raw)
    return raw


READERS = {
    "String": _text,
    "Guid": _guid,
    "DateTime": _moment,
    "Double": _number,
    "Boolean": _truth,
    "Binary": _bytes,
}
