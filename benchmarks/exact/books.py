"""Companies whose invoices are all ready to go to Exact, written in bulk.

The services would take an hour for ten thousand; the database's own rules hold all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from ppplanner.extensions import db
from ppplanner.integrations.exact import mapping, queueing
from ppplanner.integrations.exact.connect import get_connection
from ppplanner.integrations.exact.items import RANKS, Item
from ppplanner.integrations.exact.models import ExactCustomerLink, Kind
from ppplanner.integrations.exact.simulator import ANTWERP
from ppplanner.models import BusinessUnit, Customer, CustomerKind, Invoice
from tests.factories import make_company, make_unit, make_vat_code

from .documents import VAT, make_invoices


@dataclass(frozen=True)
class Books:
    """A company with so many confirmed invoices, and the administration that it is linked with."""

    name: str = "Verhuur Peeters"
    invoices: int = 100
    division: int = ANTWERP
    #: Who logs in at Exact: one person per company, since a second login ends the first.
    user: str = "eva"
    customers: int = 36
    #: Whether its customers are linked with relations that Exact has already.
    known: bool = True
    #: Whether PDFs go along; they are stored, so that none is made.
    pdf: bool = True
    pdf_bytes: int = 20_000


@dataclass(frozen=True)
class Relation:
    """A customer that Exact has already."""

    id: str
    code: str
    name: str


def make_unit_of(books: Books) -> BusinessUnit:
    """The company with its business unit, GL account and VAT code. Flushes."""
    make_vat_code(str(VAT))
    return make_unit(make_company(name=books.name))


def fill(connection_id: int, books: Books, relations: Sequence[Relation]) -> None:
    """Give the linked company its customers and invoices. Commits."""
    connection = get_connection(connection_id)
    (unit,) = connection.company.business_units
    customer_ids = _make_customers(connection.company.group_id, books, relations)
    if books.known:
        _link(connection_id, dict(zip(customer_ids, relations, strict=False)))
    make_invoices(unit, customer_ids, books.invoices, books.pdf_bytes if books.pdf else None)
    db.session.commit()


def put_on_the_way(connection_id: int) -> int:
    """Note that all invoices of the company have to go to Exact; how many. Commits."""
    connection = get_connection(connection_id)
    query = (
        select(Invoice.id, Invoice.reference, Invoice.business_unit_id)
        .where(Invoice.company_id == connection.company_id)
        .order_by(Invoice.id)
    )
    items = [
        Item(Kind.INVOICE, key, reference, RANKS[Kind.INVOICE], unit_id)
        for key, reference, unit_id in db.session.execute(query)
    ]
    queued = queueing.queue_all(connection, items, by="trial")
    db.session.commit()
    return queued


def _make_customers(group_id: int, books: Books, relations: Sequence[Relation]) -> list[int]:
    names = [relation.name for relation in relations] if books.known else _invented(books)
    first = (db.session.scalar(select(func.max(Customer.number))) or 0) + 1
    made = [
        Customer(
            group_id=group_id,
            number=first + index,
            kind=CustomerKind.BUSINESS,
            name=name,
            company_name=name,
            street="Kerkstraat 1",
            postcode="2000",
            city="Antwerpen",
            email=f"customer{first + index}@mail.example",
        )
        for index, name in enumerate(names[: books.customers])
    ]
    db.session.add_all(made)
    db.session.flush()
    return [customer.id for customer in made]


def _invented(books: Books) -> list[str]:
    return [f"Klant {number} van {books.name}" for number in range(books.customers)]


def _link(connection_id: int, relations: Mapping[int, Relation]) -> None:
    """Exact was told all there is to tell of them."""
    for customer_id, relation in relations.items():
        link = ExactCustomerLink(
            customer_id=customer_id,
            connection_id=connection_id,
            account_id=UUID(relation.id),
            code=relation.code.strip(),
            known=mapping.told(db.session.get_one(Customer, customer_id)),
        )
        db.session.add(link)
