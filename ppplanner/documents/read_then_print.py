"""From the database to paper: nothing is locked, and no connection held, while it is printed."""

from __future__ import annotations

from collections.abc import Callable

from ppplanner.documents.printing import print_pdf
from ppplanner.extensions import db


def read_then_print(make_page: Callable[[], str]) -> bytes:
    """The PDF of the HTML that `make_page` makes of what it reads.

    It ends the transaction in which it reads before it prints, so it must be called outside one.
    """
    refuse_transaction()
    try:
        html = make_page()
    finally:
        db.session.rollback()
    return print_pdf(html)


def refuse_transaction() -> None:
    """Reading ends with a rollback: what somebody has not yet committed would be lost in it."""
    if db.session().in_transaction():
        raise RuntimeError("commit before a PDF is made")
