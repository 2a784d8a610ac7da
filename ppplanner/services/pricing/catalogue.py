"""The catalogue: articles, surcharges and extra charges."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import select

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import CatalogueItem, ItemKind, PriceLine, PriceLineType, Rate, VatCode
from ppplanner.services.doubles import refuse_double
from ppplanner.services.pricing.codes import set_codes
from ppplanner.services.pricing.line_types import translations
from ppplanner.services.pricing.price_ranges import price_fault
from ppplanner.services.removal import delete_unused


def save_item(
    *,
    group_id: int,
    kind: ItemKind,
    name: str,
    price: Decimal,
    vat_code: VatCode,
    names: Mapping[str, str] | None = None,
    per_unit: bool = False,
    gl_code: str | None = None,
    cost_centre_code: str | None = None,
    cost_carrier_code: str | None = None,
    line_type: PriceLineType | None = None,
    active: bool = True,
    item: CatalogueItem | None = None,
) -> CatalogueItem:
    """Make an article, a surcharge or an extra charge, or change the one given. Raises Invalid.
    The caller commits.

    `price` is in EUR without VAT; contracts that have the item keep what they have, but surcharges
    follow when a contract is priced anew.
    """
    faults = {"name": None if name.strip() else _("Fill in a name."), "price": price_fault(price)}
    if found := {field: fault for field, fault in faults.items() if fault}:
        raise Invalid(**found)
    item = item or CatalogueItem(group_id=group_id, kind=kind)
    refuse_double(item, "name", name.strip(), group_id=group_id, kind=kind)
    item.name, item.names, item.price = name.strip(), translations(names), price
    item.per_unit = per_unit and kind is ItemKind.SURCHARGE
    item.vat_code, item.line_type, item.active = vat_code, line_type, active
    set_codes(item, gl_code, cost_centre_code, cost_carrier_code)
    db.session.add(item)
    db.session.flush()
    return item


def delete_item(item: CatalogueItem) -> None:
    """Delete an item that no contract and no rate has. Raises DomainError. The caller commits."""
    on_contract = select(PriceLine.id).filter_by(item_id=item.id).exists()
    with_rate = select(Rate.id).where(Rate.surcharges.any(CatalogueItem.id == item.id)).exists()
    if db.session.scalar(select(on_contract | with_rate)):
        raise DomainError(_("%(record)s is in use, so it cannot be deleted.", record=item))
    delete_unused(item)
