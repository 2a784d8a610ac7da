"""When a customer is late with paying: the same to a query as to an invoice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.models import Invoice, PaymentState
from ppplanner.services.invoices.overdue import days_late, is_overdue
from tests.factories import make_invoice

pytestmark = pytest.mark.usefixtures("app")


def late(invoice: Invoice, day: date) -> int:
    """How late, by its row and by the query, which have to agree."""
    days = days_late(invoice, day)
    found = db.session.scalars(select(Invoice).where(is_overdue(day))).all()
    assert found == ([invoice] if days else [])
    return days


def test_a_customer_is_late_from_the_day_after_the_due_date() -> None:
    invoice = make_invoice(due_date=today())
    assert late(invoice, today()) == 0
    assert late(invoice, today() + timedelta(days=3)) == 3


@pytest.mark.parametrize("state", [PaymentState.UNKNOWN, PaymentState.PARTIALLY_PAID])
def test_part_of_the_money_is_not_all_of_it(state: PaymentState) -> None:
    invoice = make_invoice(due_date=today())
    invoice.payment_state = state
    assert late(invoice, today() + timedelta(days=1)) == 1


@pytest.mark.parametrize("state", [PaymentState.FULLY_PAID, PaymentState.NEVER_PAID])
def test_nobody_waits_for_what_is_settled(state: PaymentState) -> None:
    invoice = make_invoice(due_date=today())
    invoice.payment_state = state
    assert late(invoice, today() + timedelta(days=9)) == 0


def test_a_draft_is_never_late() -> None:
    invoice = make_invoice(confirmed=False, due_date=today())
    assert late(invoice, today() + timedelta(days=9)) == 0
