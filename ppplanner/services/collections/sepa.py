"""Files with which a bank pays many people at once: SEPA credit transfers (pain.001).

The schema is that of ISO 20022. The rules beyond it are those of the European Payments Council:
which accounts can be reached (EPC409-09) and which letters every bank knows (EPC217-08).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sepaxml import SepaTransfer
from text_unidecode import unidecode

from ppplanner.services.iban import compact

#: The first two letters of accounts that a SEPA credit transfer reaches.
REACHED = re.compile(
    "A[DLT]|B[EG]|C[HYZ]|D[EK]|E[ES]|F[IR]|G[BIR]|H[RU]|I[EST]|L[ITUV]|M[CDEKT]|N[LO]|P[LT]|R[OS]"
    "|S[EIKM]|VA"
)
#: The most that one transfer can carry, in EUR.
MOST = Decimal("999999999.99")
LONGEST_NAME, LONGEST_TEXT, LONGEST_REFERENCE = 70, 140, 35
#: The parts of an address, as the library calls them.
LONGEST_ADDRESS = {"street_name": 70, "postcode": 16, "town": 35, "country": 2}

NOT_ALLOWED = re.compile(r"[^A-Za-z0-9/?:().,'+ -]")
#: What the European Payments Council puts in the place of common signs.
INSTEAD = str.maketrans({"&": "+", "_": "-", "@": "."})


class Version(StrEnum):
    """The versions of the file that banks take: the older one is on its way out since 2025."""

    V03 = "pain.001.001.03"
    V09 = "pain.001.001.09"


@dataclass(frozen=True)
class Payer:
    """Whose account pays. The address names its country by two letters."""

    name: str
    iban: str
    bic: str
    address: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Payment:
    """Who gets how much (EUR). The reference comes back on the statements of both sides."""

    reference: str
    name: str
    iban: str
    amount: Decimal
    text: str


def credit_transfers(
    payer: Payer, payments: Sequence[Payment], *, name: str, day: date, version: Version
) -> bytes:
    """The file for the bank, checked against its schema; `name` is unique among all files.

    `day` is when the money leaves the account. Raises ValueError for what no bank would take.
    """
    transfer = _Transfer(_config(payer), version.value, name)
    for payment in payments:
        transfer.add_payment(_entry(payment, day))
    return bytes(transfer.export(validate=True))


def is_reached(iban: str) -> bool:
    """Whether a SEPA credit transfer reaches the account."""
    return bool(REACHED.match(iban.upper()))


def in_sepa_letters(text: str, longest: int) -> str:
    """The text in letters that every bank takes: "Café Zoë & co" becomes "Cafe Zoe + co"."""
    plain = NOT_ALLOWED.sub(" ", unidecode(text.translate(INSTEAD)))
    return " ".join(plain.split()).strip("/")[:longest].strip()


class _Transfer(SepaTransfer):
    """With our own name instead of a random one."""

    def __init__(self, config: dict[str, Any], version: str, name: str) -> None:
        self._name = name
        super().__init__(config, version, clean=False)

    def _create_header(self) -> None:
        self.msg_id = self._name
        super()._create_header()


def _config(payer: Payer) -> dict[str, Any]:
    return {
        "name": in_sepa_letters(payer.name, LONGEST_NAME),
        "IBAN": compact(payer.iban),
        "BIC": compact(payer.bic),
        "batch": True,
        "currency": "EUR",
        "address": {
            key: in_sepa_letters(text, LONGEST_ADDRESS[key])
            for key, text in payer.address.items()
            if text
        },
    }


def _entry(payment: Payment, day: date) -> dict[str, Any]:
    if not Decimal(0) < payment.amount <= MOST:
        raise ValueError(f"no bank transfers EUR {payment.amount}")
    if not is_reached(payment.iban):
        raise ValueError(f"{payment.iban[:2]} is outside SEPA")
    return {
        "name": in_sepa_letters(payment.name, LONGEST_NAME) or payment.reference,
        "IBAN": compact(payment.iban),
        "amount": int(payment.amount * 100),
        "description": in_sepa_letters(payment.text, LONGEST_TEXT) or payment.reference,
        "execution_date": day,
        "endtoend_id": in_sepa_letters(payment.reference, LONGEST_REFERENCE),
    }
