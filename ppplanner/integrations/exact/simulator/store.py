"""The records of one administration, in memory, with every change reported to the keeper."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .metadata import Resource, resources
from .values import Record

Key = tuple[Any, ...]
Changed = Callable[[int, str, Key], None]
"""Called with division, resource and key after a record came, changed or went."""


class Table:
    """The records of one resource by key, with look-ups by any property made when first asked."""

    def __init__(
        self, resource: Resource, changed: Callable[[Key], None], stamp: Callable[[], int]
    ):
        self.resource = resource
        self._changed = changed
        self._stamp = stamp
        self._records: dict[Key, Record] = {}
        self._indexes: dict[str, dict[Any, dict[Key, Record]]] = {}

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def __len__(self) -> int:
        return len(self._records)

    def key(self, record: Record) -> Key:
        return tuple(record[name] for name in self.resource.keys)

    def get(self, *key: Any) -> Record | None:
        return self._records.get(key)

    def put(self, record: Record) -> Record:
        """Add the record, or replace the one with its key, under a new row version."""
        record["Timestamp"] = self._stamp()
        return self.restore(record)

    def restore(self, record: Record) -> Record:
        """Put the record back as it was kept, row version included."""
        key = self.key(record)
        self._forget(key)
        self._records[key] = record
        for name, index in self._indexes.items():
            index.setdefault(record.get(name), {})[key] = record
        self._changed(key)
        return record

    def change(self, record: Record, **values: Any) -> Record:
        return self.put(record | values)

    def remove(self, record: Record) -> None:
        key = self.key(record)
        self._forget(key)
        del self._records[key]
        self._changed(key)

    def by(self, name: str, value: Any) -> list[Record]:
        """The records whose property is this value."""
        return list(self._index(name).get(value, {}).values())

    def has(self, name: str, value: Any) -> bool:
        """Whether any record's property is this value."""
        return bool(self._index(name).get(value))

    def shared(self, name: str) -> dict[Any, list[Record]]:
        """The values that more than one record has in this property, with these records."""
        return {
            value: list(found.values())
            for value, found in self._index(name).items()
            if value not in (None, "") and len(found) > 1
        }

    def _index(self, name: str) -> dict[Any, dict[Key, Record]]:
        if name not in self._indexes:
            index: dict[Any, dict[Key, Record]] = {}
            for key, record in self._records.items():
                index.setdefault(record.get(name), {})[key] = record
            self._indexes[name] = index
        return self._indexes[name]

    def one(self, name: str, value: Any) -> Record | None:
        found = self.by(name, value)
        return found[0] if found else None

    def _forget(self, key: Key) -> None:
        old = self._records.get(key)
        if old is not None:
            for name, index in self._indexes.items():
                index.get(old.get(name), {}).pop(key, None)


class Books:
    """One administration ("division"): who it is, its tables, counters and attached files."""

    def __init__(self, facts: Record, changed: Changed):
        self.facts = facts
        self.code: int = facts["Code"]
        self.counters: dict[str, int] = {}
        self.files: dict[str, bytes] = {}
        self._changed = changed
        self._tables: dict[str, Table] = {}

    def table(self, path: str) -> Table:
        if path not in self._tables:

            def changed(key: Key) -> None:
                self._changed(self.code, path, key)

            self._tables[path] = Table(resources()[path], changed, self.row_version)
        return self._tables[path]

    def next(self, counter: str, start: int = 1) -> int:
        """The next number of a counter, which only goes up."""
        self.counters[counter] = max(self.counters.get(counter, start - 1) + 1, start)
        return self.counters[counter]

    def raise_to(self, counter: str, number: int) -> None:
        self.counters[counter] = max(self.counters.get(counter, 0), number)

    def row_version(self) -> int:
        """Grows with every change of any record in this administration."""
        return self.next("Timestamp", 1_000)

    def add(self, path: str, records: Iterable[Record]) -> None:
        for record in records:
            self.table(path).put(record)
