"""The lists people pick from: journals, VAT codes, GL accounts, payment conditions, from Exact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from sqlalchemy import delete, select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import GLAccount, VatCode

from .. import odata
from ..client import ExactClient
from ..models import (
    ExactConnection,
    ExactGLAccountLink,
    ExactListItem,
    ExactVatLink,
    ListKind,
)
from ..records import GLAccountKind, GLAccountRecord, Journal, JournalKind, PaymentCondition
from ..records import VatCode as VatCodeInExact

#: Of a GL account in Exact: each line has to name a cost centre, or a cost unit.
MANDATORY = 1
LONGEST_NAME = 200
#: Lines on these need a relation, or belong to VAT returns.
BY_RELATION = (GLAccountKind.RECEIVABLE, GLAccountKind.PAYABLE, GLAccountKind.VAT)


def keep_lists(connection: ExactConnection, items: Iterable[ExactListItem]) -> None:
    """Put lists that were read in place of the old ones. The caller commits.

    What moved to another page while they were read came twice.
    """
    connection.lists_fetched_at = now()
    db.session.flush()  # whoever does the same at the same time waits here
    db.session.execute(delete(ExactListItem).filter_by(connection_id=connection.id))
    db.session.add_all({(item.kind, item.code): item for item in items}.values())


def read_lists(client: ExactClient, connection_id: int) -> list[ExactListItem]:
    """All lists, read from Exact and not stored yet. Raises ExactError."""
    return list(_items(client, connection_id))


def _items(client: ExactClient, connection_id: int) -> Iterator[ExactListItem]:
    for journal in client.journals():
        yield _item(
            connection_id, ListKind.JOURNAL, journal, kind=journal.kind, blocked=journal.blocked
        )
    for vat in client.vat_codes():
        yield _item(
            connection_id,
            ListKind.VAT_CODE,
            vat,
            percentage=None if vat.percentage is None else str(vat.percentage),
            kind=vat.kind,
            for_sales=vat.for_sales,
            blocked=vat.blocked,
        )
    for account in client.gl_accounts():
        yield _account_item(connection_id, account)
    for condition in client.payment_conditions():
        yield _item(connection_id, ListKind.PAYMENT_CONDITION, condition, days=condition.days)


def _account_item(connection_id: int, account: GLAccountRecord) -> ExactListItem:
    return _item(
        connection_id,
        ListKind.GL_ACCOUNT,
        account,
        kind=account.kind,
        blocked=account.blocked,
        mandatory_costs=MANDATORY in (account.cost_centre, account.cost_unit),
    )


def keep_account(connection_id: int, account: GLAccountRecord) -> None:
    """Add a GL account that was found in Exact since the lists were fetched. The caller commits."""
    known = {"connection_id": connection_id, "kind": ListKind.GL_ACCOUNT, "code": account.code}
    if db.session.scalar(select(ExactListItem.id).filter_by(**known)) is None:
        db.session.add(_account_item(connection_id, account))
        db.session.flush()


def payment_conditions(connection: ExactConnection) -> list[ExactListItem]:
    return list(_stored(connection, ListKind.PAYMENT_CONDITION))


def _item(
    connection_id: int,
    list_kind: ListKind,
    record: Journal | VatCodeInExact | GLAccountRecord | PaymentCondition,
    /,
    **details: object,
) -> ExactListItem:
    return ExactListItem(
        connection_id=connection_id,
        kind=list_kind,
        exact_id=record.id,
        code=record.code,
        name=odata.cut(record.name, LONGEST_NAME),
        details=details,
    )


def sales_journals(connection: ExactConnection) -> list[ExactListItem]:
    """The journals in which an invoice can be booked."""
    return _journals(connection, JournalKind.SALES)


def cash_journals(connection: ExactConnection) -> list[ExactListItem]:
    """The journals in which cash can be booked (mission S43)."""
    return _journals(connection, JournalKind.CASH)


def general_journals(connection: ExactConnection) -> list[ExactListItem]:
    """The journals in which any other transaction can be booked (mission S44)."""
    return _journals(connection, JournalKind.GENERAL)


def _journals(connection: ExactConnection, kind: JournalKind) -> list[ExactListItem]:
    return [
        item
        for item in _stored(connection, ListKind.JOURNAL)
        if item.details["kind"] == kind and not item.details["blocked"]
    ]


def customer_accounts(connection: ExactConnection) -> list[ExactListItem]:
    """The GL accounts that Exact keeps by customer (mission S46)."""
    return [
        item
        for item in open_accounts(connection)
        if item.details["kind"] in (GLAccountKind.RECEIVABLE, GLAccountKind.PREPAYMENT)
    ]


def type_accounts(connection: ExactConnection) -> list[ExactListItem]:
    """The GL accounts on which a line without customer, VAT or cost centre can be booked (S47)."""
    return [
        item
        for item in open_accounts(connection)
        if item.details["kind"] not in BY_RELATION and not item.details.get("mandatory_costs")
    ]


def open_accounts(connection: ExactConnection) -> list[ExactListItem]:
    """All GL accounts that are not blocked."""
    found = _stored(connection, ListKind.GL_ACCOUNT)
    return [item for item in found if not item.details["blocked"]]


def revenue_accounts(connection: ExactConnection) -> list[ExactListItem]:
    """The GL accounts on which an invoice line can be booked."""
    return [
        item
        for item in _stored(connection, ListKind.GL_ACCOUNT)
        if item.details["kind"] == GLAccountKind.REVENUE and not item.details["blocked"]
    ]


def vat_choices(connection: ExactConnection, percentage: Decimal) -> list[ExactListItem]:
    """The sales VAT codes of that percentage that take amounts without VAT."""
    return [item for item in _stored(connection, ListKind.VAT_CODE) if fits_vat(item, percentage)]


def fits_vat(item: ExactListItem, percentage: Decimal) -> bool:
    """Whether a code is for sales, of that percentage, and for amounts without VAT."""
    details = item.details
    usable = details["for_sales"] and not details["blocked"] and details["kind"] != "I"
    return bool(usable) and Decimal(details["percentage"] or 0) == percentage


def _stored(connection: ExactConnection, kind: ListKind) -> Iterable[ExactListItem]:
    query = select(ExactListItem).filter_by(connection_id=connection.id, kind=kind)
    return db.session.scalars(query.order_by(ExactListItem.code))


def gl_accounts_of(connection: ExactConnection) -> list[GLAccount]:
    """The active GL accounts of the company's business units."""
    units = [unit.id for unit in connection.company.business_units]
    query = select(GLAccount).where(GLAccount.business_unit_id.in_(units), GLAccount.active)
    return list(db.session.scalars(query.order_by(GLAccount.business_unit_id, GLAccount.code)))


