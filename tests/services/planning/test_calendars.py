"""Calendars: what they tell, to whom, and what they keep to themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import CalendarFeed, Change, Contract, Resource
from ppplanner.services.planning import calendars
from ppplanner.services.renting.contracts import cancel_contract, confirm_contract
from tests.factories import make_contract, make_customer, make_resource, make_unit
from tests.statements import counted


@pytest.fixture
def van(app: Flask) -> Resource:
    return make_resource(licence_plate="1-ABC-123")


def events(feed: CalendarFeed) -> list[Any]:
    return Calendar.from_ical(calendars.as_ics(feed)).walk("VEVENT")


def tomorrow(days: int = 0) -> datetime:
    return now().replace(minute=0, second=0, microsecond=0) + timedelta(days=1 + days)


def test_a_contract_is_an_event_in_utc(van: Resource) -> None:
    contract = make_contract(van, make_customer("private", first_name="An", last_name="Peeters"))
    [found] = events(calendars.offer(van))
    assert found.decoded("dtstart") == contract.starts_at
    assert found.decoded("dtend") == contract.ends_at
    assert found["uid"] == f"contract-{contract.number}@ppplanner"
    assert found["summary"] == f"{contract} · An Peeters"
    assert found["status"] == "TENTATIVE"
    confirm_contract(contract)
    assert events(calendars.offer(van))[0]["status"] == "CONFIRMED"
    text = calendars.as_ics(calendars.offer(van)).decode()
    assert "X-WR-TIMEZONE:Europe/Brussels" in text
    assert contract.starts_at.strftime("DTSTART:%Y%m%dT%H%M%SZ") in text


def test_a_calendar_tells_no_phone_number_and_no_address(van: Resource) -> None:
    make_contract(van, make_customer(phone="+32 470 99 88 77", street="Secret street 1"))
    text = calendars.as_ics(calendars.offer(van)).decode()
    assert "99 88" not in text
    assert "Secret" not in text


def test_names_of_customers_can_be_left_out(van: Resource) -> None:
    contract = make_contract(van, make_customer(company_name="Bakkerij Janssens"))
    feed = calendars.offer(van)
    calendars.name_customers(feed, names=False)
    assert [each["summary"] for each in events(feed)] == [str(contract)]
    assert b"Janssens" not in calendars.as_ics(feed)


def test_cancelled_contracts_and_other_resources_are_left_out(van: Resource) -> None:
    cancel_contract(make_contract(van))
    make_contract(make_resource())
    assert events(calendars.offer(van)) == []


def test_the_calendar_of_a_pool_has_all_its_resources(van: Resource) -> None:
    other = make_resource(pool=van.pool, licence_plate="2-XYZ-999")
    for each in (van, other, make_resource(make_unit())):
        make_contract(each)
    titles = [each["summary"] for each in events(calendars.offer(van.pool))]
    assert ["1-ABC-123" in title for title in titles] == [True, False]
    assert "2-XYZ-999" in titles[1]


def test_a_calendar_goes_from_a_month_ago_until_a_year_ahead(van: Resource) -> None:
    spans = (-40, -20, 300, 380)
    shown = [
        make_contract(van, starts_at=tomorrow(days), ends_at=tomorrow(days + 1)) for days in spans
    ][1:3]
    uids = [each["uid"] for each in events(calendars.offer(van))]
    assert uids == [f"contract-{contract.number}@ppplanner" for contract in shown]


def test_the_bytes_are_the_same_until_something_changes(van: Resource) -> None:
    contract = make_contract(van)
    db.session.commit()
    feed = calendars.offer(van)
    before = calendars.as_ics(feed)
    assert calendars.as_ics(feed) == before
    contract.ends_at += timedelta(hours=1)
    db.session.commit()
    assert calendars.as_ics(feed) != before


def test_each_calendar_has_an_address_of_256_random_bits(van: Resource) -> None:
    one, other = calendars.offer(van), calendars.offer(van.pool)
    assert calendars.offer(van) is one
    assert len({one.secret, other.secret}) == 2
    assert len(one.secret) == 43  # characters of six bits each


def test_a_new_address_takes_the_place_of_the_old_one(van: Resource) -> None:
    feed = calendars.offer(van)
    old = feed.secret
    calendars.renew(feed)
    assert calendars.by_secret(old) is None
    assert calendars.by_secret(feed.secret) is feed
    calendars.withdraw(feed)
    assert calendars.feed_of(van) is None


def test_the_history_does_not_tell_the_address(van: Resource) -> None:
    feed = calendars.offer(van)
    calendars.renew(feed)
    db.session.flush()
    told = [f"{change.old} {change.new}" for change in db.session.query(Change)]
    assert not any(feed.secret in each for each in told)


def test_many_events_cost_no_more_questions_than_few(van: Resource) -> None:
    def questions() -> int:
        with counted() as asked:
            db.session.expire_all()
            calendars.as_ics(feed)
        return len(asked)

    feed = calendars.offer(van.pool)
    make_contract(van)
    few = questions()
    for number in range(20):
        resource = make_resource(pool=van.pool)
        make_contract(resource, starts_at=tomorrow(number), ends_at=tomorrow(number + 1))
    assert db.session.query(Contract).count() == 21
    assert questions() == few
