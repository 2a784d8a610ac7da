"""Customers as relations in Exact, and back."""

from __future__ import annotations

from sqlalchemy import String

from ppplanner.models import Customer, CustomerKind
from ppplanner.services.customers import CustomerData

from .. import odata
from ..bodies import account_name
from ..records import Account, NewAccount

#: What we keep up to date in Exact. The rest of a relation belongs to the bookkeeper.
TOLD = (
    "name",
    "vat_number",
    "email",
    "phone",
    "address_line1",
    "postcode",
    "city",
    "country",
    "language",
)
LANGUAGES = {"nl", "fr", "en", "de"}


def search_code(customer: Customer) -> str:
    """The natural key of a customer that we made in Exact: how it is found again."""
    return f"PPP{customer.number}"


def new_account(customer: Customer) -> NewAccount:
    """A customer as a relation; Exact gives it a code of its own."""
    return NewAccount(
        name=customer.full_name,
        search_code=search_code(customer),
        vat_number=customer.vat_number,
        email=customer.email,
        phone=customer.phone,
        address_line1=customer.street,
        postcode=customer.postcode,
        city=customer.city,
        country=customer.country,
        language=customer.language.upper(),
    )


def told(customer: Customer) -> dict[str, str]:
    """What Exact is told of a customer that it knows: named as in `NewAccount`, without what is
    Exact's own or a search key.
    """
    new = new_account(customer)
    return {name: getattr(new, name) for name in TOLD}


def found_there(account: Account) -> dict[str, str]:
    """The same, as Exact has it."""
    return {name: getattr(account, name) for name in TOLD}


def is_named(account: Account, name: str) -> bool:
    """Whether a relation bears the name, as far as Exact's field holds it."""
    return account.name.casefold() == account_name(name).casefold()


def known_language(code: str) -> str:
    """One of our languages, of a code such as "NL" or "fr-BE"; "" for any other."""
    language = code.strip().lower()[:2]
    return language if language in LANGUAGES else ""


def customer_data(account: Account, kind: CustomerKind) -> CustomerData:
    """A relation as a customer. The person's choice decides private or business (mission S14). What
    is longer than our fields loses its end.
    """
    first, last = _split_name(account.name)
    is_business = kind is CustomerKind.BUSINESS
    return CustomerData(
        kind=kind,
        company_name=_fitting("company_name", account.name if is_business else ""),
        first_name=_fitting("first_name", "" if is_business else first),
        last_name=_fitting("last_name", "" if is_business else last),
        vat_number=_fitting("vat_number", account.vat_number if is_business else ""),
        street=_fitting("street", account.address_line1),
        postcode=_fitting("postcode", account.postcode),
        city=_fitting("city", account.city),
        country=_fitting("country", account.country or "BE"),
        language=known_language(account.language) or "nl",
        email=_fitting("email", account.email),
        phone=_fitting("phone", account.phone),
    )


def _fitting(name: str, text: str) -> str:
    column = Customer.__table__.columns[name].type
    assert isinstance(column, String)
    return odata.cut(text, column.length or len(text))


def _split_name(name: str) -> tuple[str, str]:
    """ "First Last" apart at the first space: all that follows belongs to the last name."""
    first, _space, last = name.strip().partition(" ")
    return (first, last) if last else ("", first)
