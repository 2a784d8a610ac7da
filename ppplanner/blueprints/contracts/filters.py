"""What narrows lists of contracts beside their state: who, what, where from, and when."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import ColumnElement, and_, select, true

from ppplanner.blueprints.lists.filters import DayFilter, Filter, PickerFilter
from ppplanner.blueprints.resources.listing import keyed, pools
from ppplanner.clock import midnight
from ppplanner.extensions import db
from ppplanner.i18n import _l
from ppplanner.locales import timezone
from ppplanner.models import Contract, Customer, Resource
from ppplanner.permissions import visible


def _customer_name(customer_id: int) -> str | None:
    query = select(Customer.name).where(Customer.id == customer_id)
    return db.session.scalar(query.where(visible(Customer, "customers.view")))


def _between(first: date | None, last: date | None) -> ColumnElement[bool]:
    """Contracts that run on one of these days, in the time zone that the person looks at."""
    zone = timezone()
    ends = Contract.ends_at > midnight(first, zone) if first else true()
    starts = Contract.starts_at < midnight(last + timedelta(days=1), zone) if last else true()
    return and_(starts, ends)


CUSTOMER = PickerFilter(
    "customer",
    _l("Customer"),
    "customers.pick",
    describe=_customer_name,
    apply=lambda key: Contract.customer_id == key,
    permission="customers.view",
)
POOL = Filter(
    "pool",
    _l("Pool"),
    choices=lambda: keyed(pools()),
    apply=lambda value: Resource.pool_id == int(value),
    any=_l("All"),
)
DAYS = DayFilter("days", _l("Days"), apply=_between)
