"""Articles, surcharges, extra charges, and price line types."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import BooleanField
from wtforms.validators import InputRequired, NumberRange

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.costs import CostAware, carriers_used, centres_used
from ppplanner.blueprints.form_fields import MoneyField, choice_field
from ppplanner.blueprints.lists.listing import Column, Listing, active_filter, archived
from ppplanner.blueprints.maintenance import Maintenance
from ppplanner.blueprints.price_fields import (
    BY_CODE,
    COST_CODES,
    LAST_COSTS,
    LATER_COSTS,
    NamedForm,
    cost_carrier_field,
    cost_centre_field,
    cost_codes,
    gl_code_field,
    names_of,
    take_names,
    vat_code_field,
)
from ppplanner.blueprints.records import find, id_or_none, look_up
from ppplanner.blueprints.scope import chosen_group, in_chosen_unit
from ppplanner.blueprints.settings import bp
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import CatalogueItem, ItemKind, PriceLineType, VatCode
from ppplanner.services.pricing.catalogue import delete_item, save_item
from ppplanner.services.pricing.line_types import save_line_type
from ppplanner.services.pricing.price_ranges import LARGEST_PRICE

EDIT = "rates.edit"
PRICE = ("name", "price", "vat_code_id", "line_type_id", "per_unit", "active")
BOOKED = ("gl_code", *COST_CODES)


COST_COLUMNS = (
    Column("cost_centre_code", _l("Cost centre"), hidden=True, when=centres_used),
    Column("cost_carrier_code", _l("Cost carrier"), hidden=True, when=carriers_used),
)


def _line_types() -> list[tuple[Any, Text]]:
    types = db.session.scalars(select(PriceLineType).order_by(PriceLineType.name))
    return [("", _l("None")), *((each.id, each.name) for each in types)]


class ItemForm(NamedForm, CostAware):
    price = MoneyField(
        _l("Price, without VAT"),
        [
            InputRequired(_l("Fill in a price.")),
            NumberRange(0, LARGEST_PRICE, _l("A price lies between 0 and 100,000 euro.")),
        ],
        places=4,
        description=_l("A new price is for what is charged from now on."),
    )
    vat_code_id = vat_code_field()
    line_type_id = choice_field(_l("Price line type"), choices=_line_types, coerce=id_or_none)
    gl_code = gl_code_field(
        _l("Revenue account"),
        ("", _l("That of the price line type, else the default")),
        description=BY_CODE,
    )
    cost_centre_code = cost_centre_field(description=LATER_COSTS)
    cost_carrier_code = cost_carrier_field(description=LATER_COSTS)
    active = BooleanField(
        _l("Active"),
        default=True,
        description=_l("Switch it off to archive it: contracts that have it keep it."),
    )


class SurchargeForm(ItemForm):
    per_unit = BooleanField(
        _l("For each unit"),
        description=_l("Once for each day, week or month that its rate counts; off: once."),
    )


class LineTypeForm(NamedForm, CostAware):
    vat_code_id = vat_code_field(
        empty=_l("That of the rent"),
        description=_l("Proposed for its lines, unless an article or a rate says otherwise."),
    )
    gl_code = gl_code_field(description=BY_CODE)
    cost_centre_code = cost_centre_field(description=LAST_COSTS)
    cost_carrier_code = cost_carrier_field(description=LAST_COSTS)
    active = BooleanField(_l("Active"), default=True)


def _save_item(kind: ItemKind, values: dict[str, Any], item: CatalogueItem | None) -> CatalogueItem:
    values = take_names(values)
    return save_item(
        group_id=item.group_id if item else chosen_group().id,
        kind=kind,
        vat_code=find(VatCode, values.pop("vat_code_id")),
        line_type=look_up(PriceLineType, values.pop("line_type_id")),
        **values | cost_codes(values, item),
        item=item,
    )


def _values_of_item(item: CatalogueItem) -> dict[str, Any]:
    return names_of(item) | {name: getattr(item, name) for name in (*PRICE, *BOOKED)}


def _save_line_type(values: dict[str, Any], line_type: PriceLineType | None) -> PriceLineType:
    values = take_names(values)
    vat_code = look_up(VatCode, values.pop("vat_code_id"))
    values |= cost_codes(values, line_type)
    return save_line_type(vat_code=vat_code, **values, line_type=line_type)


def _values_of_line_type(line_type: PriceLineType) -> dict[str, Any]:
    plain = ("name", "vat_code_id", "active", *BOOKED)
    return names_of(line_type) | {name: getattr(line_type, name) for name in plain}


def _use_of(line_type: PriceLineType) -> str:
    return _("Charged by the application") if line_type.role else ""


def _counted(item: CatalogueItem) -> str:
    return _("For each unit") if item.per_unit else _("Once")


def _offer(kind: ItemKind, path: str, title: Text, add: Text, empty: Text) -> None:
    """The screens of one kind of item."""
    name = path.strip("/").replace("-", "_")
    counted = [Column("counted", _l("Charged"), value=_counted, wide="md")]
    Maintenance(
        model=CatalogueItem,
        listing=Listing(
            name=name,
            title=title,
            query=lambda: (
                select(CatalogueItem).filter_by(kind=kind).where(in_chosen_unit(CatalogueItem))
            ),
            key=CatalogueItem.id,
            columns=[
                Column("name", _l("Name"), sort=CatalogueItem.name),
                *(counted if kind is ItemKind.SURCHARGE else []),
                Column("vat", _l("VAT code"), value=lambda item: str(item.vat_code), wide="md"),
                Column("gl_code", _l("Revenue account"), wide="lg"),
                *COST_COLUMNS,
                Column("price", _l("Price"), sort=CatalogueItem.price, show="price", align="end"),
            ],
            sort="name",
            search=[CatalogueItem.name],
            search_hint=_l("Name"),
            filters=[active_filter(CatalogueItem.active)],
            options=[joinedload(CatalogueItem.vat_code)],
            empty=empty,
            muted=archived,
        ),
        form=SurchargeForm if kind is ItemKind.SURCHARGE else ItemForm,
        save=lambda values, item: _save_item(kind, values, item),
        values=_values_of_item,
        delete=delete_item,
        view=EDIT,
        edit=EDIT,
        add=add,
        template="settings/prices.html",
        form_template="settings/named.html",
        wide=True,
    ).register(bp, path)


_offer(
    ItemKind.ARTICLE,
    "/articles",
    _l("Articles"),
    _l("New article"),
    _l("Here stands what you rent or sell from stock without planning it. Add the first article."),
)
_offer(
    ItemKind.SURCHARGE,
    "/surcharges",
    _l("Surcharges"),
    _l("New surcharge"),
    _l("Here stands what is always charged with the rates that name it. Add the first surcharge."),
)
_offer(
    ItemKind.EXTRA_CHARGE,
    "/extra-charges",
    _l("Extra charges"),
    _l("New extra charge"),
    _l("Here stand services that are charged when they occur. Add the first extra charge."),
)

Maintenance(
    model=PriceLineType,
    listing=Listing(
        name="line_types",
        title=_l("Price line types"),
        query=lambda: select(PriceLineType),
        key=PriceLineType.id,
        columns=[
            Column("name", _l("Name"), sort=PriceLineType.name),
            Column("use", _l("Use"), value=_use_of, wide="md"),
            Column(
                "vat",
                _l("VAT code"),
                value=lambda each: str(each.vat_code) if each.vat_code else "",
                wide="md",
            ),
            Column("gl_code", _l("Revenue account")),
            *COST_COLUMNS,
        ],
        sort="name",
        search=[PriceLineType.name],
        search_hint=_l("Name"),
        filters=[active_filter(PriceLineType.active)],
        options=[joinedload(PriceLineType.vat_code)],
        empty=_l(
            "Here stands what price lines are about: a fine, damage, transport. Add the first."
        ),
        muted=archived,
    ),
    form=LineTypeForm,
    save=_save_line_type,
    values=_values_of_line_type,
    view=EDIT,
    edit=EDIT,
    add=_l("New price line type"),
    template="settings/prices.html",
    form_template="settings/named.html",
    wide=True,
).register(bp, "/price-line-types")
