"""How much cash may be paid for one contract or invoice.

The Belgian law of 18 September 2017 on money laundering and the use of cash, article 67 § 2: no
payment of more than EUR 3,000 in cash within one operation, or several that seem to belong
together, whatever they come to; only consumers among themselves are free. What belongs together is
here a contract with its invoices, or an invoice without a contract with its credit notes. Deposits
are payments as well; cash that goes back makes room again. Undoing a transaction, or saying which
invoice it pays, is no payment.

A company elsewhere sets another limit, or none (`CollectionSettings.cash_limit`): that of the
business unit whose cash register it is counts.
"""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import ColumnElement, func, select

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.formats import money
from ppplanner.i18n import _
from ppplanner.models import MethodKind, Transaction, TransactionFamily, TransactionMethod
from ppplanner.services.collections.collection_settings import collection_settings
from ppplanner.services.collections.entry import TransactionData
from ppplanner.services.collections.refund_limits import documents


def check(data: TransactionData) -> None:
    """Raise Invalid for cash by which there would be more than the limit: that was paid for the
    same thing or, by bank paid and in cash given back, that went out.
    """
    limit = _limit(data)
    if limit is None:
        return
    before = _cash(data)
    if abs(before + data.signed) > max(limit, abs(before)):
        there = before if data.signed > 0 else -before
        raise Invalid(
            amount=_(
                "By the law of 18 September 2017, article 67, no more than %(limit)s may be paid in"
                " cash for one contract or invoice, in parts or at once and with deposits:"
                " %(left)s is left. Let the rest be paid by card or bank transfer.",
                limit=money(limit),
                left=money(max(limit - there, Decimal(0))),
            )
        )


def _limit(data: TransactionData) -> Decimal | None:
    """In EUR; None when there is none for this money."""
    in_cash = data.method is not None and data.method.is_cash and data.register is not None
    if not in_cash or data.type.family is TransactionFamily.REGISTER:
        return None
    assert data.register
    limit = collection_settings.load(data.register.business_unit.company_id).cash_limit
    return None if limit is None else Decimal(limit)


def _cash(data: TransactionData) -> Decimal:
    """The cash that came in so far for the same thing, less what went out, in EUR."""
    query = (
        select(func.sum(Transaction.amount))
        .join(Transaction.method)
        .where(_same_thing(data), TransactionMethod.kind == MethodKind.CASH)
    )
    return db.session.scalar(query) or Decimal(0)


def _same_thing(data: TransactionData) -> ColumnElement[bool]:
    if contract := data.whole_contract:
        return Transaction.contract_id == contract.id
    assert data.invoice
    return Transaction.invoice_id.in_(documents(data.invoice))
