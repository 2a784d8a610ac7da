"""What a contract costs: price lines from the period, the resource and its rate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from ppplanner.clock import TICK, local_day
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import day
from ppplanner.i18n import _, _l, in_language
from ppplanner.models import (
    Contract,
    ContractStatus,
    GLAccount,
    InvoiceLine,
    LineKind,
    PriceBasis,
    PriceLine,
    Rate,
    RateType,
    VatCode,
)
from ppplanner.services.ledger import revenue_account
from ppplanner.services.locking import lock
from ppplanner.services.tariffs import Share, share_out

LARGEST_AMOUNT = Decimal(1_000_000)
MOST_UNITS = Decimal(1_000_000)
#: Price lines stay as they are in these.
CLOSED = frozenset({ContractStatus.INVOICED, ContractStatus.COMPLETED, ContractStatus.CANCELLED})
#: How a rent line says what it counts, when there are several.
PER_UNIT = {
    RateType.HOUR: _l("per hour"),
    RateType.DAY: _l("per day"),
    RateType.WEEK: _l("per week"),
    RateType.MONTH: _l("per month"),
    RateType.ONCE: _l("once"),
}


@dataclass(frozen=True)
class PriceLineData:
    """A price line as a person types it: price in EUR without VAT, discount in per cent."""

    description: str
    units: Decimal
    unit_price: Decimal
    vat_code: VatCode
    discount: Decimal = Decimal(0)
    gl_account: GLAccount | None = None


def charged_period(contract: Contract) -> tuple[datetime, datetime]:
    """From when until when the contract is charged, in UTC: as agreed, or as it went."""
    starts_at, ends_at = contract.starts_at, contract.ends_at
    if contract.price_basis is PriceBasis.ACTUAL:
        starts_at = contract.check_out.at if contract.check_out else starts_at
        ends_at = contract.check_in.at if contract.check_in else ends_at
    return starts_at, ends_at


def price_contract(contract: Contract) -> None:
    """Bring the lines that follow from period, resource and rates in line with them. The other
    lines stay, but go to the books of the contract's business unit.

    A line keeps its discount, and its unit price where that is locked. A contract whose resource
    has no rates, or that has no resource yet, gets no rent.
    """
    with db.session.no_autoflush:
        _follow_unit(contract)
        shares = rent_shares(contract)
        kept = {line.rate_id: line for line in contract.lines if line.kind is LineKind.RENT}
        for line in [*kept.values()]:
            if line.rate_id not in {share.rate.id for share in shares}:
                contract.lines.remove(line)
        for position, share in enumerate(shares):
            line = kept.get(share.rate.id) or _new_line(contract, LineKind.RENT)
            line.position = position - len(shares) + 1
            _fill_rent_line(line, contract, share, alone=len(shares) == 1)
        contract.lines.sort(key=lambda line: line.position)


def rent_shares(contract: Contract) -> list[Share]:
    """The rates that the contract's rent is counted with; none without a price range."""
    resource, unit = contract.resource, contract.business_unit
    if resource is None or resource.price_range is None:
        return []
    period = charged_period(contract)
    return share_out(resource.price_range, *period, unit.company.timezone, contract.rate_type)


def _new_line(contract: Contract, kind: LineKind) -> PriceLine:
    line = PriceLine(kind=kind, position=0, discount=Decimal(0), price_locked=False)
    contract.lines.append(line)
    return line


def _follow_unit(contract: Contract) -> None:
    """Lines that were booked in another unit's chart of accounts go to the same code in this one,
    or to its default.
    """
    unit = contract.business_unit
    for line in contract.lines:
        if line.gl_account and line.gl_account.business_unit_id != unit.id:
            line.gl_account = revenue_account(unit, line.gl_account.code)


def _fill_rent_line(line: PriceLine, contract: Contract, share: Share, alone: bool) -> None:
    resource, rate = contract.resource, share.rate
    assert resource
    line.rate, line.units = rate, Decimal(share.units)
    if not line.price_locked:
        line.unit_price = rate.price
    line.vat_code = rate.vat_code
    line.gl_account = revenue_account(contract.business_unit, rate.gl_code)
    line.cost_centre, line.cost_carrier = resource.cost_centre, resource.cost_carrier
    line.description = _rent_text(contract, rate, alone)


def _rent_text(contract: Contract, rate: Rate, alone: bool) -> str:
    """What the invoice says of the rent, in the customer's language."""
    zone, language = contract.business_unit.company.timezone, contract.customer.language
    starts_at, ends_at = charged_period(contract)
    with in_language(language):
        words = {
            "resource": contract.resource.title if contract.resource else "",
            "first": day(local_day(starts_at, zone)),
            "last": day(local_day(ends_at - TICK, zone)),
        }
        text = rate.invoice_text.get(language) or _("{resource}, {first} to {last}")
        if not alone:
            text = f"{text} ({PER_UNIT[rate.rate_type]})"
    for name, value in words.items():
        text = text.replace(f"{{{name}}}", value)
    return text[:200]


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
