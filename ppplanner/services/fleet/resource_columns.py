"""The columns of a file of resources, and what they are called in each language."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence

from ppplanner.errors import DomainError
from ppplanner.i18n import LANGUAGES, _, _l, in_language
from ppplanner.models import CostCarrier, CostCentre, Pool
from ppplanner.services.files.sheets import Row
from ppplanner.services.ledger import CostKind, uses

#: In the order of the template.
TITLES: Mapping[str, object] = {
    "code": _l("Code"),
    "licence_plate": _l("Licence plate"),
    "brand": _l("Brand"),
    "model": _l("Model"),
    "type": _l("Type"),
    "unit": _l("Business unit"),
    "pool": _l("Pool"),
    "price_range": _l("Price range"),
    "deposit": _l("Deposit"),
    "tank_litres": _l("Tank in litres"),
    "active_from": _l("Rented out from"),
    "cost_centre": _l("Cost centre"),
    "cost_carrier": _l("Cost carrier"),
    "active": _l("In use"),
}
#: Only for those who use them.
COSTS: Mapping[str, CostKind] = {"cost_centre": CostCentre, "cost_carrier": CostCarrier}
#: What else people call them.
SYNONYMS: Mapping[str, Sequence[str]] = {
    "code": ("nummer", "number", "numéro", "fleet number", "wagenparknummer"),
    "licence_plate": (
        *("plate", "license plate", "registration", "nummerplaat", "kenteken"),
        *("plaque", "plaque d'immatriculation", "immatriculation"),
    ),
    "brand": ("make", "merk", "marque"),
    "model": ("modèle",),
    "type": ("soort", "kind"),
    "unit": ("branch", "vestiging", "établissement", "unité"),
    "pool": ("vloot", "flotte", "fleet"),
    "price_range": ("prijsklasse", "tarief", "gamme de prix", "catégorie de prix", "tarif"),
    "deposit": ("waarborg", "borg", "caution", "garantie"),
    "tank_litres": ("tank", "tank litres", "tank (l)", "réservoir", "tankinhoud"),
    "active_from": ("active from", "in dienst", "in dienst vanaf", "verhuurd vanaf", "loué depuis"),
    "cost_centre": ("cost center", "kostenplaats", "centre de coûts"),
    "cost_carrier": ("kostendrager", "porteur de coûts", "unité d'œuvre"),
    "active": ("active", "actief", "in gebruik", "actif", "en service", "en usage"),
}


def columns_for(pools: Iterable[Pool]) -> dict[str, object]:
    """The columns with their titles, without those that no company group of these pools uses."""
    groups = {pool.business_unit.company.group for pool in pools}
    unused = {
        name for name, kind in COSTS.items() if not any(uses(group, kind) for group in groups)
    }
    return {name: title for name, title in TITLES.items() if name not in unused}


def places(headings: Row, columns: Collection[str]) -> dict[str, int]:
    """Where each of these columns stands. Raises DomainError when a resource could not be told."""
    known, found = _known(columns), dict[str, int]()
    for place, heading in enumerate(headings.cells):
        name = known.get(_plain(str(heading or "")))
        if name in found:
            raise DomainError(_("Two columns are called “%(name)s”.", name=str(heading)))
        if name:
            found[name] = place
    if not found.keys() & {"code", "licence_plate"}:
        raise DomainError(
            _(
                "The first row must name the columns. There is none called “%(code)s” or"
                " “%(plate)s”: start from the template.",
                code=TITLES["code"],
                plate=TITLES["licence_plate"],
            )
        )
    return found


def ignored(headings: Row, columns: Collection[str]) -> list[str]:
    """The headings that are none of these columns."""
    known = _known(columns)
    titles = (str(cell) for cell in headings.cells if cell not in (None, ""))
    return [title for title in titles if _plain(title) not in known]


def _known(columns: Collection[str]) -> dict[str, str]:
    """Which of these columns a heading means, whatever its case and accents."""
    names = {_plain(each): name for name, words in SYNONYMS.items() for each in words}
    for language in LANGUAGES:
        with in_language(language):
            names |= {_plain(str(title)): name for name, title in TITLES.items()}
    return {heading: name for heading, name in names.items() if name in columns}


def _plain(heading: str) -> str:
    letters = unicodedata.normalize("NFKD", heading.casefold())
    return "".join(filter(str.isalnum, letters))
