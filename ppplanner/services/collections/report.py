"""What transactions come to together, by type and method (domain 9.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func

from ppplanner.extensions import db
from ppplanner.models import Transaction, TransactionMethod, TransactionType


@dataclass(frozen=True)
class Total:
    """The transactions of one type and one method; `amount` in EUR, what went out is negative."""

    type: TransactionType
    method: TransactionMethod | None
    count: int
    amount: Decimal


@dataclass(frozen=True)
class Totals:
    """All of them, in the order of the lists of types and methods."""

    rows: Sequence[Total]

    @property
    def count(self) -> int:
        return sum(row.count for row in self.rows)

    @property
    def amount(self) -> Decimal:
        return sum((row.amount for row in self.rows), Decimal(0))


def totals(transactions: Select[Any]) -> Totals:
    """The totals of a query of transactions, which may be narrowed in any way. It holds each
    transaction once.
    """
    sums = func.count(Transaction.id), func.sum(Transaction.amount)
    kind = Transaction.type_id, Transaction.method_id
    query = transactions.order_by(None).with_only_columns(*kind, *sums).group_by(*kind)
    found = [
        Total(_type(type_id), _method(method_id), count, amount)
        for type_id, method_id, count, amount in db.session.execute(query).all()
    ]
    return Totals(sorted(found, key=_place))


def _type(key: int) -> TransactionType:
    return db.session.get_one(TransactionType, key)


def _method(key: int | None) -> TransactionMethod | None:
    return db.session.get(TransactionMethod, key) if key else None


def _place(total: Total) -> tuple[int, int]:
    return total.type.id, total.method.id if total.method else 0
