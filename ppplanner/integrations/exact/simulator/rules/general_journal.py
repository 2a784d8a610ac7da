"""General journal entries: positive is debit, negative credit, and each period adds up to nil."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from ..derived import rate_on
from ..money import cents, dutch
from ..payload import Payload
from ..seed.blank import blank
from ..values import Record
from ..work import Work
from . import vat
from .base import Rules
from .ledger_lines import check_ledger_line, check_vat_allowed
from .numbering import check_chosen, entry_number
from .periods import check_period, period_of

ENTRIES = "generaljournalentry/GeneralJournalEntries"
LINES = "generaljournalentry/GeneralJournalEntryLines"
GENERAL = 90
OPEN = 20


class GeneralJournalEntries(Rules):
    path = ENTRIES

    def complete(self, work: Work, record: Record, payload: Payload) -> None:
        lines = _lines(work, payload)
        first = lines[0]["Date"] if lines else work.today
        period = period_of(work.books, first)
        if period:
            record["FinancialYear"] = record["FinancialYear"] or period["FinYear"]
            record["FinancialPeriod"] = record["FinancialPeriod"] or period["FinPeriod"]
        record["Currency"] = record["Currency"] or "EUR"
        record["Type"], record["TypeDescription"] = GENERAL, "Other"
        record["Status"], record["StatusDescription"] = OPEN, "Open"

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        journal = _check_journal(work, record["JournalCode"])
        check_period(
            work, record["JournalCode"], record["FinancialYear"], record["FinancialPeriod"]
        )
        check_chosen(work, ENTRIES, record, record["JournalCode"])
        lines = _lines(work, payload)
        for line in lines:
            _check_line(work, line, journal)
        check_balance(work, lines)

    def store(self, work: Work, record: Record, payload: Payload) -> None:
        record["EntryNumber"] = entry_number(
            work.books, record["JournalCode"], record["FinancialYear"], record["EntryNumber"]
        )
        work.table(ENTRIES).put(record)
        for number, line in enumerate(_lines(work, payload), 1):
            put_line(work, record, line, number)

    def after_delete(self, work: Work, record: Record) -> None:
        for line in work.table(LINES).by("EntryID", record["EntryID"]):
            work.remove(LINES, line)


class GeneralJournalEntryLines(Rules):
    """A line added to an entry that exists; the whole has to stay in balance."""

    path = LINES

    def complete(self, work: Work, record: Record, payload: Payload) -> None:
        record["Date"] = record["Date"] or work.today

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        entry = work.by_id(ENTRIES, "EntryID", record["EntryID"])
        if entry is None:
            return
        _check_line(work, record, _check_journal(work, entry["JournalCode"]))
        check_balance(work, [*work.table(LINES).by("EntryID", entry["EntryID"]), record])

    def store(self, work: Work, record: Record, payload: Payload) -> None:
        entry = work.table(ENTRIES).get(record["EntryID"])
        assert entry is not None
        lines = work.table(LINES).by("EntryID", entry["EntryID"])
        put_line(work, entry, record, len(lines) + 1)


def _lines(work: Work, payload: Payload) -> list[Record]:
    sent = payload.lines.get("GeneralJournalEntryLines", [])
    lines = [blank(LINES) | each.values for each in sent]
    return [line | {"Date": line["Date"] or work.today} for line in lines]


def _check_journal(work: Work, code: str | None) -> Record | None:
    journal = work.by_code("financial/Journals", "Journals", code)
    if journal and journal["Type"] != GENERAL:
        work.problems.add("invalid", "JournalType")
    if journal and journal["IsBlocked"]:
        work.problems.add("blocked", "Journal")
    return journal


def _check_line(work: Work, line: Record, journal: Record | None) -> None:
    check_ledger_line(work, line)
    work.by_id("documents/Documents", "Document", line["Document"])
    check_vat_allowed(work, line, journal["Code"] if journal else None)
    if line["AmountVATFC"] and not line["VATCode"]:
        work.problems.add("mandatory", "VATCode")


def check_balance(work: Work, lines: list[Record]) -> None:
    """Object to each period whose lines, with the VAT they generate, do not add up to nil."""
    sums: dict[tuple[int, int], Decimal] = {}
    for line in lines:
        day: datetime = line["Date"]
        sums[day.year, day.month] = sums.get((day.year, day.month), Decimal(0)) + _weight(
            work, line
        )
    for (year, month), total in sums.items():
        if cents(total):
            work.problems.add("unbalanced", year=year, period=month, difference=dutch(total))


def _weight(work: Work, line: Record) -> Decimal:
    base, tax = _amounts(work, line)
    return base + tax


def _amounts(work: Work, line: Record) -> tuple[Decimal, Decimal]:
    code = work.table("vat/VATCodes").one("Code", line["VATCode"]) if line["VATCode"] else None
    rate = rate_on(work.books, code, line["Date"]) if code else None
    return vat.split(line["AmountFC"] or 0, code, rate, line["AmountVATFC"])


def put_line(work: Work, entry: Record, line: Record, number: int) -> None:
    base, tax = _amounts(work, line)
    work.table(LINES).put(
        line
        | {
            "ID": line["ID"] or str(uuid.uuid4()),
            "EntryID": entry["EntryID"],
            "LineNumber": number,
            "AmountDC": line["AmountFC"],
            "AmountVATFC": float(tax),
            "AmountVATDC": float(tax),
            "VATBaseAmountFC": float(base),
            "VATBaseAmountDC": float(base),
            "Division": work.books.code,
            "Created": work.now,
            "Modified": work.now,
        }
    )
