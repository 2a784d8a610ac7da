"""Saying by hand how invoices are paid, and bringing what is open of them to zero (domain 8.4)."""

from __future__ import annotations

from ppplanner.errors import Invalid
from ppplanner.i18n import _
from ppplanner.models import Invoice, PaymentState, Transaction, TypeRole, User
from ppplanner.services.collections.transactions import TransactionData, register_own
from ppplanner.services.collections.types import of_role
from ppplanner.services.invoices.balances import set_payment_state

#: Nobody waits for money any more, so the balance may go.
CLOSING = frozenset({PaymentState.FULLY_PAID, PaymentState.NEVER_PAID})


def set_payment(
    invoice: Invoice, state: PaymentState, *, to_zero: bool, by: User | None
) -> Transaction | None:
    """Say how an invoice is paid, whatever has been collected; with `to_zero` its balance goes by
    an administrative transaction, which never leaves the application. The caller commits.

    Raises DomainError for a draft, Invalid when somebody still waits for the money.
    """
    if to_zero and state not in CLOSING:
        raise Invalid(to_zero=_("Only what is paid, or never will be, can be brought to zero."))
    set_payment_state(invoice, state)
    return _bring_to_zero(invoice, by) if to_zero and invoice.balance else None


def _bring_to_zero(invoice: Invoice, by: User | None) -> Transaction:
    role = TypeRole.WRITTEN_OFF if invoice.balance > 0 else TypeRole.WRITTEN_UP
    amount = abs(invoice.balance)
    return register_own(TransactionData(of_role(role), amount, invoice=invoice), by=by)
