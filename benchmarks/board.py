"""How quick the board is with 500 resources and 10,000 bookings: python -m benchmarks.board

First the server's time for the board and for rows that come as one scrolls, then Chromium: how long
until the board can be used, how many elements it holds while one scrolls, how much memory.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Thread

import click
from flask import Flask
from playwright.sync_api import CDPSession, Page, ViewportSize, sync_playwright
from sqlalchemy import func, select
from werkzeug.serving import WSGIRequestHandler, make_server

from benchmarks.firms import Server, a_firm, log_in
from benchmarks.timing import HEADING, ask, measure
from ppplanner.extensions import db
from ppplanner.models import Contract, Resource
from ppplanner.services.renting.occupancy import holding
from tests.browser.conftest import CHROMIUM, FLAGS

#: The bars: milliseconds of 95 requests in 100, seconds until usable, elements on the page.
SERVER_BAR, BROWSER_BAR, ELEMENTS_BAR = 150.0, 1.0, 5_000
BOARD = "/planning/?view=month"
CHUNK = re.compile(r'data-resources="([\d ]+)"')
OPENINGS = 5
SCREEN: ViewportSize = {"width": 1600, "height": 1000}


class Quiet(WSGIRequestHandler):
    def log_request(self, *_arguments: object) -> None:
        """Nothing: the figures are what people want to read."""


#: Milliseconds from the request until the rows in sight have their bars and the scripts are there.
USABLE = """() => {
  const ready = performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd;
  return document.querySelectorAll(".booking[data-contract]").length && ready;
}"""
ELEMENTS = "document.getElementsByTagName('*').length"
#: Scrolls on by most of a screen; false at the end.
SCROLL = """() => {
  const board = document.querySelector(".board");
  const before = board.scrollTop;
  board.scrollBy(0, board.clientHeight * 0.9);
  return board.scrollTop > before;
}"""
#: Whether all rows in sight have come.
COMPLETE = """() => {
  const board = document.querySelector(".board").getBoundingClientRect();
  return [...document.querySelectorAll(".board-chunk")].every((chunk) => {
    const place = chunk.getBoundingClientRect();
    const away = place.bottom <= board.top || place.top >= board.bottom;
    return away || chunk.childElementCount;
  });
}"""


def in_view(app: Flask) -> str:
    """How much there is to see in the coming month, in words."""
    with app.app_context():
        start = datetime.fromisoformat(f"{datetime.now():%Y-%m}-01T00:00+00:00")
        end = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
        contracts = select(func.count(Contract.id)).where(holding(start, end))
        resources = select(func.count(Resource.id)).where(Resource.active)
        counts = [db.session.scalar(query) for query in (resources, contracts)]
        db.session.rollback()
    return f"{counts[0]:,} resources and {counts[1]:,} bookings in view"


def measure_server(app: Flask, cookie: str, times: int) -> bool:
    click.echo(f"{'':48}{HEADING}")
    good = True
    for name, address in addresses(app, cookie):
        timing = measure(app, cookie, address, times)
        good = good and timing.p95 < SERVER_BAR
        click.echo(f"{name:48}{timing}")
    return good


def addresses(app: Flask, cookie: str) -> Iterator[tuple[str, str]]:
    """What browsers ask for, by what it is."""
    yield "the board: month", BOARD
    yield "the board: week", "/planning/?view=week"
    yield "the board: day", "/planning/?view=day"
    yield "the board: month, a search", f"{BOARD}&q=transit"
    chunks = CHUNK.findall(ask(app, cookie, BOARD).text)
    for name, wanted in (
        ("rows as one scrolls", chunks[20:21]),
        ("rows of a screen", chunks[20:25]),
    ):
        ids = [key for chunk in wanted for key in chunk.split()]
        query = "&".join(f"resource={key}" for key in ids)
        yield f"{name}: {len(ids)}", f"/planning/rows?view=month&first=200&{query}"


def measure_browser(app: Flask, cookie: str) -> bool:
    assert CHROMIUM, "Chromium is missing: apt-get install chromium"
    with serving(app) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = browser.new_context(viewport=SCREEN)
        context.add_cookies([{"name": "session", "value": cookie, "url": url}])
        page = context.new_page()
        opened = [open_board(page, f"{url}{BOARD}") for _each in range(OPENINGS)]
        usable = statistics.median(opened[1:])
        session = context.new_cdp_session(page)
        before = memory(session)
        elements, screens = scroll(page)
        click.echo(f"usable after {opened[0]:.2f} s, then with files at hand {usable:.2f} s")
        click.echo(f"elements at most {elements:,} on {screens} screens")
        click.echo(f"memory of scripts {before:.0f} MB, after scrolling {memory(session):.0f} MB")
        browser.close()
    return max(usable, opened[0]) < BROWSER_BAR and elements < ELEMENTS_BAR


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def open_board(page: Page, url: str) -> float:
    """Seconds until the board can be used."""
    page.goto("about:blank")
    page.goto(url, wait_until="commit")
    return float(page.wait_for_function(USABLE, polling=10).json_value()) / 1000


def memory(session: CDPSession) -> float:
    """Megabytes that the page's scripts hold, once rubbish is collected."""
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def scroll(page: Page) -> tuple[int, int]:
    """The most elements the page held from the first row to the last; the screens that took."""
    most, screens = page.evaluate(ELEMENTS), 1
    while page.evaluate(SCROLL):
        page.wait_for_function(COMPLETE)
        most, screens = max(most, page.evaluate(ELEMENTS)), screens + 1
    return most, screens


@click.command()
@click.option("--times", default=200, help="How often each address is asked for.")
@click.option("--only", type=click.Choice(["sqlite", "postgresql"]), help="One database only.")
@click.option("--browser/--no-browser", default=True, help="Whether to measure in Chromium, too.")
def main(times: int, only: Server | None, browser: bool) -> None:
    """Measure the board of the large firm; fail when it is above a bar."""
    good = True
    for server in (only,) if only else ("sqlite", "postgresql"):
        with a_firm(server, "large") as app:
            cookie = log_in(app)
            click.echo(f"\n{server}: {in_view(app)}")
            good = measure_server(app, cookie, times) and good
            if browser:
                good = measure_browser(app, cookie) and good
    if not good:
        raise SystemExit("The board is slower than it should be.")


if __name__ == "__main__":
    main()
