"""From a draft to a numbered document that never changes."""

from __future__ import annotations

import hashlib

from stdnum.be import ogm_vcs

from ppplanner import events
from ppplanner.clock import now
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import DocumentState, Invoice, InvoiceDocument, InvoiceKind
from ppplanner.services.invoices import crediting
from ppplanner.services.invoices.balances import settle
from ppplanner.services.invoices.frozen import refuse_confirmed
from ppplanner.services.invoices.holding import hold
from ppplanner.services.invoices.numbering import number
from ppplanner.services.invoices.overtaken import meet_contract
from ppplanner.services.invoices.periods import move_next_date
from ppplanner.services.invoices.requirements import faults_of
from ppplanner.services.ledger import revenue_account
from ppplanner.services.locking import lock
from ppplanner.services.renting.lifecycle import Step, advance, may


def confirm_invoice(invoice: Invoice, *, seen: str = "") -> None:
    """Give the draft its number; from now on it never changes. The caller commits, then makes the
    PDF.

    Raises Overtaken when its contract has changed since, unless a person has `seen` just that and
    wants it as it is (`overtaken.fingerprint`); DomainError for what is missing, Invalid for a date
    out of order.
    """
    hold(invoice)  # a check-in at the same moment comes before or after
    refuse_confirmed(invoice)
    if invoice.is_credit_note:
        crediting.check(invoice)
    meet_contract(invoice, seen)
    _find_accounts(invoice)
    _refuse_incomplete(invoice)
    events.invoice_confirming.send(invoice)
    number(invoice)
    invoice.payment_reference = structured_communication(invoice)
    invoice.state, invoice.confirmed_at = DocumentState.CONFIRMED, now()
    _finish_contract(invoice)
    move_next_date(invoice)
    db.session.flush()
    settle(invoice)
    events.invoice_confirmed.send(invoice)


def keep_pdf(invoice: Invoice, content: bytes) -> InvoiceDocument:
    """Keep the PDF of a confirmed invoice; one that is there already stays. The caller commits."""
    lock(invoice)
    if invoice.is_draft:
        raise DomainError(_("Only a confirmed invoice has a PDF to keep."))
    if invoice.document is None:
        digest = hashlib.sha256(content).hexdigest()
        invoice.document = InvoiceDocument(sha256=digest, content=content)
        db.session.flush()
    return invoice.document


def structured_communication(invoice: Invoice) -> str:
    """Twelve digits with which a Belgian customer pays: the key of the invoice, so that no two are
    alike, and its remainder by 97 (97 itself for none). Nothing for a credit note, which nobody
    pays.
    """
    if invoice.kind is InvoiceKind.CREDIT_NOTE:
        return ""
    base = f"{invoice.id:010}"
    return f"{base}{ogm_vcs.calc_check_digits(base)}"


def _find_accounts(invoice: Invoice) -> None:
    """Lines that still have no account go to the business unit's default, if it has one by now."""
    for line in invoice.lines:
        line.gl_account = line.gl_account or revenue_account(invoice.business_unit, None)


def _refuse_incomplete(invoice: Invoice) -> None:
    if faults := faults_of(invoice):
        raise DomainError(*faults)


def _finish_contract(invoice: Invoice) -> None:
    """The final invoice makes a checked-in contract an invoiced one (domain 7.2); a credit note can
    take that back.
    """
    contract = invoice.contract
    if contract and invoice.final and may(contract, Step.INVOICE):
        advance(contract, Step.INVOICE)
    if invoice.is_credit_note:
        crediting.free_contract(invoice)
