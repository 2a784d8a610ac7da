"""What people write in the cells of a spreadsheet: text, amounts, days, yes or no.

Amounts and days are read as Belgium writes them, and as computers do. Each raises DomainError with
what to type instead.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from ppplanner.errors import DomainError
from ppplanner.i18n import _
from ppplanner.services.files.sheets import Formula, Value

YES = frozenset({"yes", "y", "true", "1", "x", "ja", "j", "waar", "oui", "o", "vrai"})
NO = frozenset({"no", "n", "false", "0", "nee", "neen", "onwaar", "non", "faux"})
AMOUNT = re.compile(r"(-?)(\d+|\d{1,3}(?:([.,])\d{3})(?:\3\d{3})*)(?:(?!\3)[.,](\d+))?")
#: A lone point or comma before three digits parts thousands: no amount has three decimals.
THOUSANDS = re.compile(r"-?[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*")
ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
BELGIAN_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})")


def as_text(value: Value) -> str:
    """The cell as one line of text. Raises DomainError for a formula."""
    if isinstance(value, Formula):
        raise DomainError(_("This is a formula: put its value there instead."))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value).strip()


def as_amount(value: Value, decimals: int = 2) -> Decimal | None:
    """An amount with at most so many decimals; None when the cell is empty. Raises DomainError."""
    text = re.sub(r"[\s€'’\u00a0\u202f]|EUR", "", as_text(value))
    if not text:
        return None
    try:
        number = Decimal(text) if isinstance(value, float) else _number(text)
        too_fine = number != round(number, decimals)
    except InvalidOperation as error:
        raise DomainError(_("Type an amount, such as 1250,00.")) from error
    if too_fine:
        raise DomainError(_("Type at most %(count)s decimals.", count=decimals))
    return number


def _number(text: str) -> Decimal:
    if THOUSANDS.fullmatch(text):
        return Decimal(re.sub("[.,]", "", text))
    if not (found := AMOUNT.fullmatch(text)):
        raise InvalidOperation
    sign, whole, _mark, decimals = found.groups()
    return Decimal(f"{sign}{re.sub('[.,]', '', whole)}.{decimals or 0}")


def as_whole(value: Value) -> int | None:
    """A whole number; None when the cell is empty. Raises DomainError."""
    number = as_amount(value)
    if number is not None and number != int(number):
        raise DomainError(_("Type a whole number."))
    return None if number is None else int(number)


def as_day(value: Value) -> date | None:
    """A day, such as 25/11/2026 or 2026-11-25; None when the cell is empty. Raises DomainError."""
    if isinstance(value, date):
        return value
    text = as_text(value)
    if not text:
        return None
    try:
        return _day(text)
    except ValueError as error:
        raise DomainError(_("Type a day that exists, such as 25/11/2026.")) from error


def _day(text: str) -> date:
    if found := ISO_DAY.fullmatch(text):
        year, month, day = map(int, found.groups())
    elif found := BELGIAN_DAY.fullmatch(text):
        day, month, year = map(int, found.groups())
    else:
        raise ValueError(text)
    return date(year if year > 99 else 2000 + year, month, day)


def as_yes_or_no(value: Value) -> bool | None:
    """Yes or no, in any of the languages; None when the cell is empty. Raises DomainError."""
    text = as_text(value).casefold()
    if text not in YES | NO | {""}:
        raise DomainError(_("Type yes or no."))
    return text in YES if text else None
