"""VAT: computed on the total of a code, never per line (Belgian royal decree of 8 July 2025)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from ppplanner.models import VatCode
from ppplanner.money import vat_amount


class Taxed(Protocol):
    """What VAT is computed on: a line of a contract or of an invoice; `net` in EUR."""

    @property
    def vat_code(self) -> VatCode: ...
    @property
    def vat_percentage(self) -> Decimal: ...
    @property
    def net(self) -> Decimal: ...


@dataclass(frozen=True)
class VatShare:
    """The VAT of one code at one percentage: on what base, how much (EUR)."""

    vat_code: VatCode
    percentage: Decimal
    base: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Totals:
    """Sums in EUR."""

    shares: list[VatShare]

    @property
    def net(self) -> Decimal:
        return sum((share.base for share in self.shares), Decimal(0))

    @property
    def vat(self) -> Decimal:
        return sum((share.vat for share in self.shares), Decimal(0))

    @property
    def gross(self) -> Decimal:
        return self.net + self.vat


def add_up(lines: Iterable[Taxed]) -> Totals:
    """What lines come to, with their VAT codes in the order in which they first occur."""
    bases: dict[tuple[VatCode, Decimal], Decimal] = {}
    for line in lines:
        key = line.vat_code, line.vat_percentage
        bases[key] = bases.get(key, Decimal(0)) + line.net
    return Totals(
        [
            VatShare(vat_code, percentage, base, vat_amount(base, percentage))
            for (vat_code, percentage), base in bases.items()
        ]
    )
