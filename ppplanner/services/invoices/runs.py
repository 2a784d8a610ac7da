"""Invoice runs: what to look for, what a person picks of what was found (domain 8.1).

    calculating --> ready --> invoicing --> done
                      ^           |
                      +-----------+  while something is left that nobody picked

What is looked for and made step by step is in `run_steps.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select, update

from ppplanner.batches import batches
from ppplanner.clock import now, today
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import Message, _
from ppplanner.models import (
    BusinessUnit,
    Contract,
    FinancialYear,
    InvoiceKind,
    InvoiceRun,
    InvoiceRunItem,
    ItemState,
    Periodicity,
    RunState,
    User,
)
from ppplanner.services.firm.financial_years import find_year, year_of
from ppplanner.services.invoices.series import NewSeries, unbegun
from ppplanner.services.locking import lock
from ppplanner.services.typed_days import check_year

#: A job works on it, or should.
WORKING = (RunState.CALCULATING, RunState.INVOICING)
#: What a person can pick: what was never invoiced, and what failed and may succeed now.
PICKABLE = (ItemState.PROPOSED, ItemState.FAILED)


@dataclass(frozen=True)
class RunData:
    """What a run looks for. `until` is the last day whose rent is invoiced."""

    until: date
    invoice_date: date
    #: None: all that its maker may invoice.
    business_unit: BusinessUnit | None = None
    only_checked_in: bool = False
    #: None: however often contracts are invoiced.
    periodicity: Periodicity | None = None


def start(data: RunData, by: User) -> InvoiceRun:
    """Begin a run; a job has to calculate it after the caller's commit. Raises Invalid."""
    check_year("until", data.until, today())
    check_year("invoice_date", data.invoice_date, today())
    run = InvoiceRun(
        made_by=by,
        until=data.until,
        invoice_date=data.invoice_date,
        business_unit=data.business_unit,
        only_checked_in=data.only_checked_in,
        periodicity=data.periodicity,
    )
    db.session.add(run)
    db.session.flush()
    return run


def pick(run: InvoiceRun, ids: Sequence[int], *, invoice_date: date, confirm: bool) -> int:
    """Have these items of the run invoiced: as drafts, or confirmed. Gives how many there are.

    A job has to make them after the caller's commit. Items that are invoiced already are passed
    over. Raises DomainError while the run is busy or when nothing is left to invoice, Invalid for a
    date on which nothing could be confirmed.
    """
    lock(run)
    if run.state in WORKING:
        raise DomainError(_("This run is busy: wait until it is done, or stop it."))
    check_year("invoice_date", invoice_date, today())
    count = _pick_only(run, ids)
    if not count:
        raise DomainError(_("There is nothing to invoice among what you chose."))
    if confirm:
        _check_confirmable(run, invoice_date)
    run.invoice_date, run.confirm = invoice_date, confirm
    run.done, run.total = 0, count
    enter(run, RunState.INVOICING)
    return count


def stop(run: InvoiceRun) -> None:
    """Let a busy run go no further; what it has done stays. The caller commits."""
    lock(run)
    if run.state not in WORKING:
        raise DomainError(_("This run is not busy."))
    _pick_only(run, ())
    enter(run, RunState.READY)


def close(run: InvoiceRun) -> None:
    """Leave aside what was not invoiced: nobody is reminded of it any more."""
    lock(run)
    if run.state is not RunState.READY:
        raise DomainError(_("Only a run that waits for you can be closed."))
    enter(run, RunState.DONE)


def enter(run: InvoiceRun, state: RunState) -> None:
    """Bring a locked run into another state."""
    run.state = state
    run.began_at = run.moved_at = now()
    db.session.flush()


def pickable(run: InvoiceRun) -> Select[InvoiceRunItem]:
    """The items that can still be invoiced."""
    query = select(InvoiceRunItem).where(InvoiceRunItem.run_id == run.id)
    return query.where(InvoiceRunItem.state.in_(PICKABLE))


def why_not(item: InvoiceRunItem) -> str:
    """Why an item was not invoiced, in the language of whoever reads it; "" for no reason."""
    return " ".join(str(Message.from_json(reason)) for reason in item.reasons)


def starting_series(run: InvoiceRun, on: date) -> list[NewSeries]:
    """The series that would give their first number when what is left of the run is confirmed with
    that date: whoever confirms is asked at which number each starts (domain 8.2).
    """
    return [
        new
        for year in _years(run, on)
        if not year.closed
        for new in unbegun(year)
        if new.kind is InvoiceKind.INVOICE
    ]


def earlier_years(run: InvoiceRun, on: date) -> list[FinancialYear]:
    """The financial years of that date that are over by today: worth a look, not forbidden."""
    return [year for year in _years(run, on) if year.ends_on < today()]


def _years(run: InvoiceRun, on: date) -> list[FinancialYear]:
    """The financial years in which what is left would be numbered."""
    years = (find_year(unit, on) for unit in _units(pickable(run)))
    return list(dict.fromkeys(year for year in years if year))


def _units(items: Select[InvoiceRunItem]) -> Sequence[BusinessUnit]:
    """The business units of the contracts of these items."""
    keys = items.join(InvoiceRunItem.contract).with_only_columns(Contract.business_unit_id)
    query = select(BusinessUnit).where(BusinessUnit.id.in_(keys))
    return db.session.scalars(query.order_by(BusinessUnit.id)).all()


def _pick_only(run: InvoiceRun, ids: Sequence[int]) -> int:
    """Pick these items and no others; what failed before gets another chance. Gives how many."""
    of_run = update(InvoiceRunItem).where(InvoiceRunItem.run_id == run.id)
    db.session.execute(of_run.values(picked=False))
    chance = of_run.where(InvoiceRunItem.state.in_(PICKABLE)).values(
        picked=True, state=ItemState.PROPOSED, reasons=[]
    )
    for some in batches(ids):
        db.session.execute(chance.where(InvoiceRunItem.id.in_(some)))
    picked = select(func.count()).where(InvoiceRunItem.run_id == run.id, InvoiceRunItem.picked)
    return db.session.scalar(picked) or 0


def _check_confirmable(run: InvoiceRun, invoice_date: date) -> None:
    """Say at once what would otherwise be said of each invoice."""
    if invoice_date > today():
        raise Invalid(
            invoice_date=_("Only drafts can have a date in the future: choose today at the latest.")
        )
    for unit in _units(pickable(run).where(InvoiceRunItem.picked)):
        year_of(unit, invoice_date)
