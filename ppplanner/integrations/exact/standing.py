"""Where records stand towards Exact, as people see it: one badge, one reason, whatever the kind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from sqlalchemy import select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import N_, Message

from . import fuse, outbox
from .connect import connections
from .messages import UNAVAILABLE
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
from .settings import exact_settings
from .vault import UNREADABLE

#: The step with which Exact has a record in its books.
BOOKS = {Kind.INVOICE: "book_entry", Kind.TRANSACTION: "book_transaction"}

SWITCHED_OFF = N_("The link with Exact is switched off for %(company)s.")
LOGIN_LOST = N_("Nobody is logged in with Exact. Log in again; what waits then goes by itself.")


class Stage(StrEnum):
    """Where a record stands."""

    NOT_SENT = "not_sent"
    #: Something is missing that a person has to set; then it goes by itself.
    HELD = "held"
    WAITING = "waiting"
    SENDING = "sending"
    #: An invoice, a transaction: in Exact's books.
    BOOKED = "booked"
    #: An invoice: booked, and Exact refuses its PDF.
    INCOMPLETE = "incomplete"
    #: A customer, a cost centre, a cost carrier: Exact has the like, and we know which.
    LINKED = "linked"
    REFUSED = "refused"


#: What people have to hear of first.
WORSE = (
    Stage.REFUSED,
    Stage.HELD,
    Stage.INCOMPLETE,
    Stage.WAITING,
    Stage.SENDING,
    Stage.LINKED,
    Stage.BOOKED,
    Stage.NOT_SENT,
)


@dataclass(frozen=True)
class Standing:
    """The stage of a record with its reasons, and its number or code in Exact once it has one."""

    stage: Stage
    reasons: list[Message] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    number: str = ""
    #: Since when Exact has it.
    since: datetime | None = field(default=None, compare=False)
    #: The entry of the outbox that tells it, unless Exact has the record and that is the last word.
    entry_id: int | None = field(default=None, compare=False)

    @property
    def moving(self) -> bool:
        """Whether it will change by itself soon."""
        return self.stage in (Stage.WAITING, Stage.SENDING)

    @property
    def needs_person(self) -> bool:
        return self.stage in (Stage.REFUSED, Stage.HELD, Stage.INCOMPLETE)


@dataclass(frozen=True)
class Known:
    """What Exact has of a record: its number or code there, and since when we know."""

    stage: Stage
    number: str
    since: datetime

    @property
    def standing(self) -> Standing:
        return Standing(self.stage, number=self.number, since=self.since)


class Rest(NamedTuple):
    """Why nothing is sent for a connection, or nothing of one kind."""

    of_all: list[Message]
    of_kind: list[Message]


#: A record and a connection, by their ids.
Place: TypeAlias = tuple[int, int]


def standings(
    kind: Kind, record_ids: Sequence[int], among: Collection[int] | None = None
) -> dict[int, Standing]:
    """Where these records of one kind stand, in a fixed number of queries; where a record goes to
    several administrations, how it fares where it fares worst, with its numbers in all of them.
    With `among`, only these connections count.
    """
    found: dict[int, list[Standing]] = {key: [] for key in record_ids}
    for (record_id, connection_id), standing in standings_by_place(kind, record_ids).items():
        if among is None or connection_id in among:
            found[record_id].append(standing)
    return {key: overall(each) for key, each in found.items()}


def standings_by_place(kind: Kind, record_ids: Sequence[int]) -> dict[Place, Standing]:
    """The same by record and connection, of those that the connection has ever heard of."""
    known, entries = KNOWN[kind](kind, record_ids), outbox.newest(kind, record_ids)
    waiting = {each.connection_id for each in entries.values() if each.state is WorkState.WAITING}
    resting = {
        each.id: Rest(why_it_rests(each), _why_stopped(each, kind))
        for each in connections()
        if each.id in waiting
    }
    places = dict.fromkeys((*entries, *known))
    return {each: _standing(known.get(each), entries.get(each), resting) for each in places}


def overall(places: Sequence[Standing]) -> Standing:
    """How a record fares where it fares worst, with its numbers in all administrations."""
    if not places:
        return Standing(Stage.NOT_SENT)
    worst = min(places, key=lambda each: WORSE.index(each.stage))
    numbers = dict.fromkeys(each.number for each in places if each.number)
    return replace(worst, number=", ".join(numbers))


def _standing(
    known: Known | None, entry: ExactOutboxEntry | None, resting: Mapping[int, Rest]
) -> Standing:
    if known and (entry is None or _is_past(entry, known)):
        return known.standing
    if entry is None or entry.state is WorkState.DONE:
        return Standing(Stage.NOT_SENT)
    standing = replace(_on_its_way(entry, resting), entry_id=entry.id)
    if known is None:
        return standing
    lacks_something = known.stage is Stage.BOOKED and standing.needs_person
    stage = Stage.INCOMPLETE if lacks_something else standing.stage
    return replace(standing, stage=stage, number=known.number, since=known.since)


def _is_past(entry: ExactOutboxEntry, known: Known) -> bool:
    """Whether what is known is the last word; if not, something about it has to go once more."""
    if entry.state is WorkState.DONE:
        return True
    settled = entry.settled_at if entry.state not in outbox.OPEN else None
    return settled is not None and settled < known.since


def _on_its_way(entry: ExactOutboxEntry, resting: Mapping[int, Rest]) -> Standing:
    reasons = [Message.from_json(reason) for reason in entry.reasons]
    match entry.state:
        case WorkState.REFUSED:
            return Standing(Stage.REFUSED, reasons, entry.words)
        case WorkState.HELD:
            return Standing(Stage.HELD, reasons)
        case WorkState.SENDING:
            return Standing(Stage.SENDING)
        case _:
            rest = resting[entry.connection_id]
            return Standing(Stage.WAITING, rest.of_all or reasons or rest.of_kind)


def why_it_rests(connection: ExactConnection) -> list[Message]:
    """Why nothing is sent for the connection just now; empty when it works."""
    if not exact_settings.load(connection.company_id).enabled:
        return [Message(SWITCHED_OFF, {"company": connection.company.name})]
    if not connection.is_connected:
        return [Message(LOGIN_LOST)]
    if UNREADABLE in (connection.client_secret, connection.refresh_token):
        return [Message(UNAVAILABLE["key"])]
    if connection.pause_reason and connection.paused_until and connection.paused_until > now():
        return [Message.from_json(connection.pause_reason)]
    return []


def why_some_waits(connection: ExactConnection, kind: Kind | None = None) -> list[Message]:
    """The same, or else why a part of it, or this kind, is not sent: Exact refuses too much."""
    return why_it_rests(connection) or _why_stopped(connection, kind)


def _why_stopped(connection: ExactConnection, kind: Kind | None) -> list[Message]:
    stops = fuse.holding(connection, kind) if kind else fuse.stops(connection)
    return [message for stop in stops for message in stop.messages]


def booked(kind: Kind, record_ids: Sequence[int]) -> dict[int, ExactStep]:
    """The confirmed bookings of these invoices or transactions."""
    query = select(ExactStep).where(
        ExactStep.kind == kind,
        ExactStep.record_id.in_(record_ids),
        ExactStep.action == BOOKS[kind],
        ExactStep.state == StepState.CONFIRMED,
    )
    return {step.record_id: step for step in db.session.scalars(query)}


def _booked(kind: Kind, record_ids: Sequence[int]) -> dict[Place, Known]:
    return {
        (key, step.connection_id): Known(
            Stage.BOOKED, step.label, step.confirmed_at or step.started_at
        )
        for key, step in booked(kind, record_ids).items()
    }


def _linked_customers(_kind: Kind, record_ids: Sequence[int]) -> dict[Place, Known]:
    query = select(ExactCustomerLink).where(ExactCustomerLink.customer_id.in_(record_ids))
    return {
        (link.customer_id, link.connection_id): Known(Stage.LINKED, link.code, link.linked_at)
        for link in db.session.scalars(query.order_by(ExactCustomerLink.connection_id))
    }


def _linked_costs(kind: Kind, record_ids: Sequence[int]) -> dict[Place, Known]:
    query = select(ExactCostLink).where(
        ExactCostLink.kind == kind, ExactCostLink.record_id.in_(record_ids)
    )
    return {
        (link.record_id, link.connection_id): Known(Stage.LINKED, link.code, link.linked_at)
        for link in db.session.scalars(query.order_by(ExactCostLink.connection_id))
    }


#: How each kind is known in Exact.
KNOWN: dict[Kind, Callable[[Kind, Sequence[int]], dict[Place, Known]]] = {
    Kind.INVOICE: _booked,
    Kind.TRANSACTION: _booked,
    Kind.CUSTOMER: _linked_customers,
    Kind.COST_CENTRE: _linked_costs,
    Kind.COST_CARRIER: _linked_costs,
}
