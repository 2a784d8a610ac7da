"""Which invoices are past their due date while somebody still waits for the money."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement

from ppplanner.models import DocumentState, Invoice, PaymentState

#: Nobody waits for money any more.
SETTLED = frozenset({PaymentState.FULLY_PAID, PaymentState.NEVER_PAID})
#: Named one by one, so that databases look them up instead of reading all invoices.
AWAITED = [state for state in PaymentState if state not in SETTLED]


def is_overdue(day: date) -> ColumnElement[bool]:
    """Confirmed invoices of which something is open, due before `day` and not settled: for queries.

    Whole years of balances are above zero: `+ 0` keeps SQLite from beginning with those.
    """
    return (
        (Invoice.state == DocumentState.CONFIRMED)
        & Invoice.payment_state.in_(AWAITED)
        & (Invoice.balance + Decimal(0) > 0)
        & (Invoice.due_date < day)
    )


def days_late(invoice: Invoice, day: date) -> int:
    """How many days the customer is late with paying on `day`; 0 when nobody waits for money."""
    waits = not invoice.is_draft and invoice.payment_state not in SETTLED and invoice.balance > 0
    return max((day - invoice.due_date).days, 0) if waits else 0
