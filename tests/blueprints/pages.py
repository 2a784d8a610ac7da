"""What tests of pages share: reading a page as a person does, and counting what it costs."""

from __future__ import annotations

import re
from html import unescape

from werkzeug.test import TestResponse

from tests.conftest import Browser
from tests.statements import counted

HTMX = {"HX-Request": "true"}


def over(page: str) -> dict[str, str]:
    """The headers that htmx sends for a dialog over `page`."""
    return {**HTMX, "HX-Current-URL": f"http://localhost{page}"}


def words(response: TestResponse) -> str:
    """What a person reads: no tags, single spaces."""
    text = re.sub(r"<(script|style|head)\b.*?</\1>|<[^>]+>", " ", response.text, flags=re.DOTALL)
    return " ".join(unescape(text).split())


def main(response: TestResponse) -> str:
    """The words of the page without its frame."""
    body = re.search(r"<main.*</main>", response.text, flags=re.DOTALL)
    assert body
    text = re.sub(r"<[^>]+>", " ", body.group())
    return " ".join(unescape(text).split())


def value_of(response: TestResponse, name: str) -> str:
    """What stands in the input called `name`."""
    field = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', response.text)
    assert field, f"there is no input {name}"
    value = re.search(r'\bvalue="([^"]*)"', field.group())
    return unescape(value.group(1)) if value else ""


def error_at(response: TestResponse, name: str) -> str:
    """What the form says is wrong with the field called `name`; "" when nothing is."""
    found = re.search(rf'id="{name}-error">(.*?)</p>', response.text, flags=re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", found.group(1))).strip() if found else ""


def cost_of(browser: Browser, url: str) -> int:
    """How many statements the database gets for a page; asked twice, so that nothing is cold."""
    assert browser.get(url).status_code == 200
    with counted() as asked:
        assert browser.get(url).status_code == 200
    return len([statement for statement in asked if statement.lstrip().startswith("SELECT")])


def seen_in(page: str) -> str:
    """What a form says that its person has seen."""
    return unescape(page.split('name="seen"')[1].split('value="')[1].split('"')[0])
