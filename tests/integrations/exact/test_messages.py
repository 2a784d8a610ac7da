"""Exact's words, in English, Dutch and French, become the same plain sentence."""

from __future__ import annotations

import pytest

from ppplanner.integrations.exact.messages import UNKNOWN, explain
from ppplanner.integrations.exact.simulator import messages as simulated


def sentence(text: str) -> str:
    (message,) = explain([text])
    return message.text % dict(message.params)


CATALOGUE = {
    "Exact misses the journal.": [
        "Mandatory: Journal",
        "Verplicht: Dagboek",
        "Obligatoire : Journal",
    ],
    "Exact misses the customer.": [
        "Mandatory: Customer",
        "Mandatory: Relationship",
        "Verplicht: Klant",
        "Obligatoire : Client",
    ],
    "Exact misses a payment condition.": [
        "Mandatory: Payment condition",
        "Verplicht: Betalingsconditie",
        "Obligatoire : Condition de paiement",
    ],
    "This GL account asks for a cost centre.": [
        "Mandatory: Cost center",
        "Verplicht: Kostenplaats",
        "Obligatoire : Centre de coûts",
    ],
    "This GL account asks for a cost carrier.": [
        "Mandatory: Cost unit",
        "Verplicht: Kostendrager",
        "Obligatoire : Unité de coût",
    ],
    "Exact asks for something that is missing: Serie.": ["Verplicht: Serie", "Mandatory: Serie"],
    "Exact does not know this journal.": [
        "Invalid reference: Journals",
        "Ongeldige referentie: Dagboeken",
        "Référence incorrecte : Journaux",
    ],
    "Exact does not know this VAT code.": [
        "Invalid reference: VAT code",
        "Ongeldige referentie: Btw-code",
        "Référence non valide : Code TVA",
    ],
    "Exact does not know this cost centre.": [
        "Invalid reference: Cost center",
        "Ongeldige referentie: Kostenplaats",
    ],
    "Exact does not know this cost carrier.": [
        "Invalid reference: Cost unit",
        "Ongeldige referentie: Kostendrager",
    ],
    "Exact does not know this payment condition.": [
        "Invalid reference: Payment condition",
        "Ongeldige referentie: Betalingsconditie",
        "Référence invalide : Condition de paiement",
    ],
    "Exact does not know this customer any more.": ["Ongeldige referentie: Klant"],
    "A GL account does not exist in Exact. Have it made there": [
        "Invalid reference: G/L Account",
        "Ongeldige referentie: Grootboekrekening",
        "Référence non valide : Compte général",
    ],
    "This GL account takes no cost centre.": [
        "Not allowed: Cost center",
        "Niet toegestaan: Kostenplaats",
    ],
    "This GL account takes no cost carrier.": [
        "Not allowed: Cost unit",
        "Non autorisé : Unité de frais",
    ],
    "Exact does not allow this here: Colour.": ["Not allowed: Colour"],
    "This customer is blocked in Exact.": ["Blocked: Customer", "Geblokkeerd: Klant"],
    "This is blocked in Exact: Journal.": ["Blocked: Journal", "Bloqué : Journal"],
    "This is too long for Exact: Naam (50).": ["Maximale lengte overschreden: Naam (50)"],
    "Exact has already given this to something else: Code.": ["In use: Code"],
    "Exact does not know what is named here: Item.": ["Invalid reference: Item"],
    "This relation is not a customer in Exact.": [
        "Invalid: Customer (Type)",
        "Ongeldig: Klant (Type)",
        "Incorrect : Client (Type)",
    ],
    "This journal is of the wrong kind.": [
        "Invalid: Journal (type)",
        "Ongeldig: Dagboek (type)",
        "Invalid journal. The journal must be a cash journal.",
    ],
    "This GL account is blocked in Exact, or not meant for such bookings.": [
        "Invalid: G/L account type",
        "Ongeldig: Grootboekrekeningtype",
        "Ongeldig grootboekrekeningtype",
        "Non valide : Type de compte général",
    ],
    "This VAT code has no rate in Exact for the date.": [
        "Invalid: VAT percentage []",
        "Ongeldig: Btw-percentage []",
        "Incorrect : Pourcentage de TVA []",
    ],
    "Exact does not accept the e-mail address.": [
        "Invalid: Email []",
        "Ongeldig: E-mail [x@]",
        "Incorrect : E-mail []",
    ],
    "This cost centre may not be used with this GL account.": [
        "Invalid: Cost center link",
        "Ongeldig: Kostenplaats koppeling",
    ],
    "Exact does not accept this value: Colour.": ["Invalid: Colour", "Ongeldig: Colour"],
    "Exact has already given this booking number to something else.": [
        "In use: Document number",
        "In gebruik: Boekstuknummer",
        "En cours d'utilisation : Numéro de document",
    ],
    "Exact already has this, as entry 26700012 in journal 70.": [
        "Already exists - Entry number: 26700012, Journal: 70",
        "Bestaat al - Boekstuknummer: 26700012, Dagboek: 70",
    ],
    "Exact already has a record with this code.": [
        "Data already exists",
        "Gegeven bestaat reeds",
        "Les données existent déjà",
    ],
    "This journal takes no VAT code.": [
        "Not allowed: VAT code",
        "Niet toegestaan: Btw-code",
        "Non autorisé : Code TVA",
    ],
    "Exact wants no exchange rate for its own currency.": [
        "Not allowed: Exchange rate",
        "Niet toegestaan: Wisselkoers",
        "Non autorisé : Taux de change",
    ],
    "This period is closed in Exact: 2024 - 01.": [
        "Period is closed: 2024 - 01",
        "Periode is afgesloten: 2024 - 01",
        "Période clôturée : 2024 - 01",
    ],
    "This period is closed in Exact. Ask the bookkeeper": [
        "Period is closed",
        "Periode is afgesloten",
        "La période est clôturée",
    ],
    "Exact has no such financial year yet.": [
        "Unknown: Financial year (Period-date table)",
        "Onbekend: Boekjaar (Periode-datumtabel)",
        "Inconnu : Exercice",
    ],
    "The amounts do not add up in Exact; the difference is EUR 1.000,00.": [
        "This entry is not balanced on: 2021 / 12 (Type: Other) - Difference: EUR 1.000,00",
        "Deze boeking is niet in evenwicht op: 2021 / 12 (Type: Overig) - Verschil: EUR 1.000,00",
    ],
    "The amounts do not add up in Exact; the difference is EUR -0,01.": [
        "Entry 1 is out of balance on 2026 / 3. Difference: EUR -0,01",
    ],
    "This booking is already processed in Exact": [
        "Already processed",
        "Reeds verwerkt",
        "Déjà traité",
    ],
    "Opening balance, lines and closing balance do not add up in Exact.": [
        "Opening balance plus all bank entry lines should result in the closing balance",
    ],
    "Documents of this type may not be made in Exact.": ["Document Type not allowed"],
    "Something belongs to another administration in Exact.": ["Wrong Division"],
    "A GL account does not exist in Exact.": [
        "Not found: Account (x) - G/L Account: 8000",
        "Niet gevonden: Rekening (x) - Grootboekrekening: 8000",
    ],
    "The app may not read “organization.administration” in Exact.": [
        "Forbidden - Application Scope Violated. Cannot read 'organization.administration' scope.",
    ],
    "The login does not cover this administration.": [
        "Forbidden - User division is not within division scope",
    ],
    "The person who logged in lacks rights in Exact.": ["Forbidden"],
    "Exact did not understand ppplanner's question.": [
        "Bad Request - Error in query syntax.",
        "Please add a $select or a $top=1 statement to the query string.",
        "This endpoint has mandatory filtering applied. A GET request for this endpoint must …",
        "Error processing request stream. The property name 'X' specified for type …",
    ],
}


