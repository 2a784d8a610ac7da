"""The form of a contract, whole or one tile of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from ppplanner.blueprints.contracts.labels import FIELDS
from ppplanner.blueprints.contracts.period import MomentField, to_local, to_utc
from ppplanner.blueprints.form_fields import PickerField, choice_field
from ppplanner.blueprints.records import look_up
from ppplanner.blueprints.scope import business_units
from ppplanner.blueprints.stale import StaleAware
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import (
    BusinessUnit,
    Contract,
    Customer,
    Resource,
)
from ppplanner.services.renting.contracts import ContractData

M = TypeVar("M", BusinessUnit, Customer, Resource)

#: The tiles of a contract's page that are changed in place, with their fields.
PARTS: Mapping[str, tuple[str, ...]] = {
    "reservation": ("starts_at", "ends_at", "business_unit_id", "remarks"),
    "customer": ("customer_id",),
    "driver": ("driver_id",),
    "resource": ("resource_id",),
}
EDITED = tuple(name for names in PARTS.values() for name in names)
#: What a contract that is checked out can still have changed.
WHILE_OUT = ("ends_at", "driver_id", "remarks")


def _customer(customer_id: int) -> str | None:
    customer = look_up(Customer, customer_id)
    return customer.full_name if customer else None


def _resource(resource_id: int) -> str | None:
    resource = look_up(Resource, resource_id)
    return resource.title if resource else None


def _units(present_id: int | None) -> list[tuple[int, str]]:
    """Those within reach, and the one that the contract has: its resource may be of another."""
    units = business_units()
    if present_id not in {unit.id for unit in units}:
        present = db.session.get(BusinessUnit, present_id or 0)
        units = [*units, present] if present else units
    return [(unit.id, unit.name) for unit in units]


class ContractForm(StaleAware):
    customer_id = PickerField(
        FIELDS["customer_id"], [InputRequired(_l("Choose a customer."))], describe=_customer
    )
    driver_id = PickerField(
        FIELDS["driver_id"],
        describe=_customer,
        description=_l("Only when somebody else than the customer drives."),
    )
    starts_at = MomentField(FIELDS["starts_at"], [InputRequired(_l("Fill in a day and a time."))])
    ends_at = MomentField(FIELDS["ends_at"], [InputRequired(_l("Fill in a day and a time."))])
    business_unit_id = choice_field(
        FIELDS["business_unit_id"],
        choices=lambda _form, field: _units(field.object_data),
        coerce=int,
    )
    resource_id = PickerField(
        FIELDS["resource_id"],
        describe=_resource,
        description=_l("Leave it empty to choose one later."),
    )
    remarks = TextAreaField(
        FIELDS["remarks"], [Length(max=1000, message=_l("Use at most %(max)d characters."))]
    )

    def keep_only(self, names: tuple[str, ...]) -> None:
        """Leave out what a tile does not ask."""
        for field in list(self):
            if field.name in EDITED and field.name not in names:
                del self[field.name]

    def leave_out_what_has_begun(self) -> None:
        """Of a contract that is checked out, ask only what can still change."""
        self.keep_only(WHILE_OUT)


def _named(
    model: type[M], name: str, values: Mapping[str, Any], contract: Contract | None
) -> M | None:
    """The record that `values` name. Answers 403 when it is a new choice, and out of reach."""
    record_id, present = values[f"{name}_id"], getattr(contract, name, None)
    return present if present and present.id == record_id else look_up(model, record_id)


def values_of(contract: Contract) -> dict[str, Any]:
    """A contract as the form shows it: moments in the time zone of its business unit."""
    zone = contract.business_unit.company.timezone
    return {
        "customer_id": contract.customer_id,
        "driver_id": contract.driver_id,
        "starts_at": to_local(contract.starts_at, zone),
        "ends_at": to_local(contract.ends_at, zone),
        "business_unit_id": contract.business_unit_id,
        "resource_id": contract.resource_id,
        "remarks": contract.remarks,
    }


def read(form: ContractForm, contract: Contract | None = None) -> ContractData:
    """What the form says; what it does not ask, or did not change, stays as it is, also where the
    person's right does not reach. Raises Invalid.
    """
    shown = values_of(contract) if contract else {}
    values = shown | {name: form[name].data for name in EDITED if name in form}
    unit = _named(BusinessUnit, "business_unit", values, contract)
    customer = _named(Customer, "customer", values, contract)
    if unit is None or customer is None:
        raise Invalid(customer_id=_("Choose a customer."))
    zone = unit.company.timezone
    moments = {name: to_utc(values[name], zone, name) for name in ("starts_at", "ends_at")}
    if contract and unit is contract.business_unit:
        moments |= {
            name: getattr(contract, name) for name in moments if values[name] == shown[name]
        }
    return ContractData(
        customer=customer,
        driver=_named(Customer, "driver", values, contract),
        business_unit=unit,
        resource=_named(Resource, "resource", values, contract),
        remarks=(values["remarks"] or "").strip(),
        **moments,
    )
