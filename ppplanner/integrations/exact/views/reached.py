"""Which links with Exact the person at the screen may see, and which of them a record concerns."""

from __future__ import annotations

from ppplanner.models import Company, Invoice, Transaction
from ppplanner.permissions import visible

from ..connect import connections
from ..items import Record
from ..models import ExactConnection


def within_reach(permission: str = "exact.view") -> list[ExactConnection]:
    """The connections of the companies in which the person has the right."""
    return connections(visible(ExactConnection, permission))


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
