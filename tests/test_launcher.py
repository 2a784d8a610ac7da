"""`./ppp run`: all of it starts with one command, comes back when it dies, and ends together."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
import requests
from redis import Redis
from rq import Queue, Worker

from ppplanner.config import mail_socket, queue_socket
from ppplanner.jobs import QUEUE

pytestmark = pytest.mark.xdist_group("launcher")  # most share one

T = TypeVar("T")

READY = re.compile(r"ppplanner is ready: (\S+)")
#: Seconds that a loaded machine may take for a start or an end.
PATIENCE = 60
#: What the environment of the tests must not decide.
OUTSIDE = {
    "DATABASE_URL",
    "REDIS_URL",
    "MAIL_URL",
    "PPP_ENV",
    "PPP_HOST",
    "PPP_PORT",
    "PPP_WEB_WORKERS",
}


class Run:
    """A launcher at work in an instance folder of its own, without add-ons and without the demo."""

    def __init__(self, instance: Path) -> None:
        self.instance = instance
        self.launcher = launch(instance, free_port())
        self.address = until(self._ready)[1]
        self.processes = psutil.Process(self.launcher.pid).children(recursive=True)

    def _ready(self) -> re.Match[str] | None:
        assert self.launcher.poll() is None, self.output
        return READY.search(self.output)

    @property
    def output(self) -> str:
        return (self.instance / "output").read_text()

    def workers(self) -> set[int]:
        """The process ids of the workers that look into the first queue, of killed ones too."""
        with Redis(unix_socket_path=str(queue_socket(self.instance))) as redis:
            workers = Worker.all(queue=Queue(QUEUE, connection=redis))
            return {worker.pid for worker in workers if worker.pid}

    def all_gone(self) -> bool:
        return not any(process.is_running() for process in self.processes)


def launch(instance: Path, port: int) -> subprocess.Popen[bytes]:
    environment = {name: text for name, text in os.environ.items() if name not in OUTSIDE}
    environment |= {"INSTANCE_PATH": str(instance), "ADDONS": "", "PPP_DEMO": "0"}
    command = [sys.executable, "-m", "ppplanner.launcher", "--port", str(port)]
    with (instance / "output").open("ab") as output:
        return subprocess.Popen(command, env=environment, stdout=output, stderr=output)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def until(look: Callable[[], T | None]) -> T:
    """Wait for `look` to give something, and return it."""
    end = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < end, f"waited {PATIENCE} seconds"
        time.sleep(0.05)
    return found


@contextmanager
def running(instance: Path) -> Iterator[Run]:
    run = Run(instance)
    try:
        yield run
    finally:
        run.launcher.send_signal(signal.SIGTERM)
        run.launcher.wait(PATIENCE)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A launcher that the tests of this file share; none of them ends it."""
    with running(tmp_path_factory.mktemp("with a space")) as run:
        yield run


def test_the_address_answers_with_the_login_page(run: Run) -> None:
    answer = requests.get(run.address, timeout=PATIENCE)
    assert answer.status_code == 200
    assert 'type="password"' in answer.text


def test_nobody_is_believed_about_the_address_who_is_no_trusted_proxy(run: Run) -> None:
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "SCRIPT_NAME": "/x"}
    answer = requests.get(
        f"{run.address}/customers", headers=told, timeout=PATIENCE, allow_redirects=False
    )
    assert answer.headers["Location"] == f"{run.address}/customers/"


def test_a_web_process_can_print_before_somebody_asks_for_it(run: Run) -> None:
    until(lambda: any(map(can_print, run.processes)))


def can_print(process: psutil.Process) -> bool:
    """Whether it is one of the web, and has loaded the library that puts letters on paper."""
    with suppress(psutil.NoSuchProcess):
        is_web = any(Path(file.path).name == "web.log" for file in process.open_files())
        return is_web and any("libpango" in part.path for part in process.memory_maps())
    return False


def test_mails_are_caught_and_the_console_says_where(run: Run) -> None:
    until(mail_socket(run.instance).exists)
    assert f"Mails to customers are kept, not sent: {run.address}/mails/" in run.output


def test_a_killed_worker_comes_back_by_itself(run: Run) -> None:
    killed = until(run.workers).pop()
    os.kill(killed, signal.SIGKILL)
    until(lambda: run.workers() - {killed})
    assert "The worker process ended unexpectedly (signal SIGKILL)" in run.output


def test_a_second_run_in_the_same_folder_says_where_the_first_is(run: Run) -> None:
    second = launch(run.instance, free_port())
    assert second.wait(PATIENCE) == 1
    assert f"cannot start: it runs here already, at {run.address}" in run.output


def test_a_taken_port_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert launch(tmp_path, port).wait(PATIENCE) == 1
    told = (tmp_path / "output").read_text()
    assert f"cannot start: 127.0.0.1:{port}: Address already in use" in told
    assert "Traceback" not in told


def test_a_file_that_is_no_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "ppplanner.db").write_text("a letter, and no database at all")
    assert launch(tmp_path, free_port()).wait(PATIENCE) == 1
    told = (tmp_path / "output").read_text()
    assert "cannot start: the database cannot be used: file is not a database" in told
    assert "Traceback" not in told


def test_what_it_keeps_is_for_nobody_else_on_the_machine(run: Run) -> None:
    kept = [path for path in run.instance.rglob("*") if path.name != "output"]
    assert kept
    assert [path for path in kept if path.lstat().st_mode & 0o077] == []


def test_ctrl_c_ends_everything_and_leaves_nothing_outside(tmp_path: Path) -> None:
    instance = tmp_path / "with a space"
    instance.mkdir()
    with running(instance) as run:
        assert tmp_path not in queue_socket(instance).parents
        run.launcher.send_signal(signal.SIGINT)
        assert run.launcher.wait(PATIENCE) == 0
        assert run.all_gone()
        assert run.output.endswith("All has ended.\n")
        assert not queue_socket(instance).parent.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that a parent died")
def test_nothing_outlives_a_killed_launcher(tmp_path: Path) -> None:
    with running(tmp_path) as run:
        run.launcher.kill()
        until(run.all_gone)
