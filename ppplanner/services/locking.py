"""Waiting for one's turn, so that two people at the same moment cannot spoil each other's work."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

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
        raise _gone() from error


def lock_all(model: Any, records: Collection[Any]) -> None:
    """The same for several records, in one query: in the order of their keys, so that two people
    cannot wait for each other.
    """
    db.session.flush()
    keys = [record.id for record in records]
    for record in records:
        db.session.expire(record)
    query = select(model).where(model.id.in_(keys)).order_by(model.id).with_for_update(of=model)
    if len(db.session.scalars(query).unique().all()) < len(keys):
        raise _gone()


def _gone() -> NotFound:
    return NotFound(_("There is nothing here (any more). Go back to the list and look it up."))


def take_turn(name: str) -> None:
    """Wait until nobody else has the turn called `name`; it ends with the transaction.

    For what no row stands for yet: the next number, a name that nobody may have taken. Nothing
    needs to be done on SQLite, where a transaction that writes is alone from its begin.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
