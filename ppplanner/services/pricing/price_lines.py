"""What people do to the price lines of a contract."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import (
    CatalogueItem,
    Contract,
    CostCarrier,
    CostCentre,
    GLAccount,
    LineKind,
    PriceBasis,
    PriceLine,
    PriceLineType,
    RateType,
    VatCode,
)
from ppplanner.services.locking import lock
from ppplanner.services.pricing.charges import book, carry, new_line
from ppplanner.services.pricing.contract_price import CLOSED, price_contract
from ppplanner.services.pricing.invoiced import is_held, is_invoiced, is_on_invoice
from ppplanner.services.pricing.typed_lines import line_faults


@dataclass(frozen=True)
class PriceLineData:
    """A price line as a person types it: price in EUR without VAT, discount in per cent.

    Without VAT code, GL account, cost centre or cost carrier these are found: see `charges.book`.
    Of a line that follows, description, type, VAT code and GL account are never a person's.
    """

    description: str
    units: Decimal
    unit_price: Decimal
    vat_code: VatCode | None = None
    discount: Decimal = Decimal(0)
    gl_account: GLAccount | None = None
    cost_centre: CostCentre | None = None
    cost_carrier: CostCarrier | None = None
    line_type: PriceLineType | None = None
    price_locked: bool = False


def save_price_line(
    contract: Contract, data: PriceLineData, line: PriceLine | None = None
) -> PriceLine:
    """Add a line to a contract, or change the one given. The caller commits.

    Raises Invalid for what a person can mend, DomainError when it comes too late.
    """
    _check(data, contract)
    _refuse_fixed(contract, line)
    if line is not None and line.kind is not LineKind.EXTRA:
        _adjust(line, data)
    else:
        with db.session.no_autoflush:  # a half-made line would begin its history with corrections
            line = line or new_line(contract, LineKind.EXTRA)
            _fill(line, data)
    db.session.flush()
    return line


def _adjust(line: PriceLine, data: PriceLineData) -> None:
    """A typed price is locked; without its lock the price is that of the list again."""
    typed, unlocked = data.unit_price != line.unit_price, line.price_locked
    line.units, line.unit_price, line.discount = data.units, data.unit_price, data.discount
    line.price_locked = data.price_locked or typed
    _choose_costs(line, data)
    if unlocked and not line.price_locked:
        _refuse_invoiced(line.contract)
        price_contract(line.contract)


def _fill(line: PriceLine, data: PriceLineData) -> None:
    line.description, line.units = data.description.strip(), data.units
    line.unit_price, line.discount = data.unit_price, data.discount
    line.line_type = data.line_type
    book(line, vat_code=data.vat_code or _vat_of_rent(line.contract))
    line.vat_code = data.vat_code or line.vat_code
    line.gl_account = data.gl_account or line.gl_account
    _choose_costs(line, data)


def _choose_costs(line: PriceLine, data: PriceLineData) -> None:
    """A cost centre and a cost carrier that a person chose stay; the others are found anew."""
    line.cost_centre_locked = data.cost_centre is not None
    line.cost_carrier_locked = data.cost_carrier is not None
    line.cost_centre = data.cost_centre or line.cost_centre
    line.cost_carrier = data.cost_carrier or line.cost_carrier
    carry(line)


def _vat_of_rent(contract: Contract) -> VatCode | None:
    rent = (line.vat_code for line in contract.lines if line.kind is LineKind.RENT)
    return next(rent, None)


def add_item(
    contract: Contract,
    item: CatalogueItem,
    units: Decimal = Decimal(1),
    unit_price: Decimal | None = None,
    discount: Decimal = Decimal(0),
) -> PriceLine:
    """Add an article or an extra charge to a contract, at its own price unless another (EUR without
    VAT) is given. The caller commits.

    Raises Invalid for what a person can mend, DomainError when it comes too late.
    """
    name = item.name_in(contract.customer.language)
    price = item.price if unit_price is None else unit_price
    _check(PriceLineData(name, units, price, discount=discount), contract)
    _check_group(item, contract)
    _refuse_fixed(contract, None)
    with db.session.no_autoflush:
        line = new_line(contract, LineKind.EXTRA)
        line.item, line.line_type, line.description = item, item.line_type, name
        line.units, line.unit_price, line.discount = units, price, discount
        book(line)
    db.session.flush()
    return line


def _check_group(item: CatalogueItem, contract: Contract) -> None:
    unit = contract.business_unit
    if item.group_id != unit.company.group_id:
        raise Invalid(
            item_id=_(
                "%(name)s belongs to another company group than %(unit)s.",
                name=item.name,
                unit=unit.name,
            )
        )


def set_terms(contract: Contract, *, rate_type: RateType | None, price_basis: PriceBasis) -> None:
    """Say in which units a contract is counted (None: as the period asks) and which period, and
    price it anew. The caller commits.

    Counting other units lets go of locked prices of the rent, which were for the old ones. Raises
    DomainError when it comes too late.
    """
    _refuse_fixed(contract, None)
    _refuse_invoiced(contract)
    if contract.rate_type is not rate_type:
        for line in contract.lines:
            line.price_locked = line.price_locked and line.kind is not LineKind.RENT
    contract.rate_type, contract.price_basis = rate_type, price_basis
    price_contract(contract)
    db.session.flush()


def remove_price_line(line: PriceLine) -> None:
    """Take a line off its contract. Raises DomainError if that is too late. The caller commits."""
    _refuse_fixed(line.contract, line)
    if line.kind is not LineKind.EXTRA:
        raise DomainError(
            _("This line follows from the contract, so it would come back: give it a discount.")
        )
    if is_on_invoice(line):
        raise DomainError(_("This line was on an invoice, so it stays: give it a discount."))
    line.contract.lines.remove(line)
    db.session.flush()


def _refuse_invoiced(contract: Contract) -> None:
    if is_invoiced(contract):
        raise DomainError(
            _(
                "This contract has an invoice, so it is not priced anew: discard the draft first,"
                " or add a line."
            )
        )


def _refuse_fixed(contract: Contract, line: PriceLine | None) -> None:
    lock(contract)
    if contract.status in CLOSED:
        raise DomainError(_("The price of this contract can no longer be changed."))
    if line is not None and line.kind is LineKind.EXTRA and is_held(line):
        raise DomainError(_("This line is on an invoice: discard the draft first, or add a line."))


def _check(data: PriceLineData, contract: Contract) -> None:
    if faults := line_faults(data) | _booking_faults(data, contract):
        raise Invalid(**faults)


def _booking_faults(data: PriceLineData, contract: Contract) -> dict[str, object]:
    unit = contract.business_unit
    faults: dict[str, object] = {}
    if data.gl_account and data.gl_account.business_unit_id != unit.id:
        faults["gl_account_id"] = _("Choose a GL account of the contract's business unit.")
    chosen = {"cost_centre_id": data.cost_centre, "cost_carrier_id": data.cost_carrier}
    for field, item in chosen.items():
        if item and item.group_id != unit.company.group_id:
            faults[field] = _("Choose one of the contract's company group.")
    return faults
