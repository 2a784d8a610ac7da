"""Forwarding by hand: first what will happen, then the queue. One way for all that is booked; what
differs between invoices and transactions stands in `forwarding_kinds`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ppplanner.errors import DomainError
from ppplanner.i18n import N_, Message

from .connect import connections
from .forwarding_kinds import FORWARDED, Forwarded, Setup
from .jobs import send_soon
from .models import ExactConnection, Kind, RunKind
from .runs import begin_run
from .standing import SWITCHED_OFF, Stage, Standing, standings, why_some_waits

ALREADY_BOOKED = N_("It is booked in Exact already.")
ALREADY_QUEUED = N_("It is on its way already.")
NO_CONNECTION = N_(
    "%(company)s has no link with Exact yet: set it up under Settings, Exact Online."
)
NO_ADMINISTRATION = N_("%(company)s has no administration chosen in the settings of Exact.")

#: An invoice or a transaction: what is asked of both is asked of their kind.
Record: TypeAlias = Any


@dataclass(frozen=True)
class Held:
    """What cannot be forwarded now, and why."""

    record: Record
    reasons: list[Message]


@dataclass
class Preview:
    """What forwarding a selection will do. `delays`: why what is ready has to wait all the same."""

    kind: Kind
    ready: list[Record] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    delays: list[Message] = field(default_factory=list)

    @property
    def companies(self) -> list[str]:
        of = FORWARDED[self.kind]
        return sorted({of.company(each).name for each in self.ready})

    @property
    def by_reason(self) -> list[tuple[list[Message], list[Record]]]:
        """What is held, with those together for which the same has to be done."""
        groups: dict[tuple[str, ...], tuple[list[Message], list[Record]]] = {}
        for each in self.held:
            _reasons, records = groups.setdefault(tuple(map(str, each.reasons)), (each.reasons, []))
            records.append(each.record)
        return list(groups.values())

    def ready_for(self, connection: ExactConnection) -> list[Record]:
        of = FORWARDED[self.kind]
        return [each for each in self.ready if of.company(each).id == connection.company_id]


def preview(record_ids: Sequence[int], kind: Kind = Kind.INVOICE) -> Preview:
    """Which of these will go to Exact, and why the others will not. A few queries per company,
    however many there are.
    """
    of, plan = FORWARDED[kind], Preview(kind)
    records = of.read(record_ids)
    facts = _Facts.read(of, records)
    for record in records:
        if reasons := _reasons(of, record, facts):
            plan.held.append(Held(record, reasons))
        else:
            plan.ready.append(record)
    for connection in filter(plan.ready_for, facts.connections.values()):
        plan.delays += why_some_waits(connection, kind)
    return plan


def forward(record_ids: Sequence[int], by: str, kind: Kind = Kind.INVOICE) -> int:
    """Put those that can go on the way to Exact; how many. The caller commits.

    Raises DomainError when none can go, with the first reason.
    """
    plan = preview(record_ids, kind)
    if not plan.ready:
        reason = plan.held[0].reasons[0] if plan.held else FORWARDED[kind].nothing
        raise DomainError(str(reason))
    links = filter(plan.ready_for, connections())
    return sum(_queue(kind, link, plan.ready_for(link), by) for link in links)


def _queue(kind: Kind, connection: ExactConnection, records: Iterable[Record], by: str) -> int:
    run = begin_run(connection, RunKind.MANUAL, by=by)
    count = FORWARDED[kind].queue(connection, records, by, run)
    send_soon()
    return count


@dataclass(frozen=True)
class _Facts:
    """What decides about the records of a selection, by record or by company."""

    standings: Mapping[int, Standing]
    connections: Mapping[int, ExactConnection]
    setups: Mapping[int, Setup]

    @classmethod
    def read(cls, of: Forwarded, records: Sequence[Record]) -> _Facts:
        ids = [record.id for record in records]
        companies = {of.company(record).id for record in records}
        linked = [each for each in connections() if each.company_id in companies]
        return cls(
            standings(of.kind, ids),
            {each.company_id: each for each in linked},
            {each.company_id: of.setup(each, records) for each in linked},
        )


def _reasons(of: Forwarded, record: Record, facts: _Facts) -> list[Message]:
    if not_yet := of.not_yet(record):
        return [not_yet]
    standing = facts.standings[record.id]
    if standing.moving:
        return [Message(ALREADY_QUEUED)]
    if _is_booked(standing):
        return [Message(ALREADY_BOOKED)]
    company = of.company(record)
    connection, named = facts.connections.get(company.id), {"company": company.name}
    if connection is None:
        return [Message(NO_CONNECTION, named)]
    setup = facts.setups[company.id]
    if never := of.never(record, setup):
        return [never]
    if not setup.settings.enabled:
        return [Message(SWITCHED_OFF, named)]
    if connection.division is None:
        return [Message(NO_ADMINISTRATION, named)]
    return of.obstacles(record, setup, standing)


def _is_booked(standing: Standing) -> bool:
    """With all that belongs to it; be it in another administration, where it fares better."""
    if standing.stage is Stage.INCOMPLETE:
        return False
    return standing.stage is Stage.BOOKED or bool(standing.number)
