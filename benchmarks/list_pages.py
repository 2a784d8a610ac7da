"""How long the server takes for each list page: python -m benchmarks.list_pages --size large

A request goes through the whole application as a web server would hand it over, and its answer is
read to the end; what the network and the browser add is not measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import click
from flask import Flask

from benchmarks.firms import Server, Size, a_firm, log_in
from benchmarks.timing import HEADING, ask, look, measure

#: The bar in milliseconds that 95 of 100 requests have to stay below.
BARS: dict[Size, float] = {"demo": 50.0, "large": 100.0}

#: Lists with, each after a "?" or "&", searches, filters and orders that people use.
LISTS = {
    "/contracts/": (
        "q=transit",
        "q=bakkerij",
        "q=bakkerij+egel",
        "q=C1234",
        "q=9-LRG-123",
        "q=nobodyhasthisname",
        "status=confirmed",
        "status=open&q=jansen",
        "period=today",
        "period=coming",
        "period=past&sort=ends_at",
        "resource=none",
        "sort=starts_at",
        "sort=number",
        "sort=customer",
        "sort=-customer",
        "sort=-ends_at",
    ),
    "/customers/": (
        "q=van",
        "q=bakkerij+egel",
        "q=BE0700",
        "q=nobodyhasthisname",
        "kind=private",
        "status=blocked",
        "sort=number",
        "sort=-city",
    ),
    "/resources/": ("q=ford", "q=9-LRG-1", "use=no", "sort=type", "sort=-price_range"),
    "/invoices/": (
        "q=bakkerij",
        "q=nobodyhasthisname",
        "q=-0004",
        "payment=late",
        "payment=not_paid",
        "state=draft",
        "period=year",
        "sort=customer",
        "sort=-gross",
        "sort=due_date",
        "sort=reference",
    ),
    "/settings/history": ("q=status", "entity=contracts"),
    "/ledger/gl-accounts/": ("q=rent",),
    "/": (),
}
#: Lists with more than one page, of which the second is measured, too.
PAGED = ("/contracts/", "/contracts/?sort=customer", "/customers/", "/invoices/")
#: What every list has, so that those which nobody has named above are found.
TABLE = b'class="list-table'
NEXT = re.compile(r'href="([^"]*\bafter=\d+[^"]*)"')


def addresses(app: Flask, cookie: str) -> Iterator[str]:
    for path in (*LISTS, *other_lists(app, cookie)):
        yield path
        yield from (f"{path}?{query}" for query in LISTS.get(path, ()))
    for first in PAGED:
        if found := NEXT.search(ask(app, cookie, first).text):
            yield unescape(found.group(1))


def other_lists(app: Flask, cookie: str) -> list[str]:
    """The lists of the ledger, the settings and whatever comes later."""
    places = {rule.rule for rule in app.url_map.iter_rules() if not rule.arguments}
    return [
        path
        for path in sorted(places - LISTS.keys() - {"/logout"})
        if TABLE in look(app, cookie, path)
    ]


def measure_all(server: Server, size: Size, times: int, only: str, url: str | None = None) -> bool:
    """Print a table for one database; whether every page stays below the bar."""
    slow = []
    with a_firm(server, size, url) as app:
        cookie = log_in(app)
        click.echo(f"\n{f'{server}, {size} firm':48}{HEADING}")
        for address in addresses(app, cookie):
            if only in address:
                timing = measure(app, cookie, address, times)
                slow += [address] if timing.p95 >= BARS[size] else []
                click.echo(f"{address[:47]:48}{timing}{' SLOW' * (address in slow)}")
    return not slow


@click.command()
@click.option("--times", default=200, help="How often each page is asked for.")
@click.option("--size", type=click.Choice(["demo", "large"]), default="demo", help="Of the firm.")
@click.option("--database-url", help="An empty PostgreSQL database instead of an embedded one.")
@click.option("--only", type=click.Choice(["sqlite", "postgresql"]), help="One database only.")
@click.option("--pages", default="", help="Only addresses that contain this.")
def main(times: int, size: Size, database_url: str | None, only: Server | None, pages: str) -> None:
    """Measure every list page on both databases; fail when one is above the bar."""
    kinds: tuple[Server, ...] = (only,) if only else ("sqlite", "postgresql")
    good = [measure_all(kind, size, times, pages, database_url) for kind in kinds]
    if not all(good):
        raise SystemExit(f"A page takes more than {BARS[size]:.0f} ms.")


if __name__ == "__main__":
    main()
