"""Customers in Exact: made there or found by their VAT number when they are saved, or when their
first invoice goes there, and kept up to date afterwards (mission S18 to S20).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from ppplanner.extensions import db
from ppplanner.i18n import N_, Message
from ppplanner.models import Customer
from ppplanner.services.vat_numbers import vat_key

from .. import mapping, steps
from ..bodies import account_name
from ..client import ExactClient
from ..errors import ExactRejected
from ..incomplete import Incomplete, StaysHere
from ..models import ExactConnection, ExactCustomerLink, Kind
from ..outbox import Task
from ..records import Account, NewAccount
from ..settings import exact_settings
from ..steps import Made
from .customer_links import account_of, keep_link, link_of, linked_customers, made_of

CREATE, UPDATE = "create_customer", "update_customer"

SENDING_OFF = N_(
    "%(customer)s is not known in Exact, and sending customers is switched off. "
    "Import the customer from Exact, or switch it on in the settings of Exact."
)
SAME_RELATION = N_(
    "In Exact, %(customer)s and %(other)s are one and the same. Use %(other)s, or correct the VAT "
    "number of %(customer)s."
)
GONE = N_(
    "%(customer)s is no longer in Exact, so the link is let go. Try Exact again: then the customer "
    "is found there or made anew."
)


def ensure_account(client: ExactClient, task: Task, customer: Customer) -> UUID:
    """The customer's relation in Exact: the linked one, one that is found there, or a new one.

    Raises Incomplete when sending customers is off and the customer is unknown there, or when
    another one of ours is that relation. Commits.
    """
    if linked := account_of(task.connection_id, customer.id):
        return linked
    if not _are_sent(task):
        raise Incomplete(Message(SENDING_OFF, {"customer": customer.full_name}))
    own = _task_of(task.connection_id, customer.id)
    new, known = mapping.new_account(customer), mapping.told(customer)
    new = replace(new, payment_condition=task.connection.payment_condition)
    customer_id, earlier = customer.id, steps.sent_as(own, CREATE)
    db.session.commit()
    found = _find(client, new, earlier)
    if found and earlier and found.search_code == new.search_code:
        known = mapping.found_there(found)  # as the customer was when the answer was lost
    made = made_of(found) if found else _make(client, own, new, earlier)
    _refuse_same(task.connection_id, customer_id, made)
    keep_link(task.connection_id, customer_id, made, known)
    db.session.commit()
    return made.id


def _make(client: ExactClient, own: Task, new: NewAccount, earlier: str) -> Made:
    def look_up() -> Made | None:
        found = _find(client, new, earlier)
        return made_of(found) if found else None

    return steps.take(
        own,
        CREATE,
        look_up=look_up,
        send=lambda: made_of(client.create_account(new)),
        name=account_name(new.name),
    )


def _task_of(connection_id: int, customer_id: int) -> Task:
    """What its steps are kept under, also when something else brings the customer along."""
    return Task(connection_id, Kind.CUSTOMER, customer_id)


def _are_sent(task: Task) -> bool:
    return exact_settings.load(task.connection.company_id).customers_send


def _refuse_same(connection_id: int, customer_id: int, made: Made) -> None:
    """Somebody imported the relation as another customer, such as a private one."""
    other = linked_customers(connection_id, [made.id]).get(made.id)
    if other is not None and other.id != customer_id:
        customer = db.session.get_one(Customer, customer_id)
        names = {"customer": customer.full_name, "other": str(other)}
        raise Incomplete(Message(SAME_RELATION, names))


def _find(client: ExactClient, new: NewAccount, earlier: str) -> Account | None:
    """A customer in Exact who has the VAT number, or whom we made there before, perhaps by an
    earlier name: linked instead of doubled.
    """
    found = list(client.accounts_known_as(new.search_code, new.vat_number))
    key = vat_key(new.vat_number, new.country)
    same = [each for each in found if key and _vat_key(each) == key and each.is_customer]
    same += [
        each
        for each in found
        if each.search_code == new.search_code
        and any(mapping.is_named(each, name) for name in (new.name, earlier) if name)
    ]
    return same[0] if same else None


def _vat_key(account: Account) -> str | None:
    return vat_key(account.vat_number, account.country or "BE")


def push(client: ExactClient, task: Task) -> None:
    """Bring a customer into Exact, or tell it what changed. Commits after each step.

    Raises ExactError, Incomplete for one who is not in Exact, or StaysHere for changes when sending
    customers was switched off meanwhile.
    """
    customer = db.session.get(Customer, task.record_id)
    if customer is None:
        return
    ensure_account(client, task, customer)
    _tell_changes(client, task, customer)


def _tell_changes(client: ExactClient, task: Task, customer: Customer) -> None:
    """Only what differs from what Exact was last told goes; what people changed there stays. Of
    what is on its way nobody knows how it is there: it may be changed back before an answer comes.
    """
    link = link_of(task.connection_id, customer.id)
    changes = differences(link, customer) if link else {}
    if link is None or not changes:
        return
    if not _are_sent(task):
        raise StaysHere
    account_id, made, name = link.account_id, Made(link.account_id, link.code), customer.full_name
    known = link.known or {}
    link.known = {**known, **dict.fromkeys(changes)}
    try:
        steps.repeat(task, UPDATE, made, lambda: client.update_account(account_id, changes))
    except ExactRejected:
        link.known = known
        _let_go_if_gone(client, task, account_id, name)
        raise
    link.known = {**known, **changes}
    db.session.commit()


def _let_go_if_gone(client: ExactClient, task: Task, account_id: UUID, name: str) -> None:
    db.session.commit()
    if client.account(account_id) is None:
        unlink(task.connection_id, task.record_id)
        db.session.commit()
        raise Incomplete(Message(GONE, {"customer": name}))


def differences(link: ExactCustomerLink, customer: Customer) -> dict[str, str]:
    """What Exact does not know yet of a customer, named as in `NewAccount`."""
    known = link.known or {}
    told = mapping.told(customer)
    return {name: value for name, value in told.items() if known.get(name, "") != value}


def changed_customers(
    connection: ExactConnection, customer_ids: Collection[int]
) -> Iterator[Customer]:
    """Those of the customers whom Exact knows otherwise than they are now, in one query."""
    query = (
        select(ExactCustomerLink)
        .where(
            ExactCustomerLink.connection_id == connection.id,
            ExactCustomerLink.customer_id.in_(customer_ids),
        )
        .options(joinedload(ExactCustomerLink.customer))
    )
    for link in db.session.scalars(query):
        if differences(link, link.customer):
            yield link.customer


def is_news(connection_id: int, customer: Customer) -> bool:
    """Whether Exact does not know the customer, or not as the customer is now."""
    link = link_of(connection_id, customer.id)
    return link is None or bool(differences(link, customer))


def unlink(connection_id: int, customer_id: int) -> None:
    """The customer's relation is gone in Exact: look for another, or make one. Caller commits."""
    key = {"connection_id": connection_id, "customer_id": customer_id}
    db.session.execute(delete(ExactCustomerLink).filter_by(**key))
    steps.forget(_task_of(connection_id, customer_id), [CREATE])
