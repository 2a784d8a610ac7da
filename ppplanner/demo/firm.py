"""The company, its two business units and their pools."""

from __future__ import annotations

from dataclasses import dataclass

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.models import BusinessUnit, CompanyGroup, Pool
from ppplanner.services.firm.financial_years import add_calendar_year
from ppplanner.services.firm.organisation import save_business_unit, save_company, the_group

COMPANY = {
    "name": "Vanderlinden Verhuur BV",
    "vat_number": "BE 0004.081.324",
    "street": "Noorderlaan 98",
    "postcode": "2030",
    "city": "Antwerpen",
    "country": "BE",
    "email": "info@vanderlinden.example",
    "phone": "+32 3 555 01 00",
    "iban": "BE71 0961 2345 6769",
    "bic": "GKCCBEBB",
    "invoice_terms": (
        "Betaalbaar op de vervaldag. Bij laattijdige betaling is van rechtswege interest "
        "verschuldigd volgens de wet van 2 augustus 2002. — Payable à l'échéance. Tout retard de "
        "paiement entraîne de plein droit un intérêt selon la loi du 2 août 2002."
    ),
}

ANTWERP = {
    "code": "ANT",
    "name": "Antwerpen",
    "street": "Noorderlaan 98",
    "postcode": "2030",
    "city": "Antwerpen",
    "email": "antwerpen@vanderlinden.example",
}
LIEGE = {
    "code": "LIE",
    "name": "Liège",
    "street": "Rue de Herstal 41",
    "postcode": "4000",
    "city": "Liège",
    "email": "liege@vanderlinden.example",
}


@dataclass(frozen=True)
class Firm:
    """The demo's organisation; `pools` by the code of the unit and the name of the pool."""

    group: CompanyGroup
    antwerp: BusinessUnit
    liege: BusinessUnit
    pools: dict[tuple[str, str], Pool]

    @property
    def units(self) -> tuple[BusinessUnit, BusinessUnit]:
        return self.antwerp, self.liege


def make_firm() -> Firm:
    group = the_group()
    group.name = "Vanderlinden Groep"
    company = save_company(None, group=group, **COMPANY)
    this_year = today(company.timezone).year
    for year in (this_year - 1, this_year + 1):
        add_calendar_year(company, year)
    antwerp, liege = (save_business_unit(company, None, **unit) for unit in (ANTWERP, LIEGE))
    pools = [
        *_make_pools(antwerp, "Voertuigen", "Machines", "Zalen"),
        *_make_pools(liege, "Véhicules", "Machines"),
    ]
    by_name = {(pool.business_unit.code, pool.name): pool for pool in pools}
    return Firm(group, antwerp, liege, by_name)


def _make_pools(unit: BusinessUnit, first: str, *others: str) -> list[Pool]:
    """A unit comes with one pool: name that, and add the others."""
    unit.pools[0].name = first
    unit.pools.extend(Pool(name=name) for name in others)
    db.session.flush()
    return unit.pools
