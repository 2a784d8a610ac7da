"""The simulator's own screens, in the part of Exact's: a person sees what is booked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, Response, abort, render_template, request

from .api import simulator
from .derived import LINKS, Reader
from .metadata import resources
from .requestlog import Call
from .rules import cash, general_journal
from .rules.receivables import RECEIVABLES
from .rules.sales_totals import ENTRIES, LINES
from .store import Books
from .values import Record

bp = Blueprint("pages", __name__)

PAGE = 50
SHOWN_CALLS = 200
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'"


@dataclass(frozen=True)
class Shelf:
    """One page of records, newest first, and whether there are more."""

    records: list[Record]
    page: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


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
    books = _chosen_books()
    with simulator().state.lock:
        shelf = _shelf(books, ENTRIES)
        lines = {
            entry["EntryID"]: _lines(books, LINES, entry["EntryID"]) for entry in shelf.records
        }
    return render_template("simulator/entries.html", books=books, shelf=shelf, lines=lines)


@bp.get("/entries/<int:division>/<entry_id>")
def entry(division: int, entry_id: str) -> str:
    books = _books(division)
    with simulator().state.lock:
        found = _one(books, ENTRIES, entry_id)
        lines = _lines(books, LINES, entry_id)
        claim = books.table(RECEIVABLES).one("TransactionEntryID", entry_id)
        files = _files(books, found["Document"])
    return render_template(
        "simulator/entry.html", books=books, entry=found, lines=lines, claim=claim, files=files
    )


@bp.get("/other")
def other() -> str:
    """General journal and cash entries."""
    books = _chosen_books()
    kinds = (("General journal", general_journal), ("Cash", cash))
    with simulator().state.lock:
        groups = [
            (title, list(_with_lines(books, module.ENTRIES, module.LINES)))
            for title, module in kinds
        ]
    return render_template("simulator/other.html", books=books, groups=groups)


def _with_lines(books: Books, path: str, lines: str) -> Iterator[tuple[Record, list[Record]]]:
    """The newest entries, each with its lines."""
    for record in _newest(books, path)[:PAGE]:
        yield _shown(books, path, record), _lines(books, lines, record["EntryID"])


@bp.get("/customers")
def customers() -> str:
    books, wanted = _chosen_books(), request.args.get("q", "").strip().lower()
    with simulator().state.lock:
        found = [
            record
            for record in books.table("crm/Accounts")
            if wanted in f"{record['Name']} {record['Code']} {record['VATNumber']}".lower()
        ]
        found.sort(key=lambda record: record["Name"].lower())
    return render_template("simulator/customers.html", books=books, customers=found, q=wanted)


@bp.get("/customers/<int:division>/<account_id>")
def customer(division: int, account_id: str) -> str:
    books = _books(division)
    with simulator().state.lock:
        found = _one(books, "crm/Accounts", account_id)
        entries = books.table(ENTRIES).by("Customer", account_id)
        contacts = books.table("crm/Contacts").by("Account", account_id)
    return render_template(
        "simulator/customer.html", books=books, customer=found, entries=entries, contacts=contacts
    )


@bp.get("/documents")
def documents() -> str:
    books = _chosen_books()
    with simulator().state.lock:
        shelf = _shelf(books, "documents/Documents")
        files = {each["ID"]: _files(books, each["ID"]) for each in shelf.records}
        used = {each["Document"]: each for each in books.table(ENTRIES)}
    return render_template(
        "simulator/documents.html", books=books, shelf=shelf, files=files, used=used
    )


@bp.get("/documents/<int:division>/<document_id>")
def document(division: int, document_id: str) -> str:
    books = _books(division)
    with simulator().state.lock:
        found = _one(books, "documents/Documents", document_id)
        files = _files(books, document_id)
        entries = books.table(ENTRIES).by("Document", document_id)
    return render_template(
        "simulator/document.html", books=books, document=found, files=files, entries=entries
    )


@bp.get("/files/<int:division>/<attachment_id>/<name>")
def file(division: int, attachment_id: str, name: str) -> Response:
    """An attached file as the browser shows it; only a PDF is shown, the rest is saved."""
    content = _books(division).files.get(attachment_id)
    if content is None:
        abort(404)
    is_pdf = content.startswith(b"%PDF")
    kind = "application/pdf" if is_pdf else "application/octet-stream"
    return Response(content, content_type=kind)


@bp.get("/requests")
def requests() -> str:
    only = request.args.get("only", "")
    calls = [call for call in simulator().log if _is_wanted(call, only)][-SHOWN_CALLS:]
    return render_template("simulator/requests.html", calls=calls[::-1], only=only)


def _is_wanted(call: Call, only: str) -> bool:
    if only == "writes":
        return call.method != "GET"
    return only != "errors" or call.status is None or call.status >= 400


@bp.get("/requests/<int:number>")
def one_request(number: int) -> str:
    call = next((call for call in simulator().log if call.number == number), None)
    if call is None:
        abort(404)
    return render_template("simulator/request.html", call=call)


def _books(division: int | None) -> Books:
    books = simulator().state.place(division) if division is not None else None
    if books is None:
        abort(404)
    return books


def _chosen_books() -> Books:
    """The administration of the address, else the one last opened; opening one is remembered."""
    sim = simulator()
    chosen = request.args.get("division", type=int)
    if chosen in sim.state.books:
        sim.current_division = chosen
    return _books(sim.current_division)


def _shown(books: Books, path: str, record: Record) -> Record:
    """The record with what Exact looks up elsewhere."""
    today = datetime.combine(simulator().clock.wall().date(), datetime.min.time())
    reader, resource = Reader(books, "", today), resources()[path]
    links = LINKS.get(path, {})
    return record | {name: reader.value(resource, links, record, name) for name in links}


def _one(books: Books, path: str, guid: str) -> Record:
    record = books.table(path).get(guid)
    if record is None:
        abort(404)
    return _shown(books, path, record)


def _newest(books: Books, path: str) -> list[Record]:
    return sorted(books.table(path), key=lambda record: record["Created"], reverse=True)


def _shelf(books: Books, path: str) -> Shelf:
    page = max(1, request.args.get("page", 1, type=int))
    records = _newest(books, path)
    shown = [_shown(books, path, each) for each in records[(page - 1) * PAGE : page * PAGE]]
    return Shelf(shown, page, len(records))


def _lines(books: Books, path: str, entry_id: str) -> list[Record]:
    found = [_shown(books, path, line) for line in books.table(path).by("EntryID", entry_id)]
    return sorted(found, key=lambda line: line["LineNumber"])


def _files(books: Books, document_id: str | None) -> list[Record]:
    if document_id is None:
        return []
    return books.table("documents/DocumentAttachments").by("Document", document_id)