@pytest.mark.parametrize(
    ("text", "start"), [(text, start) for start, texts in CATALOGUE.items() for text in texts]
)
def test_known_words_become_a_plain_sentence(text: str, start: str) -> None:
    assert sentence(text).startswith(start)


@pytest.mark.parametrize("text", [text for texts in CATALOGUE.values() for text in texts])
def test_exacts_own_words_stay_at_hand(text: str) -> None:
    (message,) = explain([text])
    assert message.params["words"] == text


def test_unknown_words_are_shown_as_they_came() -> None:
    assert sentence("Nur Bahnhof") == "Exact does not accept this. Exact says: Nur Bahnhof"


def test_words_with_a_per_cent_sign_do_no_harm() -> None:
    assert sentence("100 % of (s)").endswith("Exact says: 100 % of (s)")


def test_each_text_gets_its_own_sentence() -> None:
    assert len(explain(["Mandatory: Customer", "Mandatory: Journal"])) == 2


@pytest.mark.parametrize(
    ("reason", "part"),
    [
        ("BlockedUser", "is blocked"),
        ("InactiveUser", "is inactive"),
        ("BlockedCustomer", "blocked this licence"),
        ("LicenseExpired", "licence has expired"),
        ("DivisionBlocked", "locked this administration"),
        ("NoDivisionAccess", "no access to this administration"),
        ("NoDivisionAccess: more", "no access to this administration"),
        ("ConsentRefused", "Nobody gave ppplanner access"),
        ("Whatever", "Exact says: %(words)s"),
    ],
)
def test_a_reason_without_words_is_explained(reason: str, part: str) -> None:
    (message,) = explain([], status=403, reason=reason)
    assert part in message.text


@pytest.mark.parametrize(("status", "part"), [(404, "does not have this"), (418, "status")])
def test_without_words_or_reason_the_status_speaks(status: int, part: str) -> None:
    (message,) = explain([], status=status)
    assert part in message.text


DETAILS = {"year": 2024, "period": 1, "difference": "0,01", "limit": 30}
OBJECTIONS = [
    (kind, subject)
    for kind, texts in simulated.SENTENCES.items()
    for subject in (simulated.SUBJECTS if "{}" in texts[0] else [""])
]


@pytest.mark.parametrize(("kind", "subject"), OBJECTIONS)
def test_every_objection_reads_the_same_in_every_language(kind: str, subject: str) -> None:
    texts = [
        simulated.sentence(language, kind, subject, **DETAILS) for language in simulated.LANGUAGES
    ]
    (explained,) = {explain([text])[0].text for text in texts}
    assert explained != UNKNOWN
