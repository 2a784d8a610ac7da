"""Invoices and credit notes as bookings, and their PDF as a document."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import cycle, islice
from uuid import UUID

from ppplanner.models import Invoice, InvoiceKind, InvoiceLine
from ppplanner.money import CENT, vat_amount

from ..records import NewDocument, NewSalesEntry, NewSalesEntryLine
from .costs import NO_COSTS, CostCodes


def document(invoice: Invoice, account_id: UUID) -> NewDocument:
    """The cover to which the PDF is attached. Its subject finds it again."""
    return NewDocument(
        subject=document_subject(invoice), account_id=account_id, document_date=invoice.invoice_date
    )


def document_subject(invoice: Invoice) -> str:
    word = "Credit note" if invoice.kind is InvoiceKind.CREDIT_NOTE else "Invoice"
    return f"{word} {invoice.reference} {invoice.customer.full_name}"


def file_name(reference: str | None) -> str:
    return f"{reference}.pdf"


def sales_entry(
    invoice: Invoice,
    *,
    account_id: UUID,
    journal: str,
    gl_accounts: Mapping[int, UUID],
    vat_codes: Mapping[int, str],
    document_id: UUID | None,
    costs: CostCodes = NO_COSTS,
) -> NewSalesEntry:
    """An invoice or credit note as a booking: our number is its reference (domain 14.5). Its lines
    name the cost centres and cost carriers that `costs` knows.
    """
    own_vat = vat_amounts(invoice)
    return NewSalesEntry(
        customer_id=account_id,
        journal=journal,
        entry_date=invoice.invoice_date,
        due_date=invoice.due_date,
        your_ref=invoice.reference,
        description=_description(invoice),
        document_id=document_id,
        payment_reference=invoice.payment_reference,
        lines=[
            NewSalesEntryLine(
                gl_account_id=gl_accounts[line.gl_account_id or 0],
                amount=line.net,
                vat_code=vat_codes[line.vat_code_id],
                vat_amount=own_vat.get(line.position),
                description=line.description,
                cost_centre=costs.centres.get(line.cost_centre_id or 0, ""),
                cost_unit=costs.carriers.get(line.cost_carrier_id or 0, ""),
            )
            for line in invoice.lines
        ],
    )


def vat_amounts(invoice: Invoice) -> dict[int, Decimal]:
    """The VAT in EUR of the lines, by position, for which Exact's own sum might differ from ours.

    Exact computes VAT per line, the law asks for it per rate (royal decree of 8 July 2025). The
    cents by which the two differ go on the largest lines of the rate, one each; the last credit
    note of an invoice takes back all VAT that is left, so it may have more of them than lines. How
    Exact rounds half a cent nobody wrote down, so that a line that has to be rounded says its VAT,
    too.
    """
    own: dict[int, Decimal] = {}
    for total in invoice.vat_totals:
        lines = [
            line
            for line in invoice.lines
            if (line.vat_code, line.vat_percentage) == (total.vat_code, total.percentage)
        ]
        own |= _spread(lines, total.percentage, total.vat)
    return own


def _spread(lines: list[InvoiceLine], percentage: Decimal, vat: Decimal) -> dict[int, Decimal]:
    exact = {line.position: line.net * percentage / 100 for line in lines}
    own = {line.position: vat_amount(line.net, percentage) for line in lines}
    gap = vat - sum(own.values(), Decimal(0))
    largest = sorted(lines, key=lambda line: abs(line.net), reverse=True)
    for line in islice(cycle(largest), int(abs(gap) / CENT)):
        own[line.position] += CENT.copy_sign(gap)
    return {position: amount for position, amount in own.items() if amount != exact[position]}


def _description(invoice: Invoice) -> str:
    if invoice.kind is InvoiceKind.CREDIT_NOTE and invoice.credited_invoice:
        return f"Credit note {invoice.reference} for {invoice.credited_invoice.reference}"
    return document_subject(invoice)
