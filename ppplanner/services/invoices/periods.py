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
        contract.periodicity = contract.next_invoice_date = contract.invoice_day = None
    else:
        proposed = next_invoice_date or first_date(contract, periodicity)
        days = charged_days(contract)
        if proposed < days.first:
            raise Invalid(next_invoice_date=_("The contract has not begun on that day."))
        if proposed > days.last + FURTHEST:
            raise Invalid(next_invoice_date=_("Check the year."))
        if (periodicity, proposed) != (contract.periodicity, contract.next_invoice_date):
            contract.invoice_day = _chosen_day(contract, proposed)
        contract.periodicity, contract.next_invoice_date = periodicity, proposed
    db.session.flush()


def first_date(contract: Contract, periodicity: Periodicity) -> date:
    """The last day of the contract's first period."""
    return following(_eve(contract), periodicity)


def following(day: date, periodicity: Periodicity, month_day: int | None = None) -> date:
    """The invoice date after `day`. Every month it is on `month_day`, 31 for the last one, or on
    the last day of a month that is too short for it; without `month_day` `day` itself tells.
    """
    later = day + LENGTHS[periodicity]
    if periodicity is not Periodicity.MONTHLY:
        return later
    return _within_month(later, month_day or _day_of(day))


def last_due(contract: Contract, until: date) -> date | None:
    """Up to and including which day a contract is invoiced by somebody who invoices all until
    `until`: a periodic one for the whole periods that have ended by then, so that every invoice
    covers one, or some; its last one ends with the contract. None when none has ended.
    """
    end, periodicity = contract.next_invoice_date, contract.periodicity
    if periodicity is None or end is None:
        return until
    if end > until:
        return None
    if charged_days(contract).last <= until:
        return until
    while (later := following(end, periodicity, contract.invoice_day)) <= until:
        end = later
    return end


def _eve(contract: Contract) -> date:
    """The day before a contract's first one: with it, as it were, a period ended."""
    return charged_days(contract).first - ONE_DAY


def _chosen_day(contract: Contract, day: date) -> int:
    """The day of the month that is meant by an invoice date: that on which the contract's own
    months end, where the date can be one of these; else its own.
    """
    own = _day_of(_eve(contract))
    return own if _within_month(day, own) == day else _day_of(day)


def _day_of(day: date) -> int:
    """The day of the month; 31 for the last one, however long the month."""
    return 31 if (day + ONE_DAY).day == 1 else day.day


def _within_month(day: date, month_day: int) -> date:
    """That day of the same month, or the last one of a month that is too short for it."""
    return day + relativedelta(day=month_day)


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
        contract.next_invoice_date = following(
            contract.next_invoice_date, contract.periodicity, contract.invoice_day
        )


def _reached(invoice: Invoice) -> date:
    """The last day that an invoice charges; when it charges none, the day until which rent was
    asked for, or else its date.
    """
    days = [line.last_day for line in invoice.lines if line.last_day]
    return max(days, default=invoice.invoiced_until or invoice.invoice_date)
