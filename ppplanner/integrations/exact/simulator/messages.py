"""The texts of Exact's objections, in the languages of its users.

English and Dutch texts were seen in the wild where the API facts list them (section 4.7).
French ones, and the kinds marked `ours`, are modelled on those: Exact's own wording is unknown.
"""

from __future__ import annotations

LANGUAGES = ("EN", "NL", "FR")

SENTENCES = {
    "mandatory": ("Mandatory: {}", "Verplicht: {}", "Obligatoire : {}"),
    "reference": ("Invalid reference: {}", "Ongeldige referentie: {}", "Référence non valide : {}"),
    "invalid": ("Invalid: {}", "Ongeldig: {}", "Non valide : {}"),
    "not_allowed": ("Not allowed: {}", "Niet toegestaan: {}", "Non autorisé : {}"),
    "in_use": ("In use: {}", "In gebruik: {}", "En cours d'utilisation : {}"),
    "exists": ("Data already exists", "Gegeven bestaat reeds", "La donnée existe déjà"),
    "processed": ("Already processed", "Reeds verwerkt", "Déjà traité"),
    "wrong_division": ("Wrong Division", "Verkeerde administratie", "Administration incorrecte"),
    "document_type": (
        "Document Type not allowed",
        "Documenttype niet toegestaan",
        "Type de document non autorisé",
    ),
    "period_closed": (
        "Period is closed: {year} - {period:02d}",
        "Periode is afgesloten: {year} - {period:02d}",
        "La période est clôturée : {year} - {period:02d}",
    ),
    "financial_year": (
        "Unknown: Financial year (Period-date table)",
        "Onbekend: Boekjaar (Periode-datumtabel)",
        "Inconnu : Exercice comptable (table des périodes)",
    ),
    "cash_journal": (
        "Invalid journal. The journal must be a cash journal.",
        "Ongeldig dagboek. Het dagboek moet een kasboek zijn.",
        "Journal non valide. Le journal doit être un journal de caisse.",
    ),
    "unbalanced": (
        "This entry is not balanced on: {year} / {period:02d} (Type: Other) - "
        "Difference: EUR {difference}",
        "Deze boeking is niet in evenwicht op: {year} / {period:02d} (Type: Overige) - "
        "Verschil: EUR {difference}",
        "Cette écriture n'est pas équilibrée : {year} / {period:02d} (Type : Autre) - "
        "Différence : EUR {difference}",
    ),
    "closing_balance": (
        "Opening balance plus all cash entry lines should result in the closing balance",
        "Beginsaldo plus alle kasregels moet het eindsaldo opleveren",
        "Le solde d'ouverture plus les lignes de caisse doit donner le solde de clôture",
    ),
    "blocked": ("Blocked: {}", "Geblokkeerd: {}", "Bloqué : {}"),  # ours
    "too_long": (  # ours
        "Maximum length exceeded: {} ({limit})",
        "Maximale lengte overschreden: {} ({limit})",
        "Longueur maximale dépassée : {} ({limit})",
    ),
}

SUBJECTS = {
    "Account": ("Account", "Relatie", "Relation"),
    "Amount": ("Amount", "Bedrag", "Montant"),
    "AmountFC": ("Amount", "Bedrag", "Montant"),
    "Code": ("Code", "Code", "Code"),
    "CostCenter": ("Cost center", "Kostenplaats", "Centre de frais"),
    "CostUnit": ("Cost unit", "Kostendrager", "Unité de frais"),
    "Country": ("Country", "Land", "Pays"),
    "Currency": ("Currency", "Valuta", "Devise"),
    "Customer": ("Customer", "Klant", "Client"),
    "CustomerType": ("Customer (Type)", "Klant (Type)", "Client (Type)"),
    "Date": ("Date", "Datum", "Date"),
    "Description": ("Description", "Omschrijving", "Description"),
    "Document": ("Document", "Document", "Document"),
    "DocumentNumber": ("Document number", "Boekstuknummer", "Numéro de pièce"),
    "Email": ("Email []", "E-mail []", "E-mail []"),
    "ExchangeRate": ("Exchange rate", "Wisselkoers", "Taux de change"),
    "FileName": ("File name", "Bestandsnaam", "Nom de fichier"),
    "GLAccount": ("G/L Account", "Grootboekrekening", "Compte général"),
    "GLAccountType": ("G/L account type", "Grootboekrekeningtype", "Type de compte général"),
    "Journal": ("Journal", "Dagboek", "Journal"),
    "JournalCode": ("Journal", "Dagboek", "Journal"),
    "JournalType": ("Journal (type)", "Dagboek (type)", "Journal (type)"),
    "Journals": ("Journals", "Dagboeken", "Journaux"),
    "Lines": ("Lines", "Regels", "Lignes"),
    "Name": ("Name", "Naam", "Nom"),
    "PaymentCondition": ("Payment condition", "Betalingsconditie", "Condition de paiement"),
    "Status": ("Status", "Status", "Statut"),
    "Subject": ("Subject", "Onderwerp", "Objet"),
    "Type": ("Type", "Type", "Type"),
    "VATCode": ("VAT code", "Btw-code", "Code TVA"),
    "VATPercentage": ("VAT percentage []", "Btw-percentage []", "Pourcentage TVA []"),
}


def sentence(language: str, kind: str, subject: str = "", **details: object) -> str:
    """The objection as this user reads it; unknown subjects are named as in the API."""
    index = LANGUAGES.index(language) if language in LANGUAGES else 0
    name = SUBJECTS[subject][index] if subject in SUBJECTS else subject
    return SENTENCES[kind][index].format(name, **details)
