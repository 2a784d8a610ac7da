"""What can be refunded, for the pickers of the dialog that asks for it."""

from __future__ import annotations

from flask import Response
from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from ppplanner.blueprints.collections import bp
from ppplanner.blueprints.contract_picker import answer_contracts
from ppplanner.blueprints.pickers import Option, answer_picker
from ppplanner.blueprints.scope import in_chosen_unit
from ppplanner.formats import money
from ppplanner.models import Contract, Customer, Invoice, Transaction
from ppplanner.permissions import require


@bp.get("/refunds/contracts")
@require("collections.refund")
def pick_paid_contract() -> Response:
    """Contracts on which money came in."""
    paid = select(Transaction.contract_id).where(Transaction.amount > 0)
    return answer_contracts(select(Contract).where(Contract.id.in_(paid)))


@bp.get("/refunds/invoices")
@require("collections.refund")
def pick_paid_invoice() -> Response:
    """Invoices on which money came in."""
    paid = select(Transaction.invoice_id).where(Transaction.amount > 0)
    query = (
        select(Invoice)
        .join(Invoice.customer)
        .where(Invoice.id.in_(paid), in_chosen_unit(Invoice))
        .order_by(Invoice.invoice_date.desc(), Invoice.id.desc())
    )
    return answer_picker(
        query.options(contains_eager(Invoice.customer)),
        (Invoice.reference, Customer.name),
        lambda each: Option(each.id, f"{each} · {each.customer.full_name}", money(each.balance)),
    )
