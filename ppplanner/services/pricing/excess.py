"""What a check-in adds to the price: kilometres beyond those included, fuel that is missing."""

from __future__ import annotations

from decimal import Decimal

from ppplanner.formats import number
from ppplanner.i18n import _, in_language
from ppplanner.models import Contract, LineKind, LineRole, PriceRange
from ppplanner.services.pricing.charges import Charge
from ppplanner.services.pricing.line_types import type_for
from ppplanner.services.pricing.rent import charged_period
from ppplanner.services.pricing.tariffs import Span

EIGHTHS = 8


def use_charges(contract: Contract) -> list[Charge]:
    """What the two handovers together come to; nothing before the check-in."""
    resource = contract.resource
    if resource is None or resource.price_range is None:
        return []
    price_range = resource.price_range
    found = (_kilometres(contract, price_range), _fuel(contract, price_range))
    return [charge for charge in found if charge]


def kilometres_driven(contract: Contract) -> int | None:
    """By the counter, from check-out to check-in; None when one of them does not tell."""
    check_out, check_in = contract.check_out, contract.check_in
    if not check_out or not check_in or check_out.mileage is None or check_in.mileage is None:
        return None
    return max(0, check_in.mileage - check_out.mileage)


def kilometres_included(contract: Contract) -> int | None:
    """Those of the price range, for each day that is charged; None when nobody counts them."""
    price_range = contract.resource.price_range if contract.resource else None
    if price_range is None or price_range.km_per_day is None:
        return None
    zone = contract.business_unit.company.timezone
    return price_range.km_per_day * Span.of(*charged_period(contract), zone).days


def eighths_missing(contract: Contract) -> int:
    """How much less fuel the resource came back with, in eighths of its tank."""
    check_out, check_in = contract.check_out, contract.check_in
    if not check_out or not check_in or check_out.fuel is None or check_in.fuel is None:
        return 0
    return max(0, check_out.fuel - check_in.fuel)


def _kilometres(contract: Contract, price_range: PriceRange) -> Charge | None:
    driven, included = kilometres_driven(contract), kilometres_included(contract)
    if driven is None or included is None or driven <= included or not price_range.km_price:
        return None
    with in_language(contract.customer.language):
        text = _(
            "Excess kilometres: %(driven)s km driven, %(included)s included",
            driven=number(driven),
            included=number(included),
        )
    return _charge(
        contract, LineKind.KILOMETRES, text, Decimal(driven - included), price_range.km_price
    )


def _fuel(contract: Contract, price_range: PriceRange) -> Charge | None:
    missing, tank = eighths_missing(contract), contract.resource and contract.resource.tank_litres
    if not missing or not tank or not price_range.fuel_price:
        return None
    with in_language(contract.customer.language):
        text = _(
            "Fuel: %(eighths)s/8 of a tank of %(litres)s litres was missing",
            eighths=missing,
            litres=tank,
        )
    litres = Decimal(missing) * tank / EIGHTHS
    return _charge(contract, LineKind.FUEL, text, litres, price_range.fuel_price)


def _charge(
    contract: Contract, kind: LineKind, text: str, units: Decimal, unit_price: Decimal
) -> Charge:
    return Charge(
        kind=kind,
        description=text,
        units=units,
        unit_price=unit_price,
        line_type=type_for(LineRole(kind.value)),
    )
