"""What is in a cash register: the sum of its transactions, in EUR."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate

from sqlalchemy import func, select

from ppplanner.clock import TICK, now
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.formats import moment, money
from ppplanner.i18n import _
from ppplanner.models import CashCount, CashRegister, Transaction
from ppplanner.services.locking import lock

MINUTE = timedelta(minutes=1)


def balance(register: CashRegister, before: datetime | None = None) -> Decimal:
    """What is in it now, or what was in it just before a moment."""
    query = select(func.sum(Transaction.amount)).filter_by(register_id=register.id)
    if before is not None:
        query = query.where(Transaction.at < before)
    return db.session.scalar(query) or Decimal(0)


def balances(register_ids: Iterable[int]) -> dict[int, Decimal]:
    """What is in several of them, in one query; an empty one has zero."""
    ids = list(register_ids)
    query = (
        select(Transaction.register_id, func.sum(Transaction.amount))
        .where(Transaction.register_id.in_(ids))
        .group_by(Transaction.register_id)
    )
    found = {key: amount for key, amount in db.session.execute(query) if key}
    return {key: found.get(key, Decimal(0)) for key in ids}


def last_count(register: CashRegister) -> CashCount | None:
    return last_counts([register.id]).get(register.id)


def last_counts(register_ids: Iterable[int]) -> dict[int, CashCount]:
    """The last count of each of several registers that were counted, in one query."""
    newest = (
        select(func.max(CashCount.id))
        .where(CashCount.register_id.in_(list(register_ids)))
        .group_by(CashCount.register_id)
    )
    found = db.session.scalars(select(CashCount).where(CashCount.id.in_(newest)))
    return {count.register_id: count for count in found}


def admit(register: CashRegister, amount: Decimal, at: datetime) -> datetime:
    """Let cash go in or out of a register at that moment; it waits for others there.

    Never more goes out than is in it, and what was counted stays as it was counted: raises Invalid.
    Gives the moment to book. People type minutes: theirs is the end of the minute, so that it comes
    after what happened, and was counted, within it.
    """
    lock(register)
    if at == at.replace(second=0, microsecond=0):
        at = max(at, min(at + MINUTE - TICK, now()))
    if not register.active:
        raise Invalid(register_id=_("Cash register %(register)s is closed.", register=register))
    counted = last_count(register)
    if counted and at < counted.at:
        raise Invalid(
            at=_(
                "Cash register %(register)s was counted on %(moment)s: take a later moment.",
                register=register,
                moment=moment(counted.at),
            )
        )
    _refuse_hole(register, amount, at)
    return at


def _refuse_hole(register: CashRegister, amount: Decimal, at: datetime) -> None:
    there = _least_since(register, at)
    if amount < 0 and there + amount < 0:
        raise Invalid(
            amount=_(
                "There is only %(there)s in cash register %(register)s.",
                there=money(there),
                register=register,
            )
        )


def _least_since(register: CashRegister, at: datetime) -> Decimal:
    """The least that was in it from that moment on: what can go out without a hole later."""
    later = select(Transaction.amount).where(
        Transaction.register_id == register.id, Transaction.at > at
    )
    amounts = db.session.scalars(later.order_by(Transaction.at, Transaction.id))
    return min(accumulate(amounts, initial=balance(register, at + TICK)))
