"""What the states and fields of contracts are called."""

from __future__ import annotations

from ppplanner.blueprints.markup import Badge, Colour
from ppplanner.i18n import _l
from ppplanner.models import ContractStatus

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
}


def status_badge(status: ContractStatus) -> Badge:
    return Badge(STATUSES[status], COLOURS[status])
