"""Our records as things that go to Exact: of what kind, what they are called, whose, in which turn.

Turns are those of domain 14.4: what bookings refer to goes before them.
"""

from __future__ import annotations

from dataclasses import dataclass

from ppplanner.models import CostCarrier, CostCentre, Customer, Invoice, InvoiceKind, Transaction

from .models import Kind

Record = CostCentre | CostCarrier | Customer | Invoice | Transaction

KINDS: dict[type[Record], Kind] = {
    CostCentre: Kind.COST_CENTRE,
    CostCarrier: Kind.COST_CARRIER,
    Customer: Kind.CUSTOMER,
    Invoice: Kind.INVOICE,
    Transaction: Kind.TRANSACTION,
}
MODELS: dict[Kind, type[Record]] = {kind: model for model, kind in KINDS.items()}
#: The turn of each kind; a credit note goes after all invoices.
RANKS = {
    Kind.COST_CENTRE: 1,
    Kind.COST_CARRIER: 1,
    Kind.CUSTOMER: 2,
    Kind.INVOICE: 3,
    Kind.TRANSACTION: 5,
}
CREDIT_NOTE_RANK = 4
LONGEST_TITLE = 120


@dataclass(frozen=True)
class Item:
    """What the outbox keeps of a record."""

    kind: Kind
    record_id: int
    title: str
    rank: int
    #: None for what a whole company shares.
    business_unit_id: int | None = None


def item_of(record: Record) -> Item:
    """A record that has its id."""
    kind = KINDS[type(record)]
    return Item(
        kind=kind,
        record_id=record.id,
        title=str(record)[:LONGEST_TITLE],
        rank=_rank(kind, record),
        business_unit_id=getattr(record, "business_unit_id", None),
    )


def _rank(kind: Kind, record: Record) -> int:
    if isinstance(record, Invoice) and record.kind is InvoiceKind.CREDIT_NOTE:
        return CREDIT_NOTE_RANK
    return RANKS[kind]
