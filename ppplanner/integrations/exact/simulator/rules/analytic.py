"""Cost centres and cost units: their code never changes, and lines refer to them by it."""

from __future__ import annotations

from typing import ClassVar

from ..payload import Payload
from ..values import Record
from ..work import Work
from .base import Rules

LINES = (
    "salesentry/SalesEntryLines",
    "generaljournalentry/GeneralJournalEntryLines",
    "financialtransaction/CashEntryLines",
)


class _Analytic(Rules):
    unique = ("Code",)
    named_on_lines: ClassVar[str]

    def complete(self, work: Work, record: Record, payload: Payload) -> None:
        if "Active" in record:
            record["Active"] = True

    def check_delete(self, work: Work, record: Record) -> None:
        places = (f"{path}.{self.named_on_lines}" for path in LINES)
        self.refuse_used(work, self.named_on_lines, record["Code"], *places)


class Costcenters(_Analytic):
    path = "hrm/Costcenters"
    named_on_lines = "CostCenter"


class Costunits(_Analytic):
    path = "hrm/Costunits"
    named_on_lines = "CostUnit"


MANDATORY, FORBIDDEN = 1, 2


def complete_analytic(work: Work, line: Record) -> None:
    """Take the cost centre and unit that the ledger account proposes."""
    account = work.table("financial/GLAccounts").get(line["GLAccount"])
    if account:
        line["CostCenter"] = line["CostCenter"] or account["Costcenter"]
        line["CostUnit"] = line["CostUnit"] or account["Costunit"]


def check_analytic(work: Work, line: Record, account: Record) -> None:
    """Object when a line lacks a cost centre or unit, or has one it must not have."""
    _check(work, line, "CostCenter", account["UseCostcenter"], "hrm/Costcenters")
    _check(work, line, "CostUnit", account["UseCostunit"], "hrm/Costunits")


def _check(work: Work, line: Record, name: str, use: int | None, path: str) -> None:
    code = line[name]
    if not code:
        if use == MANDATORY:
            work.problems.add("mandatory", name)
        return
    if use == FORBIDDEN:
        work.problems.add("not_allowed", name)
    found = work.by_code(path, name, code)
    if found and found["EndDate"] and found["EndDate"] < work.today:
        work.problems.add("blocked", name)
