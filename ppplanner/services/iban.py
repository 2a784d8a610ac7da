"""Bank account numbers."""

from __future__ import annotations

from stdnum import iban
from stdnum.be import iban as belgian


def is_iban(text: str) -> bool:
    """Whether the digits are right. No list of banks is asked: it would not know new ones."""
    return bool(iban.is_valid(text, check_country=False))


def compact(text: str) -> str:
    """The number as machines keep it, without spaces: BE71096123456769."""
    return str(iban.compact(text))


def bic_of(text: str) -> str:
    """The BIC of the bank of a Belgian account, "" where that is not known."""
    return str(belgian.to_bic(text) or "") if compact(text).startswith("BE") else ""
