"""The simulator without its web side: what it holds, and how a test steers it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .clock import Clock
from .errors import Problems
from .faults import Fault, Faults
from .limits import Limits
from .options import Options
from .people import ANTWERP
from .requestlog import RequestLog
from .rules.periods import close
from .rules.receivables import settle
from .rules.sales_totals import ENTRIES, LINES, PROCESSED, drop_entry
from .state import State
from .store import Books
from .values import Record
from .work import Work


class Simulator:
    """Everything a test or the controls page may look at or change."""

    def __init__(self, options: Options | None = None):
        self.options = options or Options()
        self._first_options = self.options.copy()
        self.clock = Clock()
        self.state = State(self.options, self.clock)
        self.limits = Limits(self.options, self.clock)
        self.faults = Faults()
        self.log = RequestLog()
        self.current_division = ANTWERP
        """What the users last opened in the browser, as `current/Me` tells."""
        self.refused_users: dict[str, str] = {}
        """User name to the Reason of the 403 that every call of theirs gets."""

    def reset(self, moment: datetime | None = None) -> None:
        """Back to the seed: no logins, no faults, first options; real time, or from `moment` on."""
        with self.state.lock:
            for name, value in vars(self._first_options).items():
                setattr(self.options, name, value)
            self.clock.reset()
            if moment is not None:
                self.clock.set(moment)
            self.state.reset()
            self.limits.reset()
            self.faults.clear()
            self.faults.sow(0)
            self.log.clear()
            self.refused_users.clear()
            self.current_division = ANTWERP

    def fail_next(self, kind: str, resource: str | None = None, **details: Any) -> Fault:
        """Plan trouble for the next fitting request: `fail_next("drop_after", method="POST")`."""
        return self.faults.plan(Fault(kind, resource=resource, **details))

    def revoke(self) -> None:
        """End every login, as when a user's password or rights change."""
        with self.state.lock:
            self.state.tokens.revoke()
            self.state.keep_tokens()

    def block_division(self, division: int, status: int = 1) -> None:
        """Make an administration unusable for a while, as during a backup; 0 opens it again."""
        with self.state.lock:
            self.state.books[division].facts["BlockingStatus"] = status

    def close_period(
        self,
        year: int,
        period: int,
        journal: str = "70",
        division: int = ANTWERP,
        closed: bool = True,
    ) -> None:
        with self.state.lock:
            close(self.state.books[division], journal, year, period, closed)
            self.state.flush(counters=True)

    def mark_paid(self, entry_id: str, paid: bool = True) -> None:
        """Match a booked invoice with a payment, or open it again."""
        with self.state.lock:
            settle(self._books_of(entry_id), entry_id, self.clock.wall(), paid)
            self.state.flush()

    def process(self, entry_id: str) -> None:
        """Process an entry, as an accountant does; it resists changes from then on."""
        with self.state.lock:
            table = self._books_of(entry_id).table(ENTRIES)
            entry = table.get(entry_id)
            assert entry is not None
            table.change(entry, Status=PROCESSED, StatusDescription="Processed")
            self.state.flush()

    def delete_entry(self, entry_id: str) -> None:
        """Delete an entry, as somebody at Exact's own screens would."""
        with self.state.lock:
            work = self._work(self._books_of(entry_id))
            entry = work.table(ENTRIES).get(entry_id)
            assert entry is not None
            drop_entry(work, entry)
            self.state.flush()

    def change(self, path: str, record: Record, **values: Any) -> None:
        """Change a record as somebody at Exact's own screens would: no rules, no log."""
        with self.state.lock:
            table = self.state.books[record["Division"]].table(path)
            table.change(record, **(values | {"Modified": self.clock.wall()}))
            self.state.flush()

    def records(self, path: str, division: int | None = None, **equal: Any) -> list[Record]:
        """What is stored under a resource, unpadded, in every administration or one."""
        with self.state.lock:
            places = [self.state.books[division]] if division else self.state.books.values()
            return [
                record | {"Division": books.code}
                for books in places
                for record in books.table(path)
                if all(record.get(name) == value for name, value in equal.items())
            ]

    def entries(self, division: int | None = None, **equal: Any) -> list[Record]:
        """Booked sales entries in booking order, each with its `SalesEntryLines`."""
        found = self.records(ENTRIES, division, **equal)
        for entry in found:
            lines = self.records(LINES, entry["Division"], EntryID=entry["EntryID"])
            entry["SalesEntryLines"] = sorted(lines, key=lambda line: line["LineNumber"])
        return sorted(found, key=lambda entry: (entry["Created"], entry["EntryNumber"]))

    def accounts(self, division: int | None = None, **equal: Any) -> list[Record]:
        return self.records("crm/Accounts", division, **equal)

    def account(self, name: str, division: int = ANTWERP) -> Record:
        """The customer with this name; KeyError when there is none."""
        found = self.accounts(division, Name=name)
        if not found:
            raise KeyError(name)
        return found[0]

    def documents(self, division: int | None = None, **equal: Any) -> list[Record]:
        return self.records("documents/Documents", division, **equal)

    def attachments(self, division: int | None = None, **equal: Any) -> list[Record]:
        """Attached files, each with its bytes as `Content`."""
        found = self.records("documents/DocumentAttachments", division, **equal)
        with self.state.lock:
            for attachment in found:
                attachment["Content"] = self._file(attachment["ID"])
        return found

    def id_of(self, path: str, code: str, division: int = ANTWERP) -> str:
        """The guid of a coded record: `id_of("financial/GLAccounts", "700100")`."""
        found = self.state.books[division].table(path).one("Code", code)
        if found is None:
            raise KeyError(code)
        return str(found["ID"])

    def _work(self, books: Books) -> Work:
        user = next(iter(self.state.users.values()))
        now, problems = self.clock.wall(), Problems(user.language)
        return Work(books, [], user, now, self.options, "", "", problems)

    def _books_of(self, entry_id: str) -> Books:
        for books in self.state.books.values():
            if books.table(ENTRIES).get(entry_id):
                return books
        raise KeyError(entry_id)

    def _file(self, attachment_id: str) -> bytes:
        places = self.state.books.values()
        return next(books.files[attachment_id] for books in places if attachment_id in books.files)
