"""Customers that were found in Exact: imported, never doubled (mission S13 to S16). Nothing is
written to Exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppplanner.errors import DomainError, Invalid, NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Customer, CustomerKind
from ppplanner.services import customers

from .. import mapping
from ..client import ExactClient
from ..models import ExactConnection
from ..records import Account
from .customer_links import keep_link, linked_customers, made_of


@dataclass(frozen=True)
class Imported:
    """The customer that an import led to; `known_by` says how it was recognised, if it was."""

    customer: Customer
    known_by: str | None


def find_account(client: ExactClient, account_id: UUID) -> Account:
    """A relation as Exact holds it now. Raises NotFound."""
    account = client.account(account_id)
    if account is None:
        raise NotFound(_("This customer is no longer in Exact. Search again."))
    return account


def import_account(connection: ExactConnection, account: Account, kind: CustomerKind) -> Imported:
    """Make a customer of a relation in Exact, or give the one who is known already. Commits, since
    two people may import the same at once.
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


def _link(connection_id: int, customer: Customer, account: Account) -> None:
    keep_link(connection_id, customer.id, made_of(account), mapping.told(customer))
