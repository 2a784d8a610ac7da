"""The firms that are measured: the demo and a large one, on SQLite and on an embedded PostgreSQL.

Both are kept in the folder for temporary files until the next day, or until their makers change.
"""

from __future__ import annotations

import gc
import hashlib
import shutil
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Literal

from flask import Flask
from sqlalchemy import select

import ppplanner
from benchmarks.exact.columns import fill_columns_of_exact
from benchmarks.large import make_large
from ppplanner import create_app
from ppplanner.clock import today
from ppplanner.config import Config
from ppplanner.demo import LOGINS, make_demo
from ppplanner.extensions import db
from ppplanner.models import User
from ppplanner.upkeep import count_rows
from tests import servers
from tests.databases import PostgresDatabase, migrate

PLACE = Path(tempfile.gettempdir()) / "ppplanner-benchmarks"
#: What a firm is made by: when one of these changes it is made anew.
MAKERS = (
    "benchmarks/exact/columns.py",
    "benchmarks/firms.py",
    "benchmarks/large.py",
    "ppplanner/demo/*.py",
    "ppplanner/**/migrations/**/*.py",
)
#: What is kept encrypted in a firm made earlier can be read again.
SECRETS = {
    "SECRET_KEY": "for-measurements-only-for-measurements-only",
    "ENCRYPTION_KEY": urlsafe_b64encode(bytes(32)).decode(),
}
Size = Literal["empty", "demo", "large"]
Server = Literal["sqlite", "postgresql"]


@contextmanager
def a_firm(server: Server, size: Size = "demo", database_url: str | None = None) -> Iterator[Flask]:
    """The application with a firm of that size, all invoices of which are in Exact or on their way.

    It may be changed: what is kept is a copy. `database_url` names an empty PostgreSQL database to
    use instead of an embedded one.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        variables = {"INSTANCE_PATH": str(folder), **SECRETS}
        variables["REDIS_URL"] = stack.enter_context(servers.valkey())
        if server == "sqlite":
            shutil.copyfile(_kept_sqlite(size, variables), folder / "ppplanner.db")
        elif database_url:
            _fill({**variables, "DATABASE_URL": database_url}, size)
            variables["DATABASE_URL"] = database_url
        else:
            variables["DATABASE_URL"] = stack.enter_context(_embedded(size, variables))
        app = create_app(Config.from_env(variables))
        gc.collect()
        gc.freeze()  # as `./ppp run` does
        yield app
        with app.app_context():
            db.engine.dispose()


def _fill(variables: dict[str, str], size: Size) -> None:
    """Make the firm in an empty database."""
    app = create_app(Config.from_env(variables))
    migrate(app)
    if size == "empty":
        return
    with app.app_context():
        make_demo()
        if size == "large":
            make_large()
        fill_columns_of_exact()
        db.session.commit()
        db.session.remove()
        count_rows()
        db.engine.dispose()


def _kept_sqlite(size: Size, variables: dict[str, str]) -> Path:
    """The file of a firm, made when there is none yet."""
    place = _kept(f"sqlite-{size}")
    file = place / "done.db"
    if not file.exists():
        with tempfile.TemporaryDirectory(dir=place) as folder:
            _fill({**variables, "INSTANCE_PATH": folder}, size)
            (Path(folder) / "ppplanner.db").rename(file)
    return file


@contextmanager
def _embedded(size: Size, variables: dict[str, str]) -> Iterator[str]:
    """The URL of a copy of the firm on a PostgreSQL of its own, made when there is none yet."""
    with servers.postgresql(_kept(f"postgresql-{size}") / "data") as server:
        kept, copy = PostgresDatabase(server, "kept"), PostgresDatabase(server, "benchmark")
        if not kept.exists():
            making = PostgresDatabase(server, "making")
            making.drop()
            making.create()
            _fill({**variables, "DATABASE_URL": making.url}, size)
            making.rename("kept")
        copy.drop()
        copy.create(template="kept")
        yield copy.url
        copy.drop()


def _kept(name: str) -> Path:
    """The folder of what was made today in the way it is made now; others of its kind go away."""
    root = Path(ppplanner.__file__).parent.parent
    print_ = hashlib.sha256(today().isoformat().encode())
    for file in sorted(file for maker in MAKERS for file in root.glob(maker)):
        print_.update(file.read_bytes())
    folder = PLACE / f"{name}-{print_.hexdigest()[:12]}"
    for other in PLACE.glob(f"{name}-*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def log_in(app: Flask, role: str = "Administrator") -> str:
    """The cookie of the demo's person in that role; the administrator sees all of everything."""
    username = next(login.username for login in LOGINS if login.role == role)
    with app.app_context():
        key = db.session.scalars(select(User).filter_by(username=username)).one().get_id()
    client = app.test_client()
    with client.session_transaction() as session:
        session.update(_user_id=key, _fresh=True)
    cookie = client.get_cookie("session")
    assert cookie
    return cookie.value
