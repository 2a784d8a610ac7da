"""Confirming drafts: each in a transaction of its own, its PDF after that."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from ppplanner.blueprints.invoices.labels import title
from ppplanner.blueprints.records import find
from ppplanner.documents.invoice_pdf import ensure_pdf
from ppplanner.documents.jobs import make_invoice_pdf
from ppplanner.errors import DomainError, Invalid, NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.jobs import enqueue
from ppplanner.models import DocumentState, Invoice
from ppplanner.permissions import visible
from ppplanner.services.invoices import confirming

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What became of several drafts: their numbers, and for the others a sentence each."""

    confirmed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def drafts_among(ids: Sequence[int]) -> list[Invoice]:
    """The drafts with these ids in the order of their dates, as their numbers have to be; only
    those that the person may confirm.
    """
    query = (
        select(Invoice)
        .where(Invoice.id.in_(ids), Invoice.state == DocumentState.DRAFT, visible(Invoice))
        .order_by(Invoice.invoice_date, Invoice.id)
    )
    return list(db.session.scalars(query))


def confirm_one(invoice: Invoice, seen: str = "") -> str:
    """Confirm a draft and give its number; even if its contract has changed since, where the person
    has `seen` how. The caller commits.
    """
    confirming.confirm_invoice(invoice, seen=seen)
    return invoice.reference


def confirm_each(ids: Sequence[int]) -> Outcome:
    """Confirm the drafts with these ids, one by one: a refused one keeps none from its number."""
    outcome = Outcome()
    drafts = [(invoice.id, title(invoice)) for invoice in drafts_among(ids)]
    for invoice_id, name in drafts:
        try:
            outcome.confirmed.append(confirm_one(find(Invoice, invoice_id)))
            db.session.commit()
        except (DomainError, Invalid, NotFound) as error:
            db.session.rollback()
            outcome.refused.append(_not_confirmed(name, error))
        else:
            enqueue(make_invoice_pdf, invoice_id)
    return outcome


def print_at_once(invoice_id: int) -> None:
    """Make the PDF of an invoice just confirmed; if that fails, for whatever reason, a job tries
    again: the invoice is confirmed all the same.
    """
    try:
        ensure_pdf(invoice_id)
    except Exception:
        log.exception("no PDF could be made of invoice %s; a job tries again", invoice_id)
        db.session.rollback()
        enqueue(make_invoice_pdf, invoice_id)


def _not_confirmed(name: str, error: DomainError | Invalid | NotFound) -> str:
    return _(
        "Not confirmed: %(invoice)s. %(reason)s",
        invoice=name,
        reason=error.reason,
    )
