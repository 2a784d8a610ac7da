"""Drafts of invoices: made of a contract, given other dates, thrown away."""

from __future__ import annotations

from datetime import date, timedelta

from ppplanner.clock import today
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import (
    Contract,
    ContractStatus,
    Invoice,
    InvoiceLine,
    PriceLine,
)
from ppplanner.services.invoices.frozen import refuse_confirmed
from ppplanner.services.invoices.totals import total
from ppplanner.services.locking import lock
from ppplanner.services.pricing.invoiced import uninvoiced_lines

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
    refuse_confirmed(invoice)
    _check_dates(invoice_date, due_date)
    invoice.invoice_date, invoice.due_date = invoice_date, due_date
    db.session.flush()


def _check_dates(invoice_date: date, due_date: date) -> None:
    if due_date < invoice_date:
        raise Invalid(due_date=_("The due date cannot lie before the invoice date."))
    if abs(invoice_date - today()) > FURTHEST or due_date - invoice_date > FURTHEST:
        raise Invalid(invoice_date=_("That is more than a year away: check the year."))


def discard_draft(invoice: Invoice) -> None:
    """Throw a draft away; what it held can be invoiced again. The caller commits."""
    lock(invoice)
    refuse_confirmed(invoice)
    db.session.delete(invoice)
    db.session.flush()


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
