"""Waiting for one's turn, so that two people at the same moment cannot spoil each other's work."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import InvalidRequestError

from ppplanner.errors import NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Base


def lock(record: Base) -> None:
    """Read `record` as it is now and keep it so for others until the caller commits.

    Raises NotFound when somebody has deleted it meanwhile.
    """
    db.session.flush()  # a refresh would drop what the caller has changed of it so far
    try:
        db.session.refresh(record, with_for_update={"of": type(record)})
    except InvalidRequestError as error:
        raise NotFound(
            _("There is nothing here (any more). Go back to the list and look it up.")
        ) from error


def take_turn(name: str) -> None:
    """Wait until nobody else has the turn called `name`; it ends with the transaction.

    For what no row stands for yet: the next number, a name that nobody may have taken. Nothing
    needs to be done on SQLite, where a transaction that writes is alone from its begin.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
