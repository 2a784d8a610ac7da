"""The two and a half administrations the simulator starts with."""

from __future__ import annotations

from datetime import date
from functools import cache

from ..clock import Clock
from ..people import ESTATE, NAMUR
from ..store import Books
from ..values import Record
from . import analytic, customers, ledger, periods, vat
from .administrations import administrations

__all__ = ["administrations", "fill"]

FRENCH = {NAMUR}


def fill(books: Books, clock: Clock) -> None:
    """Load a fresh administration with what a rental firm's accountant has set up."""
    for path, records in _records(books.code, clock.wall().date()):
        books.add(path, (dict(record) for record in records))


@cache
def _records(division: int, today: date) -> list[tuple[str, list[Record]]]:
    french = division in FRENCH
    if division == ESTATE:
        return [("crm/Accounts", customers.accounts(division, 6, today))]
    people = customers.accounts(division, 72 if french else None, today)
    return [
        ("vat/VATCodes", vat.codes(division, french)),
        ("vat/VatPercentages", vat.percentages(division)),
        ("financial/GLAccounts", ledger.accounts(division, french)),
        ("financial/Journals", ledger.journals(division, french)),
        ("cashflow/PaymentConditions", ledger.payment_conditions(division, french)),
        ("documents/DocumentTypes", ledger.document_types()),
        ("financial/FinancialPeriods", periods.periods(division, today)),
        ("hrm/Costcenters", analytic.cost_centres(division, french, today)),
        ("hrm/Costunits", analytic.cost_units(division, french, today)),
        ("crm/Accounts", people),
        ("crm/Contacts", customers.contacts(division, people)),
    ]
