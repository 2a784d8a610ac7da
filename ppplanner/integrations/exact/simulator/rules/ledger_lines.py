"""What holds for every line that names a ledger account and perhaps a relation."""

from __future__ import annotations

from ..values import Record
from ..work import Work
from .analytic import check_analytic

NEEDS_ACCOUNT = (20, 22)
"""Types of ledger accounts that are kept per relation: receivable and payable."""


def check_vat_allowed(work: Work, line: Record, journal_code: str | None) -> None:
    """Object to a VAT code in a journal without VAT, also to one that the account proposes."""
    journal = work.table("financial/Journals").one("Code", journal_code)
    if line["VATCode"] and journal and not journal["AllowVAT"]:
        work.problems.add("not_allowed", "VATCode")


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
