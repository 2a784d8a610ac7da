"""What the states and fields of contracts are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ppplanner.blueprints.fuel_words import EIGHTHS
from ppplanner.blueprints.markup import Badge, Colour
from ppplanner.blueprints.rate_words import RATE_TYPES
from ppplanner.i18n import _l
from ppplanner.models import ContractStatus, HandoverKind, Periodicity, PriceBasis

STATUSES = {
    ContractStatus.IN_PREPARATION: _l("In preparation"),
    ContractStatus.CONFIRMED: _l("Confirmed"),
    ContractStatus.OPEN: _l("Open"),
    ContractStatus.CHECKED_IN: _l("Checked in"),
    ContractStatus.INVOICED: _l("Invoiced"),
    ContractStatus.COMPLETED: _l("Completed"),
    ContractStatus.CANCELLED: _l("Cancelled"),
}
COLOURS: dict[ContractStatus, Colour] = {
    ContractStatus.IN_PREPARATION: "amber",
    ContractStatus.CONFIRMED: "blue",
    ContractStatus.OPEN: "green",
    ContractStatus.CHECKED_IN: "purple",
    ContractStatus.INVOICED: "grey",
    ContractStatus.COMPLETED: "grey",
    ContractStatus.CANCELLED: "red",
}
#: The fields of a contract, as forms and the history call them.
FIELDS = {
    "number": _l("Number"),
    "customer_id": _l("Customer"),
    "driver_id": _l("Driver"),
    "business_unit_id": _l("Business unit"),
    "resource_id": _l("Resource"),
    "starts_at": _l("From"),
    "ends_at": _l("Until"),
    "remarks": _l("Remarks"),
    "status": _l("Status"),
    "rate_type": _l("Counted in"),
    "price_basis": _l("Period that is charged"),
    "periodicity": _l("Invoiced"),
    "next_invoice_date": _l("Next invoice"),
    "ready_for_check_in_at": _l("Ready for check-in since"),
}
PRICE_BASES = {PriceBasis.PLANNED: _l("As agreed"), PriceBasis.ACTUAL: _l("As it went")}
PERIODICITIES = {
    Periodicity.WEEKLY: _l("Every week"),
    Periodicity.FOUR_WEEKLY: _l("Every four weeks"),
    Periodicity.MONTHLY: _l("Every month"),
}
#: The values of a contract's fields that have names.
WORDS: Mapping[str, Mapping[Any, Any]] = {
    "status": STATUSES,
    "price_basis": PRICE_BASES,
    "rate_type": RATE_TYPES,
    "periodicity": PERIODICITIES,
}

HANDOVERS = {HandoverKind.CHECK_OUT: _l("Check-out"), HandoverKind.CHECK_IN: _l("Check-in")}
#: What is in a tank, as the history keeps it.
FUEL = {str(eighths): text for eighths, text in EIGHTHS.items()}
HANDOVER_FIELDS = {
    "at": _l("Day and time"),
    "fuel": _l("Fuel"),
    "kind": _l("Kind"),
    "mileage": _l("Mileage"),
    "recorded_by_id": _l("Recorded by"),
    "remarks": _l("Remarks"),
}


def status_badge(status: ContractStatus) -> Badge:
    return Badge(STATUSES[status], COLOURS[status])
