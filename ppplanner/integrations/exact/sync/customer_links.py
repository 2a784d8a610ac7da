"""Which relation in Exact one of our customers is."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import Customer

from ..models import ExactCustomerLink
from ..records import Account
from ..steps import Made


def linked_customers(connection_id: int, account_ids: list[UUID]) -> dict[UUID, Customer]:
    """The customers that are linked to these relations in Exact."""
    query = select(ExactCustomerLink).where(
        ExactCustomerLink.connection_id == connection_id,
        ExactCustomerLink.account_id.in_(account_ids),
    )
    return {link.account_id: link.customer for link in db.session.scalars(query)}


def linked_among(connection_id: int, customer_ids: Collection[int]) -> set[int]:
    """Those of the customers who are linked to a relation in Exact."""
    query = select(ExactCustomerLink.customer_id).where(
        ExactCustomerLink.connection_id == connection_id,
        ExactCustomerLink.customer_id.in_(customer_ids),
    )
    return set(db.session.scalars(query))


def account_of(connection_id: int, customer_id: int) -> UUID | None:
    """The relation in Exact that a customer is linked to."""
    link = link_of(connection_id, customer_id)
    return link.account_id if link else None


def link_of(connection_id: int, customer_id: int) -> ExactCustomerLink | None:
    key = {"customer_id": customer_id, "connection_id": connection_id}
    return db.session.get(ExactCustomerLink, key)


def keep_link(connection_id: int, customer_id: int, made: Made, known: dict[str, str]) -> None:
    """What the customer is here now counts as known there: it does not echo back (S13, S19)."""
    if link_of(connection_id, customer_id) is None:
        link = ExactCustomerLink(
            customer_id=customer_id,
            connection_id=connection_id,
            account_id=made.id,
            code=made.label,
            known=known,
        )
        db.session.add(link)
        db.session.flush()


def made_of(account: Account) -> Made:
    return Made(account.id, account.code)
