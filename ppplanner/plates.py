"""Licence plates: one notation for each, however it is typed or painted.

The notation follows from the letters and digits alone, hence the database's unique constraint on
it refuses "1abc123" where "1-ABC-123" is known.
"""

from __future__ import annotations

from itertools import groupby
from unicodedata import normalize


def one_notation(plate: str) -> str:
    """Capitals, with a hyphen between letters and digits: "1 abc123" becomes "1-ABC-123"."""
    return "-".join("".join(part) for _digits, part in groupby(bare(plate), str.isdigit))


def bare(plate: str) -> str:
    """Its letters and digits only: "1-abc-123" becomes "1ABC123"."""
    return "".join(filter(str.isalnum, normalize("NFKC", plate).upper()))
