"""Lines of sales entries: ledger account, VAT, cost centre and unit."""

from __future__ import annotations

import uuid
from datetime import datetime

from ..derived import rate_on
from ..metadata import resources
from ..money import cents, exact
from ..payload import Payload
from ..seed.blank import blank
from ..values import Record
from ..work import Work
from . import vat
from .analytic import check_analytic, complete_analytic
from .base import Rules
from .periods import period_of
from .sales_totals import ENTRIES, LINES, PROCESSED, book_totals, drop_entry

RECEIVABLE, TAX = 20, 24


class SalesEntryLines(Rules):
    """A line on its own: added to, changed in or taken from an entry that exists."""

    path = LINES

    def complete(self, work: Work, record: Record, payload: Payload) -> None:
        complete_line(work, record, payload, self._day(work, record))

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        entry = work.by_id(ENTRIES, "EntryID", record["EntryID"])
        if entry and entry["Status"] == PROCESSED:
            work.problems.add("processed")
        check_line(work, record, self._day(work, record), nested=False)

    def store(self, work: Work, record: Record, payload: Payload) -> None:
        entry = work.table(ENTRIES).get(record["EntryID"])
        assert entry is not None
        lines = work.table(LINES).by("EntryID", record["EntryID"])
        last = max((line["LineNumber"] for line in lines), default=0)
        put_line(work, entry, record, last + 1, record["VATAmountFC"])
        book_totals(work, entry)

    def store_change(self, work: Work, old: Record, record: Record) -> None:
        entry = work.table(ENTRIES).get(old["EntryID"])
        assert entry is not None
        computed_before = record["VATAmountFC"] == old["VATAmountFC"]
        sent = None if computed_before else record["VATAmountFC"]
        put_line(work, entry, record, old["LineNumber"], sent)
        book_totals(work, entry)

    def check_delete(self, work: Work, record: Record) -> None:
        entry = work.table(ENTRIES).get(record["EntryID"])
        if entry and entry["Status"] == PROCESSED:
            work.problems.add("processed")

    def after_delete(self, work: Work, record: Record) -> None:
        """The entry goes with its last line."""
        entry = work.table(ENTRIES).get(record["EntryID"])
        if entry is None:
            return
        if work.table(LINES).by("EntryID", entry["EntryID"]):
            book_totals(work, entry)
        else:
            drop_entry(work, entry)

    def _day(self, work: Work, record: Record) -> datetime:
        entry = work.table(ENTRIES).get(record["EntryID"])
        return entry["EntryDate"] if entry else work.today


def nested_line(work: Work, payload: Payload, day: datetime) -> Record:
    """A line that came inside a new entry, with what it gets when it was not sent."""
    line = blank(LINES) | payload.values
    complete_line(work, line, payload, day)
    return line


def complete_line(work: Work, line: Record, payload: Payload, day: datetime) -> None:
    account = work.table("financial/GLAccounts").get(line["GLAccount"])
    complete_analytic(work, line)
    if "VATCode" in payload.sent or account is None:
        return
    if line["VATPercentage"]:
        line["VATCode"] = vat.code_with_rate(work, line["VATPercentage"], day)
    else:
        line["VATCode"] = account["VATCode"]


def check_line(work: Work, line: Record, day: datetime, nested: bool = True) -> None:
    """Object to what a sales line must not be."""
    if nested:
        _check_mandatory(work, line)
    if bool(line["From"]) != bool(line["To"]):
        work.problems.add("mandatory", "From" if line["To"] else "To")
    for name in ("From", "To"):
        if line[name] and period_of(work.books, line[name]) is None:
            work.problems.add("financial_year")
    vat.sales_code(work, line, day)
    account = work.by_id("financial/GLAccounts", "GLAccount", line["GLAccount"])
    if account is None:
        return
    if account["IsBlocked"] or account["Type"] in (RECEIVABLE, TAX):
        work.problems.add("invalid", "GLAccountType")
    check_analytic(work, line, account)


def put_line(work: Work, entry: Record, line: Record, number: int, sent_vat: float | None) -> None:
    """Store the line with the amounts that follow from its VAT code."""
    code = work.table("vat/VATCodes").one("Code", line["VATCode"]) if line["VATCode"] else None
    rate = rate_on(work.books, code, entry["EntryDate"]) if code else None
    base, tax = vat.split(line["AmountFC"], code, rate, sent_vat)
    exchange = exact(entry["Rate"] or 1)
    work.table(LINES).put(
        line
        | {
            "ID": line["ID"] or str(uuid.uuid4()),
            "Division": work.books.code,
            "EntryID": entry["EntryID"],
            "LineNumber": number,
            "AmountFC": float(cents(exact(line["AmountFC"]))),
            "AmountDC": float(cents(exact(line["AmountFC"]) * exchange)),
            "VATPercentage": rate,
            "VATAmountFC": float(tax),
            "VATAmountDC": float(cents(tax * exchange)),
            "VATBaseAmountFC": float(base),
            "VATBaseAmountDC": float(cents(base * exchange)),
        }
    )


def _check_mandatory(work: Work, line: Record) -> None:
    for prop in resources()[LINES].properties.values():
        if prop.mandatory and prop.name != "EntryID" and line[prop.name] is None:
            work.problems.add("mandatory", prop.name)
