"""Keeps the state in one SQLite file, written in the request that changed it.

SQLite's write-ahead log makes a killed process lose nothing that was answered.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from .metadata import Resource, resources
from .store import Books, Key
from .values import Record

SCHEMA = """
CREATE TABLE IF NOT EXISTS books (code INTEGER PRIMARY KEY, facts TEXT, counters TEXT);
CREATE TABLE IF NOT EXISTS records (
    division INTEGER, resource TEXT, key TEXT, record TEXT,
    PRIMARY KEY (division, resource, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    division INTEGER, key TEXT, content BLOB, PRIMARY KEY (division, key));
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT);
"""


class Keeper(Protocol):
    """Where changes go."""

    def load(self, books: Iterable[Books]) -> bool:
        """Fill the books with what was kept; False when nothing was kept yet."""

    def save(self, books: dict[int, Books], dirty: Iterable[tuple[int, str, Key]]) -> None:
        """Write the records named, and the counters and files of their books."""

    def fact(self, name: str) -> Any:
        """A value kept by its name, or None."""

    def save_fact(self, name: str, value: Any) -> None: ...

    def clear(self) -> None: ...

    def close(self) -> None: ...


class Nowhere:
    """For tests: the state lives as long as the process."""

    def load(self, books: Iterable[Books]) -> bool:
        return False

    def save(self, books: dict[int, Books], dirty: Iterable[tuple[int, str, Key]]) -> None:
        return None

    def fact(self, name: str) -> Any:
        return None

    def save_fact(self, name: str, value: Any) -> None:
        return None

    def clear(self) -> None:
        return None

    def close(self) -> None:
        return None


class SqliteFile:
    """One file; callers hold the state's lock."""

    def __init__(self, path: Path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    def load(self, books: Iterable[Books]) -> bool:
        counters = dict(self._db.execute("SELECT code, counters FROM books"))
        for each in books:
            if each.code in counters:
                each.counters = json.loads(counters[each.code])
                self._load_records(each)
        return bool(counters)

    def _load_records(self, books: Books) -> None:
        rows = self._db.execute(
            "SELECT resource, record FROM records WHERE division = ?", (books.code,)
        )
        for path, text in rows:
            books.table(path).restore(thawed(resources()[path], json.loads(text)))
        files = self._db.execute("SELECT key, content FROM files WHERE division = ?", (books.code,))
        books.files = dict(files)

    def save(self, books: dict[int, Books], dirty: Iterable[tuple[int, str, Key]]) -> None:
        with self._db:
            for division, path, key in dirty:
                self._save_record(books[division], path, key)
            self._db.executemany(
                "INSERT OR REPLACE INTO books VALUES (?, ?, ?)",
                [
                    (each.code, json.dumps(frozen(each.facts)), json.dumps(each.counters))
                    for each in books.values()
                ],
            )

    def _save_record(self, books: Books, path: str, key: Key) -> None:
        where = (books.code, path, json.dumps(key))
        record = books.table(path).get(*key)
        if record is None:
            self._db.execute(
                "DELETE FROM records WHERE division = ? AND resource = ? AND key = ?", where
            )
        else:
            self._db.execute(
                "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)",
                (*where, json.dumps(frozen(record))),
            )
        self._save_file(books, key)

    def _save_file(self, books: Books, key: Key) -> None:
        name = str(key[0])
        if name in books.files:
            self._db.execute(
                "INSERT OR IGNORE INTO files VALUES (?, ?, ?)",
                (books.code, name, books.files[name]),
            )
        else:
            self._db.execute("DELETE FROM files WHERE division = ? AND key = ?", (books.code, name))

    def fact(self, name: str) -> Any:
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def save_fact(self, name: str, value: Any) -> None:
        with self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, json.dumps(value))
            )

    def clear(self) -> None:
        with self._db:
            for table in ("books", "records", "files", "facts"):
                self._db.execute(f"DELETE FROM {table}")

    def close(self) -> None:
        self._db.close()


def frozen(record: Record) -> Record:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in record.items()
        if value is not None
    }


def thawed(resource: Resource, record: Record) -> Record:
    """The record as it was: absent values are None again, dates are dates."""
    full: Record = dict.fromkeys(resource.properties)
    for name, value in record.items():
        prop = resource.properties.get(name)
        moment = prop is not None and prop.kind == "DateTime" and value is not None
        full[name] = datetime.fromisoformat(value) if moment else value
    return full
