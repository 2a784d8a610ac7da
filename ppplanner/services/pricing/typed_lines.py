"""What a person types on a line of a contract or of an invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from ppplanner.i18n import _, _l

LARGEST_AMOUNT = Decimal(1_000_000)
MOST_UNITS = Decimal(1_000_000)
UNITS_FAULT = _l(
    "Fill in a number above zero, and at most a million. A line that takes something off has a"
    " negative price."
)


class TypedLine(Protocol):
    """A line as it was typed: price in EUR without VAT, discount in per cent."""

    @property
    def description(self) -> str: ...
    @property
    def units(self) -> Decimal: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def discount(self) -> Decimal: ...


def line_faults(line: TypedLine) -> dict[str, object]:
    """What is wrong with a line, by the names of its fields."""
    faults: dict[str, object] = {}
    if not line.description.strip():
        faults["description"] = _("Say what the customer pays for.")
    if not 0 < line.units <= MOST_UNITS:
        faults["units"] = UNITS_FAULT
    elif max(abs(line.unit_price), abs(line.units * line.unit_price)) > LARGEST_AMOUNT:
        faults["unit_price"] = _("That is more than a million euro: check the price and the units.")
    if not 0 <= line.discount <= 100:
        faults["discount"] = _("A discount lies between 0 and 100 per cent.")
    return faults
