"""What a rental would cost before it is saved, and what a contract's price lines come to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ppplanner.models import BusinessUnit, PriceLine, RateType, Resource
from ppplanner.money import cents, vat_amount
from ppplanner.services.pricing.tariffs import Share, Surcharge, share_out, surcharges


@dataclass(frozen=True)
class VatShare:
    """The VAT of one percentage: on what base, how much (EUR)."""

    percentage: Decimal
    base: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Totals:
    """Sums in EUR. VAT is computed on the total of a rate, as on the invoice, never per line."""

    net: Decimal
    shares: list[VatShare]

    @property
    def vat(self) -> Decimal:
        return sum((share.vat for share in self.shares), Decimal(0))

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


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
    amounts = [(share.rate.vat_code.percentage, cents(share.cost)) for share in shares]
    amounts += [(each.item.vat_code.percentage, cents(each.cost)) for each in extra]
    return Quote(shares, _totals(amounts), extra) if shares else None


def lines_total(lines: Iterable[PriceLine]) -> Totals:
    """What the price lines of a contract come to."""
    return _totals((line.vat_code.percentage, line.net) for line in lines)


def _totals(amounts: Iterable[tuple[Decimal, Decimal]]) -> Totals:
    bases: dict[Decimal, Decimal] = {}
    for percentage, net in amounts:
        bases[percentage] = bases.get(percentage, Decimal(0)) + net
    shares = [
        VatShare(percentage, base, vat_amount(base, percentage))
        for percentage, base in sorted(bases.items(), reverse=True)
    ]
    return Totals(sum(bases.values(), Decimal(0)), shares)
