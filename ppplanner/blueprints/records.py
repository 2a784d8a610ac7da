"""Finding the record that an address or a form names, for people who may.

What lies outside the reach of the person's right (`ppplanner/permissions.py`) answers 403.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import abort, request

from ppplanner.errors import NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Base, Invoice, Transaction
from ppplanner.permissions import may_reach
from ppplanner.services.collections.transactions import hold_transaction
from ppplanner.services.invoices.holding import hold

M = TypeVar("M", bound=Base)

#: Records that are locked with others around them, in an order that all keep to.
HOLD: Mapping[type[Base], Callable[[Any], None]] = {
    Invoice: hold,
    Transaction: hold_transaction,
}

#: Beyond it a database would refuse the question instead of answering "no".
LARGEST_ID = 2**31 - 1


def look_up(model: type[M], record_id: int | None) -> M | None:
    """The record with that id; None when there is none, or no id. Answers 403 when out of reach."""
    if record_id is None or not 0 < record_id <= LARGEST_ID:
        return None
    record = db.session.get(model, record_id)
    if record is not None and not may_reach(record):
        abort(403)
    return record


def asked_id(name: str) -> int | None:
    """The id that the address gives as `name`; None when it gives none, or nonsense."""
    value = request.args.get(name, type=int)
    return value if value is not None and 0 < value <= LARGEST_ID else None


def find(model: type[M], record_id: int, *, lock: bool = True) -> M:
    """The record with that id, locked when the request may change it; without `lock` that is left
    to a service that takes several at once.

    Raises NotFound; answers 403 when it is out of reach.
    """
    known = 0 < record_id <= LARGEST_ID
    changes, with_others = lock and request.method == "POST", HOLD.get(model)
    alone = changes and with_others is None
    record = db.session.get(model, record_id, with_for_update=alone) if known else None
    if record is None:
        raise NotFound(_("There is nothing here (any more). Go back to the list and look it up."))
    if not may_reach(record):
        abort(403)
    if changes and with_others:
        with_others(record)
    return record


def id_or_none(value: Any) -> int | None:
    """The choice of a list as an id; the empty choice is None."""
    return int(value) if value not in (None, "", "None") else None


def record_id(text: str) -> int:
    """An id out of an address or a form. Raises ValueError when no record can have it."""
    number = int(text)
    if not 0 < number <= LARGEST_ID:
        raise ValueError(text)
    return number
