"""How amounts, days and moments look in the person's language: the filters of all templates.

Numbers as people see them are remembered: a page holds hundreds, many of them alike, and each takes
Babel the time of a cell.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale, numbers
from flask import Flask
from flask_babel import format_currency, format_date, format_datetime, get_locale

from ppplanner.i18n import _
from ppplanner.money import cents

#: How many of each kind are remembered.
REMEMBERED = 4096


def money(amount: Decimal | None) -> str:
    """An amount in EUR with its sign: € 1.234,50 in Dutch."""
    return "" if amount is None else _euros(cents(amount) + 0, get_locale())


def price(amount: Decimal | None) -> str:
    """An amount in EUR per unit: cents, and up to four decimals where it has them."""
    if amount is None:
        return ""
    pattern = get_locale().currency_formats["standard"].pattern.replace("0.00", "0.00##")
    return str(format_currency(amount, "EUR", pattern, currency_digits=False))


def number(value: Decimal | int | None) -> str:
    """A number without needless zeros."""
    return "" if value is None else _number(value + 0, get_locale())


def share(value: Decimal | None) -> str:
    """A share from 0 to 1 as per cents: 62%."""
    return "" if value is None else _percents(round(value, 2) + 0, get_locale())


def day(value: date | None) -> str:
    """A calendar day, short: 23 nov 2026."""
    return "" if value is None else str(format_date(value, "medium"))


def days(first: date, last: date) -> str:
    """From one day to another, both included; one day by itself."""
    if first == last:
        return day(first)
    return str(_("%(first)s to %(last)s", first=day(first), last=day(last)))


def month(value: date | None) -> str:
    """A month with its year: nov 2026."""
    return "" if value is None else str(format_date(value, "LLL yyyy"))


def moment(value: datetime | None) -> str:
    """A moment, short, with the year in full: 3/11/2026, 14:05. One in UTC is shown in the time
    zone that the person looks at, one in another zone as it stands there.
    """
    if value is None:
        return ""
    locale = get_locale()
    date_pattern = re.sub(r"\by+\b", "yyyy", locale.date_formats["short"].pattern)
    pattern = str(locale.datetime_formats["short"]).replace("{1}", date_pattern)
    pattern = pattern.replace("{0}", locale.time_formats["short"].pattern)
    return str(format_datetime(value, pattern, rebase=value.tzinfo in (None, UTC)))


# Adding 0 above turns -0 into 0, which counts as the same and must not be remembered for it.


@lru_cache(REMEMBERED)
def _euros(amount: Decimal, locale: Locale | None) -> str:
    return str(numbers.format_currency(amount, "EUR", locale=locale))


@lru_cache(REMEMBERED)
def _number(value: Decimal | int, locale: Locale | None) -> str:
    return str(numbers.format_decimal(value, locale=locale))


@lru_cache(REMEMBERED)
def _percents(value: Decimal, locale: Locale | None) -> str:
    return str(numbers.format_percent(value, locale=locale))


def init_app(app: Flask) -> None:
    filters = (money, price, number, share, day, days, month, moment)
    app.jinja_env.filters.update({each.__name__: each for each in filters})
