"""The simulator's own screens, in the part of Exact's: a person sees what is booked."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, abort, render_template, request

from .api import simulator
from .findings import DOCUMENTS, look_through
from .requestlog import Call
from .rules import cash, general_journal
from .rules.receivables import RECEIVABLES
from .rules.sales_totals import ENTRIES, LINES
from .showing import books_of, chosen_books, files_of, lines_of, newest, one, shelf, wanted
from .values import Record

bp = Blueprint("pages", __name__)

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'"
OTHER = {"cash": ("Cash", cash), "journal": ("General journal", general_journal)}


def init_app(app: Flask) -> None:
    app.jinja_env.filters["money"] = lambda amount: "" if amount is None else f"{amount:,.2f}"
    app.jinja_env.filters["day"] = lambda day: f"{day:%d %b %Y}" if day else ""
    app.jinja_env.filters["moment"] = lambda moment: f"{moment:%d %b %Y %H:%M:%S}"
    app.jinja_env.filters["percent"] = lambda rate: "" if rate is None else f"{rate * 100:g} %"
    app.context_processor(_frame)
    app.after_request(_protect)


def _frame() -> dict[str, Any]:
    sim = simulator()
    return {"administrations": list(sim.state.books.values()), "clock": sim.clock, "sim": sim}


def _protect(response: Response) -> Response:
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@bp.get("/")
def index() -> str:
    """Sales entries with their lines; what is booked twice says so."""
    books, text = chosen_books(), wanted()
    with simulator().state.lock:
        found = newest(books, ENTRIES, lambda entry: text in _words(entry, "YourRef EntryNumber"))
        lines = {
            entry["EntryID"]: lines_of(books, LINES, entry["EntryID"]) for entry in found.records
        }
        findings = look_through(books)
    return render_template(
        "simulator/entries.html", books=books, shelf=found, lines=lines, findings=findings, q=text
    )


@bp.get("/entries/<int:division>/<entry_id>")
def entry(division: int, entry_id: str) -> str:
    books = books_of(division)
    with simulator().state.lock:
        found = one(books, ENTRIES, entry_id)
        lines = lines_of(books, LINES, entry_id)
        claim = books.table(RECEIVABLES).one("TransactionEntryID", entry_id)
        files = files_of(books, found["Document"])
    return render_template(
        "simulator/entry.html", books=books, entry=found, lines=lines, claim=claim, files=files
    )


@bp.get("/other")
def other() -> str:
    """Cash or general journal entries, each with its lines."""
    books, kind = chosen_books(), request.args.get("kind", "cash")
    if kind not in OTHER:
        abort(404)
    module = OTHER[kind][1]
    with simulator().state.lock:
        found = newest(books, module.ENTRIES)
        lines = {
            each["EntryID"]: lines_of(books, module.LINES, each["EntryID"])
            for each in found.records
        }
        counts = {name: len(books.table(each.ENTRIES)) for name, (_, each) in OTHER.items()}
    return render_template(
        "simulator/other.html",
        books=books,
        shelf=found,
        lines=lines,
        kind=kind,
        kinds=OTHER,
        counts=counts,
    )


@bp.get("/customers")
def customers() -> str:
    books, text = chosen_books(), wanted()
    with simulator().state.lock:
        found = [
            record
            for record in books.table("crm/Accounts")
            if text in _words(record, "Name Code VATNumber")
        ]
        found.sort(key=lambda record: record["Name"].lower())
    return render_template("simulator/customers.html", books=books, shelf=shelf(found), q=text)


@bp.get("/customers/<int:division>/<account_id>")
def customer(division: int, account_id: str) -> str:
    books = books_of(division)
    with simulator().state.lock:
        found = one(books, "crm/Accounts", account_id)
        entries = shelf(books.table(ENTRIES).by("Customer", account_id)[::-1])
        contacts = books.table("crm/Contacts").by("Account", account_id)
    return render_template(
        "simulator/customer.html", books=books, customer=found, shelf=entries, contacts=contacts
    )


@bp.get("/documents")
def documents() -> str:
    books, text = chosen_books(), wanted()
    with simulator().state.lock:
        found = newest(books, DOCUMENTS, lambda each: text in _words(each, "Subject HID"))
        files = {each["ID"]: files_of(books, each["ID"]) for each in found.records}
        used = {
            each["ID"]: books.table(ENTRIES).one("Document", each["ID"]) for each in found.records
        }
    return render_template(
        "simulator/documents.html", books=books, shelf=found, files=files, used=used, q=text
    )


@bp.get("/documents/<int:division>/<document_id>")
def document(division: int, document_id: str) -> str:
    books = books_of(division)
    with simulator().state.lock:
        found = one(books, DOCUMENTS, document_id)
        files = files_of(books, document_id)
        entries = books.table(ENTRIES).by("Document", document_id)
    return render_template(
        "simulator/document.html", books=books, document=found, files=files, entries=entries
    )


@bp.get("/files/<int:division>/<attachment_id>/<name>")
def file(division: int, attachment_id: str, name: str) -> Response:
    """An attached file as the browser shows it; only a PDF is shown, the rest is saved."""
    content = books_of(division).files.get(attachment_id)
    if content is None:
        abort(404)
    is_pdf = content.startswith(b"%PDF")
    kind = "application/pdf" if is_pdf else "application/octet-stream"
    return Response(content, content_type=kind)


@bp.get("/requests")
def requests() -> str:
    only = request.args.get("only", "")
    calls = [call for call in simulator().log if _is_wanted(call, only)]
    return render_template("simulator/requests.html", shelf=shelf(calls[::-1]), only=only)


def _is_wanted(call: Call, only: str) -> bool:
    if only == "writes":
        return call.method != "GET"
    if only == "trouble":
        return bool(call.fault)
    return only != "errors" or call.status is None or call.status >= 400


@bp.get("/requests/<int:number>")
def one_request(number: int) -> str:
    call = next((call for call in simulator().log if call.number == number), None)
    if call is None:
        abort(404)
    return render_template("simulator/request.html", call=call)


def _words(record: Record, names: str) -> str:
    """What a search looks into, in small letters."""
    return " ".join(str(record[name] or "") for name in names.split()).lower()
