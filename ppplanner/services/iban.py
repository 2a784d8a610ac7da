"""Bank account numbers."""

from __future__ import annotations

from stdnum import iban


def is_iban(text: str) -> bool:
    """Whether the digits are right. No list of banks is asked: it would not know new ones."""
    return bool(iban.is_valid(text, check_country=False))
