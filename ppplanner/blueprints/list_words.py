"""Places for `Listing.search` in lists of a hundred thousand rows, where looking at all of them for
each word would keep people waiting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, or_, select

#: What a word means in some place; None when it cannot stand there.
Place: TypeAlias = Callable[[str], ColumnElement[bool] | None]

#: A shorter word stands in so many rows that going through them in order fills a page at once.
SHORT = 3


def beside(link: Any, *columns: Any) -> Place:
    """A word in `columns` of the table that `link` leads to: `beside(Contract.customer_id, ...)`.

    The smaller table is read once, then the rows are found by the index of `link`. For a short word
    `+ 0` keeps databases from collecting and sorting most of the table that way.
    """

    def condition(word: str) -> ColumnElement[bool]:
        looks = or_(*(column.icontains(word, autoescape=True) for column in columns))
        found = select(columns[0].class_.id).where(looks)
        reached = link + 0 if len(word) < SHORT else link
        return reached.in_(found)  # type: ignore[no-any-return]

    return condition


def numbered(column: Any) -> Place:
    """A word in a column that holds numbers: one without any digit is not looked for."""

    def condition(word: str) -> ColumnElement[bool] | None:
        if len(word) >= SHORT and not any(sign.isdigit() for sign in word):
            return None
        return column.icontains(word, autoescape=True)  # type: ignore[no-any-return]

    return condition
