"""The PDF of a confirmed invoice: made outside any transaction, kept once, the same ever after."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from ppplanner import events
from ppplanner.documents.read_then_print import read_then_print, refuse_transaction
from ppplanner.documents.sheet import invoice_html
from ppplanner.errors import DomainError, NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import DocumentState, Invoice, InvoiceDocument, InvoiceVat
from ppplanner.services.invoices import confirming

PARTS = (
    joinedload(Invoice.company),
    joinedload(Invoice.customer),
    joinedload(Invoice.contract),
    joinedload(Invoice.credited_invoice),
    selectinload(Invoice.lines),
    selectinload(Invoice.vat_totals).joinedload(InvoiceVat.vat_code),
)


def ensure_pdf(invoice_id: int) -> None:
    """Make and keep the PDF of a confirmed invoice, unless it has one. Commits by itself.

    Call it after the commit that confirmed the invoice, outside any transaction: printing takes a
    while, and nobody shall wait for a lock meanwhile. Two at the same time keep one PDF.
    """
    refuse_transaction()
    if not _has_pdf(invoice_id):
        content = make_pdf(invoice_id)
        invoice = db.session.get_one(Invoice, invoice_id)
        confirming.keep_pdf(invoice, content)
        events.invoice_printed.send(invoice)
    db.session.commit()


def make_pdf(invoice_id: int) -> bytes:
    """The PDF of a confirmed invoice, not kept. Raises NotFound, and DomainError for a draft.

    It must be called outside any transaction.
    """
    return read_then_print(lambda: invoice_html(_load(invoice_id)))


def without_pdf() -> list[int]:
    """The confirmed invoices whose PDF was never made, oldest first."""
    query = (
        select(Invoice.id)
        .where(Invoice.state == DocumentState.CONFIRMED, ~Invoice.document.has())
        .order_by(Invoice.id)
    )
    return list(db.session.scalars(query))


def _load(invoice_id: int) -> Invoice:
    invoice = db.session.get(Invoice, invoice_id, options=PARTS)
    if invoice is None:
        raise NotFound(_("This invoice does not exist (any more)."))
    if invoice.is_draft:
        raise DomainError(_("A draft has no PDF yet: confirm it first."))
    return invoice


def _has_pdf(invoice_id: int) -> bool:
    found = db.session.scalar(select(InvoiceDocument.invoice_id).filter_by(invoice_id=invoice_id))
    db.session.rollback()
    return found is not None
