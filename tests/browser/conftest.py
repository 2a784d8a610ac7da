"""The whole product, as `./ppp run` starts it, and a browser to click in it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from ppplanner.demo import LOGINS

CHROMIUM = next(
    (path for name in ("chromium", "chromium-headless-shell") if (path := shutil.which(name))), None
)
#: Seconds that a page may take before a test gives up.
PATIENCE = 20
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the browser tests together: one running product serves them all."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass(frozen=True)
class Running:
    """The product while it runs: where, and its processes by name."""

    url: str
    exact: str
    process: subprocess.Popen[bytes]

    def pid(self, name: str) -> int:
        """The process that does the part called `name`, such as "worker": it writes that log."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
                log = (folder / "fd" / "1").readlink()
            except OSError:
                continue
            if parent == self.process.pid and log.stem == name:
                return int(folder.name)
        raise LookupError(f"no process {name}")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    if CHROMIUM is None:
        pytest.skip("NO CHROMIUM: browser tests skipped; apt-get install chromium libatomic1")
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": list(FLAGS)}


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The product on a fresh demo firm, with the simulator beside it."""
    if CHROMIUM is None:
        pytest.skip("NO CHROMIUM: browser tests skipped; apt-get install chromium libatomic1")
    folder = tmp_path_factory.mktemp("running")
    port, exact_port = _free_port(), _free_port()
    environment = {
        **os.environ,
        "INSTANCE_PATH": str(folder),
        "PPP_PORT": str(port),
        "EXACT_SIMULATOR_PORT": str(exact_port),
    }
    with (folder / "console.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ppplanner.launcher"], env=environment, stdout=log, stderr=log
        )
    product = Running(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{exact_port}", process)
    try:
        _wait_until_up(product, folder / "console.log")
        yield product
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.fixture(scope="session")
def base_url(running: Running) -> str:
    return running.url


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(product: Running, log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and product.process.poll() is None:
        try:
            requests.get(f"{product.url}/login", timeout=5)
            requests.get(product.exact, timeout=5)
        except requests.RequestException:
            time.sleep(0.2)
        else:
            return
    pytest.fail(log.read_text())


@pytest.fixture
def page(page: Page, running: Running) -> Iterator[Page]:
    """A tab that fails the test when a script complains or the server breaks."""
    troubles: list[str] = []
    page.set_default_timeout(PATIENCE * 1000)
    expect.set_options(timeout=PATIENCE * 1000)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: _note(troubles, line.type, line.text))
    page.on("response", lambda answer: _note_status(troubles, answer.status, answer.url))
    yield page
    assert troubles == []


def _note(troubles: list[str], kind: str, text: str) -> None:
    """Browsers also complain of answers such as 422, which are meant."""
    if kind == "error" and "Failed to load resource" not in text:
        troubles.append(text)


def _note_status(troubles: list[str], status: int, url: str) -> None:
    if status >= 500:
        troubles.append(f"{status} {url}")


@pytest.fixture
def log_in(page: Page, running: Running) -> Callable[[str], Page]:
    """Log in as the demo's "Planner", "Accountant" or "Administrator"."""

    def log_in_as(role: str) -> Page:
        login = next(login for login in LOGINS if login.role == role)
        page.context.clear_cookies(domain="127.0.0.1")
        page.goto(f"{running.url}/login")
        page.get_by_label("User name").fill(login.username)
        page.get_by_label("Password").fill(login.password)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("navigation", name="Main menu")).to_be_visible()
        return page

    return log_in_as
