"""People save records at the very moment at which a worker sends them: no change is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Event, Thread
from time import sleep

import pytest
from flask import Flask
from sqlalchemy import delete, event

from ppplanner.extensions import db
from ppplanner.i18n import Message
from ppplanner.integrations.exact import outbox, queueing
from ppplanner.integrations.exact.items import Item, item_of
from ppplanner.integrations.exact.models import ExactConnection, ExactOutboxEntry, Kind, WorkState
from ppplanner.models import Customer
from tests.factories import make_customer
from tests.integrations.exact.sent import make_connection, sent

#: Seconds for which the one leaves the other time to run into it.
MEANWHILE = 0.3
During = Callable[[Callable[[], object]], AbstractContextManager[None]]


@pytest.fixture
def connection(app: Flask) -> ExactConnection:
    return make_connection()


@pytest.fixture
def customer(connection: ExactConnection) -> Customer:
    return make_customer()


@pytest.fixture
def during(app: Flask) -> During:
    """Somebody else's work that is done, and committed a moment later."""

    @contextmanager
    def other(work: Callable[[], object]) -> Iterator[None]:
        done = Event()

        def go() -> None:
            with app.app_context():
                work()
                db.session.flush()
                done.set()
                sleep(MEANWHILE)
                db.session.commit()

        thread = Thread(target=go)
        db.session.commit()
        thread.start()
        assert done.wait(10)
        yield
        thread.join()

    return other


def save(key: int, city: str, item: Item, connection_id: int) -> None:
    """A person's save, as far as it concerns the worker."""
    db.session.get_one(Customer, key).city = city
    link = db.session.get_one(ExactConnection, connection_id)
    assert queueing.queue(link, item, by="Anke") is None


def test_a_change_that_is_committed_while_the_worker_settles_goes_once_more(
    connection: ExactConnection, customer: Customer, during: During
) -> None:
    entry_id = sent(connection, customer, WorkState.SENDING).id
    saving = (customer.id, "Hasselt", item_of(customer), connection.id)

    with during(lambda: save(*saving)):
        outbox.settle(db.session.get_one(ExactOutboxEntry, entry_id))
        db.session.commit()

    assert db.session.get_one(ExactOutboxEntry, entry_id).state is WorkState.WAITING


def test_a_change_goes_once_more_although_what_went_before_it_is_refused(
    connection: ExactConnection, customer: Customer
) -> None:
    entry = sent(connection, customer, WorkState.SENDING)
    assert queueing.queue(connection, item_of(customer), by="Anke") is None
    db.session.commit()

    outbox.refuse(entry, [Message("No.")])
    db.session.commit()

    assert entry.state is WorkState.WAITING


def test_the_worker_begins_after_a_change_of_what_waits_is_committed(
    connection: ExactConnection, customer: Customer, during: During
) -> None:
    entry_id = sent(connection, customer, WorkState.WAITING).id
    saving = (customer.id, "Hasselt", item_of(customer), connection.id)

    with during(lambda: save(*saving)):
        outbox.begin(entry_id)
        db.session.commit()
        seen = db.session.get_one(Customer, saving[0]).city

    assert seen == "Hasselt"


def test_what_is_settled_while_a_selection_is_put_on_its_way_goes_anew(
    connection: ExactConnection, customer: Customer, during: During
) -> None:
    entry_id = sent(connection, customer, WorkState.SENDING).id
    item, connection_id = item_of(customer), connection.id

    with during(lambda: outbox.settle(db.session.get_one(ExactOutboxEntry, entry_id))):
        link = db.session.get_one(ExactConnection, connection_id)
        assert queueing.queue_all(link, [item], by="Anke") == 1
        db.session.commit()

    newest = outbox.newest(Kind.CUSTOMER, [item.record_id])
    assert newest[item.record_id, connection_id].state is WorkState.WAITING


@pytest.mark.strict_database
def test_nothing_is_put_on_the_way_to_a_link_that_is_taken_away_at_this_moment(
    connection: ExactConnection, customer: Customer, during: During
) -> None:
    item, connection_id = item_of(customer), connection.id
    taken_away = delete(ExactConnection).filter_by(id=connection_id)

    with during(lambda: db.session.execute(taken_away)):
        link = db.session.get_one(ExactConnection, connection_id)
        assert queueing.queue(link, item, by="Anke") is None
        db.session.commit()


def test_the_same_attempt_in_two_administrations_is_told_of_both(
    connection: ExactConnection, customer: Customer
) -> None:
    other = make_connection("Verhuur Claes")

    for link in (connection, other):
        outbox.note_attempt(sent(link, customer, WorkState.SENDING), "create_customer", "done")
        db.session.commit()

    told = outbox.attempts(Kind.CUSTOMER, customer.id)
    assert {each.connection_id for each in told} == {connection.id, other.id}


def test_only_the_newest_entries_are_read_however_often_a_record_was_refused(
    connection: ExactConnection, customer: Customer
) -> None:
    key, connection_id = customer.id, connection.id
    last = [sent(connection, customer, WorkState.REFUSED).id for _night in range(5)][-1]
    db.session.expunge_all()
    read: list[ExactOutboxEntry] = []

    def listen(entry: ExactOutboxEntry, _context: object) -> None:
        read.append(entry)

    event.listen(ExactOutboxEntry, "load", listen)
    newest = outbox.newest(Kind.CUSTOMER, [key])
    event.remove(ExactOutboxEntry, "load", listen)

    assert {place: entry.id for place, entry in newest.items()} == {(key, connection_id): last}
    assert len(read) == 1
