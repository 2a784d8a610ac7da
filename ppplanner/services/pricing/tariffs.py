"""How a period is counted: which rates of a price range, and how many units of each.

Days are calendar days, first and last included (domain 8.1). Hours are those that the clock on the
wall shows, begun ones counted whole, so a rental over a change of the clock costs what was agreed.
A week is seven days; a month runs to the same day of the next one, or to its last.

When the rate that counts says so (`Rate.rolls_up`), its units become longer ones wherever that is
cheaper, surcharges included: six days at 50.00 become a week at 280.00.

A surcharge comes with the rates that name it: for each of their units, or once a contract.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from ppplanner.clock import TICK
from ppplanner.models import CatalogueItem, PriceRange, Rate, RateType

HOUR, DAY, WEEK, MONTH, ONCE = RateType
#: What counts when nothing is said, but for rentals within one day, where hours come first.
PREFERRED = (DAY, WEEK, MONTH, HOUR, ONCE)
SHORTEST_FIRST = (HOUR, DAY, WEEK, MONTH, ONCE)
WEEK_DAYS = 7


@dataclass(frozen=True)
class Share:
    """So many units of one rate."""

    rate: Rate
    units: int

    @property
    def cost(self) -> Decimal:
        """EUR without VAT, before discounts and rounding."""
        return self.units * self.rate.price


@dataclass(frozen=True)
class Surcharge:
    """So many times a surcharge."""

    item: CatalogueItem
    units: int

    @property
    def cost(self) -> Decimal:
        """EUR without VAT, before discounts and rounding."""
        return self.units * self.item.price


@dataclass(frozen=True)
class Span:
    """A period as the calendar of a place shows it."""

    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, starts_at: datetime, ends_at: datetime, zone: str) -> Span:
        """The period between two moments in UTC, in local time."""
        place = ZoneInfo(zone)
        return cls(*(each.astimezone(place).replace(tzinfo=None) for each in (starts_at, ends_at)))

    @property
    def hours(self) -> int:
        """Hours begun, at least one: when clocks go back a rental can end before it began."""
        return max(1, -((self.starts_at - self.ends_at) // timedelta(hours=1)))

    @property
    def first(self) -> date:
        return self.starts_at.date()

    @property
    def days(self) -> int:
        """Calendar days; midnight does not touch the day that begins then."""
        return max(1, ((self.ends_at - TICK).date() - self.first).days + 1)


def share_out(
    price_range: PriceRange,
    starts_at: datetime,
    ends_at: datetime,
    zone: str,
    rate_type: RateType | None = None,
    only: Collection[RateType] = (),
) -> list[Share]:
    """What a period (moments in UTC) is charged with, the longest units first.

    `rate_type` says what to count; a price range without such a rate falls back on what it has.
    `only` keeps to these, as far as the price range has them. Empty when it has no rate.
    """
    span = Span.of(starts_at, ends_at, zone)
    if fixed := _rates(price_range, only):
        base, *longer = fixed
    elif found := _base(price_range, span, rate_type):
        base, longer = found, _longer(price_range, found) if found.rolls_up else []
    else:
        return []
    return min(_ways(base, longer, span), key=_cheapest_and_simplest)


def surcharges(shares: Sequence[Share]) -> list[Surcharge]:
    """The surcharges that the rates name, each once: one per contract, or one for each unit of the
    rates that name it.
    """
    units: dict[CatalogueItem, int] = {}
    for share in shares:
        for item in share.rate.surcharges:
            if item.active:
                units[item] = units.get(item, 0) + share.units if item.per_unit else 1
    return [Surcharge(item, count) for item, count in units.items()]


def _rates(price_range: PriceRange, types: Collection[RateType]) -> list[Rate]:
    """Its rates of these types, the shortest first."""
    wanted = (each for each in SHORTEST_FIRST if each in types)
    return [rate for each in wanted if (rate := price_range.rate(each))]


def _base(price_range: PriceRange, span: Span, rate_type: RateType | None) -> Rate | None:
    within_a_day = (HOUR, *PREFERRED) if span.days == 1 else PREFERRED
    order = (rate_type, *within_a_day) if rate_type else within_a_day
    return next((rate for each in order if (rate := price_range.rate(each))), None)


def _longer(price_range: PriceRange, base: Rate) -> list[Rate]:
    lengths = (HOUR, DAY, WEEK, MONTH)
    if base.rate_type not in lengths:
        return []
    return _rates(price_range, lengths[lengths.index(base.rate_type) + 1 :])


def _ways(base: Rate, longer: Sequence[Rate], span: Span) -> Iterator[list[Share]]:
    """The ways to count the span in units of `base` and longer ones."""
    if base.rate_type is ONCE:
        yield [Share(base, 1)]
        return
    if base.rate_type is HOUR:
        yield [Share(base, span.hours)]
    rates = (*longer,) if base.rate_type is HOUR else (base, *longer)
    if calendar := {rate.rate_type: rate for rate in rates if rate.rate_type is not ONCE}:
        yield from _by_calendar(calendar, span)


def _by_calendar(rates: dict[RateType, Rate], span: Span) -> Iterator[list[Share]]:
    """So many months, then so many weeks, then the days that are left."""
    for months in _month_choices(rates, span):
        left = max(0, span.days - _days_in(span.first, months))
        for weeks in _week_choices(rates, left):
            days = max(0, left - weeks * WEEK_DAYS)
            counted = {MONTH: months, WEEK: weeks, DAY: days}
            yield [Share(rates[each], units) for each, units in counted.items() if units]


def _month_choices(rates: dict[RateType, Rate], span: Span) -> range:
    if MONTH not in rates:
        return range(1)
    enough = next(n for n in range(1, span.days + 2) if _days_in(span.first, n) >= span.days)
    return range(0 if rates.keys() - {MONTH} else enough, enough + 1)


def _week_choices(rates: dict[RateType, Rate], days: int) -> set[int]:
    enough = -(-days // WEEK_DAYS)
    if WEEK not in rates:
        return {0} if DAY in rates or not days else set()
    return {0, days // WEEK_DAYS, enough} if DAY in rates else {enough}


def _days_in(first: date, months: int) -> int:
    return (first + relativedelta(months=months) - first).days


def _cheapest_and_simplest(shares: list[Share]) -> tuple[Decimal, int, int]:
    cost = sum((share.cost for share in shares), Decimal(0))
    cost += sum((each.cost for each in surcharges(shares)), Decimal(0))
    return cost, len(shares), sum(share.units for share in shares)
