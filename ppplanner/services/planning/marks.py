"""What the bookkeeping knows of contracts, as small marks: to invoice, invoiced, paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import select

from ppplanner.addons.manifest import Mark
from ppplanner.extensions import db
from ppplanner.i18n import _l
from ppplanner.models import (
    Contract,
    ContractStatus,
    DocumentState,
    Invoice,
    InvoiceKind,
    PaymentState,
)
from ppplanner.services.pricing.invoiced import waits

TO_INVOICE = Mark("to_invoice", "receipt-euro", _l("To invoice"), "amber")
DRAFT = Mark("draft", "file-invoice", _l("Invoice in draft"), "amber")
INVOICED = Mark("invoiced", "file-invoice", _l("Invoiced"), "blue")
PAID = Mark("paid", "cash", _l("Paid"), "green")


def money_marks(contract_ids: Sequence[int]) -> dict[int, list[Mark]]:
    """The marks of these contracts, those without any left out. Two queries."""
    found: defaultdict[int, list[Mark]] = defaultdict(list)
    for key in _waiting(contract_ids):
        found[key].append(TO_INVOICE)
    for key, invoices in _invoices(contract_ids).items():
        found[key].append(_mark(invoices))
    return dict(found)


def _waiting(contract_ids: Sequence[int]) -> list[int]:
    """Contracts of which something remains to invoice."""
    query = select(Contract.id).where(
        Contract.id.in_(contract_ids), Contract.status != ContractStatus.CANCELLED, waits()
    )
    return list(db.session.scalars(query))


def _invoices(
    contract_ids: Sequence[int],
) -> dict[int, list[tuple[DocumentState, PaymentState]]]:
    """In which states the invoices of each contract are."""
    query = select(Invoice.contract_id, Invoice.state, Invoice.payment_state).where(
        Invoice.contract_id.in_(contract_ids), Invoice.kind == InvoiceKind.INVOICE
    )
    states: defaultdict[int, list[tuple[DocumentState, PaymentState]]] = defaultdict(list)
    for contract_id, state, payment in db.session.execute(query):
        states[contract_id or 0].append((state, payment))
    return states


def _mark(invoices: Collection[tuple[DocumentState, PaymentState]]) -> Mark:
    """What they say together: the least that holds for all of them."""
    if any(state is DocumentState.DRAFT for state, _payment in invoices):
        return DRAFT
    paid = all(payment is PaymentState.FULLY_PAID for _state, payment in invoices)
    return PAID if paid else INVOICED
