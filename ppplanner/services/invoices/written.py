"""How the numbers with which an invoice is paid are written for people."""

from __future__ import annotations

from stdnum import iban as iban_number
from stdnum.be import ogm_vcs


def written_communication(digits: str) -> str:
    """Twelve digits as Belgian banks print them: +++090/9337/55493+++; empty for a draft."""
    return f"+++{ogm_vcs.format(digits)}+++" if digits else ""


def written_iban(iban: str) -> str:
    """An account number in groups of four, as people read it."""
    return str(iban_number.format(iban))
