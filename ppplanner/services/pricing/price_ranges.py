"""Price ranges and their rates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import CatalogueItem, PriceLine, PriceRange, Rate, RateType, VatCode
from ppplanner.services.doubles import refuse_double
from ppplanner.services.pricing.codes import set_codes
from ppplanner.services.removal import delete_unused

LARGEST_PRICE = Decimal(100_000)
#: What the text of an invoice may hold, in braces.
VARIABLES = frozenset({"resource", "first", "last"})


@dataclass(frozen=True)
class RateData:
    """A rate of a price range; `price` in EUR without VAT."""

    price: Decimal
    vat_code: VatCode
    gl_code: str | None = None
    cost_centre_code: str | None = None
    cost_carrier_code: str | None = None
    rolls_up: bool = False
    surcharges: Sequence[CatalogueItem] = ()
    invoice_text: Mapping[str, str] = field(default_factory=dict)
    active: bool = True


def save_price_range(
    *,
    group_id: int,
    name: str,
    km_per_day: int | None = None,
    km_price: Decimal = Decimal(0),
    fuel_price: Decimal = Decimal(0),
    active: bool = True,
    price_range: PriceRange | None = None,
) -> PriceRange:
    """Make a price range, or change the one given. Raises Invalid. The caller commits.

    `km_price` is EUR per kilometre beyond `km_per_day`, `fuel_price` EUR per litre that is missing.
    """
    _check_range(name, km_per_day, km_price, fuel_price)
    price_range = price_range or PriceRange(group_id=group_id)
    refuse_double(price_range, "name", name.strip(), group_id=group_id)
    price_range.name, price_range.active = name.strip(), active
    price_range.km_per_day, price_range.km_price = km_per_day, km_price
    price_range.fuel_price = fuel_price
    db.session.add(price_range)
    db.session.flush()
    return price_range


def _check_range(name: str, km_per_day: int | None, km_price: Decimal, fuel_price: Decimal) -> None:
    faults: dict[str, object] = {}
    if not name.strip():
        faults["name"] = _("Fill in a name.")
    if km_per_day is not None and not 0 <= km_per_day <= 10_000:
        faults["km_per_day"] = _("Fill in between 0 and 10,000 kilometres a day.")
    for key, price in (("km_price", km_price), ("fuel_price", fuel_price)):
        if fault := price_fault(price):
            faults[key] = fault
    if faults:
        raise Invalid(**faults)


def price_fault(price: Decimal) -> str | None:
    """Why this cannot be a price in EUR; None when it can."""
    if 0 <= price <= LARGEST_PRICE:
        return None
    return _("A price lies between 0 and 100,000 euro.")


def save_rate(price_range: PriceRange, rate_type: RateType, data: RateData) -> Rate:
    """Give a price range its rate of that type, or change it. Raises Invalid. The caller commits.

    Contracts follow when their period or resource changes.
    """
    _check_rate(data)
    rate = rate_of(price_range, rate_type) or _new_rate(price_range, rate_type)
    rate.price, rate.vat_code = data.price, data.vat_code
    set_codes(rate, data.gl_code, data.cost_centre_code, data.cost_carrier_code)
    rate.rolls_up, rate.active = data.rolls_up, data.active
    rate.surcharges = list(data.surcharges)
    rate.invoice_text = {key: text for key, text in data.invoice_text.items() if text.strip()}
    db.session.add(rate)
    db.session.flush()
    return rate


def withdraw_rate(price_range: PriceRange, rate_type: RateType) -> None:
    """Offer it no longer: archived, since contracts may tell where their price came from."""
    if rate := rate_of(price_range, rate_type):
        rate.active = False
        db.session.flush()


def rate_of(price_range: PriceRange, rate_type: RateType) -> Rate | None:
    """Its rate of that type, in use or archived."""
    return next((rate for rate in price_range.rates if rate.rate_type is rate_type), None)


def delete_price_range(price_range: PriceRange) -> None:
    """Delete a price range that no resource and no contract has. Raises DomainError. The caller
    commits.
    """
    used = select(PriceLine.id).join(PriceLine.rate).filter_by(price_range_id=price_range.id)
    if db.session.scalar(used.limit(1)) is not None:
        raise DomainError(_("%(record)s is in use, so it cannot be deleted.", record=price_range))
    delete_unused(price_range)


def _check_rate(data: RateData) -> None:
    faults: dict[str, object] = {}
    if fault := price_fault(data.price):
        faults["price"] = fault
    for language, text in data.invoice_text.items():
        if unknown := set(re.findall(r"{([^{}]*)}", text)) - VARIABLES:
            faults[f"text_{language}"] = _(
                "There is no {%(name)s}: use {resource}, {first} and {last}.", name=min(unknown)
            )
    if faults:
        raise Invalid(**faults)


def _new_rate(price_range: PriceRange, rate_type: RateType) -> Rate:
    rate = Rate(rate_type=rate_type)
    price_range.rates.append(rate)
    return rate
