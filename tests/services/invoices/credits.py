"""What the tests of credit notes share: invoices with given lines, credit notes on them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.models import BusinessUnit, Invoice, InvoiceLine
from ppplanner.money import line_net
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.crediting import credit, credit_in_full
from ppplanner.services.invoices.totals import total
from ppplanner.services.ledger import revenue_account
from tests.factories import make_customer, make_unit, make_vat_code

#: Net amount and VAT code of a line.
Part = tuple[str, str]


def make_bill(
    *parts: Part, confirmed: bool = True, unit: BusinessUnit | None = None, **fields: object
) -> Invoice:
    """An invoice without a contract, with a line for each pair of net amount and VAT code."""
    unit = unit or make_unit()
    values = {"customer": make_customer(), "invoice_date": today(), "due_date": today(), **fields}
    invoice = Invoice(company=unit.company, business_unit=unit, **values)
    invoice.lines = [
        bill_line(Decimal(net), code, position, unit)
        for position, (net, code) in enumerate(parts, start=1)
    ]
    db.session.add(invoice)
    total(invoice)
    db.session.flush()
    if confirmed:
        confirm_invoice(invoice)
    return invoice


def bill_line(net: Decimal, code: str, position: int, unit: BusinessUnit) -> InvoiceLine:
    vat_code = make_vat_code(code)
    return InvoiceLine(
        position=position,
        description=f"Part {position}",
        units=Decimal(1),
        unit_price=net,
        net=line_net(Decimal(1), net),
        vat_code=vat_code,
        vat_percentage=vat_code.percentage,
        gl_account=revenue_account(unit, None),
    )


def make_credit(invoice: Invoice, *amounts: str, again: bool = False) -> Invoice:
    """A confirmed credit note on these amounts of the lines, in their order; on all without any."""
    note = draft_credit(invoice, *amounts, again=again)
    confirm_invoice(note)
    return note


def draft_credit(invoice: Invoice, *amounts: str, again: bool = False) -> Invoice:
    if not amounts:
        return credit_in_full(invoice, on=today(), again=again)
    return credit(invoice, by_line(invoice, amounts), on=today(), again=again)


def by_line(invoice: Invoice, amounts: Sequence[str]) -> dict[int, Decimal]:
    pairs = zip(invoice.lines, amounts, strict=True)
    return {line.id: Decimal(amount) for line, amount in pairs}
