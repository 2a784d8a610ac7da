"""What has changed on the board since somebody looked: read from the history, by a token.

The token holds two keys of the history and a number. What is above `high` is new. PostgreSQL gives
out keys before it commits, so a change may turn up below `high` later: the keys from `low` on, some
seconds' worth, are counted again, and when there are more of them all of those are told once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import case, select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import Change, Contract, Invoice, Resource

#: Longer than a request takes from its first change to its commit.
LATE = timedelta(seconds=20)
#: How many changes a first token looks back at, at most.
LOOKED_BACK = 200
#: One number of a token, and the largest that the database takes.
PART = re.compile("[0-9a-f]{1,8}")
LARGEST = 2**31 - 1
#: After more changes than this it is better to draw the whole board anew.
MOST = 2000


class Token(NamedTuple):
    """How far somebody has seen the history."""

    low: int
    high: int
    #: How many changes there were above `low`, up to `high`.
    between: int

    def __str__(self) -> str:
        return "-".join(f"{part:x}" for part in self)

    @classmethod
    def read(cls, text: str) -> Token | None:
        """The token of that text; None for nonsense."""
        parts = text.split("-")
        if len(parts) != 3 or not all(PART.fullmatch(part) for part in parts):
            return None
        return cls(*(min(int(part, 16), LARGEST) for part in parts))


@dataclass(frozen=True)
class News:
    """The rows of the board to draw anew, whether the strip is one, and what to ask with next."""

    token: str
    resources: frozenset[int] = frozenset()
    strip: bool = False
    #: So much that the whole board has to be drawn anew.
    all: bool = False


class _Seen(NamedTuple):
    """A change, and the contract's resource if it is about one."""

    id: int
    at: datetime
    entity: str
    record_id: int
    field: str
    old: str | None
    contract_id: int | None
    resource_id: int | None


def token() -> str:
    """What to ask with later for what changes from now on. Take it before reading the board."""
    query = select(Change.id, Change.at).order_by(Change.id.desc()).limit(LOOKED_BACK)
    recent = [(key, at) for key, at in db.session.execute(query)]
    if not recent:
        return str(Token(0, 0, 0))
    low = _settled(reversed(recent), recent[-1][0] - 1)
    return str(Token(low, recent[0][0], sum(key > low for key, _at in recent)))


def since(text: str) -> News:
    """What changed since that token was given; nothing, with a fresh one, for nonsense."""
    seen = Token.read(text)
    if seen is None:
        return News(token())
    found = _above(seen.low)
    if len(found) > MOST:
        return News(token(), all=True)
    known = sum(change.id <= seen.high for change in found)
    told = found if known != seen.between else found[known:]
    low = _settled(((change.id, change.at) for change in found), seen.low)
    high = max(found[-1].id, seen.high) if found else seen.high
    following = Token(low, high, sum(change.id > low for change in found))
    return News(str(following), *_touched(told))


def _settled(changes: Iterable[tuple[int, datetime]], low: int) -> int:
    """The key up to which nothing more turns up, since all of it is older than `LATE`."""
    limit = now() - LATE
    for key, at in changes:
        if at > limit:
            break
        low = key
    return low


def _above(low: int) -> Sequence[_Seen]:
    """All changes above that key in their order, in one query along the primary key."""
    contract_id = case(
        (Change.entity == Contract.__tablename__, Change.record_id),
        (Change.whole == Contract.__tablename__, Change.whole_id),
        (Change.entity == Invoice.__tablename__, Invoice.contract_id),
    )
    query = (
        select(
            Change.id,
            Change.at,
            Change.entity,
            Change.record_id,
            Change.field,
            Change.old,
            contract_id,
            Contract.resource_id,
        )
        .outerjoin(Invoice, (Change.entity == "invoices") & (Invoice.id == Change.record_id))
        .outerjoin(Contract, Contract.id == contract_id)
        .where(Change.id > low)
        .order_by(Change.id)
        .limit(MOST + 1)
    )
    return [_Seen(*row) for row in db.session.execute(query)]


def _touched(changes: Iterable[_Seen]) -> tuple[frozenset[int], bool]:
    """The rows that the changes concern, the ones that contracts have left among them."""
    resources: set[int] = set()
    strip = False
    for change in changes:
        if change.entity == Resource.__tablename__:
            resources.add(change.record_id)
        elif change.contract_id is not None:
            strip = strip or change.resource_id is None
            resources.update(filter(None, [change.resource_id]))
            if change.entity == Contract.__tablename__ and change.field == "resource_id":
                strip = strip or change.old is None
                resources.update(map(int, filter(None, [change.old])))
    return frozenset(resources), strip
