"""Forwarding transactions by hand, beside the interval: first what will happen, then the queue."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import Message, _
from ppplanner.models import BusinessUnit, Company, Transaction

from . import outbox
from .connect import connections
from .forwarding import ALREADY_BOOKED, ALREADY_QUEUED, NO_ADMINISTRATION, NO_CONNECTION
from .items import item_of
from .jobs import send_soon
from .models import ExactConnection, Kind, RunKind
from .runs import begin_run
from .standing import SWITCHED_OFF, booked, why_some_waits
from .sync.branches import Setup, obstacles, why_it_stays


@dataclass(frozen=True)
class Held:
    """A transaction that cannot be forwarded now, and why."""

    transaction: Transaction
    reasons: list[Message]


@dataclass
class Preview:
    """What forwarding a selection will do. `delays`: why what is ready has to wait all the same."""

    ready: list[Transaction] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    delays: list[Message] = field(default_factory=list)

    @property
    def companies(self) -> list[str]:
        return sorted({_company(each).name for each in self.ready})


def preview(transaction_ids: Sequence[int]) -> Preview:
    """Which of these transactions will go to Exact, and why the others will not; also those before
    the first day that the interval takes. A few queries per company, however many transactions.
    """
    transactions = _transactions(transaction_ids)
    facts, plan = _Facts.read(transactions), Preview()
    for transaction in transactions:
        if reasons := _reasons(transaction, facts):
            plan.held.append(Held(transaction, reasons))
        else:
            plan.ready.append(transaction)
    going = {_company(each).id for each in plan.ready}
    delays = (why_some_waits(facts.connections[key], Kind.TRANSACTION) for key in going)
    plan.delays = [each for reasons in delays for each in reasons]
    return plan


def forward(transaction_ids: Sequence[int], by: str) -> int:
    """Put those that can go on the way to Exact; how many. The caller commits.

    Raises DomainError when none can go, with the first reason.
    """
    plan = preview(transaction_ids)
    if not plan.ready:
        nothing = _("Tick the transactions to forward first.")
        raise DomainError(str(plan.held[0].reasons[0] if plan.held else nothing))
    count = 0
    for connection in connections():
        ours = [each for each in plan.ready if _company(each).id == connection.company_id]
        count += _queue(connection, ours, by) if ours else 0
    return count


def _queue(connection: ExactConnection, transactions: Iterable[Transaction], by: str) -> int:
    run = begin_run(connection, RunKind.MANUAL, by=by)
    count = outbox.queue_all(connection, map(item_of, transactions), by=by, run=run)
    send_soon()
    return count


def _transactions(transaction_ids: Sequence[int]) -> list[Transaction]:
    query = (
        select(Transaction)
        .where(Transaction.id.in_(transaction_ids))
        .order_by(Transaction.at, Transaction.id)
        .options(
            joinedload(Transaction.type),
            joinedload(Transaction.method),
            joinedload(Transaction.customer),
            joinedload(Transaction.business_unit).joinedload(BusinessUnit.company),
        )
    )
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class _Facts:
    """What decides about the transactions of a selection, by transaction or by company."""

    booked: Collection[int]
    on_its_way: Collection[int]
    connections: Mapping[int, ExactConnection]
    setups: Mapping[int, Setup]

    @classmethod
    def read(cls, transactions: Sequence[Transaction]) -> _Facts:
        ids = [transaction.id for transaction in transactions]
        companies = {_company(transaction).id for transaction in transactions}
        linked = [each for each in connections() if each.company_id in companies]
        last = outbox.last_entries(Kind.TRANSACTION, ids)
        return cls(
            booked(Kind.TRANSACTION, ids).keys(),
            {key for key, entry in last.items() if entry.state in outbox.OPEN},
            {each.company_id: each for each in linked},
            {each.company_id: Setup.read(each, transactions) for each in linked},
        )


def _reasons(transaction: Transaction, facts: _Facts) -> list[Message]:
    if transaction.id in facts.booked:
        return [Message(ALREADY_BOOKED)]
    if transaction.id in facts.on_its_way:
        return [Message(ALREADY_QUEUED)]
    company = _company(transaction)
    connection = facts.connections.get(company.id)
    named = {"company": company.name}
    if connection is None:
        return [Message(NO_CONNECTION, named)]
    setup = facts.setups[company.id]
    if (stays := why_it_stays(transaction, setup)) is not None:
        return [stays]
    if not setup.settings.enabled:
        return [Message(SWITCHED_OFF, named)]
    if connection.division is None:
        return [Message(NO_ADMINISTRATION, named)]
    return obstacles(transaction, setup)


def _company(transaction: Transaction) -> Company:
    return transaction.business_unit.company
