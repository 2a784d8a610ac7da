"""The form of a price range: its own fields, and those of each of its rates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import or_, select
from wtforms import BooleanField, Field
from wtforms.validators import DataRequired, NumberRange, Optional

from ppplanner.blueprints.costs import CostAware
from ppplanner.blueprints.form_fields import MoneyField, NumberField, TextField, boxes_field
from ppplanner.blueprints.price_fields import (
    BY_CODE,
    DEFAULT_ACCOUNT,
    LATER_COSTS,
    NAME_IN,
    NO_COSTS,
    cost_carrier_field,
    cost_centre_field,
    gl_code_field,
    vat_code_field,
)
from ppplanner.blueprints.rate_words import PER_RATE_TYPE, RATE_TYPES
from ppplanner.blueprints.stale import StaleAware, inputs
from ppplanner.extensions import db
from ppplanner.i18n import LANGUAGES, _l
from ppplanner.models import CatalogueItem, ItemKind, RateType
from ppplanner.models.rate import rate_surcharges
from ppplanner.permissions import visible
from ppplanner.services.pricing.price_ranges import LARGEST_PRICE

#: Says of a rate that it names none of its own, whatever stands above.
DEFAULT = "-"
#: What can become longer units.
ROLLING = (RateType.HOUR, RateType.DAY, RateType.WEEK)
A_PRICE = NumberRange(0, LARGEST_PRICE, _l("A price lies between 0 and 100,000 euro."))
AS_ABOVE = _l("As above")


class PriceRangeForm(StaleAware, CostAware):
    """One price range with all its rates; the fields of each rate are added below."""

    name = TextField(_l("Name"), [DataRequired(_l("Fill in a name."))], longest=60)
    vat_code_id = vat_code_field()
    gl_code = gl_code_field(description=BY_CODE)
    cost_centre_code = cost_centre_field(description=LATER_COSTS)
    cost_carrier_code = cost_carrier_field(description=LATER_COSTS)
    km_per_day = NumberField(
        _l("Kilometres included a day"),
        [Optional(), NumberRange(0, 10_000, _l("Fill in between 0 and 10,000 kilometres a day."))],
        places=0,
        unit="km",
        description=_l("Leave it empty when nobody counts them."),
    )
    km_price = MoneyField(
        _l("Price of an extra kilometre"),
        [Optional(), A_PRICE],
        places=4,
        description=_l("Charged at check-in, without VAT."),
    )
    fuel_price = MoneyField(
        _l("Price of a litre of fuel"),
        [Optional(), A_PRICE],
        places=4,
        description=_l("Charged for what is missing at check-in, without VAT."),
    )
    active = BooleanField(
        _l("Active"),
        default=True,
        description=_l("Switch it off to archive it: resources that have it keep it."),
    )

    def of(self, rate_type: RateType) -> dict[str, Field]:
        """The fields of one rate, by their names without the rate type."""
        start = f"{rate_type}_"
        return {
            field.name.removeprefix(start): field
            for field in inputs(self)
            if field.name.startswith(start)
        }

    def rates(self) -> Iterator[tuple[RateType, str, dict[str, Field]]]:
        """Each rate type with its name and its fields."""
        for each in RateType:
            yield each, str(PER_RATE_TYPE[each]), self.of(each)

    def surcharges(self) -> list[list[Field]]:
        """The boxes of each surcharge, one for each rate type."""
        boxes = (self[f"{each}_surcharges"] for each in RateType)
        return [list(row) for row in zip(*boxes, strict=True)]


def _surcharges() -> list[tuple[int, str]]:
    """The surcharges in use, and those that some rate has."""
    named = select(rate_surcharges.c.item_id)
    offered = or_(CatalogueItem.active, CatalogueItem.id.in_(named))
    query = select(CatalogueItem).filter_by(kind=ItemKind.SURCHARGE)
    query = query.where(offered, visible(CatalogueItem))
    items = db.session.scalars(query.order_by(CatalogueItem.name))
    return [(item.id, item.name) for item in items]


def _rate_fields(rate_type: RateType) -> dict[str, Any]:
    accounts = (("", AS_ABOVE), (DEFAULT, DEFAULT_ACCOUNT))
    costs = (("", AS_ABOVE), (DEFAULT, NO_COSTS))
    rolling = (
        {"rolls_up": BooleanField(_l("Best price"), default=True)} if rate_type in ROLLING else {}
    )
    return {
        "price": MoneyField(PER_RATE_TYPE[rate_type], [Optional(), A_PRICE], places=4),
        **rolling,
        "vat_code_id": vat_code_field(empty=AS_ABOVE),
        "gl_code": gl_code_field(_l("Revenue account"), *accounts),
        "cost_centre_code": cost_centre_field(*costs),
        "cost_carrier_code": cost_carrier_field(*costs),
        "surcharges": boxes_field(RATE_TYPES[rate_type], choices=_surcharges, coerce=int),
        **{f"text_{each}": TextField(NAME_IN[each], longest=150) for each in LANGUAGES},
    }


for _each in RateType:
    for _name, _field in _rate_fields(_each).items():
        setattr(PriceRangeForm, f"{_each}_{_name}", _field)
