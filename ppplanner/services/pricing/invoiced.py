"""How far contracts have been invoiced, drafts and partial invoices included."""

from __future__ import annotations

from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import Contract, DocumentState, Invoice, InvoiceLine, PriceLine


def is_invoiced(contract: Contract) -> bool:
    """Whether the contract has an invoice, be it a draft."""
    query = select(Invoice.id).filter_by(contract_id=contract.id).limit(1)
    return db.session.scalar(query) is not None


def is_fully_invoiced(contract: Contract) -> bool:
    """Whether a final invoice has been confirmed, and nothing has come since."""
    final = select(Invoice.id).where(
        Invoice.contract_id == contract.id,
        Invoice.final,
        Invoice.state == DocumentState.CONFIRMED,
    )
    return db.session.scalar(final.limit(1)) is not None and not uninvoiced_lines(contract)


def is_on_invoice(line: PriceLine) -> bool:
    """Whether the line has been invoiced, on a draft or for good."""
    query = select(InvoiceLine.id).filter_by(price_line_id=line.id).limit(1)
    return line.id is not None and db.session.scalar(query) is not None


def uninvoiced_lines(contract: Contract) -> list[PriceLine]:
    """The price lines that stand on no invoice yet."""
    taken = (
        select(InvoiceLine.price_line_id).join(Invoice).where(Invoice.contract_id == contract.id)
    )
    invoiced = set(db.session.scalars(taken))
    return [line for line in contract.lines if line.id not in invoiced]
