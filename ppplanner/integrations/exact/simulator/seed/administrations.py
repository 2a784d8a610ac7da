"""The administrations themselves, as `hrm/Divisions` and `system/Divisions` tell of them."""

from __future__ import annotations

from datetime import datetime

from ..people import ANTWERP, ESTATE, NAMUR, guid
from ..values import Record
from .customers import belgian_vat_number

MOVED = datetime(2024, 5, 4, 3, 12)

FIRMS = (
    (ANTWERP, 1, "Vanderlinden Verhuur BV", "Noorderlaan 98", "2030", "Antwerpen", 18_000_101),
    (NAMUR, 2, "Vanderlinden Location SRL", "Chaussée de Liège 412", "5100", "Namur", 18_000_102),
    (ESTATE, 3, "Vanderlinden Vastgoed NV", "Noorderlaan 100", "2030", "Antwerpen", 18_000_103),
)


def administrations() -> list[Record]:
    return [_administration(*firm) for firm in FIRMS]


def _administration(
    code: int, hid: int, name: str, street: str, postcode: str, city: str, number: int
) -> Record:
    return {
        "Code": code,
        "HID": hid,
        "Hid": hid,
        "Description": name,
        "CustomerName": "Vanderlinden Groep",
        "CustomerCode": "40812",
        "Customer": guid("licence"),
        "AddressLine1": street,
        "Postcode": postcode,
        "City": city,
        "Country": "BE",
        "CountryDescription": "Belgium",
        "Currency": "EUR",
        "CurrencyDescription": "Euro",
        "Legislation": "BE",
        "Main": code == ANTWERP,
        "IsMainDivision": code == ANTWERP,
        "VATNumber": belgian_vat_number(number),
        "BlockingStatus": 0,
        "StartDate": datetime(2019, 1, 1),
        "DivisionMoveDate": MOVED,
        "Created": datetime(2018, 11, 5, 9, 30),
        "Modified": MOVED,
    }
