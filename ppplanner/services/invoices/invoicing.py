"""Invoices: from a contract to a draft, from a draft to a numbered document that never changes."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

from stdnum.be import ogm_vcs

from ppplanner import events
from ppplanner.clock import now, today
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import (
    Contract,
    ContractStatus,
    DocumentState,
    Invoice,
    InvoiceDocument,
    InvoiceKind,
    InvoiceLine,
    PriceLine,
)
from ppplanner.services.invoices.numbering import number
from ppplanner.services.invoices.totals import total
from ppplanner.services.ledger import revenue_account
from ppplanner.services.locking import lock
from ppplanner.services.pricing.invoiced import uninvoiced_lines
from ppplanner.services.renting.lifecycle import Step, advance, may

FURTHEST = timedelta(days=366)


def draft_from_contract(
    contract: Contract,
    *,
    invoice_date: date,
    due_date: date | None = None,
    final: bool = True,
) -> Invoice:
    """Make a draft of what the contract has not been invoiced for. The caller commits.

    Without `due_date` the customer's payment term gives it. Raises DomainError when nothing is
    left, Invalid for impossible dates.
    """
    lock(contract)
    if contract.status is ContractStatus.CANCELLED:
        raise DomainError(_("A cancelled contract cannot be invoiced."))
    lines = uninvoiced_lines(contract)
    if not lines:
        raise DomainError(
            _("Everything on this contract has been invoiced, or it has no price yet.")
        )
    due_date = due_date or due_on(contract.customer.payment_days, invoice_date)
    _check_dates(invoice_date, due_date)
    invoice = Invoice(
        company_id=contract.business_unit.company_id,
        business_unit=contract.business_unit,
        customer=contract.customer,
        contract=contract,
        invoice_date=invoice_date,
        due_date=due_date,
        final=final,
        lines=[_invoice_line(line, position) for position, line in enumerate(lines, start=1)],
    )
    total(invoice)
    db.session.add(invoice)
    db.session.flush()
    return invoice


def due_on(payment_days: int, invoice_date: date) -> date:
    """The due date that a payment term gives."""
    return invoice_date + timedelta(days=payment_days)


def set_dates(invoice: Invoice, invoice_date: date, due_date: date) -> None:
    """Give a draft its dates. Raises Invalid."""
    lock(invoice)
    _refuse_confirmed(invoice)
    _check_dates(invoice_date, due_date)
    invoice.invoice_date, invoice.due_date = invoice_date, due_date
    db.session.flush()


def _check_dates(invoice_date: date, due_date: date) -> None:
    if due_date < invoice_date:
        raise Invalid(due_date=_("The due date cannot lie before the invoice date."))
    if abs(invoice_date - today()) > FURTHEST or due_date - invoice_date > FURTHEST:
        raise Invalid(invoice_date=_("That is more than a year away: check the year."))


def confirm_invoice(invoice: Invoice) -> None:
    """Give the draft its number; from now on it never changes. Raises DomainError for what is
    missing, Invalid for a date out of order. The caller commits, then makes the PDF.
    """
    lock(invoice)
    if invoice.contract:
        lock(invoice.contract)  # a check-in at the same moment comes before or after
    _refuse_confirmed(invoice)
    _find_accounts(invoice)
    _refuse_incomplete(invoice)
    number(invoice)
    invoice.balance = invoice.gross
    invoice.payment_reference = structured_communication(invoice)
    invoice.state, invoice.confirmed_at = DocumentState.CONFIRMED, now()
    _finish_contract(invoice)
    db.session.flush()
    events.invoice_confirmed.send(invoice)


def discard_draft(invoice: Invoice) -> None:
    """Throw a draft away; what it held can be invoiced again. The caller commits."""
    lock(invoice)
    _refuse_confirmed(invoice)
    db.session.delete(invoice)
    db.session.flush()


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


def _invoice_line(line: PriceLine, position: int) -> InvoiceLine:
    return InvoiceLine(
        price_line_id=line.id,
        position=position,
        description=line.description,
        units=line.units,
        unit_price=line.unit_price,
        discount=line.discount,
        net=line.net,
        vat_code=line.vat_code,
        vat_percentage=line.vat_code.percentage,
        gl_account=line.gl_account,
        cost_centre=line.cost_centre,
        cost_carrier=line.cost_carrier,
    )


def _refuse_confirmed(invoice: Invoice) -> None:
    if invoice.state is DocumentState.CONFIRMED:
        raise DomainError(_("A confirmed invoice never changes: make a credit note instead."))


def _find_accounts(invoice: Invoice) -> None:
    """Lines that still have no account go to the business unit's default, if it has one by now."""
    for line in invoice.lines:
        line.gl_account = line.gl_account or revenue_account(invoice.business_unit, None)


def _refuse_incomplete(invoice: Invoice) -> None:
    if invoice.invoice_date > today(invoice.company.timezone):
        raise DomainError(
            _("The invoice date lies in the future: confirm the invoice then, or change its date.")
        )
    if not invoice.lines:
        raise DomainError(_("An invoice needs at least one line."))
    if without := [line for line in invoice.lines if line.gl_account is None]:
        raise DomainError(
            _(
                "Line %(position)s has no GL account: give its rate one, or the business unit a"
                " default.",
                position=without[0].position,
            )
        )


def _finish_contract(invoice: Invoice) -> None:
    """The final invoice makes a checked-in contract an invoiced one (domain 7.2)."""
    contract = invoice.contract
    if contract and invoice.final and may(contract, Step.INVOICE):
        advance(contract, Step.INVOICE)
