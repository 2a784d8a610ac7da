"""Paging: every row once, in order, forwards and backwards, whatever is empty or equal."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from ppplanner.blueprints.lists.keyset import Order, fetch
from ppplanner.extensions import db
from ppplanner.models import Customer, Pool, PriceRange, Resource
from tests.factories import make_customer

pytestmark = pytest.mark.both_databases

CITIES = ["Gent", "Aalst", "Gent", "Zele", "Aalst", "Gent", "", "Brugge", "Zele", "Gent", "Aalst"]
#: Half of the customers have no VAT number, so the column is empty there.
VAT_KEYS = ["BE3", None, "BE1", None, None, "BE2", "BE9", None, "BE7", "BE5", None]


@pytest.fixture(autouse=True)
def customers(app: Flask) -> list[Customer]:
    made = [make_customer(city=city) for city in CITIES]
    for customer, vat_key in zip(made, VAT_KEYS, strict=True):
        customer.vat_key = vat_key
    db.session.flush()
    return made


ORDERS = {
    "by city": lambda down: Order(Customer.city, Customer.id, down),
    "by an empty column": lambda down: Order(Customer.vat_key, Customer.id, down),
    "by its own id": lambda down: Order(Customer.id, Customer.id, down),
    "by an expression": lambda down: Order(func.lower(Customer.city), Customer.id, down),
}


@pytest.fixture(params=ORDERS)
def order(request: pytest.FixtureRequest, descending: bool) -> Order:
    return ORDERS[request.param](descending)


@pytest.fixture(params=[False, True], ids=["ascending", "descending"])
def descending(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def ids(rows: Any) -> list[int]:
    return [row.id for row in rows]


def walk(order: Order, size: int) -> list[list[int]]:
    """All pages from first to last, as a person sees them by pressing "Next"."""
    pages, after, more = [], None, True
    while more:
        page = fetch(db.session(), select(Customer), order, after=after, size=size)
        pages.append(ids(page.rows))
        after, more = page.rows[-1].id, page.has_next
    return pages


@pytest.mark.parametrize("size", [1, 3, 11, 50])
def test_pressing_next_shows_every_row_once_and_in_order(order: Order, size: int) -> None:
    whole = ids(fetch(db.session(), select(Customer), order, size=50).rows)
    assert [row for page in walk(order, size) for row in page] == whole
    assert sorted(whole) == sorted(ids(db.session.scalars(select(Customer))))


def test_pressing_previous_shows_the_same_pages_again(order: Order) -> None:
    pages = walk(order, size=3)
    place = pages[-1][0]
    for page in reversed(pages[:-1]):
        back = fetch(db.session(), select(Customer), order, before=place, size=3)
        assert ids(back.rows) == page
        assert back.has_next
        assert back.has_previous == (page is not pages[0])
        place = page[0]


def test_empty_values_come_last_in_both_directions(descending: bool) -> None:
    order = Order(Customer.vat_key, Customer.id, descending)
    shown = [row.vat_key for row in fetch(db.session(), select(Customer), order).rows]
    numbers = sorted((key for key in VAT_KEYS if key), reverse=descending)
    assert shown == numbers + [None] * VAT_KEYS.count(None)


def test_only_the_first_page_has_none_before_it() -> None:
    order = Order(Customer.city, Customer.id)
    first = fetch(db.session(), select(Customer), order, size=3)
    second = fetch(db.session(), select(Customer), order, after=first.rows[-1].id, size=3)
    assert (first.has_previous, second.has_previous) == (False, True)


def test_when_the_row_of_the_cursor_is_gone_the_first_page_is_shown() -> None:
    order = Order(Customer.city, Customer.id)
    first = fetch(db.session(), select(Customer), order, size=3)
    after = fetch(db.session(), select(Customer), order, after=999_999, size=3)
    before = fetch(db.session(), select(Customer), order, before=999_999, size=3)
    assert ids(after.rows) == ids(before.rows) == ids(first.rows)


def test_a_row_that_the_person_may_not_see_is_no_cursor(customers: list[Customer]) -> None:
    gent = select(Customer).filter_by(city="Gent")
    hidden = next(customer for customer in customers if customer.city == "Zele")
    page = fetch(db.session(), gent, Order(Customer.city, Customer.id), before=hidden.id)
    assert not page.has_next


def test_a_short_page_before_the_cursor_is_filled_up_from_the_start() -> None:
    order = Order(Customer.id, Customer.id)
    rows = fetch(db.session(), select(Customer), order).rows
    page = fetch(db.session(), select(Customer), order, before=rows[2].id, size=5)
    assert ids(page.rows) == ids(rows[:5])
    assert not page.has_previous


def test_only_what_no_row_lacks_is_taken_as_filled(app: Flask) -> None:
    """Then the database needs no rule for empty values, which would keep it from its index."""
    query = select(Resource).join(Resource.pool).outerjoin(Resource.price_range)
    columns = (Resource.code, Pool.name, PriceRange.name, Resource.active_from)
    filled = [not Order.of(query, column, Resource.id).nullable for column in columns]
    assert filled == [True, True, False, False]
    assert Order.of(query, func.lower(Pool.name), Resource.id).nullable
