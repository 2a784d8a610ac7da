"""Belgian VAT codes with their rates in time.

Numbers of codes differ per administration in reality; never rely on them.
"""

from __future__ import annotations

from datetime import datetime

from ..people import guid
from ..values import Record
from .blank import seeded

SINCE = datetime(1996, 1, 1)

# code, Dutch, French, type, sales/purchase, listing, charged, blocked, [(rate, from, to)]
CODES: tuple[tuple[str, str, str, str, str, str, bool, bool, str], ...] = (
    ("0", "Geen btw", "Pas de TVA", "N", "B", "N", False, False, "0"),
    ("1", "Verkoop 6 % excl.", "Vente 6 % HTVA", "E", "S", "N", False, False, "0.06"),
    ("2", "Verkoop 12 % excl.", "Vente 12 % HTVA", "E", "S", "N", False, False, "0.12"),
    ("3", "Verkoop 21 % excl.", "Vente 21 % HTVA", "E", "S", "N", False, False, "0.21"),
    ("1I", "Verkoop 6 % incl.", "Vente 6 % TVAC", "I", "S", "N", False, False, "0.06"),
    ("2I", "Verkoop 12 % incl.", "Vente 12 % TVAC", "I", "S", "N", False, False, "0.12"),
    ("3I", "Verkoop 21 % incl.", "Vente 21 % TVAC", "I", "S", "N", False, False, "0.21"),
    ("4", "Verkoop 0 %", "Vente 0 %", "B", "S", "N", False, False, "0"),
    ("5", "IC levering goederen", "Livraison IC de biens", "B", "S", "L", False, False, "0"),
    ("6", "IC diensten", "Services IC", "B", "S", "S", False, False, "0"),
    ("7", "Uitvoer buiten EU", "Exportation hors UE", "B", "S", "N", False, False, "0"),
    ("8", "Medecontractant", "Cocontractant", "B", "S", "N", True, False, "0"),
    ("A1", "Aankoop 6 %", "Achat 6 %", "E", "P", "N", False, False, "0.06"),
    ("A2", "Aankoop 12 %", "Achat 12 %", "E", "P", "N", False, False, "0.12"),
    ("A3", "Aankoop 21 %", "Achat 21 %", "E", "P", "N", False, False, "0.21"),
    ("A5", "Aankoop IC goederen", "Achat IC de biens", "E", "P", "L", True, False, "0.21"),
    ("H", "Verkoop horeca 6 % 2020", "Vente horeca 6 % 2020", "E", "S", "N", False, False, "-"),
    ("X", "Verkoop 20,5 % (oud)", "Vente 20,5 % (ancien)", "E", "S", "N", False, True, "0.205"),
)
HORECA = (datetime(2020, 6, 8), datetime(2021, 9, 30))


def codes(division: int, french: bool) -> list[Record]:
    return [
        seeded(
            "vat/VATCodes",
            division,
            code,
            Code=code,
            Description=walloon if french else flemish,
            Type=kind,
            VATTransactionType=use,
            EUSalesListing=listing,
            Charged=charged,
            IsBlocked=blocked,
            CalculationBasis=0,
            Country="BE",
            GLToPay=guid(division, "financial/GLAccounts", "451000"),
            GLToPayCode="451000",
            GLToClaim=guid(division, "financial/GLAccounts", "411000"),
            GLToClaimCode="411000",
        )
        for code, flemish, walloon, kind, use, listing, charged, blocked, _ in CODES
    ]


def percentages(division: int) -> list[Record]:
    """One rate per code since 1996, but for the one that only existed in the pandemic."""
    found = []
    for code, *_, rate in CODES:
        start, end = (SINCE, None) if rate != "-" else HORECA
        found.append(
            seeded(
                "vat/VatPercentages",
                division,
                code,
                VATCodeID=guid(division, "vat/VATCodes", code),
                Percentage=float(rate) if rate != "-" else 0.06,
                StartDate=start,
                EndDate=end,
                LineNumber=1,
                Type=0,
            )
        )
    return found
