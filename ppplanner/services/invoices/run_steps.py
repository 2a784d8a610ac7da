"""The work of an invoice run, step by step: each is for one transaction, and can be repeated.

A step begins with the run locked, so that several workers on one run take turns. Whoever is killed
between two steps has lost nothing; within one, the database takes back all of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from ppplanner.clock import midnight, now
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import N_, Message
from ppplanner.models import (
    BusinessUnit,
    Contract,
    ContractStatus,
    Invoice,
    InvoiceRun,
    InvoiceRunItem,
    ItemState,
    PriceLine,
    RunState,
)
from ppplanner.reach import Reach, lies_within, within
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.drafts import contracts_to_invoice, draft_from_contract
from ppplanner.services.invoices.periods import last_due
from ppplanner.services.invoices.proposals import Proposal, propose
from ppplanner.services.invoices.runs import PICKABLE, enter
from ppplanner.services.locking import lock
from ppplanner.services.pricing.invoiced import Holdings, holdings

#: Contracts that one step looks at: others who write on SQLite wait no longer than for these.
BATCH = 20
#: The resource is back.
BACK = (ContractStatus.CHECKED_IN, ContractStatus.INVOICED, ContractStatus.COMPLETED)
#: One in preparation is not agreed upon yet.
AGREED = (ContractStatus.CONFIRMED, ContractStatus.OPEN, *BACK)
CHANGED = N_("The contract changed meanwhile: look at it again, then pick it again.")
#: Time zones begin a day at different moments: what may start within the run's last day somewhere.
SOMEWHERE = timedelta(days=2)


def calculate_batch(run: InvoiceRun, reach: Reach) -> None:
    """Look at the next contracts within `reach`; after the last one the run is ready."""
    if not run.total:
        run.total = _count(_waiting(run, reach))
    contracts = db.session.scalars(_batch(run, reach)).all()
    held = holdings([contract.id for contract in contracts])
    db.session.add_all(item for contract in contracts if (item := _item(run, contract, held)))
    if contracts:
        run.last_contract_id = contracts[-1].id
        run.done += len(contracts)
        run.total = max(run.total, run.done)
        run.moved_at = now()
        db.session.flush()
    else:
        _finish(run)


def next_item(run: InvoiceRun) -> InvoiceRunItem | None:
    """The next of what was picked; without one left the run is finished."""
    query = (
        select(InvoiceRunItem)
        .where(
            InvoiceRunItem.run_id == run.id,
            InvoiceRunItem.state == ItemState.PROPOSED,
            InvoiceRunItem.picked,
        )
        .order_by(InvoiceRunItem.id)
        .limit(1)
    )
    item = db.session.scalar(query)
    if item is None:
        _finish(run)
    return item


def make(item: InvoiceRunItem, reach: Reach) -> Invoice | None:
    """Invoice a picked item, and mark it; None when its contract is not what it was.

    Raises DomainError or Invalid when it cannot be invoiced: roll back, then `fail` it.
    """
    run, contract = item.run, item.contract
    lock(contract)
    if not lies_within(contract, reach):
        raise DomainError(
            Message(N_("Whoever made this run may not invoice this contract any more."))
        )
    until = last_due(contract, run.until)
    proposal = propose(contract, until) if until else None
    if proposal is None or not proposal.lines:
        _pass_over(item)
        return None
    if _lines(proposal) != item.lines:
        _show_again(item, proposal)
        return None
    invoice = draft_from_contract(contract, invoice_date=run.invoice_date, until=until)
    if run.confirm:
        confirm_invoice(invoice)
    item.state, item.invoice = ItemState.INVOICED, invoice
    _count_done(run)
    return invoice


def fail(item: InvoiceRunItem, reasons: Iterable[Message]) -> None:
    """Note why an item could not be invoiced."""
    item.state, item.picked = ItemState.FAILED, False
    item.reasons = [reason.to_json() for reason in reasons]
    _count_done(item.run)


def _pass_over(item: InvoiceRunItem) -> None:
    """Somebody else has invoiced it."""
    item.state, item.picked = ItemState.NOTHING_LEFT, False
    _count_done(item.run)


def _show_again(item: InvoiceRunItem, proposal: Proposal) -> None:
    """The contract changed since somebody looked at it: nobody has picked what it comes to now."""
    _fill(item, proposal)
    item.picked = False
    item.reasons = [Message(CHANGED).to_json()]
    _count_done(item.run)


def _count_done(run: InvoiceRun) -> None:
    run.done = min(run.done + 1, run.total)
    run.moved_at = now()
    db.session.flush()


def _finish(run: InvoiceRun) -> None:
    """A person goes on when something waits for them."""
    waits = select(InvoiceRunItem.id).where(
        InvoiceRunItem.run_id == run.id, InvoiceRunItem.state.in_(PICKABLE)
    )
    left = db.session.scalar(waits.limit(1)) is not None
    run.done = run.total
    enter(run, RunState.READY if left else RunState.DONE)


def _waiting(run: InvoiceRun, reach: Reach) -> Select[Contract]:
    """The contracts that the run is about, as far as a query can tell."""
    query = contracts_to_invoice().where(
        within(Contract, reach),
        Contract.status.in_(BACK if run.only_checked_in else AGREED),
        Contract.starts_at < midnight(run.until + SOMEWHERE),
        or_(
            Contract.periodicity.is_(None),
            Contract.next_invoice_date.is_(None),
            Contract.next_invoice_date <= run.until,
        ),
    )
    if run.business_unit_id:
        query = query.where(Contract.business_unit_id == run.business_unit_id)
    if run.periodicity:
        query = query.where(Contract.periodicity == run.periodicity)
    return query


def _batch(run: InvoiceRun, reach: Reach) -> Select[Contract]:
    query = _waiting(run, reach).where(Contract.id > run.last_contract_id)
    return (
        query.order_by(Contract.id)
        .limit(BATCH)
        .options(
            joinedload(Contract.customer),
            joinedload(Contract.business_unit).joinedload(BusinessUnit.company),
            selectinload(Contract.handovers),
            selectinload(Contract.lines).options(
                joinedload(PriceLine.rate), joinedload(PriceLine.item)
            ),
        )
    )


def _count(query: Select[Contract]) -> int:
    return db.session.scalar(query.with_only_columns(func.count(Contract.id))) or 0


def _item(run: InvoiceRun, contract: Contract, held: Holdings) -> InvoiceRunItem | None:
    """What the run would invoice of a contract; None when that is nothing."""
    if contract.local(contract.starts_at).date() > run.until:
        return None
    until = last_due(contract, run.until)
    if until is None:
        return None
    proposal = propose(contract, until, held=held)
    item = InvoiceRunItem(run_id=run.id, contract=contract)
    return _fill(item, proposal) if proposal.lines else None


def _fill(item: InvoiceRunItem, proposal: Proposal) -> InvoiceRunItem:
    item.net, item.invoiced_net = proposal.net, proposal.invoiced_net
    item.lines = _lines(proposal)
    return item


def _lines(proposal: Proposal) -> list[dict[str, Any]]:
    """The lines as they are kept: amounts and days as text."""
    return [
        {
            "description": line.description,
            "first_day": line.first_day and line.first_day.isoformat(),
            "last_day": line.last_day and line.last_day.isoformat(),
            "units": _text(line.units),
            "unit_price": _text(line.unit_price),
            "discount": _text(line.discount),
            "net": _text(line.net),
        }
        for line in proposal.lines
    ]


def _text(number: Decimal) -> str:
    """Without needless zeros, so that equal amounts are equal texts."""
    return f"{number.normalize():f}"
