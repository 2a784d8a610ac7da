"""Migrations: up and down on both databases, the same tables as the models, rules included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Engine, event, inspect, select, text

from ppplanner import create_app
from ppplanner.addons.manifest import AddOn
from ppplanner.config import Config
from ppplanner.extensions import db
from ppplanner.models import Base, Contract
from tests.conftest import PlaceMaker
from tests.databases import Database, PostgresDatabase
from tests.example_addon.models import ExampleNote
from tests.factories import make_contract
from tests.installed import INSTALLED

pytestmark = pytest.mark.both_databases

Schema = dict[str, dict[str, Any]]


@pytest.fixture
def place(database: str, tmp_path: Path, make_place: PlaceMaker) -> Database:
    return make_place(database, INSTALLED, tmp_path, "bare")


@pytest.fixture
def unfilled_app(place: Database, tmp_path: Path, redis_url: str) -> Iterator[Flask]:
    """An application with all add-ons, whose database somebody has yet to make."""
    variables = {"INSTANCE_PATH": str(tmp_path), "DATABASE_URL": place.url, "REDIS_URL": redis_url}
    app = create_app(Config.from_env({**variables, "ADDONS": ",".join(INSTALLED)}), TESTING=True)
    yield app
    place.close(app)
    if isinstance(place, PostgresDatabase):
        place.drop()


@pytest.fixture
def bare_app(unfilled_app: Flask, place: Database) -> Iterator[Flask]:
    """An application with all add-ons on a database without a single table."""
    if isinstance(place, PostgresDatabase):
        place.create()
    with unfilled_app.app_context():
        yield unfilled_app


@pytest.fixture
def migrated_app(unfilled_app: Flask, place: Database) -> Iterator[Flask]:
    """The same on a database that all migrations have gone over, none of them twice."""
    place.clear(unfilled_app)
    with unfilled_app.app_context():
        yield unfilled_app


def schema(engine: Engine) -> Schema:
    """Everything that the database knows of its tables, comparable between two databases."""
    found = inspect(engine)
    return {
        table: {
            "columns": {
                column["name"]: (str(column["type"]), column["nullable"], column["default"])
                for column in found.get_columns(table)
            },
            "key": found.get_pk_constraint(table),
            "foreign keys": _by_name(found.get_foreign_keys(table)),
            "unique": _by_name(found.get_unique_constraints(table)),
            "checks": _by_name(found.get_check_constraints(table)),
            "indexes": _by_name(found.get_indexes(table)),
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def _by_name(parts: list[Any]) -> dict[str, Any]:
    return {part["name"]: _normal(part) for part in parts}


def _normal(value: Any) -> Any:
    """Conditions are texts: their layout does not matter."""
    if isinstance(value, dict):
        return {key: _normal(part) for key, part in value.items() if key != "comment"}
    return (
        " ".join(str(value).split()) if isinstance(value, str) or hasattr(value, "text") else value
    )


#: What the database itself keeps, besides keys and checks.
RULES = {
    "contracts_no_overlap",
    "confirmed_invoices_stay",
    "parts_of_confirmed_invoices_stay",
    "invoice_documents_stay",
    "numbers_follow_each_other",
    "financial_years_no_overlap",
}


def rules(engine: Engine) -> set[str]:
    """The names under which the database keeps rules that no check can tell."""
    query = {
        "sqlite": "select name from sqlite_master where type = 'trigger'",
        "postgresql": "select conname from pg_constraint where contype = 'x'"
        " union select tgname from pg_trigger where not tgisinternal",
    }[engine.dialect.name]
    with engine.connect() as connection:
        return set(connection.scalars(text(query)))


def test_the_newest_version_keeps_all_rules(migrated_app: Flask) -> None:
    """Making a table anew on SQLite would silently lose those of the table."""
    kept = rules(db.engine)
    assert {rule for rule in RULES if any(name.startswith(rule) for name in kept)} == RULES
    if db.engine.dialect.name == "sqlite":
        assert len(kept) == 16


def test_migrations_make_the_tables_that_the_models_describe(migrated_app: Flask) -> None:
    migrated = schema(db.engine)
    flask_migrate.downgrade(revision="base")
    Base.metadata.create_all(db.engine)
    described = schema(db.engine)
    Base.metadata.drop_all(db.engine)
    for table, parts in migrated.items():
        for only_on_postgresql in (*RULES, f"words_of_{table}"):
            parts["indexes"].pop(only_on_postgresql, None)
    assert migrated.keys() == described.keys()
    for table, parts in described.items():
        assert migrated[table] == parts, table


def test_all_goes_down_and_up_again(migrated_app: Flask) -> None:
    first, kept = schema(db.engine), rules(db.engine)
    flask_migrate.downgrade(revision="base")
    assert schema(db.engine) == {}
    assert rules(db.engine) == set()
    flask_migrate.upgrade(revision="heads")
    assert schema(db.engine) == first
    assert rules(db.engine) == kept != set()


def test_the_core_alone_has_no_table_of_an_addon(app: Flask) -> None:
    assert {table for table in schema(db.engine) if table.startswith(("exact", "example"))} == set()


def test_each_addon_can_be_taken_out_and_put_back(migrated_app: Flask) -> None:
    everything = schema(db.engine)
    for addon in migrated_app.extensions["addons"].addons.values():
        flask_migrate.downgrade(revision=f"{addon.name}@base")
        left = schema(db.engine)
        gone = everything.keys() - left.keys()
        assert gone == {table for table in everything if table.startswith(f"{addon.name}_")}
        assert all(left[table] == everything[table] for table in left)
        flask_migrate.upgrade(revision="heads")
    assert schema(db.engine) == everything


def test_each_branch_has_its_label_and_builds_on_the_core(bare_app: Flask) -> None:
    scripts = ScriptDirectory.from_config(bare_app.extensions["migrate"].migrate.get_config())
    names = [addon.name for addon in bare_app.extensions["addons"].addons.values()]
    bases = {script.revision: script for script in map(scripts.get_revision, scripts.get_bases())}
    assert {label for script in bases.values() for label in script.branch_labels} == {
        "core",
        *names,
    }
    for revision, script in bases.items():
        builds_on = script.dependencies or ()
        assert revision.startswith("core_") or str(builds_on).startswith("core_")


def word_indexes() -> set[str]:
    names = (name for parts in schema(db.engine).values() for name in parts["indexes"])
    return {name for name in names if name and name.startswith("words_of_")}


def test_postgresql_gets_indexes_for_words(migrated_app: Flask) -> None:
    assert bool(word_indexes()) is (db.engine.dialect.name == "postgresql")


def test_where_the_extension_for_words_is_refused_the_rest_is_done(
    bare_app: Flask,
) -> None:
    """Somebody who does not own the database is refused by the server itself."""
    flask_migrate.upgrade(revision="core_0006")
    if db.engine.dialect.name == "postgresql":
        become_somebody_else(db.engine)
    flask_migrate.upgrade(revision="core_0007")
    assert word_indexes() == set()


def become_somebody_else(engine: Engine) -> None:
    """From now on every connection is that of a person who owns the tables, not the database."""
    with engine.begin() as connection:
        connection.execute(text("drop role if exists somebody"))
        connection.execute(text("create role somebody"))
        for table in inspect(connection).get_table_names():
            connection.execute(text(f'alter table "{table}" owner to somebody'))
    event.listen(engine, "begin", lambda connection: connection.execute(text("set role somebody")))


LATER = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "later_0001", None
branch_labels, depends_on = ("later",), "core_0002"


def upgrade():
    {body}
"""


