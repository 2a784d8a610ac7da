"""What a rental would cost before it is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ppplanner.models import BusinessUnit, RateType, Resource, VatCode
from ppplanner.money import cents
from ppplanner.services.pricing.tariffs import Share, Surcharge, share_out, surcharges
from ppplanner.services.pricing.vat import Totals, add_up


@dataclass(frozen=True)
class Charge:
    """An amount in EUR without VAT, and the VAT code that it would get."""

    vat_code: VatCode
    net: Decimal

    @property
    def vat_percentage(self) -> Decimal:
        return self.vat_code.percentage


@dataclass(frozen=True)
class Quote:
    """What holding a resource for a period costs: units of which rates, and the sums."""

    shares: list[Share]
    totals: Totals
    surcharges: Sequence[Surcharge] = ()


def quote(
    resource: Resource,
    unit: BusinessUnit,
    starts_at: datetime,
    ends_at: datetime,
    rate_type: RateType | None = None,
) -> Quote | None:
    """The price of a rental (moments in UTC); None when the resource has no rates."""
    if resource.price_range is None:
        return None
    zone = unit.company.timezone
    shares = share_out(resource.price_range, starts_at, ends_at, zone, rate_type)
    extra = surcharges(shares)
    charges = [Charge(share.rate.vat_code, cents(share.cost)) for share in shares]
    charges += [Charge(each.item.vat_code, cents(each.cost)) for each in extra]
    return Quote(shares, add_up(charges), extra) if shares else None
