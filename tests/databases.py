"""Databases for tests: migrated once, then copied for each test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import flask_migrate
from flask import Flask
from sqlalchemy import create_engine, text

from ppplanner.extensions import db


class Database(Protocol):
    """A place for the data of one application; its URL stays the same through all tests."""

    @property
    def url(self) -> str: ...

    def clear(self, app: Flask) -> None:
        """Leave an empty database with all tables, whatever the last test left there."""


@dataclass
class SqliteDatabase:
    folder: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"

    @property
    def file(self) -> Path:
        return self.folder / "test.db"

    def clear(self, app: Flask) -> None:
        template = self.folder / "template.db"
        if not template.exists():
            migrate(app)
            self.file.rename(template)
        for name in ("test.db", "test.db-wal", "test.db-shm"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.copyfile(template, self.file)


@dataclass
class PostgresDatabase:
    server: str
    name: str
    _template_made: bool = field(default=False, repr=False)

    @property
    def url(self) -> str:
        return self.server.format(name=self.name)

    def clear(self, app: Flask) -> None:
        template = f"{self.name}_template"
        if not self._template_made:
            self._run(f"create database {self.name}")
            migrate(app)
            self._run(f"alter database {self.name} rename to {template}")
            self._template_made = True
        self._run(f"drop database if exists {self.name} with (force)")
        self._run(f"create database {self.name} template {template}")

    def _run(self, statement: str) -> None:
        engine = create_engine(self.server.format(name="postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def migrate(app: Flask) -> None:
    """Bring the database of `app` to the newest version, of the core and its add-ons."""
    with app.app_context():
        flask_migrate.upgrade(revision="heads")
    disconnect(app)


def disconnect(app: Flask) -> None:
    """Close all connections, so that the database beneath can be replaced."""
    with app.app_context():
        db.engine.dispose()
