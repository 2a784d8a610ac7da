"""Filters for what a person types: part of a name, a code, a VAT number, an e-mail address.

Whether Exact compares text with or without regard to case is not documented, so the usual spellings
of each word are all asked for. VAT numbers stand in Exact as somebody once typed them, so their
usual notations are, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from stdnum.util import clean

from .odata import ACCOUNT_CODE_WIDTH, any_of, equals, literal, padded_code

Contains = Callable[[str, str], str]

WORDS = 4

# How to ask for a part of a text. The first was seen to work; the second was once answered with
# 501 Not Implemented, but is what Exact's own documents point to; the third finds less.
CONTAINS: tuple[Contains, ...] = (
    lambda field, part: f"indexof({field},{literal(part)}) ge 0",
    lambda field, part: f"substringof({literal(part)},{field}) eq true",
    lambda field, part: f"startswith({field},{literal(part)}) eq true",
)

_SEPARATORS = " .-/"
_VAT = re.compile(r"([A-Z]{2})?([0-9A-Z]*\d[0-9A-Z]*)")
_FEWEST_DIGITS = 7


def account_filter(text: str, contains: Contains) -> str:
    """Accounts that fit the text by name, search code, e-mail, code or official number."""
    text = " ".join(text.split())
    if "@" in text:
        return any_of([contains("Email", spelling) for spelling in _spellings(text)])
    terms = [_all_words("Name", text, contains)]
    terms += [equals("SearchCode", spelling) for spelling in dict.fromkeys((text, text.upper()))]
    compact = clean(text, _SEPARATORS)
    if compact.isdecimal() and len(compact) <= ACCOUNT_CODE_WIDTH:
        terms += [equals("Code", padded_code(compact)), equals("ChamberOfCommerce", compact)]
    terms += [equals("VATNumber", notation) for notation in vat_notations(text)]
    return any_of(terms)


def ledger_filter(text: str, contains: Contains) -> str:
    """What of the ledger has a code that starts with the text, or a name that holds its words."""
    text = " ".join(text.split())
    terms = [f"startswith(Code,{literal(one)}) eq true" for one in spellings_of_code(text)]
    return any_of([*terms, _all_words("Description", text, contains)])


def spellings_of_code(code: str) -> list[str]:
    code = code.strip()
    return list(dict.fromkeys((code, code.upper(), code.lower())))


def _all_words(field: str, text: str, contains: Contains) -> str:
    """Every word somewhere in the field, in any order."""
    words = (_spellings(word) for word in text.split()[:WORDS])
    terms = [any_of([contains(field, spelling) for spelling in word]) for word in words]
    return terms[0] if len(terms) == 1 else "(" + " and ".join(terms) + ")"


def _spellings(word: str) -> list[str]:
    return list(dict.fromkeys((word, word.lower(), word.capitalize(), word.title(), word.upper())))


def vat_notations(text: str) -> list[str]:
    """The usual ways to write this VAT number; none if it is no VAT number."""
    found = _VAT.fullmatch(clean(text, _SEPARATORS).upper())
    if not found or sum(char.isdigit() for char in found[2]) < _FEWEST_DIGITS:
        return []
    country, number = found[1] or _country(found[2]), found[2]
    written = (number, *_dotted(country, number))
    if country:
        written += tuple(f"{country}{gap}{one}" for one in written for gap in ("", " "))
    return list(dict.fromkeys((text.strip(), *written)))


def _country(number: str) -> str:
    if re.fullmatch(r"[01]\d{9}", number):
        return "BE"
    return "NL" if re.fullmatch(r"\d{9}B\d{2}", number) else ""


def _dotted(country: str, number: str) -> tuple[str, ...]:
    """0123.456.789 in Belgium, 1234.56.789.B.01 in the Netherlands."""
    if country == "BE" and len(number) == 10:
        parts = number[:4], number[4:7], number[7:]
        return ".".join(parts), " ".join(parts)
    if country == "NL" and len(number) == 12:
        head = f"{number[:4]}.{number[4:6]}.{number[6:9]}"
        tail = number[10:]
        return (
            f"{head}.B.{tail}",
            f"{head}.B{tail}",
            f"{number[:9]}.B.{tail}",
            f"{number[:9]}.B{tail}",
        )
    return ()
