"""All pages and actions, walked one by one: who gets in, what must come along, what goes back.

The routes are those that the application has, with all add-ons: a new one is walked by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from ppplanner.addons.registry import registry
from ppplanner.blueprints.records import LARGEST_ID
from ppplanner.extensions import csrf, db
from ppplanner.permissions import required_permission
from ppplanner.security import HEADERS
from tests.conftest import Browser, Login
from tests.factories import make_cost_carrier, make_cost_centre, make_invoice, make_user
from tests.installed import INSTALLED
from tests.statements import counted

FIELD = re.compile(r"""\bname="([^"]+)""")
FIELDS: set[str] = set()
WRITES = ("POST", "PUT", "PATCH", "DELETE")
#: How statements begin that need the database's lock.
CHANGES = ("INSERT", "UPDATE", "DELETE")
#: Values for the parts of an address, by the kind of the part.
VALUES = {"IntegerConverter": 1, "UUIDConverter": uuid4(), "UnicodeConverter": "x"}


@pytest.fixture
def addons() -> tuple[str, ...]:
    return INSTALLED


@pytest.fixture(autouse=True)
def calm(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks answers 500, as it would for people, and the walk goes on."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


@pytest.fixture
def records(app: Flask) -> None:
    """A record of most kinds, each the first of its kind."""
    make_invoice()
    make_cost_centre()
    make_cost_carrier()


@dataclass(frozen=True)
class Route:
    """One method of one route, with an address that leads to the first record."""

    method: str
    path: str
    permission: str | None

    def ask(self, browser: Browser, **options: Any) -> TestResponse:
        return browser.open(self.path, method=self.method, **options)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes(app: Flask, key: int = 1) -> Iterator[Route]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or rule.endpoint.endswith(".static"):
            continue
        view = app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Route(method, _path(app, rule, key), required_permission(view))


def _path(app: Flask, rule: Rule, key: int) -> str:
    values = {name: _value(rule, name, key) for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def _value(rule: Rule, name: str, key: int) -> object:
    converter = rule._converters[name]
    kind = type(converter).__name__
    if kind == "AnyConverter":
        return sorted(converter.items)[0]  # type: ignore[attr-defined]
    return key if kind == "IntegerConverter" else VALUES[kind]


def leads_to_login(answer: TestResponse) -> bool:
    return answer.status_code == 302 and urlsplit(answer.location).path == "/login"


def refused(answer: TestResponse) -> bool:
    return leads_to_login(answer) or answer.status_code in {401, 403}


def wrong(found: Mapping[Route, object]) -> list[str]:
    return [f"{route}: {what}" for route, what in found.items()]


def test_every_route_says_who_may_use_it(app: Flask) -> None:
    """`required_permission` raises AttributeError for a view without @require and @open_to_all."""
    assert len(list(routes(app))) > 50


def test_nobody_gets_in_without_a_login(app: Flask, client: Browser, records: None) -> None:
    entered = {
        route: answer.status
        for route in routes(app)
        if route.permission and not refused(answer := route.ask(client))
    }
    assert wrong(entered) == []


def test_opening_a_page_writes_nothing(app: Flask, login: Login, records: None) -> None:
    """Links are followed by browsers, mail programs and search engines as they please; and on
    SQLite a page that wrote would answer "locked" while somebody else saves.
    """
    browser, writing = login(), {}
    for route in (each for each in routes(app) if each.method == "GET"):
        db.session.commit()
        with counted() as statements:
            route.ask(browser)
        if found := [each for each in statements if each.startswith(CHANGES)]:
            writing[route] = found[0]
    assert wrong(writing) == []


def test_nobody_gets_in_without_the_right(app: Flask, login: Login, records: None) -> None:
    everything = {permission.name for permission in registry().permissions()}
    browsers = {
        right: login(*sorted(everything - {right}))
        for right in {route.permission for route in routes(app)} - {None}
    }
    entered = {
        route: answer.status
        for route in routes(app)
        if route.permission and (answer := route.ask(browsers[route.permission])).status_code != 403
    }
    assert wrong(entered) == []


def test_nobody_gets_in_with_no_right_at_all(app: Flask, login: Login, records: None) -> None:
    browser = login(user=make_user(permissions=[]))
    entered = {
        route: answer.status
        for route in routes(app)
        if route.permission and (answer := route.ask(browser)).status_code != 403
    }
    assert wrong(entered) == []


def test_nothing_changes_without_the_token_of_a_form(
    app: Flask, login: Login, records: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    browser = login()
    accepted = {
        route: answer.status
        for route in routes(app)
        if route.method in WRITES and (answer := route.ask(browser)).status_code != 400
    }
    assert wrong(accepted) == []
    assert not csrf._exempt_views | csrf._exempt_blueprints


@pytest.mark.both_databases
@pytest.mark.parametrize("key", [1, 10**30])
def test_no_page_breaks(app: Flask, login: Login, records: None, key: int) -> None:
    """With a record, and with a number that no database can hold."""
    assert wrong(_broken_pages(app, login(), key)) == []


@pytest.mark.strict_database
@pytest.mark.parametrize("key", [999, LARGEST_ID + 1])
def test_no_page_breaks_on_the_number_of_no_record(
    app: Flask, login: Login, records: None, key: int
) -> None:
    """Without a record, and beyond the numbers that PostgreSQL has for keys."""
    assert wrong(_broken_pages(app, login(), key)) == []


def _broken_pages(app: Flask, browser: Browser, key: int) -> dict[Route, str]:
    return {
        route: answer.status
        for route in routes(app, key)
        if route.method == "GET"
        and (key == 1 or str(key) in route.path)
        and (answer := route.ask(browser)).status_code >= 500
    }


def test_no_part_of_a_page_breaks(app: Flask, login: Login, records: None) -> None:
    browser = login()
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/"}
    broken = {
        route: answer.status
        for route in routes(app)
        if route.method == "GET"
        and (answer := route.ask(browser, headers=headers)).status_code >= 500
    }
    assert wrong(broken) == []


@pytest.mark.both_databases
@pytest.mark.xdist_group("forms")  # which fields there are is looked up once
@pytest.mark.parametrize(
    "typed",
    [pytest.param("1", id="the first record"), pytest.param("9" * 40, id="a huge number")],
)
def test_no_form_breaks_on_what_people_type(
    app: Flask, login: Login, records: None, typed: str
) -> None:
    """What is done, and what is more than whole numbers may be, is another matter on SQLite."""
    assert wrong(_broken_forms(app, login(), typed)) == []


@pytest.mark.strict_database
@pytest.mark.xdist_group("forms")
@pytest.mark.parametrize(
    "typed",
    [
        pytest.param("", id="nothing"),
        pytest.param("-1", id="less than nothing"),
        pytest.param("NaN", id="not a number"),
        pytest.param("Ünï\u0001'\"<x>%s{{7*7}}", id="marks"),
        pytest.param("long " * 2000, id="a long text"),
        pytest.param("9999-12-31T23:59", id="the last moment"),
        pytest.param("0001-01-01", id="the first day"),
    ],
)
def test_no_form_breaks_on_what_a_strict_database_refuses(
    app: Flask, login: Login, records: None, typed: str
) -> None:
    """PostgreSQL looks at kinds, lengths, limits and years; our own code is the same on both."""
    assert wrong(_broken_forms(app, login(), typed)) == []


def _broken_forms(app: Flask, browser: Browser, typed: str) -> dict[Route, str]:
    """Every action gets the same in every field that any page has."""
    fields = _fields(app, browser)
    return {
        route: answer.status
        for route in routes(app)
        if route.method in WRITES
        and route.path != "/logout"
        and (answer := route.ask(browser, data=dict.fromkeys(fields, typed))).status_code >= 500
    }


def _fields(app: Flask, browser: Browser) -> set[str]:
    """The names of all fields that pages have; looked up once, as that takes a while."""
    if not FIELDS:
        answers = [route.ask(browser) for route in routes(app) if route.method == "GET"]
        pages = [answer.text for answer in answers if answer.mimetype == "text/html"]
        FIELDS.update({"ids", "business_unit_id"}, *map(FIELD.findall, pages))
    return FIELDS


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "query",
    [
        "q=%25_%ff%fe'\"&sort=x&page=-1&field=<x>&after=x",
        f"q={'9' * 40}&after={'9' * 40}&before=-1",
    ],
    ids=["marks", "numbers"],
)
def test_no_page_breaks_on_a_strange_address(
    app: Flask, login: Login, records: None, query: str
) -> None:
    assert wrong(_broken_answers(app, login(), query)) == []


@pytest.mark.strict_database
def test_no_page_breaks_on_a_nul(app: Flask, login: Login, records: None) -> None:
    """PostgreSQL knows no text with one."""
    assert wrong(_broken_answers(app, login(), "q=%00")) == []


def _broken_answers(app: Flask, browser: Browser, query: str) -> dict[Route, str]:
    return {
        route: answer.status
        for route in routes(app)
        if route.method == "GET"
        and (answer := browser.get(f"{route.path}?{query}")).status_code >= 500
    }


def test_every_answer_is_protected_by_its_headers_and_kept_by_nobody(
    app: Flask, login: Login, client: Browser, records: None
) -> None:
    browser = login()
    answers = {route: route.ask(browser) for route in routes(app) if route.method == "GET"}
    for path in ("/nothing-here", "/static/app.css", "/login"):
        answers[Route("GET", path, None)] = client.get(path, buffered=True)
    bare = {
        route: sorted(HEADERS.keys() - set(answer.headers.keys()))
        for route, answer in answers.items()
        if not HEADERS.keys() <= set(answer.headers.keys())
    }
    assert wrong(bare) == []
    kept = {
        route: answer.headers.get("Cache-Control")
        for route, answer in answers.items()
        if route.path != "/static/app.css"
        and not {"no-store", "private"} & set(answer.cache_control.to_header().split(", "))
    }
    assert wrong(kept) == []
