"""The forms of a resource and of a resource type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_wtf import FlaskForm
from sqlalchemy import ColumnElement, Select, select, true
from wtforms import SelectField
from wtforms.validators import InputRequired, Optional

from ppplanner.blueprints.costs import CostAware, in_use
from ppplanner.blueprints.form_fields import (
    DayField,
    MoneyField,
    NumberField,
    TextField,
    choice_field,
)
from ppplanner.blueprints.rate_words import from_price
from ppplanner.blueprints.records import id_or_none, look_up
from ppplanner.blueprints.resources.labels import FIELDS
from ppplanner.blueprints.resources.listing import pools, types
from ppplanner.blueprints.stale import StaleAware
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import (
    CostCarrier,
    CostCentre,
    Pool,
    PriceRange,
    Resource,
    ResourceType,
)
from ppplanner.permissions import visible
from ppplanner.services.fleet.resources import ResourceData
from ppplanner.services.ledger import CostKind

#: Not in the form of those who do without: they stay as they are.
UNASKED = ("cost_centre_id", "cost_carrier_id")
EDITED = tuple(ResourceData.__dataclass_fields__)

Choices = list[tuple[Any, str]]


def _types() -> Choices:
    return [("", _("Choose a type")), *types()]


def _pools() -> Choices:
    return [("", _("Choose a pool")), *pools()]


def _active(
    model: Any,
    none: Any,
    say: Callable[[Any], str] = str,
    where: Callable[[], ColumnElement[bool]] = true,
) -> Callable[[FlaskForm, SelectField], Choices]:
    """The choices that are in use, and the one that the record has already."""

    def choices(_form: FlaskForm, field: SelectField) -> Choices:
        kept = id_or_none(field.object_data) or 0
        offered = visible(model) & (model.active | (model.id == kept)) & where()
        query: Select[Any] = select(model).where(offered)
        records: Sequence[Any] = db.session.scalars(query).all()
        return [("", none), *sorted(((each.id, say(each)) for each in records), key=_by_text)]

    return choices


def _active_costs(kind: CostKind) -> Callable[[FlaskForm, SelectField], Choices]:
    return _active(kind, _l("None"), where=lambda: in_use(kind))


def _by_text(choice: tuple[Any, str]) -> str:
    return choice[1].casefold()


def _range_in_words(price_range: PriceRange) -> str:
    return ", ".join(filter(None, (price_range.name, from_price(price_range))))


def _select(name: str, choices: Any, validators: Sequence[Any] = (), **kwargs: Any) -> Any:
    return choice_field(
        FIELDS[name],
        validators=validators,
        choices=choices,
        coerce=id_or_none,
        **kwargs,
    )


class ResourceForm(StaleAware, CostAware):
    code = TextField(
        FIELDS["code"],
        longest=20,
        description=_l(
            "Your own short name for it, such as a fleet number. Empty: as the licence plate."
        ),
    )
    licence_plate = TextField(FIELDS["licence_plate"], longest=15)
    brand = TextField(FIELDS["brand"], longest=40)
    model = TextField(FIELDS["model"], longest=60)
    type_id = _select("type_id", _types, [InputRequired(_l("Choose a type."))])
    pool_id = _select("pool_id", _pools, [InputRequired(_l("Choose a pool."))])
    price_range_id = _select(
        "price_range_id",
        _active(PriceRange, _l("None"), _range_in_words),
        description=_l("What it costs, and what kilometres and fuel cost on top."),
    )
    deposit = MoneyField(
        FIELDS["deposit"],
        [Optional()],
        description=_l("What a customer leaves as security; empty when nothing is asked."),
    )
    tank_litres = NumberField(
        FIELDS["tank_litres"],
        [Optional()],
        places=0,
        unit=_l("litres"),
        description=_l("Needed to charge missing fuel; empty when fuel is not counted."),
    )
    cost_centre_id = _select("cost_centre_id", _active_costs(CostCentre))
    cost_carrier_id = _select("cost_carrier_id", _active_costs(CostCarrier))
    active_from = DayField(FIELDS["active_from"], [Optional()])


class TypeForm(StaleAware):
    name = TextField(_l("Name"), [InputRequired(_l("Fill in a name."))], longest=60)


def values_of(resource: Resource) -> dict[str, Any]:
    """A resource as the form shows it."""
    plain = ("code", "licence_plate", "brand", "model", "deposit", "tank_litres", "active_from")
    keys = ("type_id", "pool_id", "price_range_id", "cost_centre_id", "cost_carrier_id")
    return {name: getattr(resource, name) for name in (*plain, *keys)}


def read(form: ResourceForm, resource: Resource | None = None) -> ResourceData:
    """What the form says; what it does not ask stays as it is. Raises Invalid."""
    data = dict(form.data)
    kind, pool = look_up(ResourceType, data["type_id"]), look_up(Pool, data["pool_id"])
    if kind is None or pool is None:
        raise Invalid(type_id=_("Choose a type."))
    litres = data["tank_litres"]
    for name in UNASKED:
        data.setdefault(name, getattr(resource, name, None))
    return ResourceData(
        code=data["code"],
        licence_plate=data["licence_plate"],
        brand=data["brand"],
        model=data["model"],
        type=kind,
        pool=pool,
        price_range=look_up(PriceRange, data["price_range_id"]),
        deposit=data["deposit"],
        tank_litres=None if litres is None else int(litres),
        cost_centre=look_up(CostCentre, data["cost_centre_id"]),
        cost_carrier=look_up(CostCarrier, data["cost_carrier_id"]),
        active_from=data["active_from"],
        active=resource.active if resource else True,
    )
