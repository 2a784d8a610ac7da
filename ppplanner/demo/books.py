"""The bookkeeper's lists: VAT codes, revenue accounts per business unit, cost centres, prices."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ppplanner.demo.firm import Firm
from ppplanner.demo.prices import make_prices
from ppplanner.models import CatalogueItem, CostCentre, PriceRange, VatCode, VatTreatment
from ppplanner.services.ledger import save_cost_centre, save_gl_account, save_vat_code

#: Code, name, percentage, treatment, and what the law wants printed when no VAT is charged.
VAT_CODES = (
    ("21", "Verkoop 21 %", "21", VatTreatment.DOMESTIC, ""),
    ("12", "Verkoop 12 %", "12", VatTreatment.DOMESTIC, ""),
    ("6", "Verkoop 6 %", "6", VatTreatment.DOMESTIC, ""),
    (
        "0",
        "Vrijgesteld",
        "0",
        VatTreatment.EXEMPT,
        "Vrijgesteld van btw, artikel 44 W.Btw. / Exempté de la TVA, article 44 C.TVA.",
    ),
    (
        "EU",
        "Intracommunautaire diensten",
        "0",
        VatTreatment.INTRA_COMMUNITY,
        "Verlegging van heffing, artikel 196 Richtlijn 2006/112/EG. / "
        "Autoliquidation, article 196 Directive 2006/112/CE.",
    ),
    (
        "EXP",
        "Buiten de EU",
        "0",
        VatTreatment.EXPORT,
        "Niet aan Belgische btw onderworpen, artikel 21, §\u00a02 W.Btw. / "
        "Non soumis à la TVA belge, article 21, §\u00a02 C.TVA.",
    ),
)  # fmt: skip

#: Revenue accounts after the Belgian chart (MAR/PCMN): code, Dutch, French.
GL_ACCOUNTS = (
    ("700000", "Verhuur personenwagens", "Location voitures"),
    ("700100", "Verhuur bestelwagens", "Location camionnettes"),
    ("700200", "Verhuur vrachtwagens", "Location camions"),
    ("700300", "Verhuur werfmachines", "Location engins de chantier"),
    ("700800", "Verhuur zalen", "Location de salles"),
    ("701000", "Verkoop brandstof", "Vente de carburant"),
    ("702000", "Extra kilometers", "Kilomètres supplémentaires"),
    ("704000", "Schadevergoedingen klanten", "Indemnités clients"),
    ("705000", "Transport en levering", "Transport et livraison"),
    ("743000", "Doorgerekende boetes", "Amendes refacturées"),
)
DEFAULT_REVENUE = "700000"

COST_CENTRES = (
    ("ANT", "Antwerpen"),
    ("LIE", "Liège"),
    ("WERKPL", "Werkplaats"),
    ("ADMIN", "Administratie"),
)


@dataclass(frozen=True)
class Lists:
    """What the rest of the demo refers to, by code or name."""

    vat_codes: dict[str, VatCode]
    cost_centres: dict[str, CostCentre]
    price_ranges: dict[str, PriceRange]
    items: dict[str, CatalogueItem]


def make_books(firm: Firm) -> Lists:
    vat_codes = {row[0]: _make_vat_code(*row) for row in VAT_CODES}
    _make_gl_accounts(firm)
    group_id = firm.group.id
    centres = {
        code: save_cost_centre(group_id=group_id, code=code, name=name)
        for code, name in COST_CENTRES
    }
    prices = make_prices(group_id, vat_codes)
    return Lists(vat_codes, centres, prices.ranges, prices.items)


def _make_vat_code(
    code: str, name: str, percentage: str, treatment: VatTreatment, legal_text: str
) -> VatCode:
    return save_vat_code(
        code=code,
        name=name,
        percentage=Decimal(percentage),
        treatment=treatment,
        legal_text=legal_text,
    )


def _make_gl_accounts(firm: Firm) -> None:
    for code, dutch, french in GL_ACCOUNTS:
        for unit, name in ((firm.antwerp, dutch), (firm.liege, french)):
            save_gl_account(unit, code=code, name=name, default_revenue=code == DEFAULT_REVENUE)
