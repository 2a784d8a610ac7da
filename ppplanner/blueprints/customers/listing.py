"""The list of customers, and what its pickers search."""

from __future__ import annotations

from flask import url_for
from sqlalchemy import ColumnElement, String, cast, select

from ppplanner.blueprints.customers.labels import (
    KINDS,
    STATUSES,
    language_name,
    status_badge,
)
from ppplanner.blueprints.lists.listing import Action, Column, Filter, Listing
from ppplanner.blueprints.scope import in_chosen_unit
from ppplanner.extensions import db
from ppplanner.i18n import _l
from ppplanner.models import CompanyGroup, Customer, CustomerKind, CustomerStatus
from ppplanner.permissions import visible

SEARCH = (
    Customer.name,
    cast(Customer.number, String),
    Customer.vat_number,
    Customer.vat_key,
    Customer.city,
    Customer.email,
)


def _groups() -> list[tuple[str, str]]:
    """The company groups to choose from; none where all customers belong to one."""
    query = select(CompanyGroup.id, CompanyGroup.name).order_by(CompanyGroup.name)
    found = db.session.execute(query.where(visible(CompanyGroup))).all()
    return [(str(key), name) for key, name in found] if len(found) > 1 else []


def _of_kind(value: str) -> ColumnElement[bool]:
    return Customer.kind == CustomerKind(value)


def _of_status(value: str) -> ColumnElement[bool]:
    return Customer.status == CustomerStatus(value)


CUSTOMERS = Listing(
    name="customers",
    title=_l("Customers"),
    query=lambda: select(Customer).where(in_chosen_unit(Customer)),
    key=Customer.id,
    columns=[
        Column("number", _l("Number"), sort=Customer.number),
        Column("name", _l("Name"), sort=Customer.name),
        Column("kind", _l("Kind"), value=lambda row: KINDS[row.kind], wide="lg"),
        Column("city", _l("City"), sort=Customer.city, wide="md"),
        Column("vat_number", _l("VAT number"), short=True, wide="xl"),
        Column("phone", _l("Phone"), short=True, wide="lg"),
        Column("status", _l("Status"), value=lambda row: status_badge(row.status)),
        Column("email", _l("E-mail"), hidden=True),
        Column("street", _l("Street and number"), hidden=True),
        Column("postcode", _l("Postcode"), hidden=True),
        Column("country", _l("Country"), hidden=True),
        Column(
            "language", _l("Language"), value=lambda row: language_name(row.language), hidden=True
        ),
        Column("created_at", _l("Added on"), show="moment", hidden=True),
    ],
    sort="name",
    open=lambda row: url_for("customers.show", customer_id=row.id),
    label=lambda row: row.full_name,
    search=SEARCH,
    search_hint=_l("Name, number, VAT number, city or e-mail"),
    filters=[
        Filter(
            "kind",
            _l("Kind"),
            choices=[(kind.value, text) for kind, text in KINDS.items()],
            apply=_of_kind,
            any=_l("All"),
        ),
        Filter(
            "status",
            _l("Status"),
            choices=[(status.value, text) for status, text in STATUSES.items()],
            apply=_of_status,
            any=_l("All"),
        ),
        Filter(
            "group",
            _l("Company group"),
            choices=_groups,
            apply=lambda value: Customer.group_id == int(value),
            any=_l("All"),
        ),
    ],
    new=Action(_l("Add customer"), "customers.add", "customers.edit", dialog=True),
    empty=_l("Here stand the people and firms that rent from you. Add the first one."),
    muted=lambda row: row.status is CustomerStatus.INACTIVE,
)