def bring_later_version(app: Flask, folder: Path, body: str) -> None:
    """Run one more migration, as a later version would bring it."""
    (folder / "migrations").mkdir()
    (folder / "migrations" / "later_0001.py").write_text(LATER.format(body=body))
    later = AddOn(name="later", title="Later", package="later", folder=folder)
    app.extensions["addons"].addons["later"] = later
    flask_migrate.upgrade(revision="heads")


def test_a_migration_that_fails_halfway_leaves_nothing(migrated_app: Flask, tmp_path: Path) -> None:
    before = schema(db.engine)
    body = """op.create_table("half", sa.Column("id", sa.Integer()))
    raise ValueError("halfway")"""
    with pytest.raises(ValueError, match="halfway"):
        bring_later_version(migrated_app, tmp_path, body)
    assert schema(db.engine) == before


def test_a_table_made_anew_keeps_what_refers_to_it(migrated_app: Flask, tmp_path: Path) -> None:
    """SQLite changes a column by making the table anew: what refers to it must not go with it."""
    make_contract()  # its customer has a note of the example, too
    db.session.commit()
    db.session.remove()
    body = """with op.batch_alter_table("customers") as table:
        table.alter_column("city", type_=sa.String(99), existing_type=sa.String(60))"""
    bring_later_version(migrated_app, tmp_path, body)
    note = db.session.scalars(select(ExampleNote)).one()
    assert db.session.scalars(select(Contract)).one().customer_id == note.customer_id
    db.session.remove()


def test_a_table_that_rules_of_others_name_is_made_anew(
    migrated_app: Flask, tmp_path: Path
) -> None:
    """SQLite looks whether all triggers can still be understood: those of lines ask the invoice."""
    body = """with op.batch_alter_table("invoices") as table:
        table.alter_column("reference", type_=sa.String(99), existing_type=sa.String(30))"""
    bring_later_version(migrated_app, tmp_path, body)


def test_roles_that_were_given_are_given_everywhere(bare_app: Flask) -> None:
    """And back: a role in one place is lost, as without its place it would give too much."""
    flask_migrate.upgrade(revision="core_0005")
    with db.engine.begin() as connection:
        connection.execute(text("insert into roles (name, permissions) values ('Desk', '[]')"))
        for name in ("an", "bo"):
            connection.execute(
                text(
                    "insert into users (username, name, email, password_hash, language, theme,"
                    " active, session_version) values (:name, :name, '', '', 'en', 'light', true,"
                    " 1)"
                ),
                {"name": name},
            )
        connection.execute(text("insert into user_roles select id, 1 from users"))
    flask_migrate.upgrade(revision="core_0006")
    with db.engine.begin() as connection:
        grants = text(
            "select user_id, role_id, group_id, pool_id from role_grants order by user_id"
        )
        assert connection.execute(grants).all() == [(1, 1, None, None), (2, 1, None, None)]
        connection.execute(text("insert into company_groups (name) values ('Holding')"))
        connection.execute(text("update role_grants set group_id = 1 where user_id = 2"))
    flask_migrate.downgrade(revision="core_0005")
    with db.engine.begin() as connection:
        roles = connection.execute(text("select user_id, role_id from user_roles")).all()
    assert roles == [(1, 1)]
