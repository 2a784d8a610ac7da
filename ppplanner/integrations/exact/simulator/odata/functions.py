"""The functions a $filter may call. `contains` and `like` do not exist at Exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

NOT_A_FUNCTION = "Expression of type 'System.Boolean' expected at position 0"


@dataclass(frozen=True)
class Function:
    """What it takes, what it gives; the last arguments beyond `fewest` may be left out."""

    gives: str
    takes: tuple[str, ...]
    apply: Callable[..., Any]
    fewest: int


def _function(gives: str, takes: str, apply: Callable[..., Any], fewest: int = 0) -> Function:
    kinds = tuple(takes.split())
    return Function(gives, kinds, apply, fewest or len(kinds))


def _substring(text: str, start: int, length: int | None = None) -> str:
    return text[int(start) :] if length is None else text[int(start) : int(start) + int(length)]


FUNCTIONS = {
    "trim": _function("string", "string", str.strip),
    "tolower": _function("string", "string", str.lower),
    "toupper": _function("string", "string", str.upper),
    "length": _function("number", "string", len),
    "substring": _function("string", "string number number", _substring, 2),
    "indexof": _function("number", "string string", str.find),
    "startswith": _function("boolean", "string string", str.startswith),
    "endswith": _function("boolean", "string string", str.endswith),
    "substringof": _function("boolean", "string string", lambda part, text: part in text),
    "year": _function("number", "datetime", lambda moment: moment.year),
    "month": _function("number", "datetime", lambda moment: moment.month),
    "day": _function("number", "datetime", lambda moment: moment.day),
}
