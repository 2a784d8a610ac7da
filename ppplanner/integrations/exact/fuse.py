"""Stops asking an endpoint before Exact does: more than ten answers 400, 401, 403 or 404 within an
hour, and it locks the app out for an hour, or longer (API facts, section 5).

All processes count together, in the database: per app, person, administration and endpoint. A call
takes its place there before it is made, so that calls that are made at the same moment cannot pass
the limit together. Work in the background, of which one worker at a time asks, does so from the
first refusal on; the last place is kept for it.

Nobody can reset that: Exact goes on counting, so that the next refusals would be those that lock
the app. It goes on by itself an hour after the refusals.

Long before, an endpoint that refuses us again and again for want of rights is left to a try now and
then; a person who has given the rights may have it tried at once (`try_now`).
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from ppplanner.clock import BRUSSELS, now
from ppplanner.extensions import db

from .call_counts import Priority
from .errors import Call, EndpointStopped, ExactUnavailable
from .models import ExactConnection, ExactCountedError, Kind
from .quota import quota_key
from .refusals import COUNTED, IN_A_ROW, MOST, TRY_NOW, WENT_WELL, WINDOW, Answers
from .settings import exact_settings

LONGEST_KEY = 400
#: How long a call waits for others that are under way and may be refused.
WAITS_FOR_OTHERS, LOOK_AGAIN = timedelta(seconds=3), 0.1

#: What every record of a kind needs: of each group, one endpoint that may be asked.
NEEDS: dict[Kind, tuple[frozenset[str], ...]] = {
    Kind.COST_CENTRE: (frozenset({"hrm/Costcenters"}),),
    Kind.COST_CARRIER: (frozenset({"hrm/Costunits"}),),
    Kind.CUSTOMER: (frozenset({"crm/Accounts"}),),
    Kind.INVOICE: (frozenset({"salesentry/SalesEntries"}),),
    Kind.TRANSACTION: (
        frozenset(
            {"financialtransaction/CashEntries", "generaljournalentry/GeneralJournalEntries"}
        ),
    ),
}
PDF_NEEDS = (frozenset({"documents/Documents"}), frozenset({"documents/DocumentAttachments"}))


class Fuse:
    """The count of an app and a person in one administration, as two hooks for one client's calls.
    Both open and commit transactions of their own.
    """

    def __init__(self, key: str, priority: Priority = "background", zone: str = BRUSSELS) -> None:
        self._key = key
        self._priority = priority
        self._zone = zone
        self._place: int | None = None

    @classmethod
    def of(cls, connection: ExactConnection, division: int | None, priority: Priority) -> Fuse:
        """That of a connection's app and person in one of their administrations."""
        return cls(key_of(connection, division), priority, connection.company.timezone)

    def before_call(self, call: Call) -> None:
        """Take a place. Raises EndpointStopped, or ExactUnavailable while others that are under way
        may fill the last places.
        """
        deadline = time.monotonic() + WAITS_FOR_OTHERS.total_seconds()
        while not self._take(call.resource):
            if time.monotonic() > deadline:
                raise ExactUnavailable("limit")
            time.sleep(LOOK_AGAIN)

    def after_call(self, call: Call, status: int | None) -> None:
        """Count the answer, if Exact does, or give the place back. `status` is None when no answer
        came, or no call was made.
        """
        place, self._place = self._place, None
        if status in COUNTED:
            self._count(call.resource, place, status)
        elif place is not None:
            self._give_back(call.resource, place, status)
        db.session.commit()

    def _take(self, resource: str) -> bool:
        """Whether the call may be made: with a place, if it needs one."""
        answers = self._look(resource)
        if until := answers.stopped_until(self._priority, now()):
            raise EndpointStopped(resource, len(answers.counted), until, self._zone)
        if not answers.counted and self._priority == "background":
            return True
        return answers.has_place(self._priority) and self._take_place(resource)

    def _take_place(self, resource: str) -> bool:
        """Whether it fits, now that all others can see it too; of two that come at the same moment
        for the last place, none gets it.
        """
        place = ExactCountedError(key=self._key, resource=resource)
        db.session.add(place)
        db.session.flush()
        place_id = place.id
        db.session.commit()
        answers = self._look(resource)
        if len(answers.counted) + answers.under_way <= MOST[self._priority]:
            self._place = place_id
            return True
        self._give_back(resource, place_id, None)
        db.session.commit()
        return False

    def _look(self, resource: str) -> Answers:
        rows = select(ExactCountedError).filter_by(key=self._key, resource=resource)
        answers = Answers.of(db.session.scalars(rows), now())
        db.session.commit()
        return answers

    def _count(self, resource: str, place: int | None, status: int) -> None:
        if place is not None:
            db.session.execute(delete(ExactCountedError).filter_by(id=place))
        db.session.add(ExactCountedError(key=self._key, resource=resource, status=status))

    def _give_back(self, resource: str, place: int, status: int | None) -> None:
        """After a good answer, that is kept as the last one, as long as refusals are remembered."""
        if status is None or status >= 400 or not self._look(resource).counted:
            db.session.execute(delete(ExactCountedError).filter_by(id=place))
            return
        last = {"key": self._key, "resource": resource, "status": WENT_WELL}
        db.session.execute(delete(ExactCountedError).filter_by(**last))
        db.session.execute(
            update(ExactCountedError).filter_by(id=place).values(status=WENT_WELL, at=now())
        )


