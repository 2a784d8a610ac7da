"""Transactions go regularly: every so many minutes those that are new, and those that were on hold
and can go now (mission S41).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select

from ppplanner.batches import batches
from ppplanner.clock import midnight, now
from ppplanner.extensions import db
from ppplanner.models import BusinessUnit, Company, Transaction, TransactionFamily, TransactionType

from .. import outbox, queueing
from ..connect import connections
from ..items import item_of
from ..models import (
    ExactConnection,
    ExactOutboxEntry,
    ExactRun,
    ExactTypeAccount,
    Kind,
    RunKind,
    WorkState,
)
from ..runs import begin_run
from ..settings import ExactSettings, exact_settings
from ..turns import passed, take_turn
from .branches import Setup, obstacles, read_transactions

log = logging.getLogger(__name__)


def start_due_intervals(at: datetime | None = None) -> list[int]:
    """Put on their way the transactions of each company whose interval has passed; the connections
    that it was for. Commits each.
    """
    moment, ids = at or now(), [connection.id for connection in connections()]
    begun = [connection_id for connection_id in ids if _try_to_start(connection_id, moment)]
    db.session.commit()
    return begun


def _try_to_start(connection_id: int, moment: datetime) -> bool:
    """A company whose interval cannot begin, for whatever reason, holds up no other."""
    try:
        connection = db.session.get_one(ExactConnection, connection_id)
        settings = exact_settings.load(connection.company_id)
        wanted = settings.enabled and settings.transactions_send
        if not wanted or connection.division is None:
            return False
        if not _claim(connection_id, moment, settings):
            return False
        _collect(connection_id, _Interval(connection_id, moment))
        return True
    except Exception:
        db.session.rollback()
        log.exception("connection %s: transactions cannot be collected", connection_id)
        return False


def _claim(connection_id: int, moment: datetime, settings: ExactSettings) -> bool:
    """Whether the interval has passed and no other process has begun the next one. Commits."""
    every = timedelta(minutes=settings.transactions_interval)
    begun = ExactConnection.collected_at
    return take_turn(connection_id, begun, moment, passed(begun, moment, every))


@dataclass
class _Interval:
    """One interval of one connection. Its run is noted with the first record that it is for."""

    connection_id: int
    moment: datetime
    run_id: int | None = field(default=None, init=False)

    def run(self) -> ExactRun | None:
        if self.run_id is None:
            connection = db.session.get_one(ExactConnection, self.connection_id)
            run = begin_run(connection, RunKind.INTERVAL, slot=self.moment.isoformat())
            self.run_id = run.id if run else None
        return db.session.get(ExactRun, self.run_id) if self.run_id else None


def _collect(connection_id: int, interval: _Interval) -> None:
    connection = db.session.get_one(ExactConnection, connection_id)
    _let_go_of_what_stays(connection)
    ids = list(db.session.scalars(candidates(connection)))
    for batch in batches(ids):
        _put_on_their_way(connection, batch, interval)
        db.session.commit()


def _let_go_of_what_stays(connection: ExactConnection) -> None:
    """What was on hold or refused before it was set to stay here needs nobody any more. Its story
    remains.
    """
    staying = select(Transaction.id).where(_is_of(connection.company), _stays_here())
    db.session.execute(
        delete(ExactOutboxEntry).where(
            ExactOutboxEntry.connection_id == connection.id,
            ExactOutboxEntry.kind == Kind.TRANSACTION,
            ExactOutboxEntry.state.in_((WorkState.HELD, WorkState.REFUSED)),
            ExactOutboxEntry.record_id.in_(staying),
        )
    )
    db.session.commit()


def _put_on_their_way(connection: ExactConnection, ids: Sequence[int], interval: _Interval) -> None:
    """Queue those that can go; note of the others, once, what they are waiting for."""
    transactions = read_transactions(ids)
    setup = Setup.read(connection, transactions)
    last = outbox.newest(Kind.TRANSACTION, ids)
    ready, held = [], []
    for transaction in transactions:
        reasons = obstacles(transaction, setup)
        if not reasons:
            ready.append(item_of(transaction))
        elif not queueing.is_held_for(last.get((transaction.id, connection.id)), reasons):
            held.append((item_of(transaction), reasons))
    if ready:
        queueing.queue_all(connection, ready, by="", run=interval.run())
    if held:
        queueing.hold_all(connection, held, interval.run())


def candidates(connection: ExactConnection) -> Select[int]:
    """The transactions of the company that Exact has to have and does not, by their ids, oldest
    first: money that moved since the day that the settings name, and does not stay here.
    """
    company = connection.company
    first_day = exact_settings.load(company.id).transactions_first_day or date(1970, 1, 1)
    return (
        select(Transaction.id)
        .join(Transaction.type)
        .where(
            _is_of(company),
            Transaction.at >= midnight(first_day, company.timezone),
            TransactionType.family != TransactionFamily.ADMINISTRATIVE,
            ~_settled_or_on_its_way(connection.id),
            ~_stays_here(),
        )
        .order_by(Transaction.at, Transaction.id)
    )


def _is_of(company: Company) -> ColumnElement[bool]:
    units = select(BusinessUnit.id).filter_by(company_id=company.id)
    return Transaction.business_unit_id.in_(units)


def _settled_or_on_its_way(connection_id: int) -> ColumnElement[bool]:
    """A refused one waits for a person, too. The sum keeps SQLite from an index with which it would
    read all entries of the connection for each transaction.
    """
    return exists().where(
        ExactOutboxEntry.connection_id + 0 == connection_id,
        ExactOutboxEntry.kind == Kind.TRANSACTION,
        ExactOutboxEntry.record_id == Transaction.id,
        ExactOutboxEntry.state != WorkState.HELD,
    )


def _stays_here() -> ColumnElement[bool]:
    """As `Setup.account_for` finds it: type and method together win over the type alone."""
    of_type = (
        ExactTypeAccount.business_unit_id == Transaction.business_unit_id,
        ExactTypeAccount.type_id == Transaction.type_id,
    )
    exactly = (*of_type, ExactTypeAccount.method_id == Transaction.method_id)
    in_general = (*of_type, ExactTypeAccount.method_id.is_(None))
    here = ~ExactTypeAccount.forwarded
    return or_(
        exists().where(*exactly, here),
        and_(exists().where(*in_general, here), ~exists().where(*exactly)),
    )
