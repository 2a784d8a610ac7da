"""Resources without records of their own: read from others at the moment of asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .clock import Clock
from .people import User
from .rules.periods import CLOSED, OPEN, PERIODS, closed_periods
from .rules.receivables import RECEIVABLES
from .seed.blank import blank
from .store import Books
from .values import Record

JOURNAL_TYPES = {
    10: "Cash",
    12: "Bank",
    16: "Payment service",
    20: "Sales",
    21: "Return invoice",
    22: "Purchase",
    90: "General journal",
}


@dataclass(frozen=True)
class Asker:
    """Who asks, and which administrations the consent covers."""

    user: User
    divisions: list[Books]
    current: int
    clock: Clock


def me(asker: Asker, books: Books) -> list[Record]:
    user = asker.user
    return [
        blank("current/Me")
        | {
            "UserID": user.id,
            "UserName": f"{user.user_name}@vanderlinden.example",
            "Email": f"{user.user_name}@vanderlinden.example",
            "FirstName": user.first_name,
            "LastName": user.last_name,
            "FullName": user.full_name,
            "Language": user.language,
            "LanguageCode": user.culture,
            "CurrentDivision": asker.current,
            "AccountingDivision": asker.current,
            "DivisionCustomerName": "Vanderlinden Groep",
            "DivisionCustomerCode": "40812",
            "Legislation": 3,
            "ServerTime": f"{asker.clock.wall():%Y-%m-%dT%H:%M:%S}",
            "ServerUtcOffset": asker.clock.utc_offset_hours(),
        }
    ]


def divisions(path: str, status: int) -> Callable[[Asker, Books], list[Record]]:
    """A list of administrations; the number for "in use" differs per list."""

    def found(asker: Asker, books: Books) -> list[Record]:
        empty = blank(path)
        return [
            empty
            | {name: value for name, value in each.facts.items() if name in empty}
            | {"Status": status}
            | ({"Current": each.code == asker.current} if "Current" in empty else {})
            for each in asker.divisions
        ]

    return found


def journal_statuses(asker: Asker, books: Books) -> list[Record]:
    closed = closed_periods(books)
    return [
        _status(journal, period, (journal["Code"], period["ID"]) in closed)
        for journal in books.table("financial/Journals")
        for period in books.table(PERIODS)
    ]


def _status(journal: Record, period: Record, closed: bool) -> Record:
    return {
        "Journal": journal["Code"],
        "Period": period["FinPeriod"],
        "Year": period["FinYear"],
        "JournalDescription": journal["Description"],
        "JournalType": journal["Type"],
        "JournalTypeDescription": JOURNAL_TYPES[journal["Type"]],
        "Status": CLOSED if closed else OPEN,
        "StatusDescription": "Closed" if closed else "Open",
    }


def open_items(asker: Asker, books: Books) -> list[Record]:
    accounts, empty = books.table("crm/Accounts"), blank("read/financial/ReceivablesList")
    journals = {each["Code"]: each["Description"] for each in books.table("financial/Journals")}
    return [
        empty | _open_item(claim, accounts.get(claim["Account"]) or {}, journals)
        for claim in books.table(RECEIVABLES).by("IsFullyPaid", False)
    ]


def _open_item(claim: Record, account: Record, journals: dict[str, str]) -> Record:
    return {
        "HID": claim["HID"],
        "AccountId": claim["Account"],
        "AccountCode": account.get("Code"),
        "AccountName": account.get("Name"),
        "Amount": claim["TransactionAmountDC"],
        "AmountInTransit": 0.0,
        "CurrencyCode": claim["Currency"],
        "Description": claim["Description"],
        "DueDate": claim["DueDate"],
        "EntryNumber": claim["EntryNumber"],
        "InvoiceDate": claim["InvoiceDate"],
        "InvoiceNumber": claim["InvoiceNumber"],
        "JournalCode": claim["Journal"],
        "JournalDescription": journals.get(claim["Journal"]),
        "YourRef": claim["YourRef"],
    }


COMPUTED: dict[str, Callable[[Asker, Books], list[Record]]] = {
    "current/Me": me,
    "hrm/Divisions": divisions("hrm/Divisions", 0),
    "system/Divisions": divisions("system/Divisions", 1),
    "system/AllDivisions": divisions("system/AllDivisions", 1),
    "read/financial/JournalStatusList": journal_statuses,
    "read/financial/ReceivablesList": open_items,
}
