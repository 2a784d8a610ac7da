"""The sheet of a cash register for one day: what was in it, what moved, what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppplanner.clock import midnight
from ppplanner.extensions import db
from ppplanner.models import CashCount, CashRegister, Transaction, TransactionType
from ppplanner.services.collections import cash


@dataclass(frozen=True)
class TypeTotal:
    """What moved with one type of transaction, in EUR."""

    type: TransactionType
    count: int
    amount: Decimal


@dataclass(frozen=True)
class DaySheet:
    """Amounts in EUR; opening + taken_in + paid_out = closing, `paid_out` being below zero."""

    register: CashRegister
    day: date
    opening: Decimal
    transactions: Sequence[Transaction]
    counts: Sequence[CashCount]

    @property
    def taken_in(self) -> Decimal:
        return sum((each.amount for each in self.transactions if each.amount > 0), Decimal(0))

    @property
    def paid_out(self) -> Decimal:
        return sum((each.amount for each in self.transactions if each.amount < 0), Decimal(0))

    @property
    def closing(self) -> Decimal:
        return self.opening + self.taken_in + self.paid_out

    @property
    def totals(self) -> list[TypeTotal]:
        """By type of transaction, in the order in which they first occur."""
        amounts: dict[TransactionType, list[Decimal]] = {}
        for each in self.transactions:
            amounts.setdefault(each.type, []).append(each.amount)
        return [TypeTotal(kind, len(some), sum(some, Decimal(0))) for kind, some in amounts.items()]

    def local(self, moment: datetime) -> datetime:
        """The moment as the clock of the company shows it."""
        return moment.astimezone(ZoneInfo(self.register.business_unit.company.timezone))


def day_sheet(register: CashRegister, day: date) -> DaySheet:
    """The day lasts from midnight to midnight in the time zone of the register's company."""
    zone = register.business_unit.company.timezone
    begins, ends = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    moved = (
        select(Transaction)
        .where(Transaction.register_id == register.id, Transaction.at >= begins)
        .where(Transaction.at < ends)
        .options(
            joinedload(Transaction.type),
            joinedload(Transaction.contract),
            joinedload(Transaction.invoice),
            joinedload(Transaction.customer),
            joinedload(Transaction.created_by),
        )
    )
    counted = select(CashCount).where(
        CashCount.register_id == register.id, CashCount.at >= begins, CashCount.at < ends
    )
    return DaySheet(
        register,
        day,
        cash.balance(register, before=begins),
        db.session.scalars(moved.order_by(Transaction.at, Transaction.id)).all(),
        db.session.scalars(counted.order_by(CashCount.at, CashCount.id)).all(),
    )
