"""A database that can only be read, as one with a full disk or a standby server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event

SAID = {"sqlite": "PRAGMA query_only = ON", "postgresql": "SET TRANSACTION READ ONLY"}


@contextmanager
def only_read(engine: Engine) -> Iterator[None]:
    """Each transaction that begins meanwhile can only read."""

    def say(connection: Connection) -> None:
        connection.exec_driver_sql(SAID[connection.dialect.name])

    event.listen(engine, "begin", say)
    try:
        yield
    finally:
        event.remove(engine, "begin", say)
        engine.dispose()  # SQLite's connections remember it
