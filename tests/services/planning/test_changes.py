"""What the board hears of colleagues' changes: each once, and none lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import Change, Contract, Resource
from ppplanner.services.planning import changes
from ppplanner.services.planning.changes import News, Token, since, token
from tests.factories import (
    make_contract,
    make_customer,
    make_invoice,
    make_resource,
    make_unit,
)
from tests.statements import counted


@pytest.fixture
def vans(app: Flask) -> list[Resource]:
    unit = make_unit()
    return [make_resource(unit), make_resource(unit)]


@pytest.fixture
def contract(vans: list[Resource]) -> Contract:
    return make_contract(vans[0])


@pytest.fixture
def start(contract: Contract) -> str:
    db.session.commit()
    return token()


def told(news: News) -> tuple[set[int], bool]:
    return set(news.resources), news.strip


def note(key: int, **fields: Any) -> None:
    """A change of the history with that key."""
    values = {"id": key, "at": now(), "actor": "x", "action": "changed", "field": "brand"}
    about = {"entity": "resources", "record_id": 77, "whole": "", **fields}
    db.session.execute(insert(Change).values({**values, **about}))
    db.session.commit()


def newest() -> int:
    return db.session.scalars(select(Change.id).order_by(Change.id.desc())).first() or 0


def test_nothing_new_is_nothing(start: str) -> None:
    assert told(since(start)) == (set(), False)


def test_before_the_first_change_there_is_a_token_too(app: Flask) -> None:
    first = token()
    van = make_resource()
    db.session.commit()
    assert told(since(first))[0] == {van.id}


def test_a_moved_contract_is_told_for_where_it_was_and_where_it_is(
    start: str, contract: Contract, vans: list[Resource]
) -> None:
    contract.resource = vans[1]
    db.session.commit()
    news = since(start)
    assert told(news) == ({vans[0].id, vans[1].id}, False)
    assert told(since(news.token)) == (set(), False)


def test_the_strip_is_told_when_a_contract_comes_or_goes(
    start: str, contract: Contract, vans: list[Resource]
) -> None:
    contract.resource = None
    db.session.commit()
    news = since(start)
    assert told(news) == ({vans[0].id}, True)
    contract.resource = vans[1]
    db.session.commit()
    assert told(since(news.token)) == ({vans[1].id}, True)


def test_parts_and_invoices_of_a_contract_are_told_for_its_row(
    start: str, contract: Contract, vans: list[Resource]
) -> None:
    contract.lines[0].description = "Rent"
    db.session.commit()
    news = since(start)
    assert told(news) == ({vans[0].id}, False)
    make_invoice(contract)
    db.session.commit()
    assert told(since(news.token)) == ({vans[0].id}, False)


def test_a_resource_is_told_itself(start: str, vans: list[Resource]) -> None:
    vans[1].brand = "Volkswagen"
    db.session.commit()
    assert told(since(start)) == ({vans[1].id}, False)


def test_what_is_not_on_the_board_is_not_told(start: str) -> None:
    make_customer()
    db.session.commit()
    assert told(since(start)) == (set(), False)


def test_a_change_that_turns_up_late_below_others_is_told(start: str) -> None:
    """PostgreSQL gives out keys before it commits."""
    key = newest()
    note(key + 2, record_id=2)
    news = since(start)
    assert told(news)[0] == {2}
    note(key + 1, record_id=1)
    late = since(news.token)
    assert 1 in late.resources
    assert told(since(late.token)) == (set(), False)


def test_old_changes_are_not_looked_at_again(start: str) -> None:
    db.session.execute(update(Change).values(at=now() - 2 * changes.LATE))
    key = newest() + 1
    note(key, at=now() - 2 * changes.LATE)
    note(key + 1)
    following = Token.read(since(start).token)
    assert following
    assert (following.low, following.high, following.between) == (key, key + 1, 1)


@pytest.mark.parametrize(
    "text", ["", "x", "1-2", "1-2-3-4", "g-h-i", f"{'1' * 100}-1-1", "é-1-2", "-1-1-1"]
)
def test_nonsense_gives_a_fresh_token(start: str, contract: Contract, text: str) -> None:
    contract.remarks = "changed"
    db.session.commit()
    news = since(text)
    assert told(news) == (set(), False)
    assert told(since(news.token)) == (set(), False)


@pytest.mark.parametrize("text", ["0-0-0", "ffffffff-0-0", "ffffffff-ffffffff-1"])
def test_a_token_that_nobody_gave_breaks_nothing(start: str, text: str) -> None:
    assert since(text).token


def test_so_much_that_the_board_is_better_drawn_anew_says_so(
    start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST", 2)
    key = newest()
    for number in range(1, 4):
        note(key + number)
    news = since(start)
    assert news.all
    assert told(since(news.token)) == (set(), False)


def test_it_takes_one_query(start: str, contract: Contract, vans: list[Resource]) -> None:
    contract.resource = vans[1]
    contract.starts_at -= timedelta(hours=1)
    db.session.commit()
    with counted() as statements:
        since(start)
    assert len([each for each in statements if "SELECT" in each]) == 1
