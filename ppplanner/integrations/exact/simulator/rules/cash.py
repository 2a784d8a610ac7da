"""Cash entries: the opening balance plus all lines is the closing balance."""

from __future__ import annotations

import uuid
from decimal import Decimal

from ..money import cents, exact
from ..payload import Payload
from ..seed.blank import blank
from ..values import Record
from ..work import Work
from .base import Rules
from .ledger_lines import check_ledger_line, check_vat_allowed
from .numbering import check_chosen, entry_number
from .periods import check_period, period_of

ENTRIES = "financialtransaction/CashEntries"
LINES = "financialtransaction/CashEntryLines"
CASH = 10
OPEN = 20


class CashEntries(Rules):
    path = ENTRIES

    def complete(self, work: Work, record: Record, payload: Payload) -> None:
        lines = _lines(work, payload)
        period = period_of(work.books, lines[0]["Date"] if lines else work.today)
        if period:
            record["FinancialYear"] = record["FinancialYear"] or period["FinYear"]
            record["FinancialPeriod"] = record["FinancialPeriod"] or period["FinPeriod"]
        record["Currency"] = record["Currency"] or "EUR"
        record["Status"], record["StatusDescription"] = OPEN, "Open"

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        journal = work.by_code("financial/Journals", "Journals", record["JournalCode"])
        if journal and journal["Type"] != CASH:
            work.problems.add("cash_journal")
        if journal and journal["IsBlocked"]:
            work.problems.add("blocked", "Journal")
        check_period(
            work, record["JournalCode"], record["FinancialYear"], record["FinancialPeriod"]
        )
        check_chosen(work, ENTRIES, record, record["JournalCode"])
        for line in _lines(work, payload):
            _check_line(work, line)
            check_vat_allowed(work, line, record["JournalCode"])
        self._check_balances(work, record, payload)

    def _check_balances(self, work: Work, record: Record, payload: Payload) -> None:
        closing = record["ClosingBalanceFC"]
        if closing is not None:
            total = self._opening(work, record) + _sum(_lines(work, payload))
            if cents(total) != cents(exact(closing)):
                work.problems.add("closing_balance")

    def _opening(self, work: Work, record: Record) -> Decimal:
        if record["OpeningBalanceFC"] is not None:
            return exact(record["OpeningBalanceFC"])
        return last_closing_balance(work, record["JournalCode"])

    def store(self, work: Work, record: Record, payload: Payload) -> None:
        record["EntryNumber"] = entry_number(
            work.books, record["JournalCode"], record["FinancialYear"], record["EntryNumber"]
        )
        opening, lines = self._opening(work, record), _lines(work, payload)
        record["OpeningBalanceFC"] = float(opening)
        record["ClosingBalanceFC"] = float(cents(opening + _sum(lines)))
        work.table(ENTRIES).put(record)
        for number, line in enumerate(lines, 1):
            _put_line(work, record, line, number)

    def after_delete(self, work: Work, record: Record) -> None:
        for line in work.table(LINES).by("EntryID", record["EntryID"]):
            work.remove(LINES, line)


class CashEntryLines(Rules):
    """A line added to an entry that exists; the closing balance follows."""

    path = LINES

    def complete(self, work: Work, record: Record, payload: Payload) -> None:
        record["Date"] = record["Date"] or work.today

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        work.by_id(ENTRIES, "EntryID", record["EntryID"])
        _check_line(work, record)

    def store(self, work: Work, record: Record, payload: Payload) -> None:
        entry = work.table(ENTRIES).get(record["EntryID"])
        assert entry is not None
        number = len(work.table(LINES).by("EntryID", entry["EntryID"])) + 1
        _put_line(work, entry, record, number)
        closing = exact(entry["ClosingBalanceFC"]) + exact(record["AmountFC"])
        work.table(ENTRIES).change(entry, ClosingBalanceFC=float(cents(closing)))


def last_closing_balance(work: Work, journal: str | None) -> Decimal:
    entries = work.table(ENTRIES).by("JournalCode", journal)
    latest = max(entries, key=lambda entry: entry["EntryNumber"], default=None)
    return exact(latest["ClosingBalanceFC"]) if latest else Decimal(0)


def _lines(work: Work, payload: Payload) -> list[Record]:
    lines = [blank(LINES) | each.values for each in payload.lines.get("CashEntryLines", [])]
    return [line | {"Date": line["Date"] or work.today} for line in lines]


def _sum(lines: list[Record]) -> Decimal:
    return sum((exact(line["AmountFC"]) for line in lines), Decimal(0))


def _check_line(work: Work, line: Record) -> None:
    if line["AmountFC"] is None:
        work.problems.add("mandatory", "AmountFC")
    check_ledger_line(work, line)
    work.by_id("documents/Documents", "Document", line["Document"])


def _put_line(work: Work, entry: Record, line: Record, number: int) -> None:
    work.table(LINES).put(
        line
        | {
            "ID": line["ID"] or str(uuid.uuid4()),
            "EntryID": entry["EntryID"],
            "LineNumber": number,
            "AmountDC": line["AmountFC"],
            "Division": work.books.code,
            "Created": work.now,
            "Modified": work.now,
        }
    )
