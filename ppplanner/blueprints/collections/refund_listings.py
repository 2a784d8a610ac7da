"""The lists of refund requests and of payment files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from flask import url_for
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from ppplanner.addons.manifest import BulkAction
from ppplanner.blueprints.collections.labels import REFUND_STATES
from ppplanner.blueprints.collections.refund_words import iban_words, kind_words, refund_badge
from ppplanner.blueprints.lists.filters import Filter
from ppplanner.blueprints.lists.list_words import beside
from ppplanner.blueprints.lists.listing import Action, Column, Listing
from ppplanner.blueprints.scope import business_units, in_chosen_unit
from ppplanner.extensions import db
from ppplanner.i18n import _l
from ppplanner.models import BusinessUnit, Customer, PaymentFile, RefundRequest, RefundState
from ppplanner.services.collections.collection_settings import any_refund_files
from ppplanner.services.collections.deposits import WAITING


def _requests() -> Select[RefundRequest]:
    query = select(RefundRequest).join(RefundRequest.customer)
    return query.where(in_chosen_unit(RefundRequest))


def _in_state(value: str) -> ColumnElement[bool]:
    """ "waiting" is what still has to be paid, or to be noted as paid."""
    if value == "waiting":
        return RefundRequest.state.in_(WAITING)
    return RefundRequest.state == RefundState(value)


def _files() -> Select[PaymentFile]:
    return select(PaymentFile).where(in_chosen_unit(PaymentFile))


def _sums(rows: Sequence[PaymentFile]) -> Mapping[int, Decimal]:
    return {key: amount for key, amount, _count in _contents(rows)}


def _counts(rows: Sequence[PaymentFile]) -> Mapping[int, int]:
    return {key: count for key, _amount, count in _contents(rows)}


def _contents(rows: Sequence[PaymentFile]) -> Sequence[tuple[int, Decimal, int]]:
    key = RefundRequest.payment_file_id
    query = select(key, func.sum(RefundRequest.amount), func.count()).group_by(key)
    found = db.session.execute(query.where(key.in_([row.id for row in rows])))
    return [(file_id, amount, count) for file_id, amount, count in found if file_id]


def uses_files() -> bool:
    """Whether a company that the person works in pays refunds with files."""
    return any_refund_files({unit.company_id for unit in business_units()})


REFUNDS = Listing(
    name="refunds",
    title=_l("Refunds"),
    query=_requests,
    key=RefundRequest.id,
    columns=[
        Column("number", _l("Number"), value=str, sort=RefundRequest.id),
        Column(
            "requested_at",
            _l("Asked for"),
            show="moment",
            sort=RefundRequest.requested_at,
            wide="md",
        ),
        Column("customer", _l("Customer"), value=lambda row: row.customer.name, sort=Customer.name),
        Column("kind", _l("What"), value=kind_words, wide="lg"),
        Column("contract", _l("Contract"), value=lambda row: row.contract, wide="lg"),
        Column("invoice", _l("Invoice"), value=lambda row: row.invoice, wide="xl"),
        Column("iban", _l("IBAN"), value=iban_words, wide="md"),
        Column("state", _l("State"), value=lambda row: refund_badge(row.state)),
        Column("file", _l("Payment file"), value=lambda row: row.payment_file, hidden=True),
        Column("unit", _l("Business unit"), value=lambda row: row.business_unit.name, hidden=True),
        Column(
            "by",
            _l("Asked by"),
            value=lambda row: row.requested_by and row.requested_by.name,
            hidden=True,
        ),
        Column("remark", _l("Remark"), wide="xxl"),
        Column("amount", _l("Amount"), show="money", align="end"),
    ],
    sort="requested_at",
    open=lambda row: url_for("collections.show_refund", refund_id=row.id),
    search=(beside(RefundRequest.customer_id, Customer.name), RefundRequest.iban),
    search_hint=_l("Customer or IBAN"),
    filters=[
        Filter(
            "state",
            _l("State"),
            choices=[
                ("waiting", _l("To do")),
                *((state.value, text) for state, text in REFUND_STATES.items()),
            ],
            apply=_in_state,
            any=_l("All"),
            default="waiting",
        ),
        Filter(
            "kind",
            _l("What"),
            choices=[("deposit", _l("Deposits")), ("paid", _l("Payments"))],
            apply=lambda value: RefundRequest.deposit.is_(value == "deposit"),
            any=_l("All"),
        ),
    ],
    options=[
        contains_eager(RefundRequest.customer),
        joinedload(RefundRequest.contract),
        joinedload(RefundRequest.invoice),
        joinedload(RefundRequest.business_unit).joinedload(BusinessUnit.company),
        joinedload(RefundRequest.requested_by),
        joinedload(RefundRequest.payment_file),
    ],
    bulk_actions=[
        BulkAction(
            "refunds",
            _l("Make a payment file"),
            "collections.new_payment_file",
            "collections.refund",
            icon="file-euro",
            dialog=True,
            offered=uses_files,
        ),
        BulkAction(
            "refunds",
            _l("Mark as processed"),
            "collections.process_refunds",
            "collections.refund",
            icon="check",
            dialog=True,
        ),
    ],
    new=Action(_l("New refund"), "collections.new_refund", "collections.refund", dialog=True),
    empty=_l("Here stand the refunds that customers wait for. There is none to be paid."),
    muted=lambda row: row.state is RefundState.WITHDRAWN,
)

PAYMENT_FILES = Listing(
    name="payment_files",
    title=_l("Payment files"),
    query=_files,
    key=PaymentFile.id,
    columns=[
        Column("name", _l("Name"), sort=PaymentFile.name),
        Column("made_at", _l("Made at"), show="moment", sort=PaymentFile.made_at),
        Column("by", _l("Made by"), value=lambda row: row.made_by and row.made_by.name, wide="md"),
        Column("company", _l("Company"), value=lambda row: row.company.name, wide="md"),
        Column("count", _l("Refunds"), load=_counts, show="number", align="end"),
        Column("sum", _l("Amount"), load=_sums, show="money", align="end"),
    ],
    sort="-made_at",
    open=lambda row: url_for("collections.show_payment_file", file_id=row.id),
    search=[PaymentFile.name],
    search_hint=_l("Name"),
    options=[joinedload(PaymentFile.made_by), joinedload(PaymentFile.company)],
    empty=_l("Tick refunds in their list to make a file with which your bank pays them."),
)
