"""The rent of a contract and the surcharges that come with it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ppplanner.clock import TICK, local_day
from ppplanner.formats import day, number, price
from ppplanner.i18n import _, _l, in_language
from ppplanner.models import (
    Contract,
    LineKind,
    LineRole,
    PriceBasis,
    PriceLine,
    Rate,
    RateType,
)
from ppplanner.services.pricing.charges import Charge
from ppplanner.services.pricing.due import Days
from ppplanner.services.pricing.invoiced import on_invoices
from ppplanner.services.pricing.line_types import type_for
from ppplanner.services.pricing.tariffs import Share, Surcharge, share_out, surcharges

#: How a rent line says what it counts; days alone need no word.
PER_UNIT = {
    RateType.HOUR: _l("per hour"),
    RateType.DAY: _l("per day"),
    RateType.WEEK: _l("per week"),
    RateType.MONTH: _l("per month"),
    RateType.ONCE: _l("once"),
}


def charged_period(contract: Contract) -> tuple[datetime, datetime]:
    """From when until when the contract is charged, in UTC: as agreed, or as it went."""
    starts_at, ends_at = contract.starts_at, contract.ends_at
    if contract.price_basis is PriceBasis.ACTUAL:
        starts_at = contract.check_out.at if contract.check_out else starts_at
        ends_at = contract.check_in.at if contract.check_in else ends_at
    return starts_at, ends_at


def charged_days(contract: Contract) -> Days:
    """The calendar days of that period; midnight does not touch the day that begins then."""
    zone = contract.business_unit.company.timezone
    starts_at, ends_at = charged_period(contract)
    first = local_day(starts_at, zone)
    return Days(first, max(first, local_day(ends_at - TICK, zone)))


def rent_shares(contract: Contract) -> list[Share]:
    """The rates that the contract's rent is counted with; none without a price range.

    Once a price is locked, or invoiced, the rent is counted in the units that it has: a price
    agreed for a day does not become the list price of a week.
    """
    resource, unit = contract.resource, contract.business_unit
    if resource is None or resource.price_range is None:
        return []
    rent = [line for line in contract.lines if line.kind is LineKind.RENT and line.rate]
    invoiced = on_invoices(contract)
    locked = any(line.price_locked or line.id in invoiced for line in rent)
    only = frozenset(line.rate.rate_type for line in rent if line.rate) if locked else frozenset()
    zone = unit.company.timezone
    return share_out(
        resource.price_range, *charged_period(contract), zone, contract.rate_type, only
    )


def rent_charges(contract: Contract) -> list[Charge]:
    """What the contract should be charged for its period and resource."""
    shares = rent_shares(contract)
    if not shares:
        return []
    rent = [_rent_charge(contract, share, alone=len(shares) == 1) for share in shares]
    language = contract.customer.language
    return rent + [_surcharge_charge(each, language) for each in surcharges(shares)]


def _rent_charge(contract: Contract, share: Share, alone: bool) -> Charge:
    return Charge(
        kind=LineKind.RENT,
        description=_rent_text(contract, share.rate, alone),
        units=Decimal(share.units),
        unit_price=share.rate.price,
        line_type=type_for(LineRole.RENT),
        rate=share.rate,
    )


def _surcharge_charge(surcharge: Surcharge, language: str) -> Charge:
    item = surcharge.item
    return Charge(
        kind=LineKind.SURCHARGE,
        description=item.name_in(language),
        units=Decimal(surcharge.units),
        unit_price=item.price,
        line_type=item.line_type,
        item=item,
    )


def text_of_days(line: PriceLine, days: Days) -> str:
    """What an invoice of only these days says of the line, in the customer's language."""
    contract = line.contract
    if line.kind is LineKind.RENT and line.rate:
        rents = [each for each in contract.lines if each.kind is LineKind.RENT]
        return _rent_text(contract, line.rate, len(rents) == 1, days)
    return _with_days(line, days)


def text_of_part(line: PriceLine, days: Days) -> str:
    """The same where the amount is no number of units at the agreed price, but the share of these
    days in what was agreed: it names that.
    """
    rate = line.rate if line.kind is LineKind.RENT else None
    text = _named_rent(line.contract, rate, days) if rate else _with_days(line, days)
    with in_language(line.contract.customer.language):
        return _("%(line)s (part of %(agreed)s)", line=text, agreed=_agreed(line, rate))


def _agreed(line: PriceLine, rate: Rate | None) -> str:
    """The units of the whole contract at their price."""
    text = f"{number(line.units)} × {price(line.unit_price)}"
    if rate:
        text = f"{text} {PER_UNIT[rate.rate_type]}"
    if line.discount:
        text = f"{text} − {number(line.discount)} %"
    return text


def _with_days(line: PriceLine, days: Days) -> str:
    with in_language(line.contract.customer.language):
        return _(
            "%(line)s, %(first)s to %(last)s",
            line=line.description,
            first=day(days.first),
            last=day(days.last),
        )


def _rent_text(contract: Contract, rate: Rate, alone: bool, days: Days | None = None) -> str:
    """What the invoice says of the rent, in the customer's language."""
    text = _named_rent(contract, rate, days or charged_days(contract))
    if alone and rate.rate_type is RateType.DAY:
        return text
    with in_language(contract.customer.language):
        return f"{text} ({PER_UNIT[rate.rate_type]})"


def _named_rent(contract: Contract, rate: Rate, days: Days) -> str:
    """What is rented, and when, in the words of the rate."""
    language = contract.customer.language
    with in_language(language):
        words = {
            "resource": contract.resource.title if contract.resource else "",
            "first": day(days.first),
            "last": day(days.last),
        }
        text = rate.invoice_text.get(language) or _("{resource}, {first} to {last}")
    for name, value in words.items():
        text = text.replace(f"{{{name}}}", value)
    return text
