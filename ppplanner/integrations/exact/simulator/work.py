"""What the rules work with during one request."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from .errors import Problems
from .options import Options
from .people import User
from .store import Books, Table
from .values import Record

DELETED_KINDS = {
    "crm/Accounts": 2,
    "crm/Addresses": 3,
    "documents/DocumentAttachments": 4,
    "crm/Contacts": 5,
    "documents/Documents": 6,
    "financial/GLAccounts": 7,
}
"""The numbers under which `sync/Deleted` tells of a deletion."""


@dataclass
class Work:
    """One request in one administration: who asks, when, and what is objected to."""

    books: Books
    others: list[Books]
    """The other administrations: a guid from there is refused as such."""
    user: User
    now: datetime
    options: Options
    root: str
    client_id: str
    problems: Problems

    def table(self, path: str) -> Table:
        return self.books.table(path)

    @property
    def today(self) -> datetime:
        return self.now.replace(hour=0, minute=0, second=0, microsecond=0)

    def by_id(self, path: str, subject: str, guid: str | None) -> Record | None:
        """The record a guid refers to; an unknown one becomes an objection."""
        if guid is None:
            return None
        found = self.table(path).get(guid)
        if found is None:
            foreign = any(books.table(path).get(guid) for books in self.others)
            self.problems.add("wrong_division" if foreign else "reference", subject)
        return found

    def by_code(self, path: str, subject: str, code: str | None) -> Record | None:
        """The record a code refers to; an unknown one becomes an objection."""
        if code is None or not code.strip():
            return None
        found = self.table(path).one("Code", code.strip())
        if found is None:
            self.problems.add("reference", subject)
        return found

    def remove(self, path: str, record: Record) -> None:
        """Take a record out and note it for `sync/Deleted`."""
        self.table(path).remove(record)
        kind = DELETED_KINDS.get(path)
        if kind is not None:
            self.table("sync/Deleted").put(
                {
                    "ID": str(uuid.uuid4()),
                    "EntityKey": record["ID"],
                    "EntityType": kind,
                    "DeletedBy": self.user.id,
                    "DeletedDate": self.now,
                    "Division": self.books.code,
                }
            )
