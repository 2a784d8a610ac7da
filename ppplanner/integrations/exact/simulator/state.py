"""All that lasts: administrations, logins and the moved clock. One lock guards it."""

from __future__ import annotations

from datetime import datetime
from threading import RLock

from . import seed
from .clock import Clock
from .options import Options
from .people import USERS, User
from .persistence import Keeper, Nowhere, SqliteFile
from .store import Books, Key
from .tokens import TokenBook


class State:
    """What is booked and who may book; starts from the data file, else from the seed."""

    def __init__(self, options: Options, clock: Clock):
        self.lock = RLock()
        self.options = options
        self.clock = clock
        self.users: dict[str, User] = {user.user_name: user for user in USERS}
        self.tokens = TokenBook(options, clock)
        self.keeper: Keeper = SqliteFile(options.data_file) if options.data_file else Nowhere()
        self.books: dict[int, Books] = {}
        self._dirty: dict[tuple[int, str, Key], None] = {}
        self._open()

    def _open(self) -> None:
        self.books = {
            facts["Code"]: Books(facts, self._changed) for facts in seed.administrations()
        }
        if self.keeper.load(self.books.values()):
            self._dirty.clear()
            self.tokens.load_facts(self.keeper.fact("tokens"))
            self._show_kept_time()
            return
        for books in self.books.values():
            seed.fill(books, self.clock)
        self.flush()

    def _show_kept_time(self) -> None:
        """A clock that was put ahead stays ahead, or the tokens would lie in the future."""
        kept = self.keeper.fact("clock")
        if kept and datetime.fromisoformat(kept) > self.clock.now():
            self.clock.set(datetime.fromisoformat(kept))

    def _changed(self, division: int, path: str, key: Key) -> None:
        self._dirty[division, path, key] = None

    def flush(self, counters: bool = False) -> None:
        """Write what changed since the last time; counters go along with records."""
        if self._dirty or counters:
            self.keeper.save(self.books, self._dirty)
            self._dirty.clear()

    def keep_tokens(self) -> None:
        self.keeper.save_fact("tokens", self.tokens.as_facts())
        self.keeper.save_fact("clock", self.clock.now().isoformat())

    def reset(self) -> None:
        """Back to the seed; every login is gone."""
        self.keeper.clear()
        self.tokens.reset()
        self._dirty.clear()
        self._open()

    def user(self, user_name: str) -> User:
        return self.users[user_name]

    def place(self, division: int) -> Books | None:
        return self.books.get(division)
