"""The whole product, as `./ppp run` starts it, and a browser to click in it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from ppplanner.demo import LOGINS

#: As in `./ppp`: the one that is asked for, then the one that needs least.
NAMES = (
    os.environ.get("PPP_CHROMIUM") or "",
    "chromium-headless-shell",
    "chromium",
    "google-chrome",
)
CHROMIUM = next((path for name in NAMES if (path := shutil.which(name))), None)
#: Seconds that a page may take before a test gives up.
PATIENCE = 20
#: A whole Chromium loads suggestions for its address bar, in two processes more for each context:
#: half a second of work that nobody sees. The others repeat of Playwright's own list, whose place
#: this takes, what could matter here.
FEATURES_OFF = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "HttpsUpgrades",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
)
FLAGS = (
    "--disable-features=" + ",".join(FEATURES_OFF),
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Running:
    """The product while it runs: where, and its processes by name."""

    url: str
    exact: str
    instance: Path
    process: subprocess.Popen[bytes]

    def kill(self, name: str) -> None:
        """Kill -9 the part called `name`, such as "worker", with what it has started."""
        part = next(pid for pid in _children(self.process.pid) if _log(pid) == name)
        for pid in (part, *_children(part)):
            os.kill(pid, signal.SIGKILL)

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        """The part called `name` is gone for a while: who would start it again is held still."""
        self.process.send_signal(signal.SIGSTOP)
        self.kill(name)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


def _children(pid: int) -> list[int]:
    """The processes that a process has started."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


def _log(pid: int) -> str:
    """The name of the log that a process writes, which is its name."""
    return Path(f"/proc/{pid}/fd/1").readlink().stem


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
    address = "http://127.0.0.1"
    product = Running(f"{address}:{port}", f"{address}:{exact_port}", folder, process)
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


#: A page whose scripts have not run yet is treated like one with something in front of it: each
#: click, word and look waits until it is away. A slow machine is no other test.
NOT_READY = "html:not([data-ready])"
MARK_READY = """
    addEventListener("DOMContentLoaded", () => (document.documentElement.dataset.ready = ""));
"""


def hurry(page: Page) -> None:
    """From now on act before the scripts have run, as nervous fingers do."""
    page.remove_locator_handler(page.locator(NOT_READY))


@pytest.fixture
def page(page: Page, running: Running) -> Iterator[Page]:
    """A tab that fails the test when a script complains or the server breaks."""
    troubles: list[str] = []
    page.set_default_timeout(PATIENCE * 1000)
    expect.set_options(timeout=PATIENCE * 1000)
    page.add_init_script(MARK_READY)
    page.add_locator_handler(page.locator(NOT_READY), lambda: None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: _note(troubles, line.type, line.text))
    page.on("response", lambda answer: _note_status(troubles, answer.status, answer.url))
    yield page
    assert troubles == []


#: Complaints of what is meant: answers such as 422 (those of 500 and more are noted by themselves),
#: requests that a later one makes needless, and those that a test cuts off.
MEANT = (
    "Failed to load resource",
    "Response Status Error Code",
    "htmx:sendAbort",
    "htmx:sendError",
    "htmx:afterRequest",
)


def _note(troubles: list[str], kind: str, text: str) -> None:
    if kind == "error" and not any(each in text for each in MEANT):
        troubles.append(text)


def _note_status(troubles: list[str], status: int, url: str) -> None:
    if status >= 500:
        troubles.append(f"{status} {url}")


@pytest.fixture(scope="session")
def sessions() -> dict[str, Any]:
    """The cookies of those who have logged in before, by role: each types the password once."""
    return {}


@pytest.fixture
def log_in(page: Page, running: Running, sessions: dict[str, Any]) -> Callable[[str], Page]:
    """Log in as the demo's "Planner", "Accountant" or "Administrator"; the test opens a page."""

    def log_in_as(role: str) -> Page:
        page.context.clear_cookies(domain="127.0.0.1")
        if role not in sessions:
            page.goto(f"{running.url}/login")
            _type_password(page, role)
            expect(page.get_by_role("navigation", name="Main menu")).to_be_visible()
            sessions[role] = page.context.cookies()
        page.context.add_cookies(sessions[role])
        return page

    return log_in_as


def _type_password(page: Page, role: str) -> None:
    login = next(login for login in LOGINS if login.role == role)
    page.get_by_label("User name").fill(login.username)
    page.get_by_label("Password").fill(login.password)
    page.get_by_role("button", name="Log in").click()
