"""The demo firm's price lists: ten price ranges, a catalogue, and price line types."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ppplanner.models import (
    CatalogueItem,
    ItemKind,
    LineRole,
    PriceLineType,
    PriceRange,
    RateType,
    VatCode,
)
from ppplanner.services.pricing.catalogue import save_item
from ppplanner.services.pricing.line_types import save_line_type
from ppplanner.services.pricing.price_ranges import RateData, save_price_range, save_rate

DIESEL = "1.8500"

#: Name, revenue account, EUR per hour, day, week and month without VAT, kilometres included a day,
#: EUR a kilometre more, EUR a litre of fuel. "" is not offered.
RANGES = (
    ("Stadswagen", "700000", "", "39.00", "219.00", "690.00", 200, "0.15", DIESEL),
    ("Gezinswagen", "700000", "", "59.00", "329.00", "990.00", 200, "0.18", DIESEL),
    ("Minibus 9 plaatsen", "700000", "", "99.00", "565.00", "1690.00", 200, "0.25", DIESEL),
    ("Kleine bestelwagen", "700100", "12.50", "49.00", "275.00", "795.00", 150, "0.18", DIESEL),
    ("Grote bestelwagen", "700100", "19.50", "79.00", "449.00", "1290.00", 150, "0.25", DIESEL),
    ("Verhuiswagen met laadklep", "700200", "27.50", "115.00", "645.00", "1890.00", 100, "0.32",
     DIESEL),
    ("Minigraver", "700300", "", "145.00", "595.00", "1650.00", None, "0", DIESEL),
    ("Hoogwerker", "700300", "", "189.50", "795.00", "2250.00", None, "0", DIESEL),
    ("Aanhangwagen", "700100", "7.50", "24.75", "115.00", "310.00", None, "0", "0"),
    ("Vergaderzaal", "700800", "32.00", "160.00", "", "", None, "0", "0"),
)  # fmt: skip
#: Machines are let by the job: their price is agreed for the days, whatever they come to.
BY_THE_DAY = frozenset({"Hoogwerker"})

#: Kind, name, French, English, EUR without VAT, for each unit, revenue account, price line type.
ITEMS = (
    (ItemKind.SURCHARGE, "Milieubijdrage", "Contribution environnementale",
     "Environmental contribution", "1.25", True, "700300", ""),
    (ItemKind.SURCHARGE, "Schoonmaak zaal", "Nettoyage de la salle", "Cleaning of the room",
     "35.00", False, "700800", ""),
    (ItemKind.ARTICLE, "Verhuisdozen (10 stuks)", "Cartons de déménagement (10 pièces)",
     "Moving boxes (10 pieces)", "19.50", False, "", ""),
    (ItemKind.ARTICLE, "Spanbanden (set van 4)", "Sangles d'arrimage (lot de 4)",
     "Lashing straps (set of 4)", "12.00", False, "", ""),
    (ItemKind.ARTICLE, "Kinderzitje", "Siège enfant", "Child seat", "8.00", False, "", ""),
    (ItemKind.ARTICLE, "Steekwagen", "Diable", "Hand truck", "6.50", False, "", ""),
    (ItemKind.EXTRA_CHARGE, "Levering of ophaling", "Livraison ou enlèvement",
     "Delivery or collection", "45.00", False, "", "Transport"),
    (ItemKind.EXTRA_CHARGE, "Reiniging binnenkant", "Nettoyage intérieur", "Cleaning inside",
     "49.00", False, "", ""),
    (ItemKind.EXTRA_CHARGE, "Extra bestuurder", "Conducteur supplémentaire", "Second driver",
     "10.00", False, "", ""),
    (ItemKind.EXTRA_CHARGE, "Te laat teruggebracht", "Retour tardif", "Late return", "25.00",
     False, "", ""),
    (ItemKind.EXTRA_CHARGE, "Administratiekosten boete", "Frais administratifs amende",
     "Administration of a fine", "15.00", False, "", "Boete"),
)  # fmt: skip
#: The surcharges that a price range's rates name.
SURCHARGES = {
    "Minigraver": ("Milieubijdrage",),
    "Hoogwerker": ("Milieubijdrage",),
    "Vergaderzaal": ("Schoonmaak zaal",),
}

#: Name, French, English, VAT code, revenue account, cost centre, role.
LINE_TYPES = (
    ("Huur", "Location", "Rent", "", "", "", LineRole.RENT),
    ("Extra kilometers", "Kilomètres supplémentaires", "Excess kilometres", "", "702000", "",
     LineRole.KILOMETRES),
    ("Brandstof", "Carburant", "Fuel", "21", "701000", "", LineRole.FUEL),
    ("Transport", "Transport", "Transport", "21", "705000", "", None),
    ("Boete", "Amende", "Fine", "0", "743000", "ADMIN", None),
    ("Schade", "Dégâts", "Damage", "0", "704000", "WERKPL", None),
)  # fmt: skip


@dataclass(frozen=True)
class Prices:
    """What the rest of the demo refers to, by name."""

    ranges: dict[str, PriceRange]
    items: dict[str, CatalogueItem]


def make_prices(group_id: int, vat_codes: dict[str, VatCode]) -> Prices:
    types = {row[0]: _make_line_type(vat_codes, *row) for row in LINE_TYPES}
    usual = vat_codes["21"]
    items = {row[1]: _make_item(group_id, usual, types, *row) for row in ITEMS}
    ranges = {row[0]: _make_range(group_id, usual, items, *row) for row in RANGES}
    return Prices(ranges, items)


def _make_line_type(
    vat_codes: dict[str, VatCode],
    name: str,
    french: str,
    english: str,
    vat: str,
    gl_code: str,
    cost_centre_code: str,
    role: LineRole | None,
) -> PriceLineType:
    return save_line_type(
        name=name,
        names={"fr": french, "en": english},
        vat_code=vat_codes.get(vat),
        gl_code=gl_code,
        cost_centre_code=cost_centre_code,
        role=role,
    )


def _make_item(
    group_id: int,
    vat_code: VatCode,
    types: dict[str, PriceLineType],
    kind: ItemKind,
    name: str,
    french: str,
    english: str,
    price: str,
    per_unit: bool,
    gl_code: str,
    line_type: str,
) -> CatalogueItem:
    return save_item(
        group_id=group_id,
        kind=kind,
        name=name,
        names={"fr": french, "en": english},
        price=Decimal(price),
        per_unit=per_unit,
        vat_code=vat_code,
        gl_code=gl_code,
        line_type=types.get(line_type),
    )


def _make_range(
    group_id: int,
    vat_code: VatCode,
    items: dict[str, CatalogueItem],
    name: str,
    gl_code: str,
    hour: str,
    day: str,
    week: str,
    month: str,
    km_per_day: int | None,
    km_price: str,
    fuel_price: str,
) -> PriceRange:
    price_range = save_price_range(
        group_id=group_id,
        name=name,
        km_per_day=km_per_day,
        km_price=Decimal(km_price),
        fuel_price=Decimal(fuel_price),
    )
    named = [items[each] for each in SURCHARGES.get(name, ())]
    for rate_type, price in zip(RateType, (hour, day, week, month), strict=False):
        if price:
            data = RateData(
                Decimal(price),
                vat_code,
                gl_code,
                rolls_up=rate_type is not RateType.MONTH and name not in BY_THE_DAY,
                surcharges=named,
            )
            save_rate(price_range, rate_type, data)
    return price_range
