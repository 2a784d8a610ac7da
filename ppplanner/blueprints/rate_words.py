"""What rates and what they count are called."""

from __future__ import annotations

from decimal import Decimal

from flask import Flask
from flask_babel.speaklater import LazyString

from ppplanner.formats import price
from ppplanner.i18n import _, _l, ngettext
from ppplanner.models import ItemKind, LineRole, PriceRange, RateType
from ppplanner.services.pricing.line_types import ROLES

RATE_TYPES: dict[RateType, LazyString] = {
    RateType.HOUR: _l("Hour"),
    RateType.DAY: _l("Day"),
    RateType.WEEK: _l("Week"),
    RateType.MONTH: _l("Month"),
    RateType.ONCE: _l("Once"),
}
PER_RATE_TYPE: dict[RateType, LazyString] = {
    RateType.HOUR: _l("Price an hour"),
    RateType.DAY: _l("Price a day"),
    RateType.WEEK: _l("Price a week"),
    RateType.MONTH: _l("Price a month"),
    RateType.ONCE: _l("Price once"),
}
ITEM_KINDS: dict[ItemKind, LazyString] = {
    ItemKind.ARTICLE: _l("Article"),
    ItemKind.SURCHARGE: _l("Surcharge"),
    ItemKind.EXTRA_CHARGE: _l("Extra charge"),
}
LINE_ROLES: dict[LineRole, LazyString] = dict(ROLES)
#: The rate that stands for a price range where there is room for one.
SHOWN_FIRST = (RateType.DAY, RateType.HOUR, RateType.WEEK, RateType.MONTH, RateType.ONCE)


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(from_price=from_price, units_at_price=units_at_price)


def from_price(price_range: PriceRange | None) -> str:
    """The main rate of a price range in words: "€79.00 a day"; "" when there is none."""
    if price_range is None:
        return ""
    rate = next((found for each in SHOWN_FIRST if (found := price_range.rate(each))), None)
    return price_per(rate.rate_type, rate.price) if rate else ""


def price_per(rate_type: RateType, amount: Decimal) -> str:
    """A price with what it is for: "€79.00 a day"."""
    return {
        RateType.HOUR: _("%(price)s an hour", price=price(amount)),
        RateType.DAY: _("%(price)s a day", price=price(amount)),
        RateType.WEEK: _("%(price)s a week", price=price(amount)),
        RateType.MONTH: _("%(price)s a month", price=price(amount)),
        RateType.ONCE: _("%(price)s once", price=price(amount)),
    }[rate_type]


def units_at_price(rate_type: RateType, units: int, amount: Decimal) -> str:
    """How a rent is counted: "3 days at €79.00"."""
    shown = {"price": price(amount)}
    if rate_type is RateType.HOUR:
        return ngettext("%(num)s hour at %(price)s", "%(num)s hours at %(price)s", units, **shown)
    if rate_type is RateType.DAY:
        return ngettext("%(num)s day at %(price)s", "%(num)s days at %(price)s", units, **shown)
    if rate_type is RateType.WEEK:
        return ngettext("%(num)s week at %(price)s", "%(num)s weeks at %(price)s", units, **shown)
    if rate_type is RateType.MONTH:
        return ngettext("%(num)s month at %(price)s", "%(num)s months at %(price)s", units, **shown)
    return price_per(rate_type, amount)
