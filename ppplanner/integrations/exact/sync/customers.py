"""Customers: found in Exact and imported; or made in Exact when their first invoice goes there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from ppplanner.errors import DomainError, Invalid, NotFound
from ppplanner.extensions import db
from ppplanner.i18n import N_, Message, _
from ppplanner.models import Customer, CustomerKind
from ppplanner.services import customers
from ppplanner.services.vat_numbers import vat_key

from .. import mapping, steps
from ..client import ExactClient
from ..incomplete import Incomplete
from ..models import ExactConnection, ExactCustomerLink, ExactOutboxEntry
from ..records import Account, NewAccount
from ..settings import exact_settings
from ..steps import Made

CREATE = "create_customer"

SENDING_OFF = N_(
    "%(customer)s is not known in Exact, and sending customers is switched off. "
    "Import the customer from Exact, or switch it on in the settings of Exact."
)


@dataclass(frozen=True)
class Imported:
    """The customer that an import led to; `known_by` says how it was recognised, if it was."""

    customer: Customer
    known_by: str | None


def linked_customers(connection_id: int, account_ids: list[UUID]) -> dict[UUID, Customer]:
    """The customers that are linked to these relations in Exact."""
    query = select(ExactCustomerLink).where(
        ExactCustomerLink.connection_id == connection_id,
        ExactCustomerLink.account_id.in_(account_ids),
    )
    return {link.account_id: link.customer for link in db.session.scalars(query)}


def find_account(client: ExactClient, account_id: UUID) -> Account:
    """A relation as Exact holds it now. Raises NotFound."""
    account = client.account(account_id)
    if account is None:
        raise NotFound(_("This customer is no longer in Exact. Search again."))
    return account


def import_account(connection: ExactConnection, account: Account, kind: CustomerKind) -> Imported:
    """Make a customer of a relation in Exact, or give the one who is known already (mission S13 to
    S16). Nothing is written to Exact. Commits, since two people may import the same at once.
    """
    connection_id, group_id = connection.id, connection.company.group_id
    try:
        imported = _import(connection_id, group_id, account, kind)
        db.session.commit()
        return imported
    except (IntegrityError, DomainError, Invalid):
        db.session.rollback()
        known = _known(connection_id, group_id, account, kind)
        if known is None:
            raise
        return known


def _import(connection_id: int, group_id: int, account: Account, kind: CustomerKind) -> Imported:
    if known := _known(connection_id, group_id, account, kind):
        if known.known_by in {"vat_number", "email", "search_code"}:
            _link(connection_id, known.customer, account)
        return known
    data = mapping.customer_data(account, kind)
    customer = customers.save_customer(data, group_id=group_id, origin="exact")
    _link(connection_id, customer, account)
    db.session.flush()
    return Imported(customer, None)


def _known(
    connection_id: int, group_id: int, account: Account, kind: CustomerKind
) -> Imported | None:
    """By link, by VAT number, by the key we gave it, and for private persons by e-mail or by name
    and postcode (domain 4.6, in that order).
    """
    if linked := linked_customers(connection_id, [account.id]).get(account.id):
        return Imported(linked, "link")
    data = mapping.customer_data(account, kind)
    known = customers.find_known(data, group_id=group_id)
    if known and known.by == "vat_number":
        return Imported(known.customer, known.by)
    if ours := _made_by_us(group_id, account):
        return Imported(ours, "search_code")
    return Imported(known.customer, known.by) if known else None


def _made_by_us(group_id: int, account: Account) -> Customer | None:
    """Our customer with the number in the search code, if the name fits, too: other installations
    number theirs alike.
    """
    number = account.search_code.removeprefix("PPP")
    if number == account.search_code or not number.isdecimal():
        return None
    customer = db.session.scalar(select(Customer).filter_by(group_id=group_id, number=int(number)))
    return customer if customer and mapping.is_named(account, customer.full_name) else None


def linked_among(connection_id: int, customer_ids: Collection[int]) -> set[int]:
    """Those of the customers who are linked to a relation in Exact."""
    query = select(ExactCustomerLink.customer_id).where(
        ExactCustomerLink.connection_id == connection_id,
        ExactCustomerLink.customer_id.in_(customer_ids),
    )
    return set(db.session.scalars(query))


def account_of(connection_id: int, customer_id: int) -> UUID | None:
    """The relation in Exact that a customer is linked to."""
    link = db.session.get(
        ExactCustomerLink, {"customer_id": customer_id, "connection_id": connection_id}
    )
    return link.account_id if link else None


def ensure_account(client: ExactClient, entry: ExactOutboxEntry, customer: Customer) -> UUID:
    """The customer's relation in Exact: the linked one, one that is found there, or a new one.

    Raises Incomplete when sending customers is off and the customer is unknown there. Commits.
    """
    if linked := account_of(entry.connection_id, customer.id):
        return linked
    if not exact_settings.load(entry.connection.company_id).customers_send:
        raise Incomplete(Message(SENDING_OFF, {"customer": customer.full_name}))
    key = ExactOutboxEntry(
        connection_id=entry.connection_id, kind="customer", record_id=customer.id
    )
    new, customer_id = mapping.new_account(customer), customer.id
    db.session.commit()
    made = _find(client, new) or steps.take(
        key,
        CREATE,
        look_up=lambda: _find(client, new),
        send=lambda: _made_of(client.create_account(new)),
    )
    _link_id(entry.connection_id, customer_id, made)
    db.session.commit()
    return made.id


def _find(client: ExactClient, new: NewAccount) -> Made | None:
    """A customer in Exact who has the VAT number, or whom we made there before: linked instead of
    doubled.
    """
    found = list(client.accounts_known_as(new.search_code, new.vat_number))
    key = vat_key(new.vat_number, new.country)
    same = [each for each in found if key and _vat_key(each) == key and each.is_customer]
    same += [
        each
        for each in found
        if each.search_code == new.search_code and mapping.is_named(each, new.name)
    ]
    return _made_of(same[0]) if same else None


def _vat_key(account: Account) -> str | None:
    return vat_key(account.vat_number, account.country or "BE")


def unlink(connection_id: int, customer_id: int) -> None:
    """The customer's relation is gone in Exact: look for another, or make one. Caller commits."""
    key = {"connection_id": connection_id, "customer_id": customer_id}
    db.session.execute(delete(ExactCustomerLink).filter_by(**key))
    steps.forget(connection_id, "customer", customer_id, [CREATE])


def _made_of(account: Account) -> Made:
    return Made(account.id, account.code)


def _link(connection_id: int, customer: Customer, account: Account) -> None:
    _link_id(connection_id, customer.id, _made_of(account))


def _link_id(connection_id: int, customer_id: int, made: Made) -> None:
    key = {"customer_id": customer_id, "connection_id": connection_id}
    if db.session.get(ExactCustomerLink, key) is None:
        db.session.add(ExactCustomerLink(**key, account_id=made.id, code=made.label))
        db.session.flush()
