"""Which resources are taken in a period, and by whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import Resource
from ppplanner.services.availability import is_taken, takers
from ppplanner.services.contracts import cancel_contract
from tests.factories import make_contract, make_resource

HOUR = timedelta(hours=1)
START, END = datetime(2026, 7, 1, 8, tzinfo=UTC), datetime(2026, 7, 3, 8, tzinfo=UTC)


def taken(starts_at: datetime, ends_at: datetime, besides_id: int | None = None) -> set[int]:
    """The ids that both ways of asking give."""
    asked = takers(starts_at, ends_at, besides_id)
    listed = db.session.scalars(select(Resource.id).where(is_taken(starts_at, ends_at, besides_id)))
    assert set(listed) == asked.keys()
    return set(asked)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "overlaps"),
    [
        (START, END, True),
        (START - HOUR, START + HOUR, True),
        (END - HOUR, END + HOUR, True),
        (START + HOUR, END - HOUR, True),
        (START - HOUR, START, False),
        (END, END + HOUR, False),
    ],
)
def test_a_resource_is_taken_when_the_periods_share_a_moment(
    app: Flask, starts_at: datetime, ends_at: datetime, overlaps: bool
) -> None:
    contract = make_contract(starts_at=START, ends_at=END)
    make_resource()
    assert taken(starts_at, ends_at) == ({contract.resource_id} if overlaps else set())


def test_a_cancelled_contract_takes_nothing(app: Flask) -> None:
    cancel_contract(make_contract(starts_at=START, ends_at=END))
    assert taken(START, END) == set()


def test_a_contract_is_not_in_its_own_way(app: Flask) -> None:
    contract = make_contract(starts_at=START, ends_at=END)
    assert taken(START, END, besides_id=contract.id) == set()


def test_of_several_the_first_is_named(app: Flask) -> None:
    first = make_contract(starts_at=START, ends_at=START + HOUR)
    make_contract(first.resource, starts_at=START + 2 * HOUR, ends_at=END)
    assert takers(START, END) == {first.resource_id: first}
