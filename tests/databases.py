"""Databases for tests: migrated once, then empty for each test, on SQLite and on PostgreSQL."""

from __future__ import annotations

import fcntl
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

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

    def close(self, app: Flask) -> None:
        """After the last test: close all connections."""


@dataclass
class SqliteDatabase:
    folder: Path
    #: Where the empty database with all tables is kept: one file for all places, of all processes,
    #: that need the same tables.
    template: Path

    @property
    def url(self) -> str:
        return f"sqlite:///{self.file}"

    @property
    def file(self) -> Path:
        return self.folder / "test.db"

    def clear(self, app: Flask) -> None:
        disconnect(app)
        self._remove()
        if not self.template.exists():
            self._make_template(app)
        shutil.copyfile(self.template, self.file)

    def _remove(self) -> None:
        for name in ("test.db", "test.db-wal", "test.db-shm"):
            (self.folder / name).unlink(missing_ok=True)

    def _make_template(self, app: Flask) -> None:
        with self.template.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.template.exists():  # nobody was faster
                migrate(app)
                self.file.rename(self.template)

    def close(self, app: Flask) -> None:
        disconnect(app)


@dataclass
class PostgresDatabase:
    """Connections stay open from test to test: a new one costs the server as much as a test does.

    One more is for wiping, which is quick as long as the server remembers all tables.
    """

    server: str
    name: str
    #: The database on this server that keeps the empty tables, for all places that need the same.
    template: str = "migrated"
    _wiper: psycopg.Connection[Any] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return self.server.format(name=self.name)

    def clear(self, app: Flask) -> None:
        if self._wiper is None:
            self._fill(app)
            self._wiper = self._connect(self.name)
            self._wiper.execute(f"set lock_timeout = '10s'; {WITHOUT_CHECKS}".encode())
        else:
            _wipe(self._wiper)

    def _fill(self, app: Flask) -> None:
        kept = replace(self, name=self.template)
        if kept.exists():
            self.create(kept.name)
        else:
            self.create()
            migrate(app)
            kept.create(self.name)

    def close(self, app: Flask) -> None:
        disconnect(app)
        if self._wiper:
            self._wiper.close()

    def create(self, template: str = "template1") -> None:
        self._run(f"create database {self.name} template {template}")

    def drop(self) -> None:
        self._run(f"drop database if exists {self.name} with (force)")

    def rename(self, name: str) -> None:
        self._run(f"alter database {self.name} rename to {name}")

    def exists(self) -> bool:
        return bool(self._run(f"select datname from pg_database where datname = '{self.name}'"))

    def _run(self, statement: str) -> list[tuple[str, ...]]:
        with self._connect("postgres") as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.rownumber is not None else []

    def _connect(self, database: str) -> psycopg.Connection[Any]:
        url = make_url(self.server.format(name=database))
        return psycopg.connect(
            host=str(url.query["host"]), user=url.username, dbname=url.database, autocommit=True
        )


def _wipe(connection: psycopg.Connection[Any]) -> None:
    """Delete all rows and count keys from 1 again: a copy of a template takes far longer."""
    deletions = ";".join(f'delete from "{name}"' for (name,) in connection.execute(TABLES))
    connection.execute(f"{deletions}; {RESTART}".encode())


def migrate(app: Flask) -> None:
    """Bring the database of `app` to the newest version, of the core and its add-ons."""
    with app.app_context():
        flask_migrate.upgrade(revision="heads")
    disconnect(app)


def disconnect(app: Flask) -> None:
    """Close all connections, so that the database beneath can be replaced."""
    with app.app_context():
        db.engine.dispose()
