"""What the link does when something happens in the core: it notes what Exact has to be told, in the
transaction of the person, who waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask_login import current_user
from sqlalchemy import select

from ppplanner import jobs
from ppplanner.extensions import db
from ppplanner.models import Company, Customer

from . import outbox
from .items import Record, item_of
from .jobs import send_what_waits
from .models import ExactConnection
from .settings import ExactSettings, SendMoment, exact_settings
from .sync import customers

#: What we bring in ourselves is no news to Exact.
OURS = "exact"


def customer_saved(customer: Customer, *, origin: str, **_more: object) -> None:
    """With "on save", every customer goes, also one who never gets an invoice (mission S19)."""
    if origin == OURS:
        return
    for connection, settings in _links_of(customer.group_id):
        on_save = settings.customers_send_moment == SendMoment.ON_SAVE
        if settings.customers_send and on_save and customers.is_news(connection.id, customer):
            _queue(connection, customer)


def _links_of(group_id: int) -> Iterator[tuple[ExactConnection, ExactSettings]]:
    """The links of the group's companies that are switched on and have their administration."""
    query = (
        select(ExactConnection)
        .join(Company)
        .where(Company.group_id == group_id, ExactConnection.division.is_not(None))
        .order_by(ExactConnection.id)
    )
    for connection in db.session.scalars(query):
        settings = exact_settings.load(connection.company_id)
        if settings.enabled:
            yield connection, settings


def _queue(connection: ExactConnection, record: Record) -> None:
    outbox.queue(connection, item_of(record), by=_who())
    jobs.enqueue_after_commit(send_what_waits, connection.id)


def _who() -> str:
    """The person at the screen; "" when a job saves."""
    return str(current_user.name) if current_user and current_user.is_authenticated else ""
