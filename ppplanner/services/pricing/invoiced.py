"""How far contracts have been invoiced: what invoice lines hold of their price lines.

Drafts hold what stands on them. A credit note gives back, once it is confirmed, what can be
invoiced again: its lines keep the price line then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import aliased

from ppplanner.extensions import db
from ppplanner.models import Contract, DocumentState, Invoice, InvoiceKind, InvoiceLine, PriceLine
from ppplanner.services.pricing.due import Days
from ppplanner.services.pricing.sums import in_cents, line_cents

#: Which documents say how far a contract has been invoiced.
COUNTS = or_(Invoice.kind == InvoiceKind.INVOICE, Invoice.state == DocumentState.CONFIRMED)


@dataclass
class Holding:
    """What invoice lines hold of a price line: EUR without VAT, and the days that they charge."""

    net: Decimal = Decimal(0)
    days: list[Days] = field(default_factory=list)
    #: Some line has no days: then it holds all of them.
    whole: bool = False

    def covers(self, days: Days) -> list[Days]:
        """Which of the contract's `days` are invoiced."""
        return [days] if self.whole else self.days


Holdings = Mapping[int, Holding]


def has_invoice(contract: Contract) -> bool:
    """Whether there is any invoice of the contract, be it a draft, or credited since."""
    query = select(Invoice.id).filter_by(contract_id=contract.id).limit(1)
    return db.session.scalar(query) is not None


def is_invoiced(contract: Contract) -> bool:
    """Whether an invoice of the contract stands, be it a draft."""
    query = select(Invoice.id).where(Invoice.contract_id == contract.id, stands()).limit(1)
    return db.session.scalar(query) is not None


def has_final_invoice(contract: Contract) -> bool:
    """Whether the last invoice of the contract stands, be it a draft."""
    query = select(Invoice.id).where(Invoice.contract_id == contract.id, Invoice.final, stands())
    return db.session.scalar(query.limit(1)) is not None


def stands() -> ColumnElement[bool]:
    """Invoices, drafts included, that confirmed credit notes have not wholly taken back: for
    queries.
    """
    note = aliased(Invoice)
    taken_back = (
        select(func.coalesce(func.sum(in_cents(note.net)), 0))
        .where(note.credited_invoice_id == Invoice.id, note.state == DocumentState.CONFIRMED)
        .correlate(Invoice)
        .scalar_subquery()
    )
    asked = in_cents(Invoice.net)
    return (Invoice.kind == InvoiceKind.INVOICE) & or_(asked == 0, asked + taken_back != 0)


def is_fully_invoiced(contract: Contract) -> bool:
    """Whether a final invoice has been confirmed, and nothing has come since."""
    final = select(Invoice.id).where(
        Invoice.contract_id == contract.id,
        Invoice.final,
        Invoice.state == DocumentState.CONFIRMED,
    )
    return db.session.scalar(final.limit(1)) is not None and not uninvoiced_lines(contract)


def is_on_invoice(line: PriceLine) -> bool:
    """Whether the line stands on any invoice, be it in part, on a draft, or credited since."""
    query = select(InvoiceLine.id).filter_by(price_line_id=line.id).limit(1)
    return line.id is not None and db.session.scalar(query) is not None


def is_held(line: PriceLine) -> bool:
    """Whether an invoice holds something of the line that was not given back."""
    held = holdings([line.contract_id]).get(line.id)
    return held is not None and bool(held.net or held.days or held.whole)


def on_invoices(contract: Contract) -> set[int]:
    """The ids of the price lines for which `is_on_invoice`. One query, none for a new contract."""
    if contract.id is None:
        return set()
    query = (
        select(InvoiceLine.price_line_id)
        .join(PriceLine, PriceLine.id == InvoiceLine.price_line_id)
        .where(PriceLine.contract_id == contract.id)
    )
    return {key for key in db.session.scalars(query) if key is not None}


def uninvoiced_lines(contract: Contract) -> list[PriceLine]:
    """The price lines of which something, more or less than is invoiced, remains to invoice."""
    held = holdings([contract.id])
    return [line for line in contract.lines if remains(line, held.get(line.id))]


def remains(line: PriceLine, held: Holding | None) -> bool:
    """Whether something of the line remains to invoice. A free one has to be shown once."""
    return held is None or held.net != line.net


def holdings(contract_ids: Collection[int], besides: Invoice | None = None) -> Holdings:
    """What invoices hold of the price lines of these contracts, by the lines' ids; what the invoice
    `besides` holds is left out. One query.
    """
    query = (
        select(InvoiceLine, Invoice.kind)
        .join(InvoiceLine.invoice)
        .join(PriceLine, PriceLine.id == InvoiceLine.price_line_id)
        .where(PriceLine.contract_id.in_(contract_ids), COUNTS)
    )
    if besides is not None:
        query = query.where(Invoice.id != besides.id)
    rows = db.session.execute(query).all()
    given_back = _given_back([line for line, kind in rows if kind is InvoiceKind.CREDIT_NOTE])
    held: defaultdict[int, Holding] = defaultdict(Holding)
    for line, kind in rows:
        holding = held[line.price_line_id or 0]
        holding.net += line.net
        if kind is InvoiceKind.INVOICE and given_back.get(line.id) != line.net:
            _hold_days(holding, line)
    return dict(held)


def _given_back(credits: Collection[InvoiceLine]) -> dict[int | None, Decimal]:
    """How much of each invoice line has been given back."""
    sums: defaultdict[int | None, Decimal] = defaultdict(Decimal)
    for line in credits:
        sums[line.credited_line_id] -= line.net
    return dict(sums)


def _hold_days(holding: Holding, line: InvoiceLine) -> None:
    if line.first_day and line.last_day:
        holding.days.append(Days(line.first_day, line.last_day))
    else:
        holding.whole = True


def waits() -> ColumnElement[bool]:
    """Contracts of which something remains to invoice: for queries."""
    held = (
        select(func.sum(in_cents(InvoiceLine.net)))
        .join(InvoiceLine.invoice)
        .where(InvoiceLine.price_line_id == PriceLine.id, COUNTS)
        .correlate(PriceLine)
        .scalar_subquery()
    )
    comes_to = line_cents(PriceLine.units, PriceLine.unit_price, PriceLine.discount)
    return exists().where(PriceLine.contract_id == Contract.id, comes_to.is_distinct_from(held))
