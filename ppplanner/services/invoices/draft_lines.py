"""Lines of drafts: those that people add are wholly theirs; of those that follow from a contract
they choose the words and where these are booked.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import (
    CostCarrier,
    CostCentre,
    GLAccount,
    Invoice,
    InvoiceLine,
    VatCode,
)
from ppplanner.money import line_net
from ppplanner.services.invoices.frozen import refuse_confirmed
from ppplanner.services.invoices.totals import total
from ppplanner.services.ledger import revenue_account
from ppplanner.services.locking import lock
from ppplanner.services.pricing.typed_lines import line_faults


@dataclass(frozen=True)
class Booking:
    """Where a line goes in the books."""

    gl_account: GLAccount | None = None
    cost_centre: CostCentre | None = None
    cost_carrier: CostCarrier | None = None


@dataclass(frozen=True)
class LineData:
    """A line as a person types it: price in EUR without VAT, discount in per cent.

    Without a VAT code the customer's is taken; without a GL account the default one of the business
    unit.
    """

    description: str
    units: Decimal
    unit_price: Decimal
    vat_code: VatCode | None = None
    discount: Decimal = Decimal(0)
    booking: Booking = Booking()


def add_line(invoice: Invoice, data: LineData) -> InvoiceLine:
    """Add a line to a draft. Raises Invalid, DomainError. The caller commits."""
    _lock_draft(invoice)
    _check(invoice, data)
    position = max((line.position for line in invoice.lines), default=0) + 1
    with db.session.no_autoflush:
        line = InvoiceLine(position=position)
        invoice.lines.append(line)
        _fill(line, data)
    return _added_up(line)


def change_line(line: InvoiceLine, data: LineData) -> InvoiceLine:
    """Change a line that a person added to a draft. Raises Invalid, DomainError. The caller
    commits.
    """
    _lock_draft(line.invoice)
    if line.price_line_id is not None:
        raise DomainError(
            _(
                "This amount follows from the contract: change it there, then bring the draft up to"
                " date."
            )
        )
    _check(line.invoice, data, line)
    _fill(line, data)
    return _added_up(line)


def reword_line(line: InvoiceLine, description: str, booking: Booking) -> InvoiceLine:
    """Change what a line says and where it is booked. Raises Invalid, DomainError. The caller
    commits.
    """
    _lock_draft(line.invoice)
    faults = _booking_faults(line.invoice, booking, line)
    if not description.strip():
        faults["description"] = _("Say what the customer pays for.")
    if faults:
        raise Invalid(**faults)
    line.description = description.strip()
    _book(line, booking)
    db.session.flush()
    return line


def remove_line(line: InvoiceLine) -> None:
    """Take a line off a draft. What it held of a contract can be invoiced later, so the draft is
    not the last one then. Raises DomainError. The caller commits.
    """
    invoice = line.invoice
    _lock_draft(invoice)
    invoice.final = invoice.final and line.price_line_id is None
    invoice.lines.remove(line)
    total(invoice)
    db.session.flush()


def _lock_draft(invoice: Invoice) -> None:
    lock(invoice)
    refuse_confirmed(invoice)
    if invoice.is_credit_note:
        raise DomainError(_("The lines of a credit note follow from the invoice that it credits."))


def _fill(line: InvoiceLine, data: LineData) -> None:
    line.description, line.units = data.description.strip(), data.units
    line.unit_price, line.discount = data.unit_price, data.discount
    line.net = line_net(data.units, data.unit_price, data.discount)
    vat_code = data.vat_code or line.invoice.customer.vat_code
    assert vat_code
    line.vat_code, line.vat_percentage = vat_code, vat_code.percentage
    _book(line, data.booking)


def _book(line: InvoiceLine, booking: Booking) -> None:
    default = revenue_account(line.invoice.business_unit)
    line.gl_account = booking.gl_account or default
    line.cost_centre, line.cost_carrier = booking.cost_centre, booking.cost_carrier


def _added_up(line: InvoiceLine) -> InvoiceLine:
    total(line.invoice)
    db.session.flush()
    return line


def _check(invoice: Invoice, data: LineData, line: InvoiceLine | None = None) -> None:
    faults = line_faults(data) | _booking_faults(invoice, data.booking, line)
    if "units" not in faults and _is_less_than_a_cent(data):
        faults["unit_price"] = _("This comes to less than a cent: check the price and the units.")
    if data.vat_code is None and invoice.customer.vat_code is None:
        faults["vat_code_id"] = _("Choose which VAT is due.")
    if faults:
        raise Invalid(**faults)


def _is_less_than_a_cent(data: LineData) -> bool:
    return bool(data.unit_price) and abs(data.units * data.unit_price) < Decimal("0.01")


def _booking_faults(
    invoice: Invoice, booking: Booking, line: InvoiceLine | None = None
) -> dict[str, object]:
    """A line goes to an open account of its business unit, to costs of its company group that are
    in use; what has been archived since it was chosen may stay.
    """
    unit, faults = invoice.business_unit, dict[str, object]()
    account = booking.gl_account
    if account and (account.business_unit_id != unit.id or not account.active):
        faults["gl_account_id"] = _("Choose a GL account of this invoice's business unit.")
    chosen = {"cost_centre_id": booking.cost_centre, "cost_carrier_id": booking.cost_carrier}
    for name, item in chosen.items():
        if item and item.group_id != unit.company.group_id:
            faults[name] = _("Choose one of this invoice's company group.")
        elif item and not item.active and item is not getattr(line, name.removesuffix("_id"), None):
            faults[name] = _("That one is archived: choose another, or none.")
    return faults
