"""The list of invoices and credit notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from flask import url_for
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import contains_eager, joinedload

from ppplanner.addons.manifest import BulkAction
from ppplanner.blueprints.invoices import mail_words
from ppplanner.blueprints.invoices.labels import (
    KINDS,
    PAYMENT_WORDS,
    STATES,
    payment_badges,
    state_badge,
    title,
)
from ppplanner.blueprints.invoices.run_filter import RUN
from ppplanner.blueprints.lists.list_words import beside, numbered
from ppplanner.blueprints.lists.listing import Action, Column, Filter, Listing
from ppplanner.blueprints.lists.periods import month, quarter, year
from ppplanner.blueprints.markup import Badge
from ppplanner.clock import today
from ppplanner.i18n import _l
from ppplanner.locales import timezone
from ppplanner.models import Customer, DocumentState, Invoice, InvoiceKind
from ppplanner.services.invoices.overdue import is_overdue
from ppplanner.services.invoices.payment_words import PaymentWord, is_told


def of_chosen_unit() -> Select[Invoice]:
    """The invoices of the business unit chosen in the top bar, or of all."""
    query = select(Invoice).join(Invoice.customer)
    if unit_id := current_user.business_unit_id:
        query = query.where(Invoice.business_unit_id == unit_id)
    return query


def _number(invoice: Invoice) -> Badge | Markup:
    if invoice.is_draft:
        return state_badge(invoice.state)
    return Markup('<span class="nowrap">{}</span>').format(invoice.reference)


def _balance(invoice: Invoice) -> Decimal | None:
    """What is open; a draft asks nobody for money."""
    return None if invoice.is_draft else invoice.balance


def _paid(value: str) -> ColumnElement[bool]:
    """Confirmed documents of whose payment that is told; "late" are those past their due date."""
    return is_overdue(today(timezone())) if value == "late" else is_told(PaymentWord(value))


PERIODS: Mapping[str, Callable[[], tuple[date, date]]] = {
    "month": lambda: month(0),
    "last-month": lambda: month(1),
    "quarter": quarter,
    "year": lambda: year(0),
    "last-year": lambda: year(1),
}


def _dated(value: str) -> ColumnElement[bool]:
    return Invoice.invoice_date.between(*PERIODS[value]())


INVOICES = Listing(
    name="invoices",
    title=_l("Invoices"),
    query=of_chosen_unit,
    key=Invoice.id,
    columns=[
        Column("reference", _l("Number"), value=_number, sort=Invoice.reference),
        Column("kind", _l("Kind"), value=lambda row: KINDS[row.kind], wide="xxl"),
        Column("invoice_date", _l("Date"), show="day", sort=Invoice.invoice_date),
        Column("customer", _l("Customer"), value=lambda row: row.customer.name, sort=Customer.name),
        Column("unit", _l("Business unit"), value=lambda row: row.business_unit.name, wide="xxl"),
        Column("net", _l("Without VAT"), show="money", align="end", wide="xxl", sort=Invoice.net),
        Column("gross", _l("With VAT"), show="money", align="end", sort=Invoice.gross),
        Column(
            "balance",
            _l("Still open"),
            value=_balance,
            show="money",
            align="end",
            wide="xl",
            sort=Invoice.balance,
        ),
        Column("due_date", _l("Due date"), show="day", sort=Invoice.due_date, wide="lg"),
        Column("payment", _l("Payment"), load=payment_badges),
        mail_words.COLUMN,
    ],
    sort="-invoice_date",
    open=lambda row: url_for("invoices.show", invoice_id=row.id),
    label=title,
    search=(
        numbered(Invoice.id, Invoice.reference, r"C?N?[\d-]*"),
        beside(Invoice.customer_id, Customer.name),
    ),
    search_hint=_l("Number or customer"),
    filters=[
        Filter(
            "state",
            _l("State"),
            choices=[(state.value, text) for state, text in STATES.items()],
            apply=lambda value: Invoice.state == DocumentState(value),
            any=_l("All"),
        ),
        Filter(
            "kind",
            _l("Kind"),
            choices=[(kind.value, text) for kind, text in KINDS.items()],
            apply=lambda value: Invoice.kind == InvoiceKind(value),
            any=_l("All"),
        ),
        Filter(
            "payment",
            _l("Payment"),
            choices=[
                ("late", _l("Late")),
                *((word.value, text) for word, text in PAYMENT_WORDS.items()),
            ],
            apply=_paid,
            any=_l("All"),
        ),
        mail_words.FILTER,
        Filter(
            "period",
            _l("Period"),
            choices=[
                ("month", _l("This month")),
                ("last-month", _l("Last month")),
                ("quarter", _l("This quarter")),
                ("year", _l("This year")),
                ("last-year", _l("Last year")),
            ],
            apply=_dated,
            any=_l("All"),
        ),
        RUN,
    ],
    options=(contains_eager(Invoice.customer), joinedload(Invoice.business_unit)),
    bulk_actions=[
        BulkAction(
            "invoices",
            _l("Confirm"),
            "invoices.confirm_selected",
            "invoices.edit",
            icon="check",
            dialog=True,
        ),
        BulkAction(
            "invoices",
            _l("Set payment"),
            "invoices.payment_of_selected",
            "invoices.edit",
            icon="cash",
            dialog=True,
        ),
        mail_words.ACTION,
    ],
    new=Action(_l("New invoice"), "invoices.new", "invoices.edit", dialog=True),
    empty=_l("Here stand the invoices of your contracts. Make the first one."),
)
