"""Where records stand, as conditions for the database: the same that `standing` says of records
that were read. A test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, false, or_, select
from sqlalchemy.orm import aliased

from . import outbox
from .models import (
    ExactConnection,
    ExactCostLink,
    ExactCustomerLink,
    ExactOutboxEntry,
    ExactStep,
    Kind,
    StepState,
    WorkState,
)
from .standing import BOOKS

#: A person has to do something about it.
NEEDS_PERSON = (WorkState.REFUSED, WorkState.HELD)
UNSETTLED = (*NEEDS_PERSON, *outbox.OPEN)


class Choice(StrEnum):
    """The stages among which people choose; sending is over before anybody has chosen it."""

    NOT_SENT = "not_sent"
    MOVING = "moving"
    HELD = "held"
    REFUSED = "refused"
    #: Booked, without the PDF.
    INCOMPLETE = "incomplete"
    #: Booked, or linked.
    THERE = "there"


@dataclass(frozen=True)
class _Records:
    """Records of one kind by a column with their ids, as some connections know them."""

    kind: Kind
    record_id: SQLColumnExpression[int]
    #: The ids of these connections; None: all.
    among: Collection[int] | None

    def are(self, states: Collection[WorkState]) -> ColumnElement[bool]:
        return self.record_id.in_(unsettled(self.kind, states, self.among))

    def are_only(
        self, states: Collection[WorkState], *, but: Collection[WorkState]
    ) -> ColumnElement[bool]:
        return and_(self.are(states), ~self.are(but))

    def are_there(self) -> ColumnElement[bool]:
        there = _there(self.kind, self.record_id)
        if self.among is not None:
            there = there.where(_of(self.kind).connection_id.in_(self.among))
        return there.exists()

    def are_incomplete(self) -> ColumnElement[bool]:
        if self.kind not in BOOKS:
            return false()
        return and_(self.are_there(), self.are(NEEDS_PERSON))


def stands(
    kind: Kind,
    record_id: SQLColumnExpression[int],
    choice: Choice,
    among: Collection[int] | None = None,
) -> ColumnElement[bool]:
    """Which records of a kind stand so, in the administration in which they fare worst; with
    `among`, of those that these connections know.
    """
    records = _Records(kind, record_id, among)
    match choice:
        case Choice.REFUSED:
            return and_(records.are([WorkState.REFUSED]), ~records.are_incomplete())
        case Choice.HELD:
            held = records.are_only([WorkState.HELD], but=[WorkState.REFUSED])
            return and_(held, ~records.are_incomplete())
        case Choice.INCOMPLETE:
            return records.are_incomplete()
        case Choice.MOVING:
            return records.are_only(outbox.OPEN, but=NEEDS_PERSON)
        case Choice.THERE:
            return and_(records.are_there(), ~records.are(UNSETTLED))
    return and_(~records.are_there(), ~records.are(UNSETTLED))


def unsettled(
    kind: Kind,
    states: Collection[WorkState] = UNSETTLED,
    among: Collection[int] | None = None,
) -> Select[Any]:
    """The records about which the last word is one of these states of the outbox."""
    entry = ExactOutboxEntry
    query = select(entry.record_id).where(
        entry.kind == kind, entry.state.in_(states), is_last_word([kind])
    )
    return query if among is None else query.where(entry.connection_id.in_(among))


def is_last_word(kinds: Collection[Kind] = tuple(Kind)) -> ColumnElement[bool]:
    """Whether an entry, of one of these kinds, is the newest of its record and connection, and
    Exact has not got the record since.
    """
    settled = (and_(ExactOutboxEntry.kind == kind, ~_overtaken(kind)) for kind in kinds)
    return and_(~_newer().exists(), or_(*settled))


def lacks_pdf() -> ColumnElement[bool]:
    """Whether an entry needs a person though Exact had booked its invoice by then: what it refuses
    is the PDF only.
    """
    entry = ExactOutboxEntry
    booked = _there(Kind.INVOICE, entry.record_id).where(
        ExactStep.connection_id == entry.connection_id, ExactStep.confirmed_at <= entry.settled_at
    )
    failed = and_(entry.kind == Kind.INVOICE, entry.state.in_(NEEDS_PERSON))
    return and_(failed, booked.correlate(entry).exists())


def _newer() -> Select[Any]:
    entry, later = ExactOutboxEntry, aliased(ExactOutboxEntry)
    return (
        select(later.id)
        .where(
            later.kind == entry.kind,
            later.record_id == entry.record_id,
            later.connection_id == entry.connection_id,
            later.id > entry.id,
        )
        .correlate(entry)
    )


def _overtaken(kind: Kind) -> ColumnElement[bool]:
    """A booking, or a link, that came after a refusal settles it."""
    entry, since = ExactOutboxEntry, _since(kind)
    there = _there(kind, entry.record_id).where(
        _of(kind).connection_id == entry.connection_id,
        entry.state.in_(NEEDS_PERSON),
        entry.settled_at < since,
    )
    return there.correlate(entry).exists()


def _since(kind: Kind) -> Any:
    return ExactStep.confirmed_at if kind in BOOKS else _of(kind).linked_at


def _there(kind: Kind, record_id: SQLColumnExpression[int]) -> Select[Any]:
    """What says that Exact has the record."""
    known = _of(kind)
    if kind in BOOKS:
        return select(known.id).where(
            known.connection_id.in_(select(ExactConnection.id)),  # the index begins with it
            known.kind == kind,
            known.record_id == record_id,
            known.action == BOOKS[kind],
            known.state == StepState.CONFIRMED,
        )
    if kind is Kind.CUSTOMER:
        return select(known.account_id).where(known.customer_id == record_id)
    return select(known.exact_id).where(known.kind == kind, known.record_id == record_id)


def _of(kind: Kind) -> Any:
    """The table that knows."""
    if kind in BOOKS:
        return ExactStep
    return ExactCustomerLink if kind is Kind.CUSTOMER else ExactCostLink
