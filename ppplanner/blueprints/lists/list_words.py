"""Places for `Listing.search` in lists of a hundred thousand rows, where looking at all of them for
each word would keep people waiting.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, or_, select

from ppplanner.extensions import db

#: What a word means in some place; None when it cannot stand there.
Place: TypeAlias = Callable[[str], ColumnElement[bool] | None]

#: A shorter word stands in so many rows that going through them in order fills a page at once; and
#: PostgreSQL's indexes for words (migration core_0007) know nothing shorter.
SHORT = 3


def holds(column: Any, word: str) -> ColumnElement[bool]:
    """Whether the word stands anywhere in the column, whatever the case: SQLite's own comparison is
    blind to it, and half as quick when both sides are made small first.
    """
    compare = column.contains if _on_sqlite() else column.icontains
    return compare(word, autoescape=True)


def _on_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def beside(link: Any, *columns: Any) -> Place:
    """A word in `columns` of the table that `link` leads to: `beside(Contract.customer_id, ...)`.

    The smaller table is read once, then the rows are found by the index of `link`. For a short word
    `+ 0` keeps databases from collecting and sorting most of the table that way.
    """

    def condition(word: str) -> ColumnElement[bool]:
        looks = or_(*(holds(column, word) for column in columns))
        found = select(columns[0].class_.id).where(looks)
        reached = link + 0 if len(word) < SHORT else link
        return reached.in_(found)

    return condition


def apart(key: Any, *columns: Any) -> Place:
    """A word in `columns` that have indexes for words. `key` is that of the same table.

    PostgreSQL uses no index for one of several places, unless that place is a question of its own.
    """

    def condition(word: str) -> ColumnElement[bool]:
        found = or_(*(holds(column, word) for column in columns))
        if _on_sqlite() or len(word) < SHORT:
            return found
        return key.in_(select(key).where(found).correlate(None))

    return condition


def numbered(key: Any, column: Any, pattern: str) -> Place:
    """The same for a column that holds numbers: a word that is no part of such a number, as
    `pattern` says in capitals, is not looked for.
    """
    place = apart(key, column)

    def condition(word: str) -> ColumnElement[bool] | None:
        return place(word) if re.fullmatch(pattern, word.upper()) else None

    return condition
