"""Narrowing the list of invoices to those that one invoice run made: to mail them, say."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from ppplanner.blueprints.invoice_runs.access import EDIT, seen_runs
from ppplanner.blueprints.invoice_runs.labels import title
from ppplanner.blueprints.lists.filters import PickerFilter
from ppplanner.extensions import db
from ppplanner.i18n import _l
from ppplanner.models import Invoice, InvoiceRun, InvoiceRunItem


def _title(run_id: int) -> str | None:
    run = db.session.scalar(select(InvoiceRun).where(InvoiceRun.id == run_id, seen_runs()))
    return title(run) if run else None


def _made_by(run_id: int) -> ColumnElement[bool]:
    made = select(InvoiceRunItem.invoice_id).where(InvoiceRunItem.run_id == run_id)
    return Invoice.id.in_(made.where(InvoiceRunItem.invoice_id.is_not(None)))


RUN = PickerFilter(
    "run",
    _l("Invoice run"),
    "invoice_runs.pick",
    describe=_title,
    apply=_made_by,
    permission=EDIT,
)
