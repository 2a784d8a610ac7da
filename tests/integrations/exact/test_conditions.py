"""What the filter "Exact" finds is what the badges of the list say."""

from __future__ import annotations

from datetime import timedelta
from itertools import count, product
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import literal, select, union_all

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact.conditions import Choice, stands
from ppplanner.integrations.exact.models import (
    ExactConnection,
    ExactCostLink,
    ExactCustomerLink,
    ExactOutboxEntry,
    ExactStep,
    Kind,
    StepState,
    WorkState,
)
from ppplanner.integrations.exact.outbox import OPEN
from ppplanner.integrations.exact.standing import BOOKS, Stage, standings
from ppplanner.models import BusinessUnit
from tests.blueprints.pages import main
from tests.conftest import Login
from tests.factories import make_company, make_customer, make_limited_user

CHOICES = {
    Stage.NOT_SENT: Choice.NOT_SENT,
    Stage.WAITING: Choice.MOVING,
    Stage.SENDING: Choice.MOVING,
    Stage.HELD: Choice.HELD,
    Stage.REFUSED: Choice.REFUSED,
    Stage.BOOKED: Choice.THERE,
    Stage.INCOMPLETE: Choice.INCOMPLETE,
    Stage.LINKED: Choice.THERE,
}
#: How a record fares in one connection: the last state of the outbox, and when Exact got it as
#: seen from that: never, before, or since.
FARES = list(product((None, *WorkState), (None, -1, +1)))
FARES_ELSEWHERE = [
    (None, None),
    (WorkState.REFUSED, None),
    (WorkState.WAITING, None),
    (WorkState.HELD, -1),
    (WorkState.DONE, +1),
]
entry_ids = count(1)


def make_connection(name: str) -> ExactConnection:
    connection = ExactConnection(
        company=make_company(name=name), base_url="https://x", client_id="a", client_secret="b"
    )
    db.session.add(connection)
    db.session.flush()
    return connection


def fare(
    connection: ExactConnection,
    kind: Kind,
    record_id: int,
    state: WorkState | None,
    there: int | None,
) -> None:
    """Make the record fare so, after an earlier refusal that counts no more."""
    settled, place = now(), {"kind": kind, "record_id": record_id, "connection_id": connection.id}
    if state:
        for each in (WorkState.REFUSED, state):
            at = None if each in OPEN else settled
            company_id = connection.company_id
            entry = ExactOutboxEntry(
                **place, id=next(entry_ids), company_id=company_id, state=each, settled_at=at
            )
            db.session.add(entry)
    if there:
        db.session.add(known(place, settled + timedelta(minutes=there)))


def known(place: dict[str, Any], at: Any) -> Any:
    if place["kind"] in BOOKS:
        step = {"action": BOOKS[place["kind"]], "state": StepState.CONFIRMED}
        return ExactStep(**place, **step, confirmed_at=at)
    if place["kind"] is Kind.CUSTOMER:
        of = {"customer_id": place["record_id"], "connection_id": place["connection_id"]}
        return ExactCustomerLink(**of, account_id=uuid4(), linked_at=at)
    return ExactCostLink(**place, exact_id=uuid4(), code="X", name="X", linked_at=at)


@pytest.mark.parametrize("kind", Kind)
def test_the_filter_finds_what_the_badges_say(unit: BusinessUnit, kind: Kind) -> None:
    one, other = make_connection("Verhuur Maes"), make_connection("Verhuur Claes")
    fares = list(product(FARES, FARES_ELSEWHERE[: 1 if kind in BOOKS else None]))
    ids = _record_ids(kind, len(fares))
    for record_id, (here, there) in zip(ids, fares, strict=True):
        fare(one, kind, record_id, *here)
        fare(other, kind, record_id, *there)
    db.session.flush()

    said = {key: CHOICES[standing.stage] for key, standing in standings(kind, ids).items()}

    only_of_bookings = set() if kind in BOOKS else {Choice.INCOMPLETE}
    assert set(said.values()) == set(Choice) - only_of_bookings
    for choice in Choice:
        assert _found(kind, ids, choice) == {key for key in ids if said[key] is choice}, choice


def _record_ids(kind: Kind, many: int) -> list[int]:
    """Customers have to exist for their links; the others need no record here."""
    if kind is Kind.CUSTOMER:
        return [make_customer().id for _n in range(many)]
    return list(range(1, many + 1))


def _found(kind: Kind, ids: list[int], choice: Choice) -> set[int]:
    records = union_all(*(select(literal(key).label("id")) for key in ids)).subquery()
    return set(db.session.scalars(select(records.c.id).where(stands(kind, records.c.id, choice))))


def test_a_list_is_narrowed_by_where_its_records_stand(login: Login, unit: BusinessUnit) -> None:
    sent, refused = make_customer(), make_customer()
    connection = make_connection("Verhuur Maes")
    fare(connection, Kind.CUSTOMER, sent.id, WorkState.DONE, +1)
    fare(connection, Kind.CUSTOMER, refused.id, WorkState.REFUSED, None)
    visitor = login("customers.view", "exact.view")

    assert names(visitor.get("/customers/"), sent.name, refused.name) == [True, True]
    page = visitor.get("/customers/?exact=refused")
    assert names(page, sent.name, refused.name) == [False, True]
    assert "Refused" in main(page)
    assert names(visitor.get("/customers/?exact=there"), sent.name, refused.name) == [True, False]


def test_a_list_says_nothing_of_the_books_of_companies_out_of_reach(
    login: Login, unit: BusinessUnit
) -> None:
    ours, theirs = make_connection("Verhuur Maes"), make_connection("Verhuur Claes")
    ours.company, customer = unit.company, make_customer()
    fare(theirs, Kind.CUSTOMER, customer.id, WorkState.REFUSED, None)
    near = login(user=make_limited_user(unit.pools[0]))

    badge = "Active refused"
    assert badge in main(login().get("/customers/"))
    assert badge not in main(near.get("/customers/"))
    for choice in set(Choice) - {Choice.INCOMPLETE}:
        found = names(near.get(f"/customers/?exact={choice}"), customer.name)
        assert found == [choice is Choice.NOT_SENT], choice


@pytest.mark.parametrize(
    ("page", "right"),
    [
        ("/customers/", "customers.view"),
        ("/invoices/", "invoices.view"),
        ("/collections/", "collections.view"),
        ("/ledger/cost-centres/", "ledger.view"),
        ("/ledger/cost-carriers/", "ledger.view"),
    ],
)
def test_each_list_offers_the_filter_once_there_is_a_link(
    login: Login, unit: BusinessUnit, page: str, right: str
) -> None:
    visitor, blind = login(right, "exact.view"), login(right)
    assert "On the way to Exact" not in main(visitor.get(page))

    make_connection("Verhuur Maes")

    assert "On the way to Exact" in main(visitor.get(page))
    assert "On the way to Exact" not in main(blind.get(page))
    for choice in Choice:
        assert visitor.get(f"{page}?exact={choice}").status_code == 200


def names(page: Any, *wanted: str) -> list[bool]:
    return [name in main(page) for name in wanted]
