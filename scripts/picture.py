"""Takes the pictures of the README anew, of the running demo: python -m scripts.picture

It starts all of ppplanner on free ports and a folder of its own. The board is taken as it is, in
Dutch. For the invoices it sets up the link with the simulator and forwards some: most are booked,
then Exact does not answer and the rest waits.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import requests
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from ppplanner.demo import LOGINS
from tests.browser.conftest import CHROMIUM, FLAGS, Running
from tests.browser.test_main_job import connect

DOCS = Path(__file__).parent.parent / "docs"
SIZE = ViewportSize(width=1440, height=810)
#: Seconds until all is up, or a page shows what it should.
PATIENCE = 60
BOOKED, WAITING = 6, 2


@contextmanager
def ppplanner() -> Iterator[Running]:
    """The product, as `./ppp run` starts it."""
    with TemporaryDirectory() as folder:
        port, exact_port = free_port(), free_port()
        settings = {"PPP_PORT": str(port), "EXACT_SIMULATOR_PORT": str(exact_port)}
        environment = {**os.environ, "INSTANCE_PATH": folder, **settings}
        command = [sys.executable, "-m", "ppplanner.launcher"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        urls = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{exact_port}"
        product = Running(*urls, Path(folder), process)
        try:
            wait_until_up(product)
            yield product
        finally:
            process.terminate()
            process.wait(PATIENCE)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_until_up(product: Running) -> None:
    deadline = time.monotonic() + PATIENCE
    for address in (f"{product.url}/login", product.exact):
        while True:
            try:
                requests.get(address, timeout=5)
                break
            except requests.RequestException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


@contextmanager
def browser() -> Iterator[Page]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        page = chromium.new_page(viewport=SIZE, locale="en-GB")
        expect.set_options(timeout=PATIENCE * 1000)
        yield page
        chromium.close()


def log_in(page: Page, product: Running) -> None:
    login = next(login for login in LOGINS if login.role == "Administrator")
    page.goto(f"{product.url}/login")
    page.get_by_label("User name").fill(login.username)
    page.get_by_label("Password").fill(login.password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("navigation", name="Main menu").wait_for()


def forward(page: Page, product: Running, rows: Sequence[int], state: str) -> None:
    """Send the invoices in these rows of the list, and wait until all of them say `state`."""
    page.goto(f"{product.url}/invoices/?state=confirmed")
    for row in rows:
        page.get_by_role("row").nth(row).get_by_role("checkbox").check()
    page.get_by_role("button", name="Forward to Exact").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=f"Forward {len(rows)} invoices").click()
    for row in rows:
        expect(page.get_by_role("row").nth(row)).to_contain_text(state)


def be_down(product: Running) -> None:
    """Let Exact be down for maintenance from now on."""
    answer = requests.post(
        f"{product.exact}/controls/faults", json={"kind": "unavailable", "times": 0}, timeout=5
    )
    answer.raise_for_status()


def take_board(page: Page, product: Running) -> None:
    """The present week."""
    speak(page, "nl")
    page.goto(f"{product.url}/planning/")
    page.locator(".booking").first.wait_for()
    take(page, "board")
    speak(page, "en")


def speak(page: Page, language: str) -> None:
    """Change the language of the one who is logged in."""
    choice = page.locator("[name=language]")
    page.locator("details").filter(has=choice).locator("summary").click()
    page.locator(f"[name=language][value={language}]").click()
    expect(page.locator("html")).to_have_attribute("lang", language)


def take_invoices(page: Page, product: Running) -> None:
    connect(page, product)
    forward(page, product, range(WAITING + 1, WAITING + BOOKED + 1), "booked")
    be_down(product)
    forward(page, product, range(1, WAITING + 1), "tried again")
    page.reload()  # without the message that they are on their way
    take(page, "invoices")


def take(page: Page, name: str) -> None:
    picture = DOCS / f"{name}.png"
    page.wait_for_load_state("networkidle")
    DOCS.mkdir(exist_ok=True)
    page.screenshot(path=picture)
    if convert := shutil.which("convert"):  # ImageMagick: a third of the size
        few_colours = ["+dither", "-colors", "128", "-define", "png:compression-level=9"]
        subprocess.run([convert, picture, *few_colours, picture], check=True)
    print(f"{picture}: {picture.stat().st_size / 1000:.0f} kB")


def main() -> None:
    with ppplanner() as product, browser() as page:
        log_in(page, product)
        take_board(page, product)
        take_invoices(page, product)


if __name__ == "__main__":
    main()
