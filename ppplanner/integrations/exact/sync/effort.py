"""How many calls the work that waits still needs, from what it is and what Exact knows already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, func, or_, select, union

from ppplanner.extensions import db
from ppplanner.models import Invoice, Transaction

from ..models import (
    ExactConnection,
    ExactCustomerLink,
    ExactOutboxEntry,
    ExactRun,
    ExactStep,
    Kind,
    StepState,
)
from ..outbox import IS_OPEN
from ..settings import exact_settings
from ..standing import BOOKS
from .pdfs import ATTACH, DOCUMENT
from .run import BATCH

#: One that Exact may not know: looked for, then made.
TO_MAKE = 2

Conditions = tuple[ColumnElement[bool], ...]


def calls_for(run: ExactRun) -> int:
    """The calls until nothing of a run is on its way, with all that goes before its last record.

    What is refused or goes wrong meanwhile costs others; nobody can tell.
    """
    last = (
        select(ExactOutboxEntry.rank, ExactOutboxEntry.id)
        .where(ExactOutboxEntry.run_id == run.id, IS_OPEN)
        .order_by(ExactOutboxEntry.rank.desc(), ExactOutboxEntry.id.desc())
    )
    if (found := db.session.execute(last.limit(1)).first()) is None:
        return 0
    return _Work(run.connection, _open_until(run.connection_id, *found)).calls


def _open_until(connection_id: int, rank: int, entry_id: int) -> Conditions:
    earlier = and_(ExactOutboxEntry.rank == rank, ExactOutboxEntry.id <= entry_id)
    return (
        ExactOutboxEntry.connection_id == connection_id,
        IS_OPEN,
        or_(ExactOutboxEntry.rank < rank, earlier),
    )


@dataclass(frozen=True)
class _Work:
    """What is on its way for a connection, as far as the conditions go."""

    connection: ExactConnection
    conditions: Conditions

    @property
    def calls(self) -> int:
        settings, counted = exact_settings.load(self.connection.company_id), self._by_kind()
        invoices, transactions = counted.pop(Kind.INVOICE, 0), counted.pop(Kind.TRANSACTION, 0)
        steps = [BOOKS[Kind.INVOICE], BOOKS[Kind.TRANSACTION]]
        steps += [DOCUMENT, ATTACH] if settings.invoices_pdf else []
        bookings = transactions + invoices * (3 if settings.invoices_pdf else 1)
        asked = -(-(invoices + transactions) // BATCH)
        customers = self._customer_calls(counted.pop(Kind.CUSTOMER, 0), settings.customers_send)
        return bookings - self._taken(steps) + asked + customers + sum(counted.values()) * TO_MAKE

    def _customer_calls(self, entries: int, sent: bool) -> int:
        """For those of invoices and transactions whom Exact does not know, and for changes."""
        if not sent:
            return 0
        own = self._customers(Kind.CUSTOMER, ExactOutboxEntry.record_id)
        of_invoices = self._customers(Kind.INVOICE, Invoice.customer_id, Invoice)
        of_transactions = self._customers(Kind.TRANSACTION, Transaction.customer_id, Transaction)
        changed = entries - self._unknown(own) if entries else 0
        return changed + TO_MAKE * self._unknown(union(own, of_invoices, of_transactions))

    def _by_kind(self) -> dict[str, int]:
        query = select(ExactOutboxEntry.kind, func.count()).where(*self.conditions)
        return dict(db.session.execute(query.group_by(ExactOutboxEntry.kind)).all())

    def _taken(self, actions: list[str]) -> int:
        """How many of these steps were taken already."""
        same = and_(
            ExactStep.connection_id == ExactOutboxEntry.connection_id,
            ExactStep.kind == ExactOutboxEntry.kind,
            ExactStep.record_id == ExactOutboxEntry.record_id,
        )
        query = select(func.count()).select_from(ExactOutboxEntry).join(ExactStep, same)
        taken = (ExactStep.action.in_(actions), ExactStep.state == StepState.CONFIRMED)
        return db.session.scalar(query.where(*self.conditions, *taken)) or 0

    def _customers(self, kind: Kind, customer: Any, model: Any = None) -> Select[Any]:
        query = select(customer.label("customer_id")).select_from(ExactOutboxEntry)
        if model:
            query = query.join(model, model.id == ExactOutboxEntry.record_id)
        return query.where(ExactOutboxEntry.kind == kind, *self.conditions)

    def _unknown(self, customers: Select[Any] | CompoundSelect[Any]) -> int:
        """How many of the customers have no relation in Exact yet."""
        linked = select(ExactCustomerLink.customer_id).where(
            ExactCustomerLink.connection_id == self.connection.id
        )
        key = customers.subquery().c.customer_id
        query = select(func.count(key)).where(key.not_in(linked))
        return db.session.scalar(query) or 0
