"""The list of transactions: the report of domain 9.5."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, and_, select, true
from sqlalchemy.orm import joinedload

from ppplanner.addons.registry import registry
from ppplanner.blueprints.collections.labels import family_badge, listed_name, method_name
from ppplanner.blueprints.lists.filters import DayFilter, Filter, Options, PickerFilter
from ppplanner.blueprints.lists.list_words import apart, beside
from ppplanner.blueprints.lists.listing import Action, Column, Listing
from ppplanner.blueprints.lists.periods import STRETCHES, THIS_MONTH
from ppplanner.blueprints.scope import business_units, in_chosen_unit
from ppplanner.clock import midnight
from ppplanner.extensions import db
from ppplanner.i18n import _l
from ppplanner.locales import timezone
from ppplanner.models import (
    CashRegister,
    Contract,
    Customer,
    Invoice,
    Transaction,
    TransactionMethod,
    TransactionType,
)
from ppplanner.permissions import allowed, visible

#: The numbers of a transaction and of a contract, as people write them.
NUMBER = re.compile(r"t(\d{1,9})", re.IGNORECASE)
CONTRACT = re.compile(r"c?(\d{1,9})", re.IGNORECASE)


def _query() -> Select[Transaction]:
    return select(Transaction).where(in_chosen_unit(Transaction))


def _between(first: date | None, last: date | None) -> ColumnElement[bool]:
    """Transactions of these days, in the time zone that the person looks at."""
    zone = timezone()
    since = Transaction.at >= midnight(first, zone) if first else true()
    until = Transaction.at < midnight(last + timedelta(days=1), zone) if last else true()
    return and_(since, until)


# Each type and method stands in a great part of all rows: `+ 0` below keeps databases from
# collecting and sorting that part instead of going through the rows in their order.


def _types() -> Options:
    return _listed(TransactionType)


def _methods() -> Options:
    return _listed(TransactionMethod)


def _listed(model: Any) -> list[tuple[str, str]]:
    """All of a list, archived ones too: old transactions have them."""
    return [
        (str(each.id), listed_name(each))
        for each in db.session.scalars(select(model).order_by(model.id))
    ]


def _units() -> Options:
    """The business units to choose from; none when the top bar has settled it."""
    if current_user.business_unit_id:
        return []
    return [(str(unit.id), unit.name) for unit in business_units()]


def registers_to_choose() -> Options:
    query = select(CashRegister).where(visible(CashRegister), in_chosen_unit(CashRegister))
    return [
        (str(each.id), str(each)) for each in db.session.scalars(query.order_by(CashRegister.code))
    ]


def _handed_on() -> Options:
    """Only add-ons hand transactions on."""
    if not registry().list_columns(TRANSACTIONS.name):
        return []
    return [("yes", _l("Handed on")), ("no", _l("Not handed on"))]


def _customer_name(customer_id: int) -> str | None:
    query = select(Customer.name).where(Customer.id == customer_id)
    return db.session.scalar(query.where(visible(Customer, "customers.view")))


def _numbered(word: str) -> ColumnElement[bool] | None:
    """The one with that number; looking for parts of numbers would take most of a search."""
    found = NUMBER.fullmatch(word)
    return Transaction.number == int(found[1]) if found else None


def _on_contract(word: str) -> ColumnElement[bool] | None:
    found = CONTRACT.fullmatch(word)
    if found is None:
        return None
    query = select(Contract.id).where(Contract.number == int(found[1]))
    return Transaction.contract_id.in_(query)


def _contract(row: Transaction) -> Markup | str:
    if row.contract is None:
        return ""
    url = url_for("contracts.show", contract_id=row.contract_id)
    return _link("contracts.view", row.contract, url, str(row.contract))


def _invoice(row: Transaction) -> Markup | str:
    if row.invoice is None:
        return ""
    url = url_for("invoices.show", invoice_id=row.invoice_id)
    return _link("invoices.view", row.invoice, url, row.invoice.reference)


def _link(permission: str, record: Any, url: str, text: str) -> Markup | str:
    """A link for those who may see where it leads."""
    return Markup('<a href="{}">{}</a>').format(url, text) if allowed(permission, record) else text


TRANSACTIONS = Listing(
    name="transactions",
    title=_l("Transactions"),
    query=_query,
    key=Transaction.id,
    columns=[
        Column("number", _l("Number"), value=str, sort=Transaction.number),
        Column("at", _l("Date"), show="moment", sort=Transaction.at),
        Column("type", _l("Type"), value=family_badge),
        Column("method", _l("Method"), value=method_name),
        Column(
            "register",
            _l("Cash register"),
            value=lambda row: row.register and row.register.code,
            short=True,
            wide="lg",
        ),
        Column("customer", _l("Customer"), value=lambda row: row.customer and row.customer.name),
        Column("contract", _l("Contract"), value=_contract, wide="lg"),
        Column(
            "invoice",
            _l("Invoice"),
            value=_invoice,
            short=True,
            wide="lg",
        ),
        Column("unit", _l("Unit"), value=lambda row: row.business_unit.code, wide="xxl"),
        Column("card", _l("Card"), value=lambda row: row.card_type, wide="xxl"),
        Column("remark", _l("Remark"), wide="xxl"),
        Column("terminal", _l("Terminal"), value=lambda row: row.terminal, hidden=True),
        Column("voucher", _l("Voucher or reference"), hidden=True),
        Column("iban", _l("IBAN"), hidden=True),
        Column(
            "by",
            _l("Registered by"),
            value=lambda row: row.created_by and row.created_by.name,
            hidden=True,
        ),
        Column("amount", _l("Amount"), show="money", align="end", sort=Transaction.amount),
    ],
    sort="-at",
    open=lambda row: url_for("collections.show", transaction_id=row.id),
    search=(
        _numbered,
        _on_contract,
        beside(Transaction.invoice_id, Invoice.reference),
        beside(Transaction.customer_id, Customer.name),
        apart(Transaction.id, Transaction.remark, Transaction.voucher),
    ),
    search_hint=_l("Number, customer or remark"),
    filters=[
        DayFilter("period", _l("Period"), apply=_between, stretches=STRETCHES, at_first=THIS_MONTH),
        Filter(
            "unit",
            _l("Business unit"),
            choices=_units,
            apply=lambda value: Transaction.business_unit_id == int(value),
            any=_l("All"),
        ),
        Filter(
            "type",
            _l("Type"),
            choices=_types,
            apply=lambda value: Transaction.type_id + 0 == int(value),
            any=_l("All"),
        ),
        Filter(
            "method",
            _l("Method"),
            choices=_methods,
            apply=lambda value: Transaction.method_id + 0 == int(value),
            any=_l("All"),
        ),
        Filter(
            "register",
            _l("Cash register"),
            choices=registers_to_choose,
            apply=lambda value: Transaction.register_id == int(value),
            any=_l("All"),
        ),
        PickerFilter(
            "customer",
            _l("Customer"),
            "customers.pick",
            describe=_customer_name,
            apply=lambda key: Transaction.customer_id == key,
            permission="customers.view",
        ),
        Filter(
            "handed-on",
            _l("Handed on"),
            choices=_handed_on,
            apply=lambda value: Transaction.locked.is_(value == "yes"),
            any=_l("All"),
        ),
    ],
    options=[
        joinedload(Transaction.type),
        joinedload(Transaction.method),
        joinedload(Transaction.register),
        joinedload(Transaction.customer),
        joinedload(Transaction.contract),
        joinedload(Transaction.invoice),
        joinedload(Transaction.business_unit),
        joinedload(Transaction.card_type),
        joinedload(Transaction.terminal),
        joinedload(Transaction.created_by),
    ],
    new=Action(_l("Register money"), "collections.new", "collections.edit", dialog=True),
    empty=_l("Here stands the money that came in and went out. Register the first."),
)
