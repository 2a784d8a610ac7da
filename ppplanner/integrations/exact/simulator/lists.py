"""Screens of what an accountant sets up, and of what would be wrong in an accountant's eyes."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, render_template, request

from .api import simulator
from .findings import look_through
from .pages import bp
from .showing import chosen_books, shelf, shown
from .values import Record

SHOWN_FINDINGS = 100


@dataclass(frozen=True)
class Column:
    """A property and how it is called on the screen."""

    name: str
    title: str


@dataclass(frozen=True)
class Listed:
    """A list of coded records and what is shown of each."""

    title: str
    path: str
    columns: tuple[Column, ...]


def _listed(title: str, path: str, **columns: str) -> Listed:
    usual = {"Code": "Code", "Description": "Name"}
    named = (usual | columns).items()
    return Listed(title, path, tuple(Column(name, text) for name, text in named))


LISTS = {
    "gl-accounts": _listed(
        "GL accounts",
        "financial/GLAccounts",
        TypeDescription="Type",
        VATCode="VAT code",
        Costcenter="Cost centre",
        IsBlocked="Blocked",
    ),
    "cost-centres": _listed("Cost centres", "hrm/Costcenters", EndDate="Ended", Modified="Changed"),
    "cost-units": _listed("Cost units", "hrm/Costunits", EndDate="Ended", Modified="Changed"),
    "journals": _listed(
        "Journals",
        "financial/Journals",
        Type="Type",
        GLAccountCode="GL account",
        AllowVAT="VAT",
        IsBlocked="Blocked",
    ),
    "vat-codes": _listed("VAT codes", "vat/VATCodes", Type="Type", IsBlocked="Blocked"),
    "payment-conditions": _listed(
        "Payment conditions",
        "cashflow/PaymentConditions",
        PaymentDays="Days",
        PaymentEndOfMonths="Month ends",
        PaymentMethod="Method",
    ),
}


@bp.get("/lists")
def lists() -> str:
    books, kind = chosen_books(), request.args.get("kind", "gl-accounts")
    if kind not in LISTS:
        abort(404)
    listed = LISTS[kind]
    with simulator().state.lock:
        found = sorted(books.table(listed.path), key=lambda record: record["Code"])
        page = shelf([shown(books, listed.path, each) for each in found])
    return render_template(
        "simulator/lists.html", books=books, kind=kind, lists=LISTS, listed=listed, shelf=page
    )


@bp.get("/check")
def check() -> str:
    """What is booked twice or half, at a glance."""
    books = chosen_books()
    with simulator().state.lock:
        findings = look_through(books)
    return render_template(
        "simulator/check.html", books=books, findings=findings, most=SHOWN_FINDINGS, number=_number
    )


def _number(record: Record) -> str:
    """What a person knows a record by."""
    return str(record.get("EntryNumber") or record.get("HID") or record.get("FileName"))
