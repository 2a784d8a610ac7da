"""Contracts that are invoiced again and again: every week, every four weeks, every month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Contract, ContractStatus, Invoice, Periodicity
from ppplanner.services.locking import lock
from ppplanner.services.pricing.rent import charged_days

ONE_DAY = timedelta(days=1)
#: After the last day of a contract nothing is left to invoice, save what comes up meanwhile.
FURTHEST = timedelta(days=366)
LENGTHS: Mapping[Periodicity, relativedelta] = {
    Periodicity.WEEKLY: relativedelta(weeks=1),
    Periodicity.FOUR_WEEKLY: relativedelta(weeks=4),
    Periodicity.MONTHLY: relativedelta(months=1),
}


def set_periodicity(
    contract: Contract, periodicity: Periodicity | None, next_invoice_date: date | None = None
) -> None:
    """Say how often a contract is invoiced, and when next; None: not again and again. Without a day
    it is the last one of the first period. Raises Invalid, DomainError. The caller commits.
    """
    lock(contract)
    if contract.status is ContractStatus.CANCELLED:
        raise DomainError(_("A cancelled contract cannot be invoiced."))
    if periodicity is None:
        contract.periodicity = contract.next_invoice_date = None
    else:
        proposed = next_invoice_date or first_date(contract, periodicity)
        days = charged_days(contract)
        if proposed < days.first:
            raise Invalid(next_invoice_date=_("The contract has not begun on that day."))
        if proposed > days.last + FURTHEST:
            raise Invalid(next_invoice_date=_("Check the year."))
        contract.periodicity, contract.next_invoice_date = periodicity, proposed
    db.session.flush()


def first_date(contract: Contract, periodicity: Periodicity) -> date:
    """The last day of the contract's first period."""
    return charged_days(contract).first + LENGTHS[periodicity] - ONE_DAY


def following(day: date, periodicity: Periodicity) -> date:
    """The invoice date after `day`; the last day of a month is followed by that of the next."""
    following = day + LENGTHS[periodicity]
    ends_month = periodicity is Periodicity.MONTHLY and (day + ONE_DAY).day == 1
    return following + relativedelta(day=31) if ends_month else following


def move_next_date(invoice: Invoice) -> None:
    """Let the contract of an invoice wait for the first date that its days have not reached. The
    last invoice ends it. The caller flushes.
    """
    contract = invoice.contract
    if contract is None or invoice.is_credit_note or contract.periodicity is None:
        return
    if invoice.final:
        contract.next_invoice_date = None
        return
    reached = _reached(invoice)
    while contract.next_invoice_date and contract.next_invoice_date <= reached:
        contract.next_invoice_date = following(contract.next_invoice_date, contract.periodicity)


def _reached(invoice: Invoice) -> date:
    """The last day that an invoice charges; when it charges none, the day until which rent was
    asked for, or else its date.
    """
    days = [line.last_day for line in invoice.lines if line.last_day]
    return max(days, default=invoice.invoiced_until or invoice.invoice_date)
