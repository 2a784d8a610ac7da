"""Runs the migrations of the core (label "core") and of the add-ons that are switched on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.types import TypeEngine

from ppplanner.models import Base
from ppplanner.models.base import Fixed, UtcDateTime


def render_item(kind: str, item: object, _autogen: object) -> str | bool:
    """Name the project's own column types in generated migrations."""
    if kind != "type" or not isinstance(item, TypeEngine):
        return False
    if isinstance(item, Fixed):
        return f"Fixed({item.precision}, {item.scale})"
    return "UtcDateTime()" if isinstance(item, UtcDateTime) else False


OPTIONS: dict[str, Any] = {
    "target_metadata": Base.metadata,
    "render_as_batch": True,
    "render_item": render_item,
    "compare_type": True,
    #: All or nothing, on SQLite too: the application begins its transactions by itself.
    "transactional_ddl": True,
}


@contextmanager
def connect() -> Iterator[Connection]:
    """A connection to the application's database. On SQLite without checks of foreign keys: there,
    changing a table means making it anew, and dropping the old one would delete what refers to it.
    Nor may the new one's renaming fail for triggers of others that name the old one.
    """
    with current_app.extensions["migrate"].db.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            yield connection
            return
        connection.detach()  # it is closed afterwards, not used again
        raw = connection.connection.dbapi_connection
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("PRAGMA legacy_alter_table=ON")
        yield connection
        if broken := raw.execute("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError(f"rows refer to others that do not exist: {broken[:5]}")


def run() -> None:
    with connect() as connection:
        context.configure(connection=connection, **OPTIONS)
        with context.begin_transaction():
            context.run_migrations()


run()
