"""What a contract costs: price lines from the period, the resource and its rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from ppplanner.clock import BRUSSELS, TICK, local_day
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import day
from ppplanner.i18n import _, in_language
from ppplanner.models import (
    Contract,
    ContractStatus,
    GLAccount,
    InvoiceLine,
    LineKind,
    PriceLine,
    VatCode,
)
from ppplanner.services.ledger import revenue_account
from ppplanner.services.locking import lock

LARGEST_AMOUNT = Decimal(1_000_000)
MOST_UNITS = Decimal(1_000_000)
#: Price lines stay as they are in these.
CLOSED = frozenset({ContractStatus.INVOICED, ContractStatus.COMPLETED, ContractStatus.CANCELLED})


@dataclass(frozen=True)
class PriceLineData:
    """A price line as a person types it: price in EUR without VAT, discount in per cent."""

    description: str
    units: Decimal
    unit_price: Decimal
    vat_code: VatCode
    discount: Decimal = Decimal(0)
    gl_account: GLAccount | None = None


def rental_days(starts_at: datetime, ends_at: datetime, zone: str = BRUSSELS) -> int:
    """The calendar days of a period, first and last included, in the time zone of the business.

    A period that ends at midnight does not touch the day that begins then. (Domain 8.1: 1 to 25
    November is 25 days.)
    """
    return (local_day(ends_at - TICK, zone) - local_day(starts_at, zone)).days + 1


def price_contract(contract: Contract) -> None:
    """Bring the rent line in line with period, resource and rate. The other lines stay, but go to
    the books of the contract's business unit.

    A contract whose resource has no rate, or that has no resource yet, gets no rent line.
    """
    with db.session.no_autoflush:
        _follow_unit(contract)
        line = next((line for line in contract.lines if line.kind is LineKind.RENT), None)
        if contract.resource is None or contract.resource.rate is None:
            if line:
                contract.lines.remove(line)
            return
        if line is None:
            line = PriceLine(kind=LineKind.RENT, position=0, discount=Decimal(0))
            contract.lines.insert(0, line)
        _fill_rent_line(line, contract)


def _follow_unit(contract: Contract) -> None:
    """Lines that were booked in another unit's chart of accounts go to the same code in this one,
    or to its default.
    """
    unit = contract.business_unit
    for line in contract.lines:
        if line.gl_account and line.gl_account.business_unit_id != unit.id:
            line.gl_account = revenue_account(unit, line.gl_account.code)


def _fill_rent_line(line: PriceLine, contract: Contract) -> None:
    resource, unit = contract.resource, contract.business_unit
    assert resource
    assert resource.rate
    zone = unit.company.timezone
    line.units = Decimal(rental_days(contract.starts_at, contract.ends_at, zone))
    line.unit_price = resource.rate.day_price
    line.vat_code = resource.rate.vat_code
    line.gl_account = revenue_account(unit, resource.rate.gl_code)
    line.cost_centre, line.cost_carrier = resource.cost_centre, resource.cost_carrier
    with in_language(contract.customer.language):
        line.description = _(
            "%(resource)s, %(first)s to %(last)s",
            resource=resource.title,
            first=day(local_day(contract.starts_at, zone)),
            last=day(local_day(contract.ends_at - TICK, zone)),
        )[:200]


def save_price_line(
    contract: Contract, data: PriceLineData, line: PriceLine | None = None
) -> PriceLine:
    """Add a line to a contract, or change the one given. The caller commits.

    Raises Invalid for what a person can mend, DomainError when it comes too late.
    """
    _check(data, contract)
    _refuse_fixed(contract, line)
    with db.session.no_autoflush:  # a half-made line would begin its history with corrections
        if line is None:
            line = PriceLine(kind=LineKind.EXTRA, position=_next_position(contract))
            contract.lines.append(line)
        _fill_line(line, data, contract)
    db.session.flush()
    return line


def _fill_line(line: PriceLine, data: PriceLineData, contract: Contract) -> None:
    line.description, line.units = data.description.strip(), data.units
    line.unit_price, line.discount = data.unit_price, data.discount
    line.vat_code = data.vat_code
    line.gl_account = data.gl_account or revenue_account(contract.business_unit, None)
    if contract.resource:
        line.cost_centre = contract.resource.cost_centre
        line.cost_carrier = contract.resource.cost_carrier


def remove_price_line(line: PriceLine) -> None:
    """Take a line off its contract. Raises DomainError if that is too late. The caller commits."""
    _refuse_fixed(line.contract, line)
    line.contract.lines.remove(line)
    db.session.flush()


def _next_position(contract: Contract) -> int:
    return max((line.position for line in contract.lines), default=0) + 1


def _refuse_fixed(contract: Contract, line: PriceLine | None) -> None:
    lock(contract)
    if contract.status in CLOSED:
        raise DomainError(_("The price of this contract can no longer be changed."))
    on_invoice = select(InvoiceLine.id).filter_by(price_line_id=line.id).limit(1) if line else None
    if on_invoice is not None and db.session.scalar(on_invoice):
        raise DomainError(_("This line is on an invoice: discard the draft first, or add a line."))


def _check(data: PriceLineData, contract: Contract) -> None:
    faults: dict[str, object] = {}
    if not data.description.strip():
        faults["description"] = _("Say what the customer pays for.")
    if not 0 < data.units <= MOST_UNITS:
        faults["units"] = _("Fill in a number above zero, and at most a million.")
    if not 0 <= data.discount <= 100:
        faults["discount"] = _("A discount lies between 0 and 100 per cent.")
    if max(abs(data.unit_price), abs(data.units * data.unit_price)) > LARGEST_AMOUNT:
        faults["unit_price"] = _("That is more than a million euro: check the price and the units.")
    if data.gl_account and data.gl_account.business_unit_id != contract.business_unit_id:
        faults["gl_account_id"] = _("Choose a GL account of the contract's business unit.")
    if faults:
        raise Invalid(**faults)
