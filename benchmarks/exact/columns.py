"""What Exact would have left in the database of a firm that has been linked for years."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import insert, select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import Message
from ppplanner.integrations.exact.items import RANKS
from ppplanner.integrations.exact.models import (
    ConnectionState,
    ExactConnection,
    ExactCustomerLink,
    ExactOutboxEntry,
    ExactStep,
    Kind,
    StepState,
    WorkState,
)
from ppplanner.integrations.exact.standing import BOOKS
from ppplanner.models import Customer, DocumentState, Invoice

REASON = Message("Exact does not answer.").to_json()
#: Every so many invoices one waits, up to this many in all.
WAITS_EVERY, MOST_WAITING = 5, 200


def fill_columns_of_exact() -> None:
    """Link every customer; book all invoices but some, which wait with a reason."""
    for connection in db.session.scalars(select(ExactConnection)):
        connection.state, connection.division = ConnectionState.CONNECTED, 1
        db.session.flush()
        db.session.execute(insert(ExactCustomerLink), list(_links(connection)))
        invoices = select(Invoice.id).where(
            Invoice.company_id == connection.company_id, Invoice.state == DocumentState.CONFIRMED
        )
        # The latest wait: they are what the list shows first.
        ids = list(db.session.scalars(invoices.order_by(Invoice.invoice_date.desc(), Invoice.id)))
        waiting = set(ids[::WAITS_EVERY][:MOST_WAITING])
        db.session.execute(insert(ExactOutboxEntry), list(_entries(connection, ids, waiting)))
        db.session.execute(insert(ExactStep), list(_steps(connection, ids, waiting)))


def _links(connection: ExactConnection) -> Iterator[dict[str, Any]]:
    for number, customer_id in enumerate(db.session.scalars(select(Customer.id))):
        yield {
            "customer_id": customer_id,
            "connection_id": connection.id,
            "account_id": uuid.uuid4(),
            "code": f"{number:5}",
        }


def _entries(
    connection: ExactConnection, ids: list[int], waiting: set[int]
) -> Iterator[dict[str, Any]]:
    done = {"state": WorkState.DONE, "settled_at": now(), "reasons": []}
    waits = {"state": WorkState.WAITING, "settled_at": None, "reasons": [REASON]}
    for invoice_id in ids:
        shared = {
            "connection_id": connection.id,
            "company_id": connection.company_id,
            "kind": Kind.INVOICE,
            "record_id": invoice_id,
            "title": f"#{invoice_id}",
            "rank": RANKS[Kind.INVOICE],
        }
        yield {**shared, **(waits if invoice_id in waiting else done)}


def _steps(
    connection: ExactConnection, ids: list[int], waiting: set[int]
) -> Iterator[dict[str, Any]]:
    for number, invoice_id in enumerate(ids):
        if invoice_id not in waiting:
            yield {
                "connection_id": connection.id,
                "kind": Kind.INVOICE,
                "record_id": invoice_id,
                "action": BOOKS[Kind.INVOICE],
                "confirmed_at": now(),
                "state": StepState.CONFIRMED,
                "label": f"2670{number:04}",
                "exact_id": uuid.uuid4(),
            }
