"""Exact's dialect: literals in filters, values out of answers and into requests. Pure functions.

Exact speaks OData v2 with habits of its own (dates in milliseconds, codes padded with spaces,
numbers now and then as text). Whatever cannot be read raises `Unreadable`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import quote, urlencode
from uuid import UUID

T = TypeVar("T")

ACCOUNT_CODE_WIDTH = 18
TERMS_PER_CALL = 25  # longer "or" chains make addresses that Exact cuts off

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"/Date\((-?\d+)([+-]\d{4})?\)/")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Unreadable(ValueError):
    """A value, or a whole answer, does not have the shape that Exact promises."""


# --- into filters and addresses ---------------------------------------------------------------


def literal(value: str | int | bool | UUID | date) -> str:
    """`value` as it stands in a $filter."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, UUID):
        return f"guid'{value}'"
    if isinstance(value, date):
        return f"datetime'{as_day(value)}'"
    if isinstance(value, int):
        return str(value)
    return "'" + value.replace("'", "''") + "'"


def equals(field: str, value: str | int | bool | UUID | date) -> str:
    return f"{field} eq {literal(value)}"


def any_of(terms: Sequence[str]) -> str:
    """The terms joined by "or", safe to be combined with others by "and"."""
    return terms[0] if len(terms) == 1 else "(" + " or ".join(terms) + ")"


def in_chunks(items: Iterable[T]) -> Iterator[tuple[T, ...]]:
    """Each item once, in groups that fit into one address."""
    left = iter(dict.fromkeys(items))
    while group := tuple(islice(left, TERMS_PER_CALL)):
        yield group


def padded_code(code: str) -> str:
    """An account code as Exact compares it: unpadded finds nothing, without an error."""
    return code.strip().rjust(ACCOUNT_CODE_WIDTH)


def query(options: Mapping[str, str]) -> str:
    """Query options as one string; a space becomes %20, since not every OData server reads "+"."""
    return urlencode(options, safe="$(),'/", quote_via=quote)


# --- out of answers ---------------------------------------------------------------------------


def loads(text: str) -> Any:
    """JSON with fractions as `Decimal`, so that no cent is lost on the way in."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error


def _no_constant(name: str) -> None:
    raise Unreadable(f"not a number: {name}")


def rows(answer: Any) -> list[dict[str, Any]]:
    """The entities of an answer, in whichever of its three shapes it came."""
    found = answer.get("d") if isinstance(answer, dict) else None
    if isinstance(found, dict):
        found = found.get("results", [found] if "__metadata" in found else None)
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Unreadable("no list of entities")
    return found


def next_page(answer: Any) -> str | None:
    found = answer["d"]
    link = found.get("__next") if isinstance(found, dict) else None
    if link is not None and not isinstance(link, str):
        raise Unreadable("__next is not an address")
    return link or None


def moment_of(header: str | None) -> datetime | None:
    """What the clock of a server said when it answered: its header Date; None if it says nothing
    that can be read.
    """
    try:
        return parsedate_to_datetime(header or "").astimezone(UTC)
    except ValueError:
        return None


def text(value: Any) -> str:
    """Text without its padding; unset is the empty text."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(f"not text: {type(value).__name__}")
    return storable(value).strip()


def storable(value: str) -> str:
    """Text without what no database and no page takes: NUL, and halves of characters."""
    return _UNSTORABLE.sub("", value)


def number(value: Any) -> int:
    amount = decimal(value)
    if amount != int(amount):
        raise Unreadable("not a whole number")
    return int(amount)


def number_or_none(value: Any) -> int | None:
    return None if value is None else number(value)


def decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise Unreadable(f"not a number: {type(value).__name__}")
    try:
        amount = Decimal(value)
    except InvalidOperation as error:
        raise Unreadable("not a number") from error
    if not amount.is_finite():
        raise Unreadable("not a number")
    return amount


def decimal_or_none(value: Any) -> Decimal | None:
    return None if value is None else decimal(value)


def percentage(value: Any) -> Decimal | None:
    """Per cent, from Exact's fraction: 0.21 is 21. A value above one already is per cent."""
    share = decimal_or_none(value)
    if share is None or abs(share) > 1:
        return share
    return (share * 100).normalize() + 0


def flag(value: Any) -> bool:
    """True or false, also when it came as a byte; unset is false."""
    if value in (None, False, 0, "0", "false"):
        return False
    if value in (True, 1, "1", "true"):
        return True
    raise Unreadable("neither true nor false")


def key(value: Any) -> UUID:
    try:
        return UUID(text(value))
    except ValueError as error:
        raise Unreadable("not a guid") from error


def key_or_none(value: Any) -> UUID | None:
    return None if value is None else key(value)


def moment(value: Any) -> datetime | None:
    """A moment out of `/Date(1392163200000)/`: milliseconds since 1970, without a zone."""
    if value is None:
        return None
    found = _DATE.fullmatch(text(value))
    try:
        if found:
            return _EPOCH + timedelta(milliseconds=int(found[1]))
        return datetime.fromisoformat(text(value)).replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable("not a date") from error


def day(value: Any) -> date | None:
    """A pure date; Exact writes it as midnight UTC."""
    found = moment(value)
    return found and found.date()


# --- into requests ----------------------------------------------------------------------------


def as_day(value: date) -> str:
    """ISO without a zone: with one, Exact was seen to shift the day, and with it the VAT period."""
    return f"{value:%Y-%m-%d}T00:00:00"


def amount(value: Decimal) -> Decimal:
    """An amount in whole cents; anything finer is refused rather than rounded behind your back."""
    exact = value.quantize(Decimal("0.01"))
    if exact != value:
        raise ValueError(f"{value} is finer than a cent.")
    return exact


def cut(value: str, length: int) -> str:
    """One line of at most `length` characters: runs of white space become a space, the end goes."""
    return " ".join(value.split())[:length].rstrip()


def cut_front(value: str, length: int) -> str:
    """Like `cut`, but the front goes: its tail is what tells a number from its neighbours."""
    return " ".join(value.split())[-length:].lstrip()


def dumps(value: Any) -> str:
    """JSON in which a `Decimal` stands as it is, without a detour over binary fractions."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(k)}:{dumps(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(dumps, value)) + "]"
    return json.dumps(value)
