"""Ledger accounts after the Belgian chart (MAR/PCMN), journals, payment conditions, types."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ..people import guid
from ..values import Record
from .blank import blank, seeded

TYPES = {
    10: "Cash", 12: "Bank", 16: "Payment services", 20: "Accounts receivable",
    21: "Prepayment accounts receivable", 22: "Accounts payable", 24: "VAT",
    25: "Employees payable", 26: "Prepaid expenses", 27: "Accrued expenses", 30: "Fixed assets",
    32: "Other assets", 35: "Accumulated depreciation", 50: "Capital stock",
    52: "Retained earnings", 55: "Long term debt", 90: "General", 100: "Tax payable",
    110: "Revenue", 111: "Cost of goods", 120: "Other costs",
    121: "Sales, general and administrative expenses", 122: "Depreciation costs",
    125: "Employee costs", 130: "Exceptional costs", 140: "Exceptional income",
    160: "Interest income",
}  # fmt: skip

# code, Dutch, French, type, then what else differs from the usual
ACCOUNTS: tuple[tuple[str, str, str, int, dict[str, Any]], ...] = (
    ("100000", "Geplaatst kapitaal", "Capital souscrit", 50, {}),
    ("140000", "Overgedragen winst", "Bénéfice reporté", 52, {}),
    ("173000", "Kredietinstellingen", "Établissements de crédit", 55, {}),
    ("230000", "Machines voor verhuur", "Machines de location", 30, {}),
    ("241000", "Rollend materieel", "Matériel roulant", 30, {}),
    ("241009", "Afschrijving rollend materieel", "Amortissement matériel roulant", 35, {}),
    ("288000", "Borgtochten betaald", "Cautionnements versés", 32, {}),
    ("400000", "Handelsdebiteuren", "Clients", 20, {"Matching": True}),
    ("411000", "Terug te vorderen btw", "TVA à récupérer", 24, {}),
    ("440000", "Leveranciers", "Fournisseurs", 22, {"Matching": True}),
    ("451000", "Te betalen btw", "TVA à payer", 24, {}),
    ("453000", "Ingehouden voorheffing", "Précomptes retenus", 100, {}),
    ("455000", "Bezoldigingen", "Rémunérations", 25, {}),
    ("460000", "Ontvangen vooruitbetalingen", "Acomptes reçus", 21, {"Matching": True}),
    ("488000", "Ontvangen waarborgen", "Cautionnements reçus", 90, {"Matching": True}),
    ("490000", "Over te dragen kosten", "Charges à reporter", 26, {}),
    ("492000", "Toe te rekenen kosten", "Charges à imputer", 27, {}),
    ("499000", "Wachtrekening", "Compte d'attente", 90, {"Matching": True}),
    ("550000", "KBC zichtrekening", "KBC compte à vue", 12, {}),
    ("551000", "Bancontact te ontvangen", "Bancontact à recevoir", 16, {}),
    ("570000", "Kas hoofdzetel", "Caisse siège", 10, {}),
    ("571000", "Kas filiaal", "Caisse succursale", 10, {}),
    ("580000", "Interne overboekingen", "Virements internes", 90, {}),
    ("604000", "Aankopen handelsgoederen", "Achats de marchandises", 111, {"VATCode": "A3"}),
    ("610000", "Huur en huurlasten", "Loyers et charges", 121, {"VATCode": "A3"}),
    ("611000", "Onderhoud voertuigen", "Entretien véhicules", 120, {"VATCode": "A3"}),
    ("612000", "Brandstof", "Carburant", 120, {"VATCode": "A3"}),
    ("613200", "Erelonen", "Honoraires", 121, {"VATCode": "A3"}),
    ("614000", "Verzekeringen", "Assurances", 121, {}),
    ("620000", "Bezoldigingen personeel", "Rémunérations du personnel", 125, {}),
    ("630200", "Afschrijvingen", "Amortissements", 122, {}),
    ("657000", "Bankkosten", "Frais bancaires", 120, {}),
    ("658000", "Betalings- en kasverschillen", "Différences de paiement", 120, {}),
    ("664000", "Uitzonderlijke kosten", "Charges exceptionnelles", 130, {}),
    ("700000", "Verhuur personenwagens", "Location voitures", 110, {}),
    ("700100", "Verhuur bestelwagens", "Location camionnettes", 110, {}),
    ("700200", "Verhuur vrachtwagens", "Location camions", 110, {}),
    ("700300", "Verhuur werfmachines", "Location engins de chantier", 110, {}),
    ("700400", "Verhuur intracommunautair", "Location intracommunautaire", 110, {"VATCode": "6"}),
    ("700500", "Verhuur buiten EU", "Location hors UE", 110, {"VATCode": "7"}),
    ("700600", "Verhuur lange termijn", "Location longue durée", 110, {"UseCostcenter": 1}),
    ("700700", "Verhuur per voertuig", "Location par véhicule", 110, {"UseCostunit": 1}),
    ("700800", "Verhuur zalen", "Location de salles", 110, {}),
    ("700900", "Verhuur aanhangwagens (oud)", "Location remorques (ancien)", 110,
     {"IsBlocked": True}),
    ("701000", "Verkoop brandstof", "Vente de carburant", 110, {}),
    ("702000", "Extra kilometers", "Kilomètres supplémentaires", 110, {}),
    ("703000", "Afkoop eigen risico", "Rachat de franchise", 110,
     {"UseCostcenter": 2, "UseCostunit": 2}),
    ("704000", "Schadevergoedingen klanten", "Indemnités clients", 110, {"VATCode": "0"}),
    ("705000", "Transport en levering", "Transport et livraison", 110, {"Costcenter": "TRANSP"}),
    ("706000", "Boeken en kaarten 6 %", "Livres et cartes 6 %", 110, {"VATCode": "1"}),
    ("707000", "Catering 12 %", "Restauration 12 %", 110, {"VATCode": "2"}),
    ("708000", "Toegekende kortingen", "Remises accordées", 110, {}),
    ("743000", "Doorgerekende boetes", "Amendes refacturées", 110, {"VATCode": "0"}),
    ("751000", "Interesten", "Intérêts", 160, {}),
    ("764000", "Meerwaarden verkoop wagens", "Plus-values sur voitures", 140, {}),
)  # fmt: skip
COSTS_AND_REVENUE = 110

# code, Dutch, French, type, ledger account, then what else differs
JOURNALS: tuple[tuple[str, str, str, int, str | None, dict[str, Any]], ...] = (
    ("10", "Kas hoofdzetel", "Caisse siège", 10, "570000", {}),
    ("11", "Kas filiaal", "Caisse succursale", 10, "571000", {}),
    ("20", "KBC", "KBC", 12, "550000", {}),
    ("21", "Bancontact", "Bancontact", 16, "551000", {}),
    ("60", "Aankopen", "Achats", 22, "440000", {}),
    ("70", "Verkopen", "Ventes", 20, "400000", {}),
    ("71", "Verkoopcreditnota's", "Notes de crédit clients", 21, "400000", {}),
    ("V1", "Verkopen filiaal", "Ventes succursale", 20, "400000", {}),
    ("VX", "Verkopen Mechelen (gesloten)", "Ventes Malines (fermé)", 20, "400000",
     {"IsBlocked": True}),
    ("90", "Diversen", "Opérations diverses", 90, None, {}),
    ("91", "Diversen zonder btw", "Opérations diverses sans TVA", 90, None, {"AllowVAT": False}),
)  # fmt: skip

# code, Dutch, French, days, month ends, method
CONDITIONS = (
    ("00", "Contant", "Comptant", 0, 0, "K"),
    ("08", "8 dagen", "8 jours", 8, 0, "B"),
    ("14", "14 dagen", "14 jours", 14, 0, "B"),
    ("30", "30 dagen", "30 jours", 30, 0, "B"),
    ("3E", "30 dagen einde maand", "30 jours fin de mois", 0, 1, "B"),
    ("60", "60 dagen", "60 jours", 60, 0, "B"),
    ("DO", "Domiciliëring", "Domiciliation", 5, 0, "I"),
)

# number, name, may be created
DOCUMENT_TYPES = (
    (10, "Sales invoice", True),
    (20, "Purchase invoice", True),
    (33, "Bank statement", False),
    (55, "Miscellaneous", True),
    (183, "Year report", False),
)


def accounts(division: int, french: bool) -> list[Record]:
    return [_account(division, french, *row) for row in ACCOUNTS]


def _account(
    division: int, french: bool, code: str, dutch: str, walloon: str, kind: int, extra: Any
) -> Record:
    revenue = kind == COSTS_AND_REVENUE
    usual: Record = {
        "Code": code,
        "Description": walloon if french else dutch,
        "Type": kind,
        "TypeDescription": TYPES[kind],
        "BalanceSide": "C" if code[0] in "17" or code[:2] in ("44", "45", "46") else "D",
        "BalanceType": "W" if code[0] in "67" else "B",
        "IsBlocked": False,
        "UseCostcenter": 0 if code[0] in "67" else 2,
        "UseCostunit": 0 if code[0] in "67" else 2,
        "Matching": False,
        "SearchCode": code,
        "VATCode": "3" if revenue else None,
        "VATSystem": "I",
    }
    account = seeded("financial/GLAccounts", division, code, **(usual | extra))
    # Kept beside what the API shows: the description by language.
    return account | {"Descriptions": {"NL": dutch, "FR": walloon}}


def journals(division: int, french: bool) -> list[Record]:
    return [_journal(division, french, *row) for row in JOURNALS]


def _journal(
    division: int,
    french: bool,
    code: str,
    dutch: str,
    walloon: str,
    kind: int,
    account: str | None,
    extra: Any,
) -> Record:
    usual: Record = {
        "Code": code,
        "Description": walloon if french else dutch,
        "Type": kind,
        "AllowVAT": True,
        "AllowVariableCurrency": False,
        "AllowVariableExchangeRate": False,
        "Currency": "EUR",
        "CurrencyDescription": "Euro",
        "GLAccount": account and guid(division, "financial/GLAccounts", account),
        "IsBlocked": False,
        "BankAccountIBAN": "BE68539007547034" if code == "20" else None,
        "BankName": "KBC" if code == "20" else None,
    }
    return seeded("financial/Journals", division, code, **(usual | extra))


def payment_conditions(division: int, french: bool) -> list[Record]:
    return [
        seeded(
            "cashflow/PaymentConditions",
            division,
            code,
            Code=code,
            Description=walloon if french else dutch,
            PaymentDays=days,
            PaymentEndOfMonths=month_ends,
            PaymentMethod=method,
            Percentage=1.0,
        )
        for code, dutch, walloon, days, month_ends, method in CONDITIONS
    ]


def document_types() -> list[Record]:
    return [
        blank("documents/DocumentTypes")
        | {
            "ID": number,
            "Description": name,
            "DocumentIsCreatable": creatable,
            "DocumentIsUpdatable": creatable,
            "DocumentIsDeletable": creatable,
            "DocumentIsViewable": True,
            "TypeCategory": 1,
            "Created": datetime(2012, 2, 8),
            "Modified": datetime(2012, 2, 8),
        }
        for number, name, creatable in DOCUMENT_TYPES
    ]
