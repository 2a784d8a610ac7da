"""What the simulator's screens share: which administration, which page of it, what stands in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from flask import abort, request

from .api import simulator
from .derived import LINKS, Reader
from .metadata import resources
from .store import Books
from .values import Record

PAGE = 50

T = TypeVar("T")


@dataclass(frozen=True)
class Shelf(Generic[T]):
    """One page of a list, and how long the list is."""

    records: list[T]
    page: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))


def shelf(found: Sequence[T]) -> Shelf[T]:
    """The page that the address asks for; beyond the last it is the last."""
    last = max(1, -(-len(found) // PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), last)
    return Shelf(list(found[(page - 1) * PAGE : page * PAGE]), page, len(found))


def wanted() -> str:
    """What a person looks for, in small letters."""
    return request.args.get("q", "").strip().lower()


def books_of(division: int | None) -> Books:
    books = simulator().state.place(division) if division is not None else None
    if books is None:
        abort(404)
    return books


def chosen_books() -> Books:
    """The administration of the address, else the one last opened; opening one is remembered."""
    sim = simulator()
    chosen = request.args.get("division", type=int)
    if chosen in sim.state.books:
        sim.current_division = chosen
    return books_of(sim.current_division)


def shown(books: Books, path: str, record: Record) -> Record:
    """The record with what Exact looks up elsewhere."""
    today = datetime.combine(simulator().clock.wall().date(), datetime.min.time())
    reader, resource = Reader(books, "", today), resources()[path]
    links = LINKS.get(path, {})
    return record | {name: reader.value(resource, links, record, name) for name in links}


def one(books: Books, path: str, guid: str) -> Record:
    record = books.table(path).get(guid)
    if record is None:
        abort(404)
    return shown(books, path, record)


def newest(
    books: Books, path: str, fits: Callable[[Record], bool] = lambda record: True
) -> Shelf[Record]:
    """A page of the records that fit, those booked last first."""
    found = [record for record in books.table(path) if fits(record)]
    found.sort(key=lambda record: record["Created"], reverse=True)
    page = shelf(found)
    return Shelf([shown(books, path, each) for each in page.records], page.page, page.total)


def lines_of(books: Books, path: str, entry_id: str) -> list[Record]:
    found = [shown(books, path, line) for line in books.table(path).by("EntryID", entry_id)]
    return sorted(found, key=lambda line: line["LineNumber"])


def files_of(books: Books, document_id: str | None) -> list[Record]:
    if document_id is None:
        return []
    return books.table("documents/DocumentAttachments").by("Document", document_id)
