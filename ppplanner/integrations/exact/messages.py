"""Exact's words in plain sentences: what is the matter, and what to do about it.

Exact writes in the language of whoever gave consent, so each pattern knows the English, the Dutch
and the French wording. The first pattern that fits wins: the particular stands before the general.
Words that no pattern knows are shown as they came, beside a general sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ppplanner.i18n import N_, Message

UNAVAILABLE = {
    "no_connection": N_("Exact cannot be reached. Nothing is lost; it is tried again by itself."),
    "no_answer": N_("Exact does not answer. Nothing is lost; it is tried again by itself."),
    "unusable_answer": N_(
        "Exact's answer cannot be read, often because of maintenance. It is tried again by itself."
    ),
    "crash": N_("Something went wrong inside Exact. It is tried again by itself."),
    "minute": N_("Exact allows no more calls this minute. It goes on by itself in a moment."),
    "day": N_("Exact allows no more calls today. It goes on by itself after midnight (UTC)."),
    "errors": N_("Exact pauses this link for an hour after too many refusals."),
    "limit": N_("Exact allows no more calls for now. It goes on by itself in a moment."),
    "too_early": N_("The login with Exact was renewed a moment ago. Try again."),
    "refused": N_(
        "Exact does not accept the login just now. It is tried again by itself within ten minutes."
    ),
    "key": N_(
        "The login with Exact cannot be read: ENCRYPTION_KEY is not the one that it was encrypted "
        "with. Put that key back; or fill in the client secret again, then log in with Exact again."
    ),
}

STOPPED = N_(
    "Exact has refused %(count)s calls within the hour for: %(what)s. ppplanner asks for nothing "
    "there until %(time)s, so that Exact does not lock the app; then it goes on by itself. What "
    "was refused says why."
)

#: What is asked of each endpoint.
ENDPOINTS = {
    "Me": N_("the login"),
    "hrm/Divisions": N_("administrations"),
    "financial/Journals": N_("journals"),
    "vat/VATCodes": N_("VAT codes"),
    "cashflow/PaymentConditions": N_("payment conditions"),
    "financial/GLAccounts": N_("GL accounts"),
    "bulk/Financial/GLAccounts": N_("GL accounts"),
    "hrm/Costcenters": N_("cost centres"),
    "hrm/Costunits": N_("cost carriers"),
    "crm/Accounts": N_("customers"),
    "documents/Documents": N_("documents of invoices"),
    "documents/DocumentTypes": N_("documents of invoices"),
    "documents/DocumentAttachments": N_("PDFs of invoices"),
    "salesentry/SalesEntries": N_("bookings of invoices"),
    "financialtransaction/CashEntries": N_("bookings in cash journals"),
    "financialtransaction/CashEntryLines": N_("bookings in cash journals"),
    "generaljournalentry/GeneralJournalEntries": N_("bookings in general journals"),
    "generaljournalentry/GeneralJournalEntryLines": N_("bookings in general journals"),
    "read/financial/ReceivablesList": N_("what customers have paid"),
    "cashflow/Receivables": N_("what customers have paid"),
}

NOT_CONNECTED = N_("The login with Exact has ended. Log in with Exact again; nothing is lost.")

UNKNOWN = N_("Exact does not accept this. Exact says: %(words)s")
WITHOUT_WORDS = N_("Exact refuses this without saying why (status %(status)s).")

# What Exact calls things, in English | Dutch | French.
_JOURNAL = r"(journals?|dagboek(en)?|journaux)"
_CUSTOMER = r"(customer|klant|client)"
_RELATION = rf"({_CUSTOMER}|account|relationship|relatie|relation)"
_CONDITION = r"(payment condition|betalingsconditie|conditions? de paiement)"
_CENTRE = r"(cost cent(er|re)|kostenplaats|centre de (coûts?|frais))"
_UNIT = r"(cost unit|kostendrager|(unité|porteur) de (coûts?|frais))"
_VAT_CODE = r"(vat code|btw-?code|code (de )?(la )?tva)"
_LEDGER = r"(g/l account|grootboek(rekening)?|compte général)"
_NUMBER = r"(document number|entry number|boekstuknummer|numéro (de document|de pièce|d'écriture))"
# Opening words, with the colon.
_MANDATORY = r"^(mandatory|verplicht|obligatoire)\s*:\s*"
_REFERENCE = (
    r"^(invalid reference|ongeldige referentie|référence (incorrecte|invalide|non val(able|ide)))"
    r"\s*:\s*"
)
_INVALID = r"^(invalid|ongeldig|incorrecte?|invalide|non valide|non valable)\s*:?\s*"
_NOT_ALLOWED = r"^(not allowed|niet toegestaan|non autorisée?|pas autorisée?)\s*:\s*"

_BLOCKED = r"^(blocked|geblokkeerd|bloquée?)\s*:\s*"

_CLOSED = r"(period is closed|periode is afgesloten|période (est )?(clôturée|fermée))"

_OUTSIDE = r"division is not within division scope"

_CATALOGUE = (
    # Something is missing.
    (
        _MANDATORY + _JOURNAL,
        N_("Exact misses the journal. Choose the journal in the settings of the Exact link."),
    ),
    (
        _MANDATORY + _RELATION,
        N_("Exact misses the customer. Link the customer with Exact first."),
    ),
    (
        _MANDATORY + _CONDITION,
        N_(
            "Exact misses a payment condition. Give the customer one in Exact, or set a default "
            "for sales there."
        ),
    ),
    (
        _MANDATORY + _CENTRE,
        N_(
            "This GL account asks for a cost centre. Let cost centres go along in the settings of "
            "Exact and put one on every line; or have the bookkeeper make it optional in Exact."
        ),
    ),
    (
        _MANDATORY + _UNIT,
        N_(
            "This GL account asks for a cost carrier. Let cost carriers go along in the settings "
            "of Exact and put one on every line; or have the bookkeeper make it optional in Exact."
        ),
    ),
    (
        _MANDATORY + r"(?P<field>.+)",
        N_("Exact asks for something that is missing: %(field)s. Fill it in, then try again."),
    ),
    # Something does not exist in this administration.
    (
        _REFERENCE + _JOURNAL,
        N_("Exact does not know this journal. Choose another in the settings of the Exact link."),
    ),
    (
        _REFERENCE + _VAT_CODE,
        N_("Exact does not know this VAT code. Map the VAT code again to one from Exact's list."),
    ),
    (
        _REFERENCE + _CENTRE,
        N_("Exact does not know this cost centre. Send it to Exact, or choose another."),
    ),
    (
        _REFERENCE + _UNIT,
        N_("Exact does not know this cost carrier. Send it to Exact, or choose another."),
    ),
    (
        _REFERENCE + _CONDITION,
        N_("Exact does not know this payment condition. Choose one from Exact's list."),
    ),
    (
        _REFERENCE + _RELATION,
        N_("Exact does not know this customer any more. Link the customer with Exact again."),
    ),
    (
        _REFERENCE + _LEDGER + r"\b(?! type)",
        N_("A GL account does not exist in Exact. Have it made there, or choose another."),
    ),
    (
        _REFERENCE + r"(?P<field>.+)",
        N_("Exact does not know what is named here: %(field)s. Choose another, then try again."),
    ),
    (
        r"^(not found|niet gevonden|non trouvée?|introuvable)\s*:.*" + _LEDGER,
        N_("A GL account does not exist in Exact. Have it made there, or choose another."),
    ),
    (
        r"wrong division|(verkeerde|onjuiste) administratie|(mauvaise|fausse) administration"
        r"|administration incorrecte",
        N_("Something belongs to another administration in Exact. Link it again in this one."),
    ),
    # Something is of the wrong kind.
    (
        _INVALID + _CUSTOMER + r"\s*\(type\)",
        N_("This relation is not a customer in Exact. Give it the status Customer there."),
    ),
    (
        r"^invalid journal\.|^ongeldig dagboek\.|^journal non valide\.|"
        + _INVALID
        + _JOURNAL
        + r"\s*\(type\)",
        N_("This journal is of the wrong kind. Choose another in the settings of the Exact link."),
    ),
    (
        _INVALID + r"(g/l account type|grootboekrekeningtype|type (de|du) compte général)",
        N_(
            "This GL account is blocked in Exact, or not meant for such bookings. "
            "Choose another counterpart for it in the settings of Exact."
        ),
    ),
    (
        _INVALID + r"(vat percentage|btw-?percentage|(pourcentage|taux) (de )?(la )?tva)",
        N_(
            "This VAT code has no rate in Exact for the date. "
            "Choose another counterpart for it in the settings of Exact."
        ),
    ),
    (
        _INVALID + r"(e-?mail|adresse e-?mail|courriel)",
        N_("Exact does not accept the e-mail address. Correct it with the customer."),
    ),
    (
        _INVALID + _CENTRE,
        N_("This cost centre may not be used with this GL account. Change the link in Exact."),
    ),
    (
        _INVALID + r"(?P<field>.+)",
        N_("Exact does not accept this value: %(field)s. Correct it, then try again."),
    ),
    # Something is there already.
    (
        r"^(already exists|bestaat (al|reeds)|existe déjà)\W+(entry number|boekstuknummer|numéro"
        r" d'écriture)\s*:\s*(?P<number>[^,]+),\s*" + _JOURNAL + r"\s*:\s*(?P<journal>.+)",
        N_(
            "Exact already has this, as entry %(number)s in journal %(journal)s. "
            "Compare both before you send anything again."
        ),
    ),
    (
        r"^(in use|in gebruik|(déjà )?utilisée?|en cours d'utilisation)\s*:\s*" + _NUMBER,
        N_(
            "Exact has already given this booking number to something else. "
            "Compare both before you send anything again."
        ),
    ),
    (
        r"^(in use|in gebruik|(déjà )?utilisée?|en cours d'utilisation)\s*:\s*(?P<field>.+)",
        N_("Exact has already given this to something else: %(field)s. Choose another."),
    ),
    (
        r"data already exists|gegevens? bestaa[nt] (al|reeds)|données existent déjà"
        r"|donnée existe déjà",
        N_("Exact already has a record with this code. Link that one instead."),
    ),
    (
        r"already processed|reeds verwerkt|al verwerkt|déjà traitée?",
        N_(
            "This booking is already processed in Exact and can no longer be changed. "
            "Correct it there with another one."
        ),
    ),
    # Something is not allowed here.
    (
        _NOT_ALLOWED + _VAT_CODE,
        N_("This journal takes no VAT code. Choose another in the settings of the Exact link."),
    ),
    (
        _NOT_ALLOWED + r"(exchange rate|wisselkoers|taux de change)",
        N_("Exact wants no exchange rate for its own currency. Tell your administrator."),
    ),
    (
        _NOT_ALLOWED + _CENTRE,
        N_(
            "This GL account takes no cost centre. Choose another counterpart for it in the "
            "settings of Exact, or have the bookkeeper allow cost centres on it."
        ),
    ),
    (
        _NOT_ALLOWED + _UNIT,
        N_(
            "This GL account takes no cost carrier. Choose another counterpart for it in the "
            "settings of Exact, or have the bookkeeper allow cost carriers on it."
        ),
    ),
    (
        _NOT_ALLOWED + r"(?P<field>.+)",
        N_("Exact does not allow this here: %(field)s. Leave it out, then try again."),
    ),
    (
        _BLOCKED + _RELATION,
        N_("This customer is blocked in Exact. Ask the bookkeeper why, and to unblock it there."),
    ),
    (
        _BLOCKED + r"(?P<field>.+)",
        N_("This is blocked in Exact: %(field)s. Choose another, or have it unblocked there."),
    ),
    (
        r"^(maximum length exceeded|maximale lengte overschreden|longueur maximale dépassée)\s*:\s*"
        r"(?P<field>.+)",
        N_("This is too long for Exact: %(field)s. Shorten it, then try again."),
    ),
    (
        r"document type not allowed|documenttype .*niet toegestaan|type de document .*autorisé",
        N_(
            "Documents of this type may not be made in Exact. Have sales invoices allowed there as "
            "documents, or switch PDFs off in the settings of Exact."
        ),
    ),
    # The period.
    (
        _CLOSED + r"\s*:?\s*(?P<period>.+)",
        N_(
            "This period is closed in Exact: %(period)s. "
            "Ask the bookkeeper to open it, then try Exact again."
        ),
    ),
    (
        _CLOSED,
        N_("This period is closed in Exact. Ask the bookkeeper to open it, then try Exact again."),
    ),
    (
        r"^(unknown|onbekend|inconnue?)\s*:\s*(financial year|fiscal year|boekjaar|exercice"
        r"|année (financière|fiscale|comptable))",
        N_("Exact has no such financial year yet. Ask the bookkeeper to open it in Exact."),
    ),
    # The amounts.
    (
        r"(is not balanced|niet in evenwicht|pas (en )?équilibrée?|out of balance|uit balans"
        r"|déséquilibrée?).*(difference|verschil|différence)\s*:?\s*(?P<difference>.+)",
        N_(
            "The amounts do not add up in Exact; the difference is %(difference)s. "
            "For some cents, set a GL account for differences in Exact."
        ),
    ),
    (
        r"opening balance plus all|beginsaldo .*eindsaldo|solde d'ouverture .*solde de clôture",
        N_(
            "Opening balance, lines and closing balance do not add up in Exact. "
            "Compare the cash register with its journal there."
        ),
    ),
    # Rights.
    (
        r"(cannot|can't) (?P<right>\w+) '(?P<scope>[^']+)' scope",
        N_(
            "The app may not %(right)s “%(scope)s” in Exact. "
            "Add this scope at the app registration, then log in with Exact again."
        ),
    ),
    (
        _OUTSIDE,
        N_(
            "The login does not cover this administration. "
            "Log in with Exact again and tick this administration."
        ),
    ),
    (
        r"^(forbidden|verboden|geen toegang|interdit|accès refusé)",
        N_(
            "The person who logged in lacks rights in Exact. Have them given, or log in as another."
        ),
    ),
    # Our own mistakes: nothing a planner can do.
    (
        r"mandatory filtering applied|error in query syntax|\$select or a \$top"
        r"|error processing request stream|expression of type",
        N_(
            "Exact did not understand ppplanner's question. Tell your administrator; "
            "Exact says: %(words)s"
        ),
    ),
)

_RULES = tuple((re.compile(pattern, re.IGNORECASE), text) for pattern, text in _CATALOGUE)

_REASONS = {
    "ConsentRefused": N_("Nobody gave ppplanner access to Exact. Log in with Exact to try again."),
    "StateMismatch": N_("This return from Exact does not fit your login. Log in with Exact again."),
    "BlockedUser": N_("The Exact user of this link is blocked. Log in with Exact as another."),
    "InactiveUser": N_("The Exact user of this link is inactive. Log in with Exact as another."),
    "BlockedCustomer": N_("Exact has blocked this licence. Ask Exact why."),
    "LicenseExpired": N_("The Exact licence has expired. Renew it with Exact."),
    "DivisionBlocked": N_("Exact has locked this administration for now. Try again later."),
    "NoDivisionAccess": N_(
        "The login has no access to this administration. "
        "Have it given in Exact, or log in with Exact as another."
    ),
}

_STATUSES = {
    403: N_(
        "The person who logged in lacks rights in Exact. Have them given, or log in as another."
    ),
    404: N_("Exact does not have this (any more). Link it with Exact again."),
    413: N_(
        "The file is too large for Exact; 10 MB is the limit. "
        "Give it to the bookkeeper in another way."
    ),
    501: N_("Exact cannot search like this. Search for something else."),
}


def endpoint_name(resource: str) -> Message | str:
    """What people call that which an endpoint gives or takes."""
    name = ENDPOINTS.get(resource)
    return Message(name) if name else resource


def names_unknown(texts: Iterable[str]) -> bool:
    """Whether Exact refuses since something that was named does not exist there (any more)."""
    return any(re.search(_REFERENCE, text, re.IGNORECASE) for text in texts)


def closes_all(texts: Iterable[str], reason: str) -> bool:
    """Whether a refusal is about the user, the licence or the administration, and so about every
    call, whatever it asks for.
    """
    outside = any(re.search(_OUTSIDE, text, re.IGNORECASE) for text in texts)
    return outside or _reason_name(reason) in _REASONS


def explain(texts: Iterable[str], *, status: int = 0, reason: str = "") -> list[Message]:
    """Plain sentences for a refusal: one per text; without texts, one for its reason or status."""
    known_reason = _REASONS.get(_reason_name(reason))
    if known_reason:
        return [Message(known_reason)]
    return [_sentence(text) for text in texts] or [_without_words(status, reason)]


def _reason_name(reason: str) -> str:
    return reason.split(":")[0].strip()


def _sentence(text: str) -> Message:
    for pattern, sentence in _RULES:
        found = pattern.search(text)
        if found:
            named = {name: value.strip() for name, value in found.groupdict("").items()}
            return Message(sentence, {**named, "words": text})
    return Message(UNKNOWN, {"words": text})


def _without_words(status: int, reason: str) -> Message:
    if reason:
        return Message(UNKNOWN, {"words": reason})
    if status in _STATUSES:
        return Message(_STATUSES[status])
    return Message(WITHOUT_WORDS, {"status": status})
