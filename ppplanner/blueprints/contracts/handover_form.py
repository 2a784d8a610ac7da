"""The form of a check-out and a check-in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wtforms import BooleanField, TextAreaField
from wtforms.validators import InputRequired, Length

from ppplanner.blueprints.contracts.period import MomentField, to_local, to_utc
from ppplanner.blueprints.form_fields import NumberField, choice_field
from ppplanner.blueprints.fuel_words import EIGHTHS
from ppplanner.blueprints.records import id_or_none
from ppplanner.blueprints.stale import StaleAware
from ppplanner.clock import now
from ppplanner.formats import number
from ppplanner.i18n import _, _l
from ppplanner.models import Contract, Handover, HandoverKind, PriceBasis
from ppplanner.services.renting.handover_rules import FULL_TANK, HandoverData, is_late, last_known


class HandoverForm(StaleAware):
    at = MomentField(_l("Day and time"), [InputRequired(_l("Fill in a day and a time."))])
    mileage = NumberField(
        _l("Mileage"), places=0, unit="km", description=_l("As the counter shows it.")
    )
    fuel = choice_field(
        _l("Fuel"),
        choices=lambda: [("", _("Not counted")), *((key, text) for key, text in EIGHTHS.items())],
        coerce=id_or_none,
    )
    actual = BooleanField(
        _l("Charge the actual period"),
        description=_l("From check-out to check-in, instead of the period that was agreed."),
    )
    remarks = TextAreaField(
        _l("Remarks"), [Length(max=1000, message=_l("Use at most %(max)d characters."))]
    )

    def fit(self, contract: Contract, kind: HandoverKind) -> None:
        """Leave out what cannot be asked of this resource, or of this contract."""
        resource = contract.resource
        if resource is None or resource.tank_litres is None:
            del self.fuel
        if resource is None or not (resource.licence_plate or _counts_kilometres(contract)):
            del self.mileage
        elif kind is HandoverKind.CHECK_IN and (left := _mileage_at_check_out(contract)):
            self.mileage.description = _("It was %(count)s km at check-out.", count=number(left))
        if kind is HandoverKind.CHECK_OUT:
            del self.actual


def _mileage_at_check_out(contract: Contract) -> int | None:
    return contract.check_out.mileage if contract.check_out else None


def _counts_kilometres(contract: Contract) -> bool:
    price_range = contract.resource.price_range if contract.resource else None
    return price_range is not None and price_range.km_per_day is not None


def proposal(contract: Contract, kind: HandoverKind) -> dict[str, Any]:
    """What a handover starts with: this moment, mileage and fuel as they were last, otherwise a
    full tank.
    """
    mileage, fuel = last_known(contract.resource) if contract.resource else (None, None)
    start = contract.check_out if kind is HandoverKind.CHECK_IN else None
    fuel = start.fuel if start else fuel
    at = now()
    return {
        "at": to_local(at, zone_of(contract)),
        "mileage": _decimal(mileage) if start is None else None,
        "fuel": FULL_TANK if fuel is None else fuel,
        "actual": is_late(contract, at),
    }


def values_of(contract: Contract, handover: Handover) -> dict[str, Any]:
    """A handover as the form shows it."""
    return {
        "at": to_local(handover.at, zone_of(contract)),
        "mileage": _decimal(handover.mileage),
        "fuel": handover.fuel,
        "actual": contract.price_basis is PriceBasis.ACTUAL,
        "remarks": handover.remarks,
    }


def read(form: HandoverForm, contract: Contract, handover: Handover | None = None) -> HandoverData:
    """What the form says; what it does not ask stays as it is. Raises Invalid."""
    shown = values_of(contract, handover) if handover else {}
    values = shown | {name: form[name].data for name in ("at", "mileage", "fuel") if name in form}
    mileage = values.get("mileage")
    same = handover if handover and values["at"] == shown["at"] else None
    return HandoverData(
        at=same.at if same else to_utc(values["at"], zone_of(contract), "at"),
        mileage=None if mileage is None else int(mileage),
        fuel=values.get("fuel"),
        remarks=form.remarks.data or "",
    )


def charges_actual(form: HandoverForm) -> bool:
    return bool("actual" in form and form.actual.data)


def zone_of(contract: Contract) -> str:
    return contract.business_unit.company.timezone


def _decimal(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(value)
