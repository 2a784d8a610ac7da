"""What a form books, it books once, however often it is sent: by a double click, by the way back,
by a page that is loaded anew. Each form has a key of its own, which stays with what it has booked.
"""

from __future__ import annotations

from typing import TypeAlias

from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import RefundRequest, Transaction
from ppplanner.services.locking import take_turn

#: What a form books: of a pair, the half that goes out.
Booked: TypeAlias = Transaction | RefundRequest


def booked_with(key: str) -> Booked | None:
    """What the form with that key has booked; None when nothing. Who sends it at the same moment
    waits here until the caller commits.
    """
    take_turn(f"form {key}")
    transaction = db.session.scalar(select(Transaction).filter_by(form_key=key))
    return transaction or db.session.scalar(select(RefundRequest).filter_by(form_key=key))


def keep_key(booked: Booked, key: str) -> None:
    """Note with which form it was booked. The caller commits."""
    booked.form_key = key
    db.session.flush()
