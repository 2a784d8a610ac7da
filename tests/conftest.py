"""Fixtures for all tests: an application, a database on each of two servers, people at browsers.

A test that touches the database runs on SQLite and on PostgreSQL when it lies in one of
`BOTH_FOLDERS` or says `@pytest.mark.both_databases`; `@pytest.mark.one_database` takes it back, for
what would be the same on any database, and `@pytest.mark.strict_database` leaves it to PostgreSQL,
for what SQLite could not break on. A test's own mark wins over its module's. All others run on
SQLite only.
"""

from __future__ import annotations

import gc
import os
import socket
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextvars import Context
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache
from redis import Redis
from rq import SimpleWorker

from ppplanner import create_app, jobs, texts
from ppplanner.config import Config
from ppplanner.extensions import db, limiter
from ppplanner.models import User
from ppplanner.services.firm import users
from tests import servers
from tests.databases import Database, PostgresDatabase, SqliteDatabase
from tests.factories import make_user

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.datastructures import Headers

BOTH_FOLDERS = ("tests/services/", "tests/integrations/")
KINDS = ("sqlite", "postgresql")
SAID = {"both_databases": KINDS, "one_database": KINDS[:1], "strict_database": KINDS[1:]}
MARKERS = (
    "both_databases: run on SQLite and on PostgreSQL",
    "one_database: run on SQLite only, in a folder whose tests run on both",
    "strict_database: run on PostgreSQL only, as SQLite takes all that it takes",
)
#: What takes longest begins first, and much of it only waits: the rest fills the time.
FIRST = ("tests/browser/", "tests/test_house.py", "tests/test_launcher.py")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SECRET = "for-tests-only-for-tests-only-for-tests-only"

