"""Price ranges and their rates."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.models import RateType
from ppplanner.services.firm.organisation import the_group
from ppplanner.services.pricing.price_ranges import RateData, save_price_range, save_rate
from tests.factories import make_price_range, make_vat_code


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "Vans"}, "name"),
        ({"km_per_day": -1}, "km_per_day"),
        ({"km_price": Decimal(-1)}, "km_price"),
        ({"fuel_price": Decimal(100_001)}, "fuel_price"),
    ],
)
def test_mistakes_in_a_price_range_are_named_at_their_fields(
    app: Flask, change: dict[str, Any], field: str
) -> None:
    make_price_range(name="Vans")
    with pytest.raises(Invalid, match=field):
        save_price_range(group_id=the_group().id, **({"name": "Cars"} | change))


@pytest.mark.parametrize("price", [Decimal(-1), Decimal(100_001), Decimal("1e12")])
def test_a_price_that_cannot_be_is_refused(app: Flask, price: Decimal) -> None:
    with pytest.raises(Invalid, match="price"):
        save_rate(make_price_range(None), RateType.DAY, RateData(price, make_vat_code()))


def test_prices_keep_four_decimals(app: Flask) -> None:
    [rate] = make_price_range(Decimal("33.3333")).rates
    db.session.commit()
    assert rate.price == Decimal("33.3333")
