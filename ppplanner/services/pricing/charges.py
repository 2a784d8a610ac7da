"""Price lines that follow: from a period and a resource, from rates, from a check-in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ppplanner.errors import DomainError
from ppplanner.i18n import _
from ppplanner.models import (
    CatalogueItem,
    CompanyGroup,
    Contract,
    CostCarrier,
    CostCentre,
    LineKind,
    PriceLine,
    PriceLineType,
    Rate,
    VatCode,
)
from ppplanner.services.ledger import cost_item, revenue_account
from ppplanner.services.pricing.invoiced import on_invoices

#: Follow from the handovers.
USE = frozenset({LineKind.KILOMETRES, LineKind.FUEL})


@dataclass(frozen=True)
class Charge:
    """What a line that follows should come to, in EUR without VAT."""

    kind: LineKind
    description: str
    units: Decimal
    unit_price: Decimal
    line_type: PriceLineType | None = None
    rate: Rate | None = None
    item: CatalogueItem | None = None


def follow(
    contract: Contract, kinds: Collection[LineKind], charges: Sequence[Charge]
) -> list[PriceLine]:
    """Let the lines of these kinds be those of `charges`: change, add and take off.

    A line keeps its discount, its unit price where that is locked, and units that a person typed
    for as long as they come to what they came to before. A new line of the rent takes the discount
    that the rent had. A line that stands on an invoice keeps its unit price, too; one that is no
    longer charged stays with nothing, so that what was invoiced of it can be taken off.
    """
    invoiced = on_invoices(contract)
    known = {key_of(line): line for line in contract.lines if line.kind in kinds}
    discount = rent_discount(contract)
    lines = []
    for charge in charges:
        line = known.pop(key_of(charge), None) or new_line(contract, charge.kind, discount)
        _fill(line, charge, keeps_price=line.price_locked or line.id in invoiced)
        lines.append(line)
    for line in known.values():
        if line.id in invoiced:
            line.units = line.counted_units = Decimal(0)
            lines.append(line)
        else:
            contract.lines.remove(line)
    return lines


def rent_discount(contract: Contract) -> Decimal:
    """The discount in per cent that the rent has so far."""
    rent = (line.discount for line in contract.lines if line.kind is LineKind.RENT)
    return next(rent, Decimal(0))


def key_of(each: PriceLine | Charge) -> tuple[Any, ...]:
    return line_key(each.kind, each.rate, each.item)


def line_key(kind: LineKind, rate: Rate | None, item: CatalogueItem | None) -> tuple[Any, ...]:
    """What makes it the same line: a rent line stays that while it counts the same units, on
    whichever resource.
    """
    counted = rate.rate_type if rate and kind is LineKind.RENT else None
    return kind, counted, item.id if item else None


def new_line(contract: Contract, kind: LineKind, rent_discount: Decimal = Decimal(0)) -> PriceLine:
    """An empty line at the end of the contract's."""
    line = PriceLine(kind=kind, position=next_position(contract), price_locked=False)
    line.discount = rent_discount if kind is LineKind.RENT else Decimal(0)
    contract.lines.append(line)
    return line


def next_position(contract: Contract) -> int:
    return max((line.position for line in contract.lines), default=0) + 1


def _fill(line: PriceLine, charge: Charge, keeps_price: bool) -> None:
    line.description = charge.description[:200]
    line.rate, line.item, line.line_type = charge.rate, charge.item, charge.line_type
    if line.counted_units != charge.units:
        line.units = line.counted_units = charge.units
    if not keeps_price:
        line.unit_price = charge.unit_price
    book(line)


def book(line: PriceLine, vat_code: VatCode | None = None) -> None:
    """Say where a line is booked: the one place where its VAT code, GL account, cost centre and
    cost carrier are found.

    They are those of the article, else of the rate, else of the price line type; kilometres and
    fuel then go where the rent goes. The last resorts are `vat_code`, the default account of the
    business unit, and the costs of the resource (domain 7.4; docs/decisions.md). The VAT code of
    the customer wins, where there is one. Raises DomainError when nothing says which VAT.
    """
    sources = _sources(line)
    own = line.contract.customer.vat_code
    found = own or next((each.vat_code for each in sources if each.vat_code), vat_code)
    if found is None:
        raise DomainError(
            _(
                "Nothing says which VAT is due on “%(line)s”: give its price line type a VAT code.",
                line=line.description,
            )
        )
    line.vat_code = found
    unit = line.contract.business_unit
    line.gl_account = revenue_account(unit, *(each.gl_code for each in sources))
    carry(line)


def _sources(line: PriceLine) -> list[CatalogueItem | Rate | PriceLineType]:
    """What says where a line is booked, the nearest first."""
    rent = _rate_of_rent(line.contract) if line.kind in USE else None
    return [each for each in (line.item, line.rate, line.line_type, rent) if each is not None]


def _rate_of_rent(contract: Contract) -> Rate | None:
    rent = (line.rate for line in contract.lines if line.kind is LineKind.RENT)
    return next(rent, None)


def carry(line: PriceLine) -> None:
    """Give a line its cost centre and its cost carrier, unless a person chose one of the contract's
    company group.
    """
    group, resource = line.contract.business_unit.company.group, line.contract.resource
    sources = _sources(line)
    if not _stays(line.cost_centre_locked, line.cost_centre, group):
        codes = (each.cost_centre_code for each in sources)
        centre = resource.cost_centre if resource else None
        line.cost_centre = cost_item(CostCentre, group, codes, centre)
        line.cost_centre_locked = False
    if not _stays(line.cost_carrier_locked, line.cost_carrier, group):
        codes = (each.cost_carrier_code for each in sources)
        carrier = resource.cost_carrier if resource else None
        line.cost_carrier = cost_item(CostCarrier, group, codes, carrier)
        line.cost_carrier_locked = False


def _stays(locked: bool, item: CostCentre | CostCarrier | None, group: CompanyGroup) -> bool:
    """Whether a person chose it, and it is one of this company group."""
    return locked and item is not None and item.group_id == group.id


def rebook(contract: Contract) -> None:
    """All lines go to the costs that the contract's resource now gives, and those that were booked
    in another unit's chart of accounts to the same code in this one, or to its default.
    """
    unit = contract.business_unit
    for line in contract.lines:
        carry(line)
        if line.gl_account and line.gl_account.business_unit_id != unit.id:
            line.gl_account = revenue_account(unit, line.gl_account.code)
