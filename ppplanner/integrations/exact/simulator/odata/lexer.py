"""Cuts a $filter into words and reads literals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import wrong_query
from ..values import GUID, WrongType, parse_datetime

WORDS = re.compile(
    r"""\s*(?:
      (?P<typed>(?:guid|datetime)'[^']*')
    | (?P<string>'(?:[^']|'')*')
    | (?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[LlmMdDfF]?)(?![\w])
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<sign>[(),])
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Literal:
    """A value in the address, with the type it was written as."""

    type: str
    value: Any


@dataclass(frozen=True)
class Word:
    """`kind` is literal, name, sign or end."""

    kind: str
    text: str
    literal: Literal | None = None


def words(text: str) -> Iterator[Word]:
    position, text = 0, text.rstrip()
    while position < len(text):
        match = WORDS.match(text, position)
        if match is None:
            raise wrong_query()
        yield _word(match)
        position = match.end()
    yield Word("end", "")


def literals(text: str) -> list[Literal]:
    """The comma-separated literals of a $skiptoken or of a key in an address."""
    found = list(words(text))[:-1]
    values = [word.literal for word in found[::2] if word.literal]
    commas = all(word.text == "," for word in found[1::2])
    if not commas or len(values) != len(found[::2]):
        raise wrong_query()
    return values


def _word(match: re.Match[str]) -> Word:
    kind = match.lastgroup or ""
    text = match.group(kind)
    if kind in ("name", "sign"):
        return _name(text) if kind == "name" else Word("sign", text)
    return Word("literal", text, _literal(kind, text))


def _name(text: str) -> Word:
    if text in ("true", "false"):
        return Word("literal", text, Literal("boolean", text == "true"))
    if text == "null":
        return Word("literal", text, Literal("null", None))
    return Word("name", text)


def _literal(kind: str, text: str) -> Literal:
    if kind == "string":
        return Literal("string", text[1:-1].replace("''", "'"))
    if kind == "number":
        bare = text.rstrip("LlmMdDfF")
        return Literal("number", float(bare) if "." in bare or "e" in bare.lower() else int(bare))
    return _typed(*text.split("'")[:2])


def _typed(name: str, text: str) -> Literal:
    if name == "guid":
        if not GUID.fullmatch(text):
            raise wrong_query()
        return Literal("guid", text.lower())
    try:
        return Literal("datetime", parse_datetime(text))
    except WrongType as error:
        raise wrong_query() from error
