"""What an invoice comes to: its VAT by code, its sums."""

from __future__ import annotations

from ppplanner.models import Invoice, InvoiceVat
from ppplanner.services.invoices.credited import credited_shares
from ppplanner.services.pricing.vat import Totals, add_up


def total(invoice: Invoice) -> None:
    """Bring VAT and sums of a draft in line with its lines. The caller flushes."""
    totals = add_up(invoice.lines)
    if invoice.credited_invoice:
        totals = Totals(credited_shares(invoice, totals.shares))
    known = {(each.vat_code, each.percentage): each for each in invoice.vat_totals}
    invoice.vat_totals = [
        known.get((share.vat_code, share.percentage))
        or InvoiceVat(vat_code=share.vat_code, percentage=share.percentage)
        for share in totals.shares
    ]
    for row, share in zip(invoice.vat_totals, totals.shares, strict=True):
        row.base, row.vat = share.base, share.vat
    invoice.net, invoice.vat, invoice.gross = totals.net, totals.vat, totals.gross