#: The same examples in each run; a test that uses the database cleans up after each of them.
settings.register_profile(
    "tests",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("tests")

AppMaker = Callable[..., Flask]
PlaceMaker = Callable[[str, tuple[str, ...], Path, str], Database]
Answer: TypeAlias = "tuple[Iterable[bytes], str, Headers]"
Login = Callable[..., "Browser"]


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        kinds = _databases(metafunc.definition)
        metafunc.parametrize("database", kinds, indirect=True, scope="session")


def pytest_make_parametrize_id(config: pytest.Config, val: object) -> str | None:
    """Files are not named by what is in them, such as the time: all processes name tests alike."""
    return "bytes" if isinstance(val, bytes) else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """All that is read now stays: to look it over again and again takes a sixth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda test: not test.nodeid.startswith(FIRST))


def _databases(test: pytest.Item) -> Sequence[str]:
    nearest_first = (SAID[mark.name] for mark in test.iter_markers() if mark.name in SAID)
    return next(nearest_first, KINDS if test.nodeid.startswith(BOTH_FOLDERS) else KINDS[:1])


class Browser(FlaskClient):
    """A client that works as a real one does: each request in a context and session of its own.

    What the test has made so far is committed first, so that the request sees it.
    """

    def run_wsgi_app(self, environ: WSGIEnvironment, buffered: bool = False) -> Answer:
        db.session.commit()
        return Context().run(super().run_wsgi_app, environ, buffered)

    def log_in(self, user: User) -> None:
        db.session.commit()
        with self.session_transaction() as session:
            session.update(_user_id=user.get_id(), _fresh=True)


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Only this machine can be reached, by sockets and by names."""
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOOPBACK:
            raise RuntimeError(f"a test wants to reach {address!r} on the network")
        connect(self, address)

    def look_up_here(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in LOOPBACK:
            raise RuntimeError(f"a test wants to reach {host!r} on the network")
        return look_up(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        patch.setattr(socket, "getaddrinfo", look_up_here)
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_texts() -> None:
    """The catalogues as they are now, also without `./ppp setup`."""
    texts.compile_stale()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> None:
    """Hashing that costs a millisecond instead of a fifth of a second."""
    users._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with servers.valkey() as url:
        yield url


@pytest.fixture(scope="session")
def redis(redis_url: str) -> Iterator[Redis]:
    """A connection with the queue's server, past the application."""
    with Redis.from_url(redis_url) as connection:
        yield connection


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    with servers.postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def templates(shared_folder: Path) -> Path:
    """Where all applications of this run keep compiled templates, those of other workers too."""
    folder = shared_folder / "templates"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def make_place(request: pytest.FixtureRequest, shared_folder: Path) -> PlaceMaker:
    """Makes places for data, for a kind of database and the add-ons that keep something there."""

    def make(database: str, addons: tuple[str, ...], folder: Path, name: str) -> Database:
        kept = f"migrated_{sha256(','.join(addons).encode()).hexdigest()[:12]}"
        if database == "sqlite":
            return SqliteDatabase(folder, shared_folder / f"{kept}.db")
        return PostgresDatabase(request.getfixturevalue("postgresql_url"), name, kept)

    return make


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database that this test runs on: "sqlite" or "postgresql"."""
    return str(request.param)


@pytest.fixture(scope="session")
def make_app(
    make_place: PlaceMaker,
    tmp_path_factory: pytest.TempPathFactory,
    redis_url: str,
    templates: Path,
) -> Iterator[AppMaker]:
    """Makes applications, each kind once: by database, add-ons and environment."""
    made: dict[object, tuple[Flask, Database, dict[str, Any]]] = {}

    def make(database: str, addons: tuple[str, ...], environment: Mapping[str, str]) -> Flask:
        key = database, addons, tuple(sorted(environment.items()))
        if key not in made:
            folder = tmp_path_factory.mktemp("instance")
            place = make_place(database, addons, folder, f"test_{len(made)}")
            variables = {
                "INSTANCE_PATH": str(folder),
                "DATABASE_URL": place.url,
                "REDIS_URL": redis_url,
                "SECRET_KEY": SECRET,
                "ADDONS": ",".join(addons),
                **environment,
            }
            made[key] = _new_app(variables, templates), place, dict(vars(limiter))
        app, place, limits = made[key]
        vars(limiter).update(limits)  # it counts for the application that was made last
        place.clear(app)
        return app

    yield make
    for app, place, _limits in made.values():
        place.close(app)


def _new_app(variables: dict[str, str], templates: Path) -> Flask:
    app = create_app(Config.from_env(variables), TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Browser
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(templates))
    gc.collect()
    gc.freeze()  # as `./ppp run` does: looking over all that is loaded takes a seventh of the time
    return app


@pytest.fixture
def addons() -> tuple[str, ...]:
    """The add-ons of the application; a folder's conftest or a module may name some."""
    return ()


@pytest.fixture
def environment() -> dict[str, str]:
    """Further variables of the application's environment; to be overridden like `addons`."""
    return {}


@pytest.fixture
def app(
    database: str,
    make_app: AppMaker,
    redis: Redis,
    addons: tuple[str, ...],
    environment: dict[str, str],
) -> Iterator[Flask]:
    """The application on an empty database and an empty queue, with its context pushed."""
    app = make_app(database, addons, environment)
    redis.flushall()
    app.extensions.pop("queue_silent_until", None)
    limiter.reset()
    with app.app_context():
        yield app


@pytest.fixture
def client(app: Flask) -> Browser:
    """A browser in which nobody is logged in."""
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def login(app: Flask) -> Login:
    """Logs somebody in and gives their browser.

    login()                      may do everything
    login("customers.view")      has these rights only
    login(user=somebody)         is somebody
    """

    def log_in(*permissions: str, user: User | None = None) -> Browser:
        browser: Browser = app.test_client()  # type: ignore[assignment]
        browser.log_in(user or make_user(permissions=permissions or None))
        return browser

    return log_in


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """Does all jobs that wait in the queue, and raises what one raised; gives their number."""

    def run() -> int:
        db.session.commit()
        errors: list[BaseException] = []

        def note(_job: object, _kind: object, error: BaseException, _trace: object) -> bool:
            errors.append(error)
            return True

        queues = [jobs.queue(name) for name in jobs.QUEUES]
        waiting = sum(queue.count for queue in queues)
        worker = SimpleWorker(queues, connection=jobs.redis(), exception_handlers=[note])
        worker.work(burst=True)
        if errors:
            raise errors[0]
        return waiting

    return run
