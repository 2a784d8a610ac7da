"""What people do to the price lines of a contract."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Contract, GLAccount, LineKind, PriceLine, VatCode
from ppplanner.services.charges import carry, next_position
from ppplanner.services.ledger import revenue_account
from ppplanner.services.locking import lock
from ppplanner.services.pricing import CLOSED, is_on_invoice

LARGEST_AMOUNT = Decimal(1_000_000)
MOST_UNITS = Decimal(1_000_000)


@dataclass(frozen=True)
class PriceLineData:
    """A price line as a person types it: price in EUR without VAT, discount in per cent."""

    description: str
    units: Decimal
    unit_price: Decimal
    vat_code: VatCode
    discount: Decimal = Decimal(0)
    gl_account: GLAccount | None = None


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
            line = PriceLine(kind=LineKind.EXTRA, position=next_position(contract))
            contract.lines.append(line)
        _fill_line(line, data, contract)
    db.session.flush()
    return line


def _fill_line(line: PriceLine, data: PriceLineData, contract: Contract) -> None:
    line.description, line.units = data.description.strip(), data.units
    line.unit_price, line.discount = data.unit_price, data.discount
    line.vat_code = data.vat_code
    line.gl_account = data.gl_account or revenue_account(contract.business_unit, None)
    carry(line, contract)


def remove_price_line(line: PriceLine) -> None:
    """Take a line off its contract. Raises DomainError if that is too late. The caller commits."""
    _refuse_fixed(line.contract, line)
    line.contract.lines.remove(line)
    db.session.flush()


def _refuse_fixed(contract: Contract, line: PriceLine | None) -> None:
    lock(contract)
    if contract.status in CLOSED:
        raise DomainError(_("The price of this contract can no longer be changed."))
    if line is not None and is_on_invoice(line):
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
