"""Reads a $filter into a function that tells whether a record fits.

Types are checked while reading, as Exact does: `ID eq 'x'` is a mistake, not an empty list.
Comparing with a missing value is never true, as in SQL.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..errors import Refused, wrong_query
from ..metadata import Resource
from ..options import Options
from .functions import FUNCTIONS, NOT_A_FUNCTION
from .lexer import Word, words

Get = Callable[[str], Any]
"""Gives the value of a property of the record at hand."""

Among = dict[str, frozenset[Any]]
"""Properties that must have one of these values for the whole to be true."""

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
TYPES = {
    "String": "string",
    "Guid": "guid",
    "DateTime": "datetime",
    "Boolean": "boolean",
}


@dataclass
class Node:
    """A part of the filter: what type it yields, and how."""

    type: str
    value: Callable[[Get], Any]
    name: str | None = None
    constant: Any = None
    among: Among = field(default_factory=dict)


@dataclass(frozen=True)
class Filter:
    """A filter that was understood."""

    text: str
    fits: Callable[[Get], bool]
    names: frozenset[str]
    among: Among


def read(text: str, resource: Resource, options: Options) -> Filter:
    """The filter of a request; raises Refused (400, or 501 for a function not implemented)."""
    reader = Reader(text, resource, options)
    node = reader.whole()
    names = frozenset(reader.names)
    return Filter(text, lambda get: node.value(get) is True, names, node.among)


class Reader:
    """A recursive-descent reader: or, and, not, comparison, operand."""

    def __init__(self, text: str, resource: Resource, options: Options):
        self.resource = resource
        self.options = options
        self.names: set[str] = set()
        self._words = list(words(text))
        self._at = 0

    def whole(self) -> Node:
        node = self._either()
        if self._peek().kind != "end":
            raise wrong_query()
        return self._truth(node)

    def _peek(self) -> Word:
        return self._words[self._at]

    def _next(self) -> Word:
        word = self._words[self._at]
        self._at = min(self._at + 1, len(self._words) - 1)
        return word

    def _take(self, text: str) -> bool:
        if self._peek().kind in ("name", "sign") and self._peek().text == text:
            self._at += 1
            return True
        return False

    def _either(self) -> Node:
        node = self._both()
        while self._take("or"):
            left, right = self._truth(node), self._truth(self._both())
            node = _either(left, right)
        return node

    def _both(self) -> Node:
        node = self._denied()
        while self._take("and"):
            left, right = self._truth(node), self._truth(self._denied())
            node = _both(left, right)
        return node

    def _denied(self) -> Node:
        if self._take("not"):
            inner = self._truth(self._denied())
            return Node("boolean", lambda get: _opposite(inner.value(get)))
        return self._comparison()

    def _comparison(self) -> Node:
        left = self._operand()
        if self._peek().kind == "name" and self._peek().text in OPERATORS:
            return self._compare(self._next().text, left, self._operand())
        return left

    def _operand(self) -> Node:
        word = self._next()
        if word.literal is not None:
            found = word.literal.value
            return Node(word.literal.type, lambda get: found, constant=found)
        if word.kind == "name":
            return self._call(word.text) if self._take("(") else self._property(word.text)
        if word.text == "(":
            node = self._either()
            self._close()
            return node
        raise wrong_query()

    def _property(self, name: str) -> Node:
        prop = self.resource.properties.get(name)
        if prop is None or prop.collection or prop.kind == "Binary":
            raise wrong_query()
        self.names.add(name)
        return Node(TYPES.get(prop.kind, "number"), lambda get: get(name), name=name)

    def _call(self, name: str) -> Node:
        if name not in FUNCTIONS:
            raise wrong_query(NOT_A_FUNCTION)
        if name == "substringof" and not self.options.substringof:
            raise Refused(501, "Not Implemented")
        function = FUNCTIONS[name]
        arguments = self._arguments()
        types = [each.type for each in arguments]
        fitting = all(
            have in (want, "null") for have, want in zip(types, function.takes, strict=False)
        )
        if not fitting or not function.fewest <= len(types) <= len(function.takes):
            raise wrong_query()

        def value(get: Get) -> Any:
            values = [each.value(get) for each in arguments]
            return None if None in values else function.apply(*values)

        return Node(function.gives, value)

    def _arguments(self) -> list[Node]:
        found = [self._operand()]
        while self._take(","):
            found.append(self._operand())
        self._close()
        return found

    def _close(self) -> None:
        if not self._take(")"):
            raise wrong_query()

    def _truth(self, node: Node) -> Node:
        if node.type != "boolean":
            raise wrong_query(NOT_A_FUNCTION)
        return node

    def _compare(self, sign: str, left: Node, right: Node) -> Node:
        if "null" in (left.type, right.type):
            return _compare_with_null(sign, left, right)
        if left.type != right.type:
            raise wrong_query()
        compare = OPERATORS[sign]
        plain = _as_written if self.options.case_sensitive else _as_sql_sees_it

        def value(get: Get) -> bool | None:
            one, other = left.value(get), right.value(get)
            return None if one is None or other is None else compare(plain(one), plain(other))

        node = Node("boolean", value)
        if sign == "eq" and left.name and right.constant is not None:
            node.among = {left.name: frozenset([right.constant])}
        return node


def _as_written(value: Any) -> Any:
    return value


def _as_sql_sees_it(value: Any) -> Any:
    return value.rstrip(" ").lower() if isinstance(value, str) else value


def _compare_with_null(sign: str, left: Node, right: Node) -> Node:
    if sign not in ("eq", "ne"):
        raise wrong_query()
    wanted = sign == "eq"
    asked = left if right.type == "null" else right
    return Node("boolean", lambda get: (asked.value(get) is None) is wanted)


def _opposite(value: bool | None) -> bool | None:
    return None if value is None else not value


def _either(left: Node, right: Node) -> Node:
    shared = left.among.keys() & right.among.keys()
    return Node(
        "boolean",
        lambda get: left.value(get) is True or right.value(get) is True,
        among={name: left.among[name] | right.among[name] for name in shared},
    )


def _both(left: Node, right: Node) -> Node:
    return Node(
        "boolean",
        lambda get: left.value(get) is True and right.value(get) is True,
        among=left.among | right.among,
    )