def gl_links(connection: ExactConnection) -> list[ExactGLAccountLink]:
    return list(
        db.session.scalars(select(ExactGLAccountLink).filter_by(connection_id=connection.id))
    )


def vat_links(connection: ExactConnection) -> list[ExactVatLink]:
    return list(db.session.scalars(select(ExactVatLink).filter_by(connection_id=connection.id)))


def map_gl_account(
    connection: ExactConnection, account: GLAccount, item: ExactListItem | None
) -> None:
    """Say which GL account in Exact ours is; None takes it back. The caller commits."""
    key = {"gl_account_id": account.id, "connection_id": connection.id}
    link = db.session.get(ExactGLAccountLink, key)
    if item is None:
        if link:
            db.session.delete(link)
        return
    link = link or ExactGLAccountLink(**key)
    link.exact_id, link.code = item.exact_id, item.code
    db.session.add(link)


def map_vat_code(
    connection: ExactConnection, vat_code: VatCode, item: ExactListItem | None
) -> None:
    """Say which VAT code in Exact ours is; None takes it back. The caller commits."""
    key = {"vat_code_id": vat_code.id, "connection_id": connection.id}
    link = db.session.get(ExactVatLink, key)
    if item is None:
        if link:
            db.session.delete(link)
        return
    link = link or ExactVatLink(**key)
    link.code = item.code
    db.session.add(link)
