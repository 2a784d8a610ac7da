"""VAT numbers: one notation to compare them in, and whether their digits are right."""

from __future__ import annotations

from stdnum.eu import vat as eu_vat

#: Greek VAT numbers begin with EL, though the country is GR.
EU_PREFIXES = frozenset(eu_vat.MEMBER_STATES) - {"gr"} | {"el"}
#: The member states. Northern Ireland ("XI") is one for goods, not for services.
EU_COUNTRIES = frozenset(code.upper() for code in eu_vat.MEMBER_STATES if code != "xi")
#: Belgian VAT numbers have ten digits; older notations leave out the zero in front.
BELGIAN_DIGITS = 10


def vat_key(vat_number: str, country: str = "BE") -> str | None:
    """A VAT number without notation: "BE 0123.456.749" and "123456749" (BE) are the same."""
    compact = "".join(char for char in vat_number.upper() if char.isascii() and char.isalnum())
    if not compact:
        return None
    has_prefix = compact[:2].isalpha()
    prefix, rest = (compact[:2], compact[2:]) if has_prefix else (country.upper(), compact)
    if prefix == "BE":
        rest = rest.zfill(BELGIAN_DIGITS)
    return f"{'EL' if prefix == 'GR' else prefix}{rest}"


def is_vat_number(vat_number: str, country: str = "BE") -> bool:
    """Whether the digits are right; none, and those from outside the EU, are taken as they are."""
    key = vat_key(vat_number, country)
    return key is None or key[:2].lower() not in EU_PREFIXES or bool(eu_vat.is_valid(key))


def vat_country(vat_number: str, country: str = "BE") -> str | None:
    """The country that gave a VAT number, by its two letters: GR for "EL…"; None without one."""
    key = vat_key(vat_number, country)
    return key and ("GR" if key.startswith("EL") else key[:2])
