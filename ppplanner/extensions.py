"""Flask extensions: created here, bound to the application in `create_app`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.config import Config as AlembicConfig
from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from htmx_flask import Htmx
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine, event

from ppplanner import locales
from ppplanner.models.base import Base

PACKAGE = Path(__file__).parent

db = SQLAlchemy(model_class=Base)
migrate = Migrate(directory=str(PACKAGE / "migrations"), render_as_batch=True)
login = LoginManager()
csrf = CSRFProtect()
htmx = Htmx()
#: How pages ask the queue's server: nobody waits for one that does not answer. In seconds; twice,
#: since the first connection may be a stale one.
IMPATIENT: dict[str, Any] = {
    "socket_timeout": 0.25,
    "socket_connect_timeout": 0.25,
    "retry": Retry(NoBackoff(), retries=1),
}
limiter = Limiter(get_remote_address, default_limits=[], storage_options=IMPATIENT)

SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "busy_timeout=15000",
    "foreign_keys=ON",
)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: object) -> None:
    """Let SQLite serve several processes: write-ahead log, patience, and foreign keys checked."""
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None  # the driver must not begin by itself
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Any) -> None:
    """Take SQLite's write lock at once, unless the request only reads.

    A transaction that reads first and writes later would lose updates, or fail with "locked"
    however long it were willing to wait.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN DEFERRED" if _only_reads() else "BEGIN IMMEDIATE")


@event.listens_for(Engine, "commit")
def _note_commit(_connection: Any) -> None:
    if has_request_context():
        request.environ["ppplanner.commits"] = True


def _only_reads() -> bool:
    """A GET request only reads, until it commits something: the return from a login does."""
    reads = has_request_context() and request.method in {"GET", "HEAD", "OPTIONS"}
    return reads and "ppplanner.commits" not in request.environ


def init_app(app: Flask) -> None:
    """Bind all extensions to the application."""
    db.init_app(app)
    migrate.init_app(app, db)
    login.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    htmx.init_app(app)
    # One of its own: it keeps the catalogues that it has read, which depend on the add-ons.
    Babel().init_app(app, locale_selector=locales.locale, timezone_selector=locales.timezone)


def find_texts(app: Flask) -> None:
    """Let the catalogues of the add-ons that are switched on be found beside the core's."""
    folders = (addon.translations for addon in app.extensions["addons"].addons.values())
    app.extensions["babel"].translation_directories.extend(map(str, filter(None, folders)))


@migrate.configure
def _find_migrations(config: AlembicConfig) -> AlembicConfig:
    """Let the migrations of the add-ons that are switched on be found beside the core's."""
    addons = current_app.extensions["addons"].addons.values()
    folders = [
        PACKAGE / "migrations" / "versions",
        *(addon.migrations for addon in addons),
    ]
    paths = "\n".join(str(folder) for folder in folders if folder)
    config.set_main_option("version_locations", paths.replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config