def stops(connection: ExactConnection) -> list[EndpointStopped]:
    """The endpoints of its administration that work in the background may not ask now."""
    zone, moment = connection.company.timezone, now()
    known = _answers(connection, moment).items()
    return [
        EndpointStopped(resource, len(answers.counted), until, zone)
        for resource, answers in sorted(known)
        if (until := answers.stopped_until("background", moment))
    ]


def holding(connection: ExactConnection, kind: Kind) -> list[EndpointStopped]:
    """Those for which all records of a kind have to wait, since each of them needs these."""
    return _holding(stops(connection), connection, kind)


def waiting_kinds(connection: ExactConnection) -> frozenset[Kind]:
    """The kinds of records of which every one has to wait for an endpoint."""
    closed = stops(connection)
    return frozenset(kind for kind in Kind if closed and _holding(closed, connection, kind))


def _holding(
    stopped: Iterable[EndpointStopped], connection: ExactConnection, kind: Kind
) -> list[EndpointStopped]:
    closed = {stop.resource: stop for stop in stopped}
    groups = NEEDS[kind]
    if closed and kind is Kind.INVOICE and exact_settings.load(connection.company_id).invoices_pdf:
        groups += PDF_NEEDS
    return [closed[each] for group in groups if group <= closed.keys() for each in sorted(group)]


def goes_well(connection: ExactConnection, resource: str) -> bool:
    """Whether an endpoint that refused us for want of rights gives good answers in between."""
    answers = _answers(connection, now()).get(resource)
    return bool(answers and answers.some_good and len(answers.without_access) < IN_A_ROW)


def try_now(connection: ExactConnection) -> None:
    """A person has given rights: what was refused for want of them may be tried again at once, as
    often as Exact's limit leaves room for. The caller commits.
    """
    for resource, answers in _answers(connection, now()).items():
        if answers.without_access:
            row = ExactCountedError(key=key_of(connection), resource=resource, status=TRY_NOW)
            db.session.add(row)


def forget_old() -> None:
    """Let go of what no longer counts. The caller commits."""
    db.session.execute(delete(ExactCountedError).where(ExactCountedError.at < now() - WINDOW))


def _answers(connection: ExactConnection, moment: datetime) -> dict[str, Answers]:
    rows: dict[str, list[ExactCountedError]] = defaultdict(list)
    for row in db.session.scalars(select(ExactCountedError).filter_by(key=key_of(connection))):
        rows[row.resource].append(row)
    return {resource: Answers.of(some, moment) for resource, some in rows.items()}


def key_of(connection: ExactConnection, division: int | None = None) -> str:
    """By what is counted, by default in its own administration. Exact counts for each person: who
    logs in as somebody else begins anew.
    """
    division = division or connection.division
    shared = quota_key(connection.base_url, connection.client_id, division)
    return f"{shared}:{connection.consented_by}"[:LONGEST_KEY]
