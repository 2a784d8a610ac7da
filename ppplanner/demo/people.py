"""Three hundred customers, some of them with names that are hard on forms and prints."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from random import Random

from ppplanner.demo import names
from ppplanner.models import CompanyGroup, Customer, CustomerKind, CustomerStatus
from ppplanner.services.customers import CustomerData, save_customer

BUSINESSES, PRIVATE_PERSONS = 180, 120
#: Belgian enterprise numbers from here on are given to nobody.
FIRST_ENTERPRISE = 9_990_100
LANGUAGES, SHARES = ("nl", "fr", "de", "en"), (55, 36, 5, 4)
STATUSES = (
    *[CustomerStatus.WARNING] * 6,
    *[CustomerStatus.BLOCKED] * 2,
    *[CustomerStatus.INACTIVE] * 4,
)


def make_customers(group: CompanyGroup, random: Random) -> list[Customer]:
    data = [*_businesses(random), *_private_persons(random)]
    random.shuffle(data)
    for index, status in zip(random.sample(range(len(data)), len(STATUSES)), STATUSES, strict=True):
        data[index] = replace(data[index], status=status)
    return [save_customer(each, group_id=group.id) for each in data]


def belgian_vat_number(enterprise: int) -> str:
    """The first eight digits with their check: what is missing to a multiple of 97."""
    digits = f"{enterprise:08}{97 - enterprise % 97:02}"
    return f"BE {digits[:4]}.{digits[4:7]}.{digits[7:]}"


def _businesses(random: Random) -> Iterator[CustomerData]:
    abroad = [_foreign_firm(random, *row) for row in names.FOREIGN_FIRMS]
    yield from abroad
    firms = [*names.AWKWARD_FIRMS, *_invented_firms(random)]
    for index, (name, language) in enumerate(firms[: BUSINESSES - len(abroad)]):
        postcode, city = random.choice(names.PLACES[language])
        # An association is not always liable to VAT.
        liable = not name.endswith(("vzw", "ASBL"))
        yield CustomerData(
            kind=CustomerKind.BUSINESS,
            company_name=name,
            vat_number=belgian_vat_number(FIRST_ENTERPRISE + index * 13) if liable else "",
            street=_address(random, language),
            postcode=postcode,
            city=city,
            language=language,
            email=f"info@{_domain(name)}.example",
            phone=f"+32 {random.choice((2, 3, 4, 9))} 555 {_pair(random)} {_pair(random)}",
            iban=_iban(random),
            payment_days=random.choice((30, 30, 30, 14, 60)),
        )


def _invented_firms(random: Random) -> list[tuple[str, str]]:
    firms = [
        *_combined(names.DUTCH_TRADES, names.DUTCH_FANCIES, names.DUTCH_FORMS, "nl", random),
        *_combined(names.FRENCH_TRADES, names.FRENCH_FANCIES, names.FRENCH_FORMS, "fr", random),
    ]
    random.shuffle(firms)
    return firms


def _combined(
    trades: tuple[str, ...],
    fancies: tuple[str, ...],
    forms: tuple[str, ...],
    language: str,
    random: Random,
) -> Iterator[tuple[str, str]]:
    for trade, fancy in product(trades, fancies):
        yield f"{trade} {fancy} {random.choice(forms)}", language


def _foreign_firm(
    random: Random,
    name: str,
    vat_number: str,
    street: str,
    postcode: str,
    city: str,
    country: str,
    language: str,
) -> CustomerData:
    return CustomerData(
        kind=CustomerKind.BUSINESS,
        company_name=name,
        vat_number=vat_number,
        street=street,
        postcode=postcode,
        city=city,
        country=country,
        language=language,
        email=f"info@{_domain(name)}.example",
        payment_days=30,
    )


def _private_persons(random: Random) -> Iterator[CustomerData]:
    for index in range(PRIVATE_PERSONS):
        language = random.choices(LANGUAGES, SHARES)[0]
        first, last = (
            random.choice(names.FIRST_NAMES[language]),
            random.choice(names.LAST_NAMES[language]),
        )
        postcode, city = random.choice(names.PLACES[language])
        yield CustomerData(
            kind=CustomerKind.PRIVATE,
            first_name=first,
            last_name=last,
            street=_address(random, language),
            postcode=postcode,
            city=city,
            language=language,
            email=f"{_domain(first)}.{_domain(last)}{index}@mail.example",
            phone=f"+32 4{random.randrange(70, 99)} 55 {_pair(random)} {_pair(random)}",
            payment_days=random.choice((0, 8, 14)),
        )


def _address(random: Random, language: str) -> str:
    return f"{random.choice(names.STREETS[language])} {random.randrange(1, 240)}"


def _pair(random: Random) -> str:
    return f"{random.randrange(100):02}"


def _iban(random: Random) -> str:
    """A Belgian account number whose digits check, for two firms in three."""
    if random.random() > 0.66:
        return ""
    base = 960_000_000 + random.randrange(10_000_000)
    account = f"{base:010}{base % 97 or 97:02}"
    check = 98 - int(f"{account}111400") % 97
    return f"BE{check:02}{account}"


def _domain(name: str) -> str:
    """The name in plain letters, as a host name takes it."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", bare.lower())[:24]
