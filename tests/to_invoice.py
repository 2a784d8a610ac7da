"""What the tests of invoice runs share: contracts that wait to be invoiced, and runs over them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.invoice_runs import work_on_run
from ppplanner.models import (
    BusinessUnit,
    Contract,
    ContractStatus,
    Invoice,
    InvoiceRun,
    InvoiceRunItem,
    ItemState,
    User,
)
from ppplanner.services.invoices import runs
from ppplanner.services.invoices.runs import RunData
from tests.factories import make_contract, make_customer, make_price_range, make_resource

#: Rent is 50.00 a day everywhere.
DAY_PRICE = 50


def ago(days: int) -> datetime:
    """Eight o'clock in the morning, so many days before today."""
    start = datetime.combine(today() - timedelta(days=days), datetime.min.time(), UTC)
    return start + timedelta(hours=8)


def rented(
    unit: BusinessUnit,
    from_days_ago: int = 10,
    days: int = 3,
    status: ContractStatus = ContractStatus.CHECKED_IN,
    **fields: Any,
) -> Contract:
    """A contract over so many days at 50.00 a day, on a van of its own."""
    start = ago(from_days_ago)
    contract = make_contract(
        make_resource(unit, make_price_range(DAY_PRICE, group=unit.company.group)),
        make_customer(group=unit.company.group),
        start,
        start + timedelta(days=days - 1, hours=8),
    )
    contract.status = status
    for name, value in fields.items():
        setattr(contract, name, value)
    db.session.flush()
    return contract


def begin(by: User, until: date | None = None, **fields: Any) -> InvoiceRun:
    """A run that is not calculated yet."""
    run = runs.start(RunData(until or today(), today(), **fields), by)
    db.session.commit()
    return run


def calculated(by: User, until: date | None = None, **fields: Any) -> InvoiceRun:
    """A run that waits for somebody to pick."""
    run = begin(by, until, **fields)
    work(run)
    return run


def work(run: InvoiceRun) -> None:
    """Let the job do all that it can."""
    db.session.commit()
    run_id = run.id
    db.session.expire_all()
    db.session.rollback()
    work_on_run(run_id)


def pick_all(run: InvoiceRun, confirm: bool = True, **fields: Any) -> int:
    ids = [item.id for item in items(run)]
    values = {"invoice_date": today(), **fields}
    count = runs.pick(run, ids, confirm=confirm, **values)
    db.session.commit()
    return count


def items(run: InvoiceRun) -> Sequence[InvoiceRunItem]:
    _forget()
    query = select(InvoiceRunItem).filter_by(run_id=run.id).order_by(InvoiceRunItem.id)
    return db.session.scalars(query).all()


def states(run: InvoiceRun) -> list[ItemState]:
    return [item.state for item in items(run)]


def invoices() -> Sequence[Invoice]:
    """All that there are, in the order in which they were made."""
    _forget()
    return db.session.scalars(select(Invoice).order_by(Invoice.id)).all()


def _forget() -> None:
    """See what jobs have done; what the test itself has changed stays."""
    db.session.flush()
    db.session.expire_all()
