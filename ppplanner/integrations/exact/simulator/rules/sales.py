"""Sales entries: invoices and credit notes as they are booked."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, timedelta

from ..payload import Payload
from ..values import GUID, Record
from ..work import Work
from .base import Rules
from .ledger_lines import check_vat_allowed
from .numbering import check_chosen, entry_number
from .periods import check_period, period_of
from .sales_lines import check_line, nested_line, put_line
from .sales_totals import ENTRIES, LINES, OPEN, PROCESSED, book_totals, drop_entry

SALES = 20
OWN_CURRENCY = "EUR"
CURRENCIES = (OWN_CURRENCY, "USD", "GBP", "CHF")


class SalesEntries(Rules):
    path = ENTRIES

    def complete(self, work: Work, record: Record, payload: Payload) -> None:
        record["EntryDate"] = record["EntryDate"] or work.today
        record["Status"], record["StatusDescription"] = OPEN, "Open"
        record["Currency"] = record["Currency"] or OWN_CURRENCY
        record["Reversal"] = bool(record["Reversal"])
        customer = work.table("crm/Accounts").get(record["Customer"])
        if customer and not record["PaymentCondition"]:
            record["PaymentCondition"] = customer["PaymentConditionSales"]
        record["DueDate"] = record["DueDate"] or _due_date(work, record)
        self._complete_period(work, record)

    def _complete_period(self, work: Work, record: Record) -> None:
        period = period_of(work.books, record["EntryDate"])
        if period and record["ReportingYear"] is None:
            record["ReportingYear"] = period["FinYear"]
        if period and record["ReportingPeriod"] is None:
            record["ReportingPeriod"] = period["FinPeriod"]

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        _check_customer(work, record)
        _check_journal(work, record)
        check_period(work, record["Journal"], record["ReportingYear"], record["ReportingPeriod"])
        work.by_code("cashflow/PaymentConditions", "PaymentCondition", record["PaymentCondition"])
        work.by_id("documents/Documents", "Document", record["Document"])
        _check_currency(work, record)
        check_chosen(work, ENTRIES, record, record["Journal"])
        for sent in payload.lines.get("SalesEntryLines", []):
            line = nested_line(work, sent, record["EntryDate"])
            check_line(work, line, record["EntryDate"])
            check_vat_allowed(work, line, record["Journal"])

    def store(self, work: Work, record: Record, payload: Payload) -> None:
        number = entry_number(
            work.books, record["Journal"], record["ReportingYear"], record["EntryNumber"]
        )
        record["EntryNumber"] = record["InvoiceNumber"] = number
        for position, sent in enumerate(payload.lines["SalesEntryLines"], 1):
            line = nested_line(work, sent, record["EntryDate"])
            put_line(work, record, line, position, sent.values.get("VATAmountFC"))
        record.update(book_totals(work, record))

    def check_change(self, work: Work, old: Record, record: Record, payload: Payload) -> None:
        _refuse_processed(work, old)

    def store_change(self, work: Work, old: Record, record: Record) -> None:
        """Dates decide rates, so the lines are computed again when the date changes."""
        record["EntryNumber"] = old["EntryNumber"]
        if record["EntryDate"] != old["EntryDate"]:
            for line in work.table(LINES).by("EntryID", record["EntryID"]):
                put_line(work, record, line, line["LineNumber"], None)
        book_totals(work, record)

    def check_delete(self, work: Work, record: Record) -> None:
        _refuse_processed(work, record)

    def after_delete(self, work: Work, record: Record) -> None:
        drop_entry(work, record)


def _refuse_processed(work: Work, entry: Record) -> None:
    if entry["Status"] == PROCESSED:
        work.problems.add("processed")


def _check_customer(work: Work, record: Record) -> None:
    customer = work.by_id("crm/Accounts", "Customer", record["Customer"])
    if customer is None:
        return
    if customer["Status"] != "C":
        work.problems.add("invalid", "CustomerType")
    start, end = customer["StartDate"], customer["EndDate"]
    outside = (start and work.today < start) or (end and work.today > end)
    if customer["Blocked"] or outside:
        work.problems.add("blocked", "Customer")


def _check_journal(work: Work, record: Record) -> None:
    code = record["Journal"]
    if not code:
        return
    if GUID.fullmatch(code):
        work.problems.add("reference", "Journals")
        return
    journal = work.by_code("financial/Journals", "Journals", code)
    if journal and journal["Type"] != SALES:
        work.problems.add("invalid", "JournalType")
    if journal and journal["IsBlocked"]:
        work.problems.add("blocked", "Journal")


def _check_currency(work: Work, record: Record) -> None:
    if record["Currency"] not in CURRENCIES:
        work.problems.add("reference", "Currency")
    if record["Currency"] == OWN_CURRENCY and record["Rate"] is not None:
        work.problems.add("not_allowed", "ExchangeRate")


def _due_date(work: Work, record: Record) -> datetime:
    """First to the end of the month that many months on, then the days on top."""
    table = work.table("cashflow/PaymentConditions")
    condition = table.one("Code", record["PaymentCondition"]) or {}
    day: datetime = record["EntryDate"]
    months = condition.get("PaymentEndOfMonths") or 0
    if months:
        month = day.month - 1 + months
        year, number = day.year + month // 12, month % 12 + 1
        day = day.replace(year=year, month=number, day=monthrange(year, number)[1])
    return day + timedelta(days=condition.get("PaymentDays") or 0)
