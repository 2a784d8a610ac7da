"""Price ranges, each with its rates per hour, day, week and month, and once."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ppplanner.blueprints.costs import unused_codes
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.htmx import finish, render_form
from ppplanner.blueprints.lists.listing import Column, Listing, active_filter, archived
from ppplanner.blueprints.maintenance import Maintenance
from ppplanner.blueprints.rate_words import RATE_TYPES
from ppplanner.blueprints.records import find
from ppplanner.blueprints.scope import chosen_group, in_chosen_unit
from ppplanner.blueprints.settings import bp
from ppplanner.blueprints.settings.price_range_form import DEFAULT, PriceRangeForm
from ppplanner.blueprints.settings.rate_file import CODES as CODE_TITLES
from ppplanner.blueprints.stale import inputs
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import LANGUAGES, _, _l
from ppplanner.models import CatalogueItem, PriceRange, Rate, RateType, VatCode
from ppplanner.permissions import require
from ppplanner.services.pricing.codes import CODES, codes_in_words
from ppplanner.services.pricing.price_ranges import (
    RateData,
    delete_price_range,
    rate_of,
    save_price_range,
    save_rate,
    withdraw_rate,
)

EDIT = "rates.edit"


def save(values: dict[str, Any], price_range: PriceRange | None) -> PriceRange:
    """Save a price range with all its rates. Raises Invalid at the fields of the form."""
    if all(values[f"{each}_price"] is None for each in RateType):
        raise Invalid(day_price=_("Fill in at least one price."))
    per_day = values["km_per_day"]
    saved = save_price_range(
        group_id=price_range.group_id if price_range else chosen_group().id,
        name=values["name"],
        km_per_day=None if per_day is None else int(per_day),
        km_price=values["km_price"] or Decimal(0),
        fuel_price=values["fuel_price"] or Decimal(0),
        active=values["active"],
        price_range=price_range,
    )
    for each in RateType:
        _save_rate(saved, each, values)
    return saved


def _save_rate(price_range: PriceRange, rate_type: RateType, values: dict[str, Any]) -> None:
    own = {
        name.removeprefix(f"{rate_type}_"): value
        for name, value in values.items()
        if name.startswith(f"{rate_type}_")
    }
    if own["price"] is None:
        withdraw_rate(price_range, rate_type)
        return
    chosen = select(CatalogueItem).where(CatalogueItem.id.in_(own["surcharges"] or ()))
    codes = _codes(own, values, rate_of(price_range, rate_type))
    data = RateData(
        own["price"],
        find(VatCode, own["vat_code_id"] or values["vat_code_id"]),
        gl_code=codes["gl_code"],
        cost_centre_code=codes["cost_centre_code"],
        cost_carrier_code=codes["cost_carrier_code"],
        rolls_up=own.get("rolls_up", False),
        surcharges=db.session.scalars(chosen).all(),
        invoice_text={language: own[f"text_{language}"] for language in LANGUAGES},
    )
    try:
        save_rate(price_range, rate_type, data)
    except Invalid as error:
        faults = {f"{rate_type}_{name}": fault for name, fault in error.fields.items()}
        raise Invalid(**faults) from error


def _codes(
    own: Mapping[str, Any], above: Mapping[str, Any], rate: Rate | None
) -> dict[str, str | None]:
    """Where a rate is booked: as it says itself, else as stands above. What the form does not ask
    stays as it is.
    """
    codes = {name: getattr(rate, name, None) for name in CODES}
    for name in above.keys() & codes:
        code = own[name] or above[name]
        codes[name] = None if code == DEFAULT else code
    return codes


def values_of(price_range: PriceRange) -> dict[str, Any]:
    """A price range as values of its form."""
    plain = ("name", "km_per_day", "km_price", "fuel_price", "active")
    first = next(iter(price_range.rates), None)
    values = {name: getattr(price_range, name) for name in plain}
    values |= {"vat_code_id": first.vat_code_id if first else None}
    values |= {name: getattr(first, name, None) or "" for name in CODES}
    for each in RateType:
        own = _values_of_rate(rate_of(price_range, each), first)
        values |= {f"{each}_{name}": value for name, value in own.items()}
    return values


def _values_of_rate(rate: Rate | None, first: Rate | None) -> dict[str, Any]:
    """A rate as values of the form; what the first one says, too, stands above."""
    if rate is None or first is None:
        return dict.fromkeys(CODES, "") | {"rolls_up": True, "surcharges": []}
    texts = {f"text_{each}": rate.invoice_text.get(each, "") for each in LANGUAGES}
    codes = {name: _own_code(getattr(rate, name), getattr(first, name)) for name in CODES}
    return (
        texts
        | codes
        | {
            "price": rate.price if rate.active else None,
            "rolls_up": rate.rolls_up,
            "vat_code_id": None if rate.vat_code_id == first.vat_code_id else rate.vat_code_id,
            "surcharges": [item.id for item in rate.surcharges],
        }
    )


def _own_code(code: str | None, first: str | None) -> str:
    return "" if code == first else code or DEFAULT


def _price_column(rate_type: RateType) -> Column:
    def value(price_range: PriceRange) -> Decimal | None:
        rate = price_range.rate(rate_type)
        return rate.price if rate else None

    often = rate_type in (RateType.DAY, RateType.WEEK, RateType.MONTH)
    title = RATE_TYPES[rate_type]
    return Column(
        rate_type, title, value=value, show="price", align="end", wide="" if often else "lg"
    )


def _code_column(name: str) -> Column:
    return Column(
        name,
        CODE_TITLES[name],
        value=lambda price_range: codes_in_words(price_range, name),
        hidden=True,
        when=lambda: name not in unused_codes(),
    )


@bp.route("/rates/<int:record_id>/copy", methods=["GET", "POST"])
@require(EDIT)
def copy_rates(record_id: int) -> ResponseReturnValue:
    """A new price range that begins with the values of another one."""
    original = find(PriceRange, record_id)
    name = _("%(name)s (copy)", name=original.name)[:60]
    form = PriceRangeForm(data=values_of(original) | {"name": name})
    if form.validate_on_submit():
        typed = {field.name: field.data for field in inputs(form)}
        if saved := attempt(form, lambda: save(typed, None)):
            return finish(url_for(".rates"), _("%(record)s is saved.", record=saved))
    return render_form(
        "settings/price_range.html",
        form,
        "dialog",
        title=_("Copy of %(record)s", record=original),
        list_url=url_for(".rates"),
        delete_url=None,
        wide=True,
    )


Maintenance(
    model=PriceRange,
    listing=Listing(
        name="rates",
        title=_l("Price ranges"),
        query=lambda: select(PriceRange).where(in_chosen_unit(PriceRange)),
        key=PriceRange.id,
        columns=[
            Column("name", _l("Name"), sort=PriceRange.name),
            *(_price_column(each) for each in RateType),
            Column("km_per_day", _l("Kilometres a day"), show="number", align="end", wide="lg"),
            *(_code_column(name) for name in CODES),
        ],
        sort="name",
        search=[PriceRange.name],
        search_hint=_l("Name"),
        filters=[active_filter(PriceRange.active)],
        options=[selectinload(PriceRange.rates)],
        empty=_l(
            "Here stands what renting costs, for resources that cost the same. Add the first."
        ),
        muted=archived,
    ),
    form=PriceRangeForm,
    save=save,
    values=values_of,
    delete=delete_price_range,
    view=EDIT,
    edit=EDIT,
    add=_l("New price range"),
    template="settings/prices.html",
    form_template="settings/price_range.html",
    wide=True,
).register(bp, "/rates")
