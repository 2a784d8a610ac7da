"""What credit notes have taken back of an invoice, and what is left of it, in EUR."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import TypeAlias

from sqlalchemy import func, select

from ppplanner.extensions import db
from ppplanner.models import Invoice, InvoiceLine, InvoiceVat
from ppplanner.services.pricing.vat import VatShare

#: A VAT code by its key, at a percentage.
Rate: TypeAlias = tuple[int, Decimal]


def left_of_lines(invoice: Invoice, beside: Invoice | None = None) -> dict[int, Decimal]:
    """What can still be credited of each line, by its key: without VAT, signed as the line is.

    Drafts count as well, but not the credit note `beside`, about which somebody is thinking.
    """
    query = (
        select(InvoiceLine.credited_line_id, func.sum(InvoiceLine.net))
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Invoice.credited_invoice_id == invoice.id, Invoice.id != _key(beside))
        .group_by(InvoiceLine.credited_line_id)
    )
    credited = dict(db.session.execute(query).all())
    return {line.id: line.net + credited.get(line.id, 0) for line in invoice.lines}


def left_of_rates(invoice: Invoice, beside: Invoice | None = None) -> dict[Rate, VatShare]:
    """What other credit notes have left of each rate: base and VAT."""
    query = (
        select(
            InvoiceVat.vat_code_id,
            InvoiceVat.percentage,
            func.sum(InvoiceVat.base),
            func.sum(InvoiceVat.vat),
        )
        .join(Invoice, Invoice.id == InvoiceVat.invoice_id)
        .where(Invoice.credited_invoice_id == invoice.id, Invoice.id != _key(beside))
        .group_by(InvoiceVat.vat_code_id, InvoiceVat.percentage)
    )
    left = {_rate(each): _share(each) for each in invoice.vat_totals}
    for code_id, percentage, base, vat in db.session.execute(query):
        share = left[code_id, percentage]
        left[code_id, percentage] = replace(share, base=share.base + base, vat=share.vat + vat)
    return left


def credited_shares(note: Invoice, shares: Iterable[VatShare]) -> list[VatShare]:
    """The VAT of a credit note: never more than is left, and all of it with the last of a rate, so
    that what is credited in parts comes to what had been invoiced, to the cent.
    """
    assert note.credited_invoice
    left = left_of_rates(note.credited_invoice, beside=note)
    return [_limited(share, left[share.vat_code.id, share.percentage]) for share in shares]


def _limited(share: VatShare, left: VatShare) -> VatShare:
    if share.base == -left.base:
        return replace(share, vat=-left.vat)
    lowest, highest = sorted((Decimal(0), -left.vat))
    return replace(share, vat=min(max(share.vat, lowest), highest))


def _rate(row: InvoiceVat) -> Rate:
    return row.vat_code_id, row.percentage


def _share(row: InvoiceVat) -> VatShare:
    return VatShare(row.vat_code, row.percentage, row.base, row.vat)


def _key(note: Invoice | None) -> int:
    """The key of a credit note; one that no row has for none, or for one that is not kept yet."""
    return (note.id if note else None) or 0
