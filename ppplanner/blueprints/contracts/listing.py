"""The list of contracts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from flask import url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, String, cast, literal_column, select
from sqlalchemy.orm import contains_eager, joinedload

from ppplanner.addons.manifest import BulkAction
from ppplanner.blueprints.contracts.filters import CUSTOMER, DAYS, POOL
from ppplanner.blueprints.contracts.labels import STATUSES, status_badge
from ppplanner.blueprints.lists.list_words import beside, numbered
from ppplanner.blueprints.lists.listing import Action, Column, Filter, Listing
from ppplanner.blueprints.resources.listing import TYPE
from ppplanner.clock import day_starts, now, today
from ppplanner.extensions import db
from ppplanner.i18n import _l
from ppplanner.locales import timezone
from ppplanner.models import (
    BusinessUnit,
    Company,
    Contract,
    ContractStatus,
    Customer,
    PriceLine,
    Resource,
)
from ppplanner.services.planning.placing import unplaced
from ppplanner.services.pricing.invoiced import waits

#: What stands before a contract's number; the same in the index for words.
LETTER = literal_column("'C'", String)


def every_contract() -> Select[Contract]:
    return select(Contract).join(Contract.customer).outerjoin(Contract.resource)


def of_chosen_unit() -> Select[Contract]:
    """The contracts of the business unit chosen in the top bar, or of all."""
    query = every_contract()
    if unit_id := current_user.business_unit_id:
        query = query.where(Contract.business_unit_id == unit_id)
    return query


def _nets(contracts: Sequence[Contract]) -> Mapping[int, Decimal]:
    """What each contract costs without VAT, in one query."""
    sums = {contract.id: Decimal(0) for contract in contracts}
    for line in db.session.scalars(select(PriceLine).where(PriceLine.contract_id.in_(sums))):
        sums[line.contract_id] += line.net
    return sums


def _touches(first_day: int, days: int) -> ColumnElement[bool]:
    """Contracts that run on one of `days` days from `first_day` days after today."""
    zone = timezone()
    start, end = day_starts(first_day, zone), day_starts(first_day + days, zone)
    return (Contract.starts_at < end) & (Contract.ends_at > start)


def _running(moment: datetime) -> ColumnElement[bool]:
    return (Contract.starts_at <= moment) & (Contract.ends_at > moment)


def _with_resource(value: str) -> ColumnElement[bool]:
    if value == "waiting":
        return unplaced()
    column = Contract.resource_id
    return column.is_(None) if value == "none" else column.is_not(None)


PERIODS: Mapping[str, Callable[[], ColumnElement[bool]]] = {
    "now": lambda: _running(now()),
    "today": lambda: _touches(0, 1),
    "week": lambda: _touches(0, 7),
    "month": lambda: _touches(0, 30),
    "coming": lambda: Contract.starts_at > now(),
    "past": lambda: Contract.ends_at <= now(),
    "recent": lambda: Contract.ends_at.between(now() - timedelta(days=30), now()),
}
INVOICING: Mapping[str, Callable[[], ColumnElement[bool]]] = {
    "waiting": lambda: waits() & (Contract.status != ContractStatus.CANCELLED),
    "due": lambda: Contract.next_invoice_date <= today(timezone()),
    "periodic": lambda: Contract.periodicity.is_not(None),
}

CONTRACTS = Listing(
    name="contracts",
    title=_l("Contracts"),
    query=of_chosen_unit,
    key=Contract.id,
    columns=[
        Column("number", _l("Number"), value=str, sort=Contract.number),
        Column("customer", _l("Customer"), value=lambda row: row.customer.name, sort=Customer.name),
        Column("resource", _l("Resource"), value=lambda row: row.resource and row.resource.title),
        Column(
            "starts_at",
            _l("From"),
            value=lambda row: row.local(row.starts_at),
            show="moment",
            sort=Contract.starts_at,
        ),
        Column(
            "ends_at",
            _l("Until"),
            value=lambda row: row.local(row.ends_at),
            show="moment",
            sort=Contract.ends_at,
            wide="lg",
        ),
        Column("unit", _l("Unit"), value=lambda row: row.business_unit.code, wide="xl"),
        Column(
            "next_invoice",
            _l("Next invoice"),
            value=lambda row: row.next_invoice_date,
            show="day",
            hidden=True,
        ),
        Column("net", _l("Without VAT"), load=_nets, show="money", align="end", wide="xl"),
        Column("status", _l("Status"), value=lambda row: status_badge(row.status)),
    ],
    sort="-starts_at",
    open=lambda row: url_for("contracts.show", contract_id=row.id),
    search=(
        numbered(Contract.id, LETTER + cast(Contract.number, String), r"C?\d*"),
        beside(Contract.customer_id, Customer.name),
        beside(Contract.resource_id, Resource.licence_plate, Resource.code),
    ),
    search_hint=_l("Number, customer or plate"),
    filters=[
        Filter(
            "status",
            _l("Status"),
            choices=[(status.value, text) for status, text in STATUSES.items()],
            apply=lambda value: Contract.status == ContractStatus(value),
            any=_l("All"),
        ),
        Filter(
            "period",
            _l("Period"),
            choices=[
                ("now", _l("Running now")),
                ("today", _l("Today")),
                ("week", _l("The next 7 days")),
                ("month", _l("The next 30 days")),
                ("coming", _l("Still to start")),
                ("recent", _l("Ended in the last 30 days")),
                ("past", _l("Ended")),
            ],
            apply=lambda value: PERIODS[value](),
            any=_l("All"),
        ),
        Filter(
            "invoicing",
            _l("Invoicing"),
            choices=[
                ("waiting", _l("To invoice")),
                ("due", _l("Next invoice date has come")),
                ("periodic", _l("Again and again")),
            ],
            apply=lambda value: INVOICING[value](),
            any=_l("All"),
        ),
        Filter(
            "resource",
            _l("Resource"),
            choices=[
                ("waiting", _l("Still to be found")),
                ("none", _l("None")),
                ("some", _l("Chosen")),
            ],
            apply=_with_resource,
            any=_l("All"),
        ),
        DAYS,
        CUSTOMER,
        TYPE,
        POOL,
    ],
    options=(
        contains_eager(Contract.customer),
        contains_eager(Contract.resource),
        joinedload(Contract.business_unit)
        .load_only(BusinessUnit.code)
        .joinedload(BusinessUnit.company)
        .load_only(Company.timezone),
    ),
    bulk_actions=[
        BulkAction(
            "contracts",
            _l("Find resources"),
            "contracts.place_selected",
            "contracts.edit",
            icon="search",
            dialog=True,
        )
    ],
    new=Action(_l("New contract"), "contracts.new", "contracts.edit"),
    empty=_l("Here stand the contracts: who rents what, and when. Make the first one."),
    muted=lambda row: row.status in (ContractStatus.CANCELLED, ContractStatus.COMPLETED),
)
