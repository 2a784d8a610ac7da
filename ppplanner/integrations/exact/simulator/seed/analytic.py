"""Cost centres and cost units of a rental firm."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ..values import Record
from .blank import seeded

CENTRES = (
    ("VERHUUR", "Verhuur", "Location"),
    ("KORT", "Verhuur korte termijn", "Location courte durée"),
    ("LANG", "Verhuur lange termijn", "Location longue durée"),
    ("WERKPL", "Werkplaats", "Atelier"),
    ("TRANSP", "Transport & levering", "Transport & livraison"),
    ("ADMIN", "Administratie", "Administration"),
    ("OUD", "Depot Mechelen (gesloten)", "Dépôt Malines (fermé)"),
)
UNITS = (
    ("1ABC234", "Ford Transit 1-ABC-234", "Ford Transit 1-ABC-234"),
    ("1DXR871", "Renault Master 1-DXR-871", "Renault Master 1-DXR-871"),
    ("2BKE019", "Volkswagen Crafter 2-BKE-019", "Volkswagen Crafter 2-BKE-019"),
    ("2FGT553", "Peugeot Expert 2-FGT-553", "Peugeot Expert 2-FGT-553"),
    ("KRAAN01", "Minigraver Kubota U17", "Mini-pelle Kubota U17"),
    ("HOOG01", "Hoogwerker Genie S-45", "Nacelle Genie S-45"),
    ("AANH01", "Aanhangwagen Ifor Williams", "Remorque Ifor Williams"),
    ("VERKOCHT", "Iveco Daily (verkocht)", "Iveco Daily (vendu)"),
)
ENDED = ("OUD", "VERKOCHT")


def cost_centres(division: int, french: bool, today: date) -> list[Record]:
    records = _records("hrm/Costcenters", CENTRES, division, french, today)
    return [record | {"Active": record["EndDate"] is None} for record in records]


def cost_units(division: int, french: bool, today: date) -> list[Record]:
    return _records("hrm/Costunits", UNITS, division, french, today)


def _records(
    path: str, rows: tuple[tuple[str, str, str], ...], division: int, french: bool, today: date
) -> list[Record]:
    a_month_ago = datetime(today.year, today.month, 1) - timedelta(days=1)
    return [
        seeded(
            path,
            division,
            code,
            Code=code,
            Description=walloon if french else flemish,
            EndDate=a_month_ago if code in ENDED else None,
        )
        for code, flemish, walloon in rows
    ]
