"""Companies whose invoices are all ready to go to Exact, written in bulk.

The services would take an hour for ten thousand; the database's own rules hold all the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text, update
from stdnum.be import ogm_vcs

from ppplanner.batches import batches
from ppplanner.clock import now, today
from ppplanner.extensions import db
from ppplanner.integrations.exact import mapping, outbox
from ppplanner.integrations.exact.connect import get_connection
from ppplanner.integrations.exact.items import RANKS, Item
from ppplanner.integrations.exact.models import ExactCustomerLink, Kind
from ppplanner.integrations.exact.simulator import ANTWERP
from ppplanner.models import (
    BusinessUnit,
    Customer,
    CustomerKind,
    DocumentState,
    FinancialYear,
    GLAccount,
    Invoice,
    InvoiceDocument,
    InvoiceKind,
    InvoiceLine,
    InvoiceVat,
    NumberSeries,
)
from ppplanner.money import cents
from tests.factories import make_company, make_unit, make_vat_code

VAT = 21
FIRST_NUMBER = 50_000


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


@dataclass(frozen=True)
class _Ground:
    """What all invoices of a company stand on, by keys."""

    unit: BusinessUnit
    gl_account_id: int
    vat_code_id: int
    customer_ids: Sequence[int]
    #: How its references begin: no two companies have one alike.
    prefix: str
    first_id: int


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
    _make_invoices(_ground(unit, customer_ids), books)
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
    queued = outbox.queue_all(connection, items, by="trial")
    db.session.commit()
    return queued


def _make_customers(group_id: int, books: Books, relations: Sequence[Relation]) -> list[int]:
    names = [relation.name for relation in relations] if books.known else _invented(books)
    first = _following(Customer.number, FIRST_NUMBER)
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


def _ground(unit: BusinessUnit, customer_ids: Sequence[int]) -> _Ground:
    account = select(GLAccount.id).filter_by(business_unit_id=unit.id, default_revenue=True)
    return _Ground(
        unit=unit,
        gl_account_id=db.session.scalars(account).one(),
        vat_code_id=make_vat_code(str(VAT)).id,
        customer_ids=customer_ids,
        prefix=f"T{unit.company_id}",
        first_id=_following(Invoice.id, 1),
    )


def _following(column: Any, least: int) -> int:
    return max(int(db.session.scalar(select(func.max(column))) or 0) + 1, least)


def _make_invoices(ground: _Ground, books: Books) -> None:
    """As drafts, since a confirmed one would take no lines any more; then all are confirmed."""
    invoices = [_invoice(ground, index) for index in range(books.invoices)]
    _write(Invoice, invoices)
    _write(InvoiceLine, (_line(ground, invoice) for invoice in invoices))
    _write(InvoiceVat, (_vat(ground, invoice) for invoice in invoices))
    _confirm(ground, books.invoices)
    if books.pdf:
        _write(InvoiceDocument, (_document(invoice, books.pdf_bytes) for invoice in invoices))
    _settle()


def _write(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    for batch in batches(list(rows)):
        db.session.execute(insert(model.__table__), batch)


def _invoice(ground: _Ground, index: int) -> dict[str, Any]:
    key, day = ground.first_id + index, today()
    net = Decimal(5_000 + index) / 100
    vat = cents(net * VAT / 100)
    return {
        "id": key,
        "company_id": ground.unit.company_id,
        "business_unit_id": ground.unit.id,
        "customer_id": ground.customer_ids[index % len(ground.customer_ids)],
        "reference": f"{ground.prefix}-{index + 1:06}",
        "invoice_date": day,
        "due_date": day + timedelta(days=30),
        "net": net,
        "vat": vat,
        "gross": net + vat,
        "balance": net + vat,
        "payment_reference": f"{key:010}{ogm_vcs.calc_check_digits(f'{key:010}')}",
        "created_at": now(),
        "confirmed_at": now(),
    }


def _line(ground: _Ground, invoice: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "invoice_id": invoice["id"],
        "position": 1,
        "description": "Rent of a van",
        "units": Decimal(1),
        "unit_price": invoice["net"],
        "net": invoice["net"],
        "vat_code_id": ground.vat_code_id,
        "vat_percentage": Decimal(VAT),
        "gl_account_id": ground.gl_account_id,
    }


def _vat(ground: _Ground, invoice: Mapping[str, Any]) -> dict[str, Any]:
    shared = {"vat_code_id": ground.vat_code_id, "percentage": Decimal(VAT)}
    return {
        "invoice_id": invoice["id"],
        **shared,
        "base": invoice["net"],
        "vat": invoice["vat"],
    }


def _document(invoice: Mapping[str, Any], size: int) -> dict[str, Any]:
    content = f"%PDF-1.7\n{invoice['reference']}\n".encode().ljust(size, b"%")
    digest = hashlib.sha256(content).hexdigest()
    return {"invoice_id": invoice["id"], "sha256": digest, "content": content}


def _confirm(ground: _Ground, count: int) -> None:
    """Under numbers of a year that is over: a single long series does as well as many."""
    year = FinancialYear(
        company_id=ground.unit.company_id,
        name=ground.prefix,
        starts_on=date(2000, 1, 1),
        ends_on=date(2000, 12, 31),
    )
    series = NumberSeries(
        financial_year=year, kind=InvoiceKind.INVOICE, next_number=count + 1, last_date=today()
    )
    db.session.add(series)
    db.session.flush()
    confirmed = {
        "state": DocumentState.CONFIRMED,
        "series_id": series.id,
        "number": Invoice.id - ground.first_id + 1,
    }
    theirs = update(Invoice).where(Invoice.company_id == ground.unit.company_id)
    db.session.execute(theirs.values(confirmed), execution_options={"synchronize_session": False})


def _settle() -> None:
    """Let PostgreSQL count keys on from the last one, and know at once how much there is."""
    if db.engine.dialect.name == "postgresql":
        sequence = "pg_get_serial_sequence('invoices', 'id')"
        db.session.execute(text(f"select setval({sequence}, (select max(id) from invoices))"))
        db.session.commit()
        db.session.execute(text("analyze"))
