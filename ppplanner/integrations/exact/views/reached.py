"""What of the links with Exact the person at the screen may see, and which of them a record
concerns.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, select

from ppplanner.models import Company, Invoice, Transaction
from ppplanner.permissions import allowed, visible

from ..connect import connections
from ..items import MODELS, Record
from ..models import ExactConnection, ExactOutboxEntry, Kind

#: The right to see the records of each kind.
RIGHTS = {
    Kind.COST_CENTRE: "ledger.view",
    Kind.COST_CARRIER: "ledger.view",
    Kind.CUSTOMER: "customers.view",
    Kind.INVOICE: "invoices.view",
    Kind.TRANSACTION: "collections.view",
}


def within_reach(permission: str = "exact.view") -> list[ExactConnection]:
    """The connections of the companies in which the person has the right."""
    return connections(visible(ExactConnection, permission))


def ids_within_reach() -> set[int]:
    return {each.id for each in within_reach()}


def any_link() -> bool:
    """Whether there is one: before, lists have nothing to show of Exact."""
    return bool(within_reach())


def concerned(record: Record) -> list[ExactConnection]:
    """Those of the record's company; of all companies of the group for what the group shares."""
    return [each for each in within_reach() if _concerns(each.company, record)]


def _concerns(company: Company, record: Record) -> bool:
    match record:
        case Invoice():
            return company.id == record.company_id
        case Transaction():
            return company.id == record.business_unit.company_id
        case _:
            return company.group_id == record.group_id


def seen() -> ColumnElement[bool]:
    """The entries of the outbox whose records the person may see, and that are still there."""
    kinds = (kind for kind, right in RIGHTS.items() if allowed(right))
    of_company = visible(ExactOutboxEntry, "exact.view")
    return and_(of_company, or_(false(), *map(_seen, kinds)))


def _seen(kind: Kind) -> ColumnElement[bool]:
    model = MODELS[kind]
    record = select(model.id).where(
        model.id == ExactOutboxEntry.record_id,
        visible(model, RIGHTS[kind]),
        visible(model, "exact.view"),
    )
    return and_(ExactOutboxEntry.kind == kind, record.correlate(ExactOutboxEntry).exists())
