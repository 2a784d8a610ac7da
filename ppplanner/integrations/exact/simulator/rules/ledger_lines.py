"""What holds for every line that names a ledger account and perhaps a relation."""

from __future__ import annotations

from ..values import Record
from ..work import Work
from .analytic import check_analytic

NEEDS_ACCOUNT = (20, 22)
"""Types of ledger accounts that are kept per relation: receivable and payable."""


def check_ledger_line(work: Work, line: Record) -> None:
    if line["GLAccount"] is None:
        work.problems.add("mandatory", "GLAccount")
    ledger = work.by_id("financial/GLAccounts", "GLAccount", line["GLAccount"])
    work.by_id("crm/Accounts", "Account", line["Account"])
    work.by_code("vat/VATCodes", "VATCode", line["VATCode"])
    if ledger is None:
        return
    if ledger["IsBlocked"]:
        work.problems.add("blocked", "GLAccount")
    if ledger["Type"] in NEEDS_ACCOUNT and line["Account"] is None:
        work.problems.add("mandatory", "Account")
    check_analytic(work, line, ledger)
