"""Customers with Belgian names, addresses and VAT numbers; people and firms are invented."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from ..values import Record
from .blank import seeded

BLOCKED = "Decoster Verhuizingen BV"
SUPPLIER_ONLY = "Garage Van Hove NV"
PROSPECT = "Podotherapie Stevens BV"
ENDED = "Ronse Textiel NV"
"""Customers that cannot be booked on, each for another reason."""

FIRST_CODE = 100_100
FIRST_NUMBER = 18_000_700
NO_VAT = ("vzw", "ASBL", "Gemeente")


def accounts(division: int, count: int | None, today: date) -> list[Record]:
    """The customers of an administration, each with its own code and guid there."""
    numbered = list(enumerate(_lines()))
    return [
        _account(division, code, number, line.split("|"), today)
        for code, (number, line) in enumerate(numbered[-count:] if count else numbered)
    ]


@cache
def _lines() -> list[str]:
    return (Path(__file__).parent / "customers.txt").read_text("utf-8").splitlines()


def _account(division: int, code: int, number: int, fields: list[str], today: date) -> Record:
    """`number` is the customer's own, the same everywhere; `code` counts in the administration."""
    name, street, postcode, city, language, *private = fields
    firm = not private
    values: Record = {
        "Code": str(FIRST_CODE + code * 3),
        "Name": name,
        "SearchCode": _plain(name)[:12].upper(),
        "AddressLine1": street,
        "Postcode": postcode,
        "City": city,
        "Country": "BE",
        "CountryName": "Belgium",
        "Language": language,
        "Status": "C",
        "Type": "A",
        "Email": _mail(name, firm),
        "Phone": f"+32 {11 + number % 80} {20 + number % 70:02d} {number % 100:02d} 3{number % 10}",
        "VATNumber": _vat_number(name, number) if firm else None,
        "VATLiability": "A" if firm else "N",
        "PaymentConditionSales": "30" if firm else "08",
        "SalesCurrency": "EUR",
        "SalesVATCode": "3",
        "Blocked": False,
        "IsSales": True,
        "IsSupplier": False,
        "StartDate": datetime(2019, 1, 1) + timedelta(days=number * 11),
    }
    values["ChamberOfCommerce"] = (values["VATNumber"] or "")[2:] or None
    return seeded("crm/Accounts", division, values["Code"], **(values | _odd(name, today)))


def _odd(name: str, today: date) -> Record:
    """What makes the few customers special that nothing can be booked on."""
    yesterday = datetime(today.year, today.month, today.day) - timedelta(days=1)
    odd: dict[str, dict[str, Any]] = {
        BLOCKED: {"Blocked": True},
        SUPPLIER_ONLY: {"Status": "A", "IsSupplier": True, "IsSales": False},
        PROSPECT: {"Status": "P"},
        ENDED: {"EndDate": yesterday},
    }
    return odd.get(name, {})


def contacts(division: int, people: list[Record]) -> list[Record]:
    """One contact for each private person, as accountants do for natural persons."""
    found = []
    for number, account in enumerate(people):
        if account["VATLiability"] == "N":
            *last, first = account["Name"].split()
            found.append(
                seeded(
                    "crm/Contacts",
                    division,
                    account["Code"],
                    Account=account["ID"],
                    FirstName=first,
                    LastName=" ".join(last),
                    Email=account["Email"],
                    Phone=account["Phone"],
                    Language=account["Language"],
                    HID=number + 1,
                )
            )
    return found


def belgian_vat_number(first_eight: int) -> str:
    """A number that passes the check (the last two digits are 97 minus the rest modulo 97), from
    a range that is not given out yet.
    """
    return f"BE{first_eight:08d}{97 - first_eight % 97:02d}"


def _vat_number(name: str, number: int) -> str | None:
    without = any(word in name.split() for word in NO_VAT)
    return None if without else belgian_vat_number(FIRST_NUMBER + number * 7_919)


def _plain(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]", "", bare)


def _mail(name: str, firm: bool) -> str:
    """Addresses under the names reserved for examples, so that no mail ever arrives."""
    return (
        f"info@{_plain(name).lower()[:24]}.example"
        if firm
        else f"{_plain(name).lower()}@mail.example"
    )
