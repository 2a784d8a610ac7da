"""Where the search over everything looks, and how.

People wait for each letter, so every source looks where an index leads, or over few rows; and finds
a handful, since whoever wants all of them opens the list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement, Select, String, and_, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.search.screens import screens
from ppplanner.extensions import db
from ppplanner.formats import day
from ppplanner.i18n import _l
from ppplanner.models import Base, BusinessUnit, Contract, Customer, Invoice, Resource
from ppplanner.permissions import allowed, visible

#: Of each kind.
MOST = 6
#: So short a word stands in many a sentence, and says nothing about a screen.
SHORT = 3
#: Digits that follow those typed: "C10" finds C1042 and C10421.
MORE_DIGITS = 4
CONTRACT = re.compile(r"c?(\d{1,9})", re.IGNORECASE)
INVOICE = re.compile(r"(?:(cn)?(\d{4})-)?(\d{1,9})", re.IGNORECASE)
#: What people leave out of a plate or a VAT number, or put in.
SIGNS = re.compile(r"[\s.\-]+")


@dataclass(frozen=True)
class Hit:
    """Something found; `detail` tells two of the same name apart."""

    title: Text
    url: str
    icon: str
    detail: Text = ""


@dataclass(frozen=True)
class Group:
    """What was found of one kind. `all_url` is their list, when there may be more."""

    title: Text
    hits: Sequence[Hit]
    all_url: str | None = None


@dataclass(frozen=True)
class Source:
    """One kind of record. `find` gives None when the words can be none of it."""

    title: Text
    model: type[Base]
    permission: str
    find: Callable[[str], Select[Any] | None]
    hit: Callable[[Any], Hit]
    listed: str

    def group(self, q: str) -> Group:
        query = self.find(q)
        if query is None:
            return Group(self.title, ())
        seen = query.where(visible(self.model, self.permission)).limit(MOST)
        hits = [self.hit(record) for record in db.session.scalars(seen)]
        return Group(self.title, hits, url_for(self.listed, q=q) if len(hits) == MOST else None)


def search(q: str) -> list[Group]:
    """The groups that hold something, as far as the person may see it."""
    found = [source.group(q) for source in SOURCES if q and allowed(source.permission)]
    found.append(Group(_l("Screens"), list(_screens(q))))
    return [group for group in found if group.hits]


def _screens(q: str) -> Iterator[Hit]:
    words = q.casefold().split()
    for screen in screens():
        title, detail = str(screen.title).casefold(), str(screen.detail).casefold()
        if all(word in title or (len(word) > SHORT and word in detail) for word in words):
            yield Hit(screen.title, screen.url, screen.icon, screen.detail)


def _contracts(q: str) -> Select[Any] | None:
    number = CONTRACT.fullmatch(q)
    if number is None:
        return None
    return (
        select(Contract)
        .where(_begins(Contract.number, number[1]))
        .options(
            joinedload(Contract.customer),
            joinedload(Contract.resource),
            joinedload(Contract.business_unit).joinedload(BusinessUnit.company),
        )
        .order_by(Contract.number)
    )


def _invoices(q: str) -> Select[Any] | None:
    """By "2026-00012", "CN2026-3", or the number alone, with or without its noughts."""
    found = INVOICE.fullmatch(q)
    if found is None or not int(found[3]):
        return None
    note, year, number = found.groups()
    query = select(Invoice).where(Invoice.number == int(number))
    if year:
        query = query.where(Invoice.reference == f"{(note or '').upper()}{year}-{int(number):05}")
    return query.options(joinedload(Invoice.customer)).order_by(Invoice.id.desc())


def _begins(column: InstrumentedAttribute[int], digits: str) -> ColumnElement[bool]:
    """Numbers that begin with these digits, as ranges: an index finds them."""
    first = int(digits)
    return or_(
        *(column.between(first * 10**more, (first + 1) * 10**more - 1) for more in _more(first))
    )


def _more(first: int) -> range:
    """How many digits may follow without leaving what a column of whole numbers can hold."""
    room = 9 - len(str(first))
    return range(min(MORE_DIGITS, max(room, 0)) + 1)


def _resources(q: str) -> Select[Any]:
    bare = func.replace(func.replace(Resource.licence_plate, "-", ""), " ", "")
    plate = bare.icontains(SIGNS.sub("", q), autoescape=True)
    places = (Resource.code, Resource.brand, Resource.model, Resource.licence_plate)
    named = and_(*(_stands(word, places) for word in q.split()))
    return select(Resource).where(or_(plate, named)).order_by(~Resource.active, Resource.code)


def _customers(q: str) -> Select[Any]:
    found = and_(*(_stands(word, _places_of(word)) for word in q.split()))
    if _has_digit(q):
        found |= Customer.vat_key.icontains(SIGNS.sub("", q), autoescape=True)
    return select(Customer).where(found).order_by(Customer.name, Customer.id)


def _places_of(word: str) -> Sequence[Any]:
    """Where such a word can stand: looking in all columns of all customers takes twice as long."""
    if "@" in word:
        return (Customer.email,)
    if _has_digit(word):
        return (Customer.name, cast(Customer.number, String), Customer.vat_key)
    return (Customer.name, Customer.city)


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _stands(word: str, places: Sequence[Any]) -> ColumnElement[bool]:
    return or_(*(place.icontains(word, autoescape=True) for place in places))


def _contract_hit(contract: Contract) -> Hit:
    parts = [contract.customer.name, day(contract.local(contract.starts_at).date())]
    if contract.resource:
        parts.append(contract.resource.title)
    url = url_for("contracts.show", contract_id=contract.id)
    return Hit(str(contract), url, "file-text", " · ".join(parts))


def _customer_hit(customer: Customer) -> Hit:
    url = url_for("customers.show", customer_id=customer.id)
    parts = filter(None, (str(customer.number), customer.city, customer.vat_number))
    return Hit(customer.name, url, "users", " · ".join(parts))


def _resource_hit(resource: Resource) -> Hit:
    url = url_for("resources.show", resource_id=resource.id)
    parts = filter(None, (resource.licence_plate, f"{resource.brand} {resource.model}".strip()))
    return Hit(resource.code, url, "truck", " · ".join(parts))


def _invoice_hit(invoice: Invoice) -> Hit:
    url = url_for("invoices.show", invoice_id=invoice.id)
    detail = f"{invoice.customer.name} · {day(invoice.invoice_date)}"
    return Hit(invoice.reference, url, "receipt", detail)


SOURCES = (
    Source(
        _l("Contracts"), Contract, "contracts.view", _contracts, _contract_hit, "contracts.index"
    ),
    Source(_l("Invoices"), Invoice, "invoices.view", _invoices, _invoice_hit, "invoices.index"),
    Source(
        _l("Resources"), Resource, "resources.view", _resources, _resource_hit, "resources.index"
    ),
    Source(
        _l("Customers"), Customer, "customers.view", _customers, _customer_hit, "customers.index"
    ),
)
