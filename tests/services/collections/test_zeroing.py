"""Saying by hand how an invoice is paid, with or without bringing its balance to zero."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import PaymentState, Transaction, TransactionFamily, TypeRole
from ppplanner.services.collections.transactions import reverse
from ppplanner.services.collections.zeroing import set_payment
from tests.factories import make_user
from tests.services.collections.payments import pay
from tests.services.invoices.credits import make_bill, make_credit

pytestmark = pytest.mark.usefixtures("app")

UNKNOWN, NOT_PAID, PARTIALLY, FULLY, NEVER = PaymentState
NOTHING = Decimal(0)


def test_without_zeroing_only_the_state_changes() -> None:
    invoice = make_bill(("100.00", "21"))
    assert set_payment(invoice, FULLY, to_zero=False, by=None) is None
    assert (invoice.balance, invoice.payment_state) == (Decimal("121.00"), FULLY)
    assert db.session.scalars(select(Transaction)).all() == []


@pytest.mark.parametrize("state", [FULLY, NEVER])
def test_zeroing_writes_what_is_open_off(state: PaymentState) -> None:
    invoice, user = make_bill(("100.00", "21")), make_user()
    pay(invoice, "21.00")
    made = set_payment(invoice, state, to_zero=True, by=user)
    assert made
    assert (made.amount, made.type.role) == (Decimal("100.00"), TypeRole.WRITTEN_OFF)
    assert (made.type.family, made.method) == (TransactionFamily.ADMINISTRATIVE, None)
    assert (made.invoice, made.customer, made.created_by) == (invoice, invoice.customer, user)
    assert made.business_unit is invoice.business_unit
    assert (invoice.balance, invoice.payment_state) == (NOTHING, state)


def test_zeroing_writes_an_excess_off_as_well() -> None:
    invoice = make_bill(("100.00", "21"))
    pay(invoice, "121.02")
    made = set_payment(invoice, FULLY, to_zero=True, by=None)
    assert made
    assert (made.amount, made.type.role) == (Decimal("-0.02"), TypeRole.WRITTEN_UP)
    assert invoice.balance == 0


def test_nothing_is_written_off_where_nothing_is_open() -> None:
    invoice = make_bill(("100.00", "21"))
    note = make_credit(invoice)
    for each in (invoice, note):
        assert set_payment(each, FULLY, to_zero=True, by=None) is None
        assert each.payment_state is FULLY


@pytest.mark.parametrize("state", [UNKNOWN, NOT_PAID, PARTIALLY])
def test_what_somebody_waits_for_is_not_written_off(state: PaymentState) -> None:
    invoice = make_bill(("100.00", "21"))
    with pytest.raises(Invalid, match="zero"):
        set_payment(invoice, state, to_zero=True, by=None)
    assert set_payment(invoice, state, to_zero=False, by=None) is None
    assert (invoice.balance, invoice.payment_state) == (Decimal("121.00"), state)


def test_a_balance_brought_to_zero_by_mistake_comes_back() -> None:
    invoice = make_bill(("100.00", "21"))
    made = set_payment(invoice, FULLY, to_zero=True, by=None)
    assert made
    reverse(made, by=None)
    assert (invoice.balance, invoice.payment_state) == (Decimal("121.00"), NOT_PAID)


def test_a_draft_is_not_paid_by_hand() -> None:
    with pytest.raises(DomainError):
        set_payment(make_bill(("1.00", "21"), confirmed=False), FULLY, to_zero=True, by=None)
