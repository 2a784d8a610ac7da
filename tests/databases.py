"""Databases for tests: migrated once, then copied for each test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import flask_migrate
import psycopg
from flask import Flask
from sqlalchemy import make_url

from ppplanner.extensions import db

TABLES = """
select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'
"""
#: Neither triggers nor foreign keys, for a superuser.
WITHOUT_CHECKS = "set session_replication_role = replica"
RESTART = "select setval(oid::regclass, 1, false) from pg_class where relkind = 'S'"


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
    _made: bool = field(default=False, repr=False)

    @property
    def url(self) -> str:
        return self.server.format(name=self.name)

    def clear(self, app: Flask) -> None:
        if self._made:
            self._wipe()
        else:
            self.create()
            migrate(app)
            self._made = True

    def create(self, template: str = "template1") -> None:
        self._run(f"create database {self.name} template {template}", database="postgres")

    def drop(self) -> None:
        self._run(f"drop database if exists {self.name} with (force)", database="postgres")

    def rename(self, name: str) -> None:
        self._run(f"alter database {self.name} rename to {name}", database="postgres")

    def exists(self) -> bool:
        found = f"select datname from pg_database where datname = '{self.name}'"
        return bool(self._run(found, database="postgres"))

    def _wipe(self) -> None:
        """Delete all rows and count keys from 1 again: a copy of a template takes far longer."""
        tables = self._run(TABLES)
        deletions = ";".join(f'delete from "{name}"' for (name,) in tables)
        self._run(f"set lock_timeout = '10s'; {WITHOUT_CHECKS}; {deletions}; {RESTART}")

    def _run(self, statement: str, database: str = "") -> list[tuple[str, ...]]:
        url = make_url(self.server.format(name=database or self.name))
        with psycopg.connect(
            host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=True
        ) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.rownumber is not None else []


def migrate(app: Flask) -> None:
    """Bring the database of `app` to the newest version, of the core and its add-ons."""
    with app.app_context():
        flask_migrate.upgrade(revision="heads")
    disconnect(app)


def disconnect(app: Flask) -> None:
    """Close all connections, so that the database beneath can be replaced."""
    with app.app_context():
        db.engine.dispose()
